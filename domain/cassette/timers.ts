/** What falls due by itself: the end of the grace time and of service, warnings, checkpoints, what waits for an answer. */
import type { Milliseconds } from '../site.ts';
import { confirmAttack, firingDue } from './firing.ts';
import { againstRest } from './guards.ts';
import { changeTo, enter, planCheckpoint, timersLeft } from './phases.ts';
import { SENSORS } from './readings.ts';
import { dropPendingKey } from './refused-key.ts';
import type { Rules } from './rules.ts';
import { sampleWanted } from './sensing.ts';
import type { CassetteState } from './state.ts';
import { Turn } from './turn.ts';

/** Carries out everything that has fallen due. */
export function fallDue(turn: Turn): void {
  firingDue(turn);
  // Once an attack is confirmed, nothing that a timer could do matters any more.
  if (turn.recorded.attack !== undefined) return;
  if (sampleWanted(turn)) turn.act({ effect: 'sample' });
  pendingKeyDue(turn);
  graceDue(turn);
  serviceDue(turn);
  transportDue(turn);
  checkpointDue(turn);
}

/** The link is back: whoever has a grace time that ended meanwhile, or nearly, gets a moment to act. */
export function graceAfterReturn(turn: Turn): void {
  if (turn.recorded.phase !== 'grace' || turn.recorded.attack !== undefined) return;
  const { leastAfterReturn } = turn.setting.grace;
  const left = (turn.live.ends.grace ?? turn.at) - turn.at;
  if (left < leastAfterReturn) extendGrace(turn);
}

function extendGrace(turn: Turn): void {
  const { leastAfterReturn } = turn.setting.grace;
  turn.emit('grace-extended', { left: leastAfterReturn });
  const ends = { ...turn.live.ends, grace: turn.at + leastAfterReturn };
  turn.follow({ graceDeferred: false, ends });
}

/**
 * When something falls due next, in monotonic time; undefined where nothing does. The machine wants a `tick` then.
 */
export function nextDue(state: CassetteState, rules: Rules): Milliseconds | undefined {
  const { recorded, live } = state;
  const { setting } = recorded;
  if (!setting) return undefined;
  if (recorded.attack !== undefined) {
    return live.link === 'up' && live.firing ? Math.max(live.firing.retryAt, live.at) : undefined;
  }
  const turn = new Turn(state, rules, live.at, live.at);
  const { grace } = live.ends;
  const left = [...setting.grace.warnings, setting.grace.soon, setting.grace.soon / 4];
  const candidates = [
    live.pendingKey?.until,
    live.nextCheckpoint,
    ...Object.values(live.ends),
    ...(grace === undefined ? [] : left.map((before) => grace - before)),
    ...SENSORS.map((sensor) => {
      const { since, preAlarmUntil } = live.sensors[sensor];
      return since === undefined ? undefined : (preAlarmUntil ?? since + setting.sensors[sensor].debounce);
    }),
  ];
  // What is due already is waited for from elsewhere: a sample, a link.
  const future = candidates.filter((at): at is Milliseconds => at !== undefined && at > turn.at);
  return future.length === 0 ? undefined : Math.min(...future);
}

function pendingKeyDue(turn: Turn): void {
  const { pendingKey } = turn.live;
  if (pendingKey && turn.at >= pendingKey.until) dropPendingKey(turn);
}

function graceDue(turn: Turn): void {
  const { recorded, live, at, setting, rules } = turn;
  const end = live.ends.grace;
  if (recorded.phase !== 'grace' || end === undefined) return;
  const left = end - at;
  const row = rules.transitions[setting.mode].find(({ from, on }) => from === 'grace' && on === 'expiry');
  if (left > 0) {
    const known = recorded.timers.grace ?? setting.grace.lasts;
    const passed = setting.grace.warnings.filter((warning) => known > warning && left <= warning);
    if (passed.length > 0) turn.emit('grace-warning', { left });
  } else if (live.link === 'up' && live.readings) {
    // Whoever is told so late that it ended was not there when it did, and neither warned nor heard anybody.
    const { leastAfterReturn } = setting.grace;
    if (leastAfterReturn > 0 && -left >= leastAfterReturn) extendGrace(turn);
    else if (row) confirmAttack(turn, 'grace-expired');
  } else if (!live.graceDeferred) {
    turn.emit('grace-deferred', {});
    turn.follow({ graceDeferred: true });
  }
}

function serviceDue(turn: Turn): void {
  const end = turn.live.ends.service;
  if (turn.recorded.phase !== 'service' || end === undefined || turn.at < end) return;
  const refusal = againstRest(turn);
  const { test } = turn.recorded;
  if (test) turn.emit('test-ended', { proved: test, by: 'time' });
  if (refusal) {
    turn.emit('service-overdue', { refusal });
    const { service: _over, ...ends } = turn.live.ends;
    turn.follow({ ends });
    return;
  }
  turn.emit('service-finished', { ...changeTo(turn, 'rest', {}), loaded: false, by: 'time' });
  enter(turn);
}

function transportDue(turn: Turn): void {
  const end = turn.live.ends.transport;
  if (end === undefined || turn.at < end) return;
  const { transport: _over, ...ends } = turn.live.ends;
  turn.follow({ ends });
  turn.emit('transport-overdue', {});
}

function checkpointDue(turn: Turn): void {
  const { nextCheckpoint, ends } = turn.live;
  if (nextCheckpoint === undefined || turn.at < nextCheckpoint) return;
  if (Object.keys(ends).length === 0) {
    turn.forget('nextCheckpoint');
    return;
  }
  turn.emit('time-checkpoint', { timers: timersLeft(turn) });
  planCheckpoint(turn);
}
