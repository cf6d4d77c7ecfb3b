import { json, type Response, Router } from 'express';
import { refusal } from '../../domain/refusals.ts';
import type { Administration } from '../../gateway/administration.ts';
import type { Gateway } from '../../gateway/api.ts';
import { refused } from '../../gateway/refused.ts';
import { noStore, settle } from '../requests.ts';
import { type Authority, atThisPanel, authorityIn, panelBearers } from './authority.ts';
import { Changes } from './changes.ts';
import { readAnswer } from './reading.ts';
import { fail, failStarting, lastResort, refuse } from './replies.ts';
import { mayAnswer, seenBy, type Visits } from './visits.ts';

/** Longest name of a recipient that is looked for. Characters. */
const LONGEST_NAME = 128;

/** What the panel API works with. */
export interface PanelApiParts {
  readonly gateway: () => Gateway | undefined;
  readonly administration: () => Administration | undefined;
  readonly visits: Visits;
  /** Told in words what an operator of this computer should know. */
  readonly notice: (message: string) => void;
}

/**
 * What a touch panel, or a program in its place, asks of the gateway; `docs/panels.md` describes it. Every request
 * carries a token of one panel. Nothing of a body is logged: answers hold PINs and passwords.
 */
export function panelApi({ gateway, administration, visits, notice }: PanelApiParts): Router {
  const router = Router();
  const changes = new Changes(gateway);
  const watched = new WeakSet<Administration>();
  router.use(noStore, (_request, response, next) => {
    const people = administration();
    if (!gateway() || !people) {
      failStarting(response);
      return;
    }
    if (!watched.has(people)) {
      watched.add(people);
      people.panelTokens.onRemoved((token) => changes.endFor(token));
    }
    next();
  });
  const authorityOf = (token: string): Authority | undefined =>
    administration()?.panelTokens.rightOf(token) ?? visits.rightOf(token, Date.now());
  router.use(panelBearers(authorityOf));

  /** The gateway and the right of whoever asks; it answers by itself where there is no such panel. */
  const at = (response: Response): { site: Gateway; authority: Authority } | undefined => {
    const site = gateway();
    const authority = authorityIn(response);
    if (!site || !authority) {
      failStarting(response);
      return undefined;
    }
    if (site.panel(authority.panel)) return { site, authority };
    refuse(response, refused(refusal('panel-unknown', { panel: authority.panel })));
    return undefined;
  };

  router.get('/', (_request, response) => {
    const asked = at(response);
    if (asked) response.json({ panels: [aboutPanel(asked.site, asked.authority.panel)] });
  });
  router.get('/:panel', atThisPanel, (_request, response) => {
    const asked = at(response);
    const view = asked?.site.panel(asked.authority.panel);
    if (asked && view) response.json(seenBy(asked.authority, view));
  });
  router.get('/:panel/changes', atThisPanel, (_request, response) => {
    const asked = at(response);
    if (!asked) return;
    const { site, authority } = asked;
    changes.follow(response, site, authority.panel, authority, (view) => seenBy(authority, view));
  });
  router.get('/:panel/recipients', atThisPanel, (request, response) => {
    const asked = at(response);
    if (!asked) return;
    const { name = '' } = request.query;
    if (typeof name !== 'string' || name.length > LONGEST_NAME) {
      fail(response, 400, 'malformed', `name is a text of at most ${LONGEST_NAME} characters.`);
      return;
    }
    const { site, authority } = asked;
    const view = site.panel(authority.panel);
    const asks = view && seenBy(authority, view).prompt.answers.includes('recipient');
    response.json({ recipients: asks ? site.recipients(name) : [] });
  });
  router.post('/:panel/answers', atThisPanel, json({ limit: '4kb' }), (request, response, next) => {
    const asked = at(response);
    if (!asked) return;
    const body: unknown = request.is('json') ? request.body : undefined;
    void settle(answer(asked, body, response), next);
  });
  router.use(lastResort(notice));
  return router;
}

async function answer(
  { site, authority }: { readonly site: Gateway; readonly authority: Authority },
  body: unknown,
  response: Response,
): Promise<void> {
  const sent = readAnswer(body);
  if (typeof sent === 'string') {
    fail(response, 400, 'malformed', sent);
    return;
  }
  const view = site.panel(authority.panel);
  if (!view || !mayAnswer(authority, sent.answer, view)) {
    refuse(response, refused(refusal('session-over')));
    return;
  }
  const outcome = await site.answer(authority.panel, sent.answer, authority.visit?.session ?? sent.session);
  if (outcome.ok) response.json(seenBy(authority, outcome.view));
  else refuse(response, outcome);
}

function aboutPanel(site: Gateway, panel: string): object {
  const cabinet = site.panels().find((each) => each.panel === panel)?.cabinet ?? '';
  return {
    panel,
    name: nameOf(site, panel),
    cabinet,
    cabinetName: site.site.cabinets.find(({ id }) => id === cabinet)?.name ?? cabinet,
    compartments: site.cabinet(cabinet)?.compartments.map(({ number }) => number) ?? [],
  };
}

/** What people call a panel; its id where it has no name of its own. */
export function nameOf(site: Gateway, panel: string): string {
  return site.site.panels.find(({ id }) => id === panel)?.name ?? panel;
}
