/** From a confirmed attack to a spent stainer, in two steps, as often as it takes. */
import type { Milliseconds } from '../site.ts';
import type { StainCause } from './events.ts';
import type { CassetteInput } from './inputs.ts';
import { changeTo, enter } from './phases.ts';
import { dropPendingKey } from './refused-key.ts';
import type { Turn } from './turn.ts';

/** An answer that does not come by then is taken for a failure. The controller and its bus are far quicker. */
const ANSWER_WITHIN: Milliseconds = 5_000;
/** Failures after which two persons may give an attack up. */
const GIVEN_UP_FROM = 8;

/** An attack was confirmed: from now on no key and no command counts until the stainer is spent. */
export function confirmAttack(turn: Turn, cause: StainCause): void {
  if (turn.recorded.attack !== undefined) return;
  const { readings } = turn.live;
  turn.emit('attack-confirmed', { cause, phase: turn.recorded.phase, ...(readings && { readings }) });
  dropPendingKey(turn);
  prepare(turn, 0);
}

/** What the controller made of a step. */
export function takeAnswer(turn: Turn, answer: Extract<CassetteInput, { readonly input: 'answer' }>): void {
  const { firing } = turn.live;
  const { attack } = turn.recorded;
  if (attack === undefined || !firing) return;
  const { firedSince = Number.POSITIVE_INFINITY } = firing;
  // An answer that comes late is as good: it has fired.
  const ofThisAttack = answer.ticket >= firedSince && answer.ticket <= firing.ticket;
  if (answer.to === 'fire' && answer.ok && ofThisAttack) {
    stain(turn, attack);
    return;
  }
  if (answer.ticket !== firing.ticket || answer.to !== firing.step || firing.waits) return;
  if (answer.ok) {
    const { ticket, firedSince = ticket } = firing;
    turn.follow({ firing: { ...firing, firedSince, step: 'fire', retryAt: turn.at + ANSWER_WITHIN } });
    turn.act({ effect: 'fire', ticket });
  } else fail(turn, answer.reason ?? 'refused');
}

/** Tries again where it is time, and there is somebody to hear it. */
export function firingDue(turn: Turn): void {
  const { firing, link } = turn.live;
  if (!firing || link === 'down' || firing.retryAt > turn.at) return;
  if (firing.waits) prepare(turn, firing.failures, firing.firedSince);
  else fail(turn, 'timed-out');
}

/**
 * Whether two persons may give an attack up: its controller does not answer, or has failed again and again. Without
 * that, whatever is put in its place would stain at once, in somebody's hands.
 */
export function mayGiveUp({ recorded, live }: Turn): boolean {
  if (recorded.attack === undefined) return false;
  return live.link === 'down' || (live.firing?.failures ?? 0) >= GIVEN_UP_FROM;
}

/** The link is gone: what was under way begins anew with it. */
export function firingLinkLost(turn: Turn): void {
  const { firing } = turn.live;
  if (firing) turn.follow({ firing: { ...firing, step: 'prepare', retryAt: turn.at, waits: true } });
}

/** The stainer is spent: latched until a service reset. */
export function stain(turn: Turn, cause: StainCause): void {
  turn.emit('stained', { ...changeTo(turn, 'stained', turn.recorded.armedBy), cause });
  turn.forget('firing');
  enter(turn);
}

/** Called only while there is a link: without one nothing is confirmed, and nothing is tried. */
function prepare(turn: Turn, failures: number, firedSince?: number): void {
  const ticket = turn.live.lastTicket + 1;
  const retryAt = turn.at + ANSWER_WITHIN;
  const before = firedSince === undefined ? {} : { firedSince };
  turn.follow({
    lastTicket: ticket,
    firing: { step: 'prepare', ticket, failures, retryAt, waits: false, ...before },
  });
  turn.act({ effect: 'prepare', ticket });
}

function fail(turn: Turn, reason: string): void {
  const { firing } = turn.live;
  if (!firing) return;
  const failures = firing.failures + 1;
  // Tried for ever, recorded less and less often.
  if (Number.isInteger(Math.log2(failures))) {
    turn.emit('firing-failed', { step: firing.step, reason, failures });
  }
  const retryAt = turn.at + turn.setting.firing.retryAfter;
  turn.follow({ firing: { ...firing, step: 'prepare', failures, retryAt, waits: true } });
}
