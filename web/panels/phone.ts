import { Ajv } from 'ajv';
import { json, type Response, Router } from 'express';
import { rateLimit } from 'express-rate-limit';
import { refusal } from '../../domain/refusals.ts';
import type { PromptCode } from '../../domain/session/prompt.ts';
import type { PanelId } from '../../domain/site.ts';
import type { Gateway } from '../../gateway/api.ts';
import type { PhoneAccessView } from '../../gateway/phone-access.ts';
import { refused } from '../../gateway/refused.ts';
import { noStore, settle } from '../requests.ts';
import { nameOf, type PanelApiParts } from './api.ts';
import { fail, failStarting, lastResort, refuse } from './replies.ts';
import { PHONE_LOOK, PHONE_OPEN } from './shapes.ts';
import { seenBy } from './visits.ts';

/** Links that do not fit which one address may try in a quarter of an hour. */
const WRONG_LINKS = 30;
const WRONG_WINDOW = 15 * 60_000;

/** Prompts to somebody whose things lie inside already. */
const UNFINISHED: ReadonlySet<string | undefined> = new Set<PromptCode>(['set-pin', 'choose-recipient']);

const ajv = new Ajv();
const isLook = ajv.compile<{ readonly token: string }>(PHONE_LOOK);
const isOpen = ajv.compile<{ readonly token: string; readonly panel?: PanelId }>(PHONE_OPEN);

/**
 * Access by a one-time link. `POST look` says what a link would open and changes nothing; `POST open` uses it up at a
 * panel, as if its owner had identified there, and gives a token with which they follow their visit. The secret of the
 * link is in the body, never in an address.
 */
export function phoneApi({ gateway, administration, visits, notice }: PanelApiParts): Router {
  const router = Router();
  router.use(
    noStore,
    rateLimit({
      windowMs: WRONG_WINDOW,
      limit: WRONG_LINKS,
      standardHeaders: 'draft-8',
      legacyHeaders: false,
      skipSuccessfulRequests: true,
      handler: (_request, response) =>
        fail(
          response,
          429,
          'too-many-requests',
          'Too many links that do not fit. Wait a quarter of an hour.',
        ),
    }),
    json({ limit: '1kb' }),
  );

  /** The access of a link that is good here and now; it answers by itself where there is none. */
  const found = async (
    token: string,
    response: Response,
  ): Promise<{ site: Gateway; access: PhoneAccessView; panels: readonly PanelId[] } | undefined> => {
    const site = gateway();
    const people = administration();
    if (!site || !people) {
      failStarting(response);
      return undefined;
    }
    const access = await people.phoneAccess(token).catch(() => 'store-unavailable' as const);
    if (access === 'store-unavailable') {
      refuse(response, refused(refusal('store-unavailable')));
      return undefined;
    }
    const panels = site
      .panels()
      .filter(({ panel, cabinet }) => cabinet === access?.cabinet && panel === (access.panel ?? panel))
      .map(({ panel }) => panel);
    if (access && panels.length > 0) return { site, access, panels };
    refuse(response, refused(refusal('link-over')));
    return undefined;
  };

  const look = async (token: string, response: Response): Promise<void> => {
    const link = await found(token, response);
    if (!link) return;
    const { site, access, panels } = link;
    const { cabinet, validUntil } = access;
    response.json({
      cabinet,
      cabinetName: site.site.cabinets.find(({ id }) => id === cabinet)?.name ?? cabinet,
      panels: panels.map((panel) => ({ panel, name: nameOf(site, panel) })),
      validUntil,
    });
  };

  const open = async (token: string, chosen: PanelId | undefined, response: Response): Promise<void> => {
    const link = await found(token, response);
    if (!link) return;
    const { site, access, panels } = link;
    const panel = chosen ?? (panels.length === 1 ? panels[0] : undefined);
    if (panel === undefined || !panels.includes(panel)) {
      refuse(response, refused(refusal('panel-unknown', { panel: panel ?? '' })));
      return;
    }
    // Whoever has left something there is asked first; a link must not be used up for nothing.
    if (UNFINISHED.has(site.panel(panel)?.prompt.code)) {
      refuse(response, refused(refusal('panel-busy')));
      return;
    }
    const now = Date.now();
    const before = new Set(site.cabinet(access.cabinet)?.sessions.keys());
    const outcome = await site.answer(panel, { answer: 'scan', scan: { kind: 'phone', value: token } });
    if (!outcome.ok) {
      refuse(response, outcome);
      return;
    }
    const own = [...(site.cabinet(access.cabinet)?.sessions.values() ?? [])].find(
      (session) => session.panel === panel && session.person?.user === access.user && !before.has(session.id),
    );
    const visit = { since: now, ...(own && { session: own.id }) };
    const right = visits.begin(panel, visit, now);
    const view = seenBy({ id: right, panel, visit }, outcome.view);
    response.json({ visit: right, view });
  };

  router.post('/look', (request, response, next) => {
    const body: unknown = request.body;
    if (request.is('json') && isLook(body)) void settle(look(body.token, response), next);
    else malformed(response);
  });
  router.post('/open', (request, response, next) => {
    const body: unknown = request.body;
    if (request.is('json') && isOpen(body)) void settle(open(body.token, body.panel, response), next);
    else malformed(response);
  });
  router.use(lastResort(notice));
  return router;
}

function malformed(response: Response): void {
  fail(response, 400, 'malformed', 'Give the token of a link as JSON.');
}
