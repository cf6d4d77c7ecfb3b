import type { AnswerKind } from '../../domain/session/prompt.ts';
import type { Milliseconds, PanelId } from '../../domain/site.ts';
import type { PanelAnswer, PanelView } from '../../gateway/api.ts';
import { newToken } from '../../gateway/secrets.ts';
import type { Authority, Visit } from './authority.ts';

/** Visits that are remembered; more people are never under way by phone at one time. */
const MOST_VISITS = 1_000;
/** How long a visit with a session may go on. Milliseconds. */
const SESSION_FOLLOWED = 900_000;
/** How long the opening of a door is told of, where nothing more is asked. Milliseconds. */
const OPENING_FOLLOWED = 120_000;

/** What a person with a session is asked for by phone. To identify, the second person comes to the panel. */
const ASKED_BY_PHONE: ReadonlySet<AnswerKind> = new Set(['compartment', 'recipient', 'code', 'cancel']);
/** Answers that a person with a session may give by phone, beside the code that is asked for. */
const BY_PHONE: ReadonlySet<PanelAnswer['answer']> = new Set(['compartment', 'recipient', 'cancel']);

/**
 * People who opened something by phone and are asked for more. Each has a right of their own to their session, in
 * memory and for minutes; it is good neither for the panel as such nor for anybody else's session.
 */
export class Visits {
  readonly #visits = new Map<string, Authority & { readonly until: Milliseconds }>();

  /** Lets somebody follow a panel, and answer there for their session where they have one; returns the token. */
  begin(panel: PanelId, visit: Visit, now: Milliseconds): string {
    for (const [token, { until }] of this.#visits) if (until <= now) this.#visits.delete(token);
    const [oldest] = this.#visits.keys();
    if (this.#visits.size >= MOST_VISITS && oldest !== undefined) this.#visits.delete(oldest);
    const token = `visit.${newToken()}`;
    const followed = visit.session === undefined ? OPENING_FOLLOWED : SESSION_FOLLOWED;
    this.#visits.set(token, {
      id: token,
      panel,
      visit,
      until: now + followed,
    });
    return token;
  }

  /** What a token of a visit is good for; undefined where it is none or is over. */
  rightOf(token: string, now: Milliseconds): Authority | undefined {
    const visit = this.#visits.get(token);
    return visit && visit.until > now ? visit : undefined;
  }
}

/** What of a view is for whoever asks: a person by phone sees the questions of their own session alone. */
export function seenBy({ visit }: Authority, view: PanelView): PanelView {
  if (!visit) return view;
  const { notice: said, ...rest } = view;
  const notice = said && said.at >= visit.since ? { notice: said } : {};
  if (isOwn(visit, view)) {
    const answers = view.prompt.answers.filter((answer) => ASKED_BY_PHONE.has(answer));
    return { ...rest, ...notice, prompt: { ...view.prompt, answers } };
  }
  const { panel, cabinet, text } = view;
  const { code, values } = view.prompt;
  return { panel, cabinet, text, prompt: { code, values, answers: [] }, ...notice };
}

/** Whether somebody may give this answer now. Panels may; a person by phone, for their session alone. */
export function mayAnswer({ visit }: Authority, answer: PanelAnswer, view: PanelView): boolean {
  if (!visit) return true;
  if (!isOwn(visit, view)) return false;
  // A scan would identify somebody, where it is not the code that is asked for.
  if (answer.answer === 'scan') return view.prompt.answers.includes('code');
  return BY_PHONE.has(answer.answer);
}

function isOwn(visit: Visit, view: PanelView): boolean {
  return visit.session !== undefined && visit.session === view.session;
}
