/** The machine of a cassette: state and input give the next state, what goes on record, and what is to be done. */
import { GATEWAY } from '../event.ts';
import type { Milliseconds } from '../site.ts';
import { refuseCommand, takeCommand } from './commands.ts';
import { AUTOMATIC, type CassetteEvent } from './events.ts';
import { firingLinkLost, takeAnswer } from './firing.ts';
import { againstArming } from './guards.ts';
import type { CassetteInput } from './inputs.ts';
import { takeKey, takeKeyFault } from './keys.ts';
import { armedAfter, changeTo, enter, startTimers } from './phases.ts';
import type { CassetteRefusal } from './refusal.ts';
import { cassetteRefusal } from './refusal.ts';
import { RULES, type Rules } from './rules.ts';
import { forgetSensors, takeSample } from './sensing.ts';
import type { CassetteSetting } from './setting.ts';
import type { CassetteState } from './state.ts';
import { fallDue, graceAfterReturn } from './timers.ts';
import { type CassetteEffect, Turn } from './turn.ts';

/** What one input leads to. The recorded part of `state` is the fold of `events` over what was recorded before. */
export interface Step {
  readonly state: CassetteState;
  readonly events: readonly CassetteEvent[];
  readonly effects: readonly CassetteEffect[];
  /** Why a command or a key did nothing; it is on record as well. */
  readonly refusal?: CassetteRefusal;
}

/** The two times of an input. Everything is decided by the monotonic one; the wall clock is only for the record. */
export interface Times {
  readonly at: Milliseconds;
  readonly wall: Milliseconds;
}

/**
 * Takes one input. Pure and total: every input has an outcome in every state, and none throws. What has fallen due by
 * then is carried out first.
 */
export function nextCassette(
  state: CassetteState,
  input: CassetteInput,
  times: Times,
  rules: Rules = RULES,
): Step {
  const turn = new Turn(state, rules, times.at, times.wall);
  const refusal = take(turn, input);
  const { events, effects } = turn;
  return { state: turn.state, events, effects, ...(refusal && { refusal }) };
}

function take(turn: Turn, input: CassetteInput): CassetteRefusal | undefined {
  if (input.input === 'configure') return configure(turn, input.setting);
  if (!turn.recorded.setting) return takeUnconfigured(turn, input);
  if (input.input === 'restart') return restart(turn);
  const { lastTicket } = turn.live;
  fallDue(turn);
  switch (input.input) {
    case 'sample':
      // A sample without a link is one that was overtaken by its loss.
      if (turn.live.link === 'up') {
        takeSample(turn, input.readings);
        armByInsertion(turn);
      }
      return undefined;
    case 'link':
      return followLink(turn, input.up);
    case 'key':
      return takeKey(turn, input);
    case 'key-fault':
      return takeKeyFault(turn, input);
    case 'command':
      return takeCommand(turn, input);
    case 'answer':
      // What is asked only now cannot have been answered.
      if (input.ticket <= lastTicket) takeAnswer(turn, input);
      return undefined;
    case 'rejected':
      turn.emit('frames-rejected', { reason: input.reason, count: input.count });
      return undefined;
    case 'area':
      if (turn.recorded.outsideArea === input.inside) {
        turn.emit(input.inside ? 'area-entered' : 'area-left', { source: input.source });
      }
      return undefined;
    case 'incident':
      turn.emit('incident-sealed', input.sealed);
      return undefined;
    case 'records-lost':
      turn.emit('records-lost', { count: input.count });
      return undefined;
    case 'tick':
      return undefined;
  }
}

/** Nothing is done before it was configured, but who tried is on record. */
function takeUnconfigured(turn: Turn, input: CassetteInput): CassetteRefusal | undefined {
  const refusal = cassetteRefusal('cassette-not-configured');
  if (input.input === 'key') {
    const { rom, reader } = input;
    return takeKeyFault(turn, { input: 'key-fault', rom, reader, refusal });
  }
  if (input.input === 'key-fault') return takeKeyFault(turn, input);
  return input.input === 'command' ? refuseCommand(turn, input, refusal) : undefined;
}

/** A cassette keeps what it was armed under until it is disarmed. */
function configure(turn: Turn, setting: CassetteSetting): CassetteRefusal | undefined {
  const { setting: before, phase, attack } = turn.recorded;
  if (before && canonical(before) === canonical(setting)) return undefined;
  const free = (phase === 'rest' || phase === 'service' || phase === 'stained') && attack === undefined;
  if (before && !free) {
    turn.emit('configuration-locked', { phase }, GATEWAY);
    return cassetteRefusal('configuration-locked', { phase });
  }
  turn.emit('cassette-configured', { setting }, GATEWAY);
  return undefined;
}

/** Nothing fires on a restart: what had begun is given up, and every sensor has to be confirmed anew. */
function restart(turn: Turn): undefined {
  const { phase, attack } = turn.recorded;
  turn.emit('cassette-restarted', { phase, ...(attack !== undefined && { interrupted: attack }) });
  turn.forget('firing', 'pendingKey');
  startTimers(turn);
}

function followLink(turn: Turn, up: boolean): undefined {
  const { link } = turn.live;
  if (up === (link === 'up')) return;
  turn.follow({ link: up ? 'up' : 'down' });
  turn.emit(up ? 'link-restored' : 'link-lost', {});
  if (up) {
    graceAfterReturn(turn);
    fallDue(turn);
  } else {
    forgetSensors(turn);
    firingLinkLost(turn);
  }
}

/** Where the site has it so, a cassette that is put into the machine is fully armed without K2. */
function armByInsertion(turn: Turn): void {
  const { phase, armedBy, attack } = turn.recorded;
  if (!turn.live.insertionPending || attack !== undefined || (phase !== 'transit' && phase !== 'grace'))
    return;
  if (againstArming(turn, 'full', ['not-in-machine', 'self-test-failed'])) return;
  turn.emit('armed-by-insertion', changeTo(turn, 'full', armedAfter(armedBy, phase, 'full', AUTOMATIC)));
  enter(turn);
  turn.act({ effect: 'signal', signal: 'accepted' });
}

/** The same text for the same content, whatever the order of its fields. */
function canonical(value: unknown): string {
  return JSON.stringify(value, (_key, part: unknown) =>
    part !== null && typeof part === 'object' && !Array.isArray(part)
      ? Object.fromEntries(Object.entries(part).sort(([a], [b]) => (a < b ? -1 : 1)))
      : part,
  );
}
