/** Going from one phase to another, and what that starts and ends. */
import type { Milliseconds } from '../site.ts';
import type { ArmedBy, PhaseChange, TimersLeft } from './events.ts';
import type { Rom } from './key.ts';
import { SENSORS } from './readings.ts';
import { dropPendingKey } from './refused-key.ts';
import type { Phase } from './setting.ts';
import type { SensorTrack } from './state.ts';
import type { Turn } from './turn.ts';

/** Service and transport last for hours: a checkpoint in as many of them is enough. */
const SLOW_CHECKPOINTS = 12;

/** The change to a phase as an event has it; `lasts`: how long a stay in service may be. */
export function changeTo(turn: Turn, to: Phase, armedBy: ArmedBy, lasts?: Milliseconds): PhaseChange {
  return { from: turn.recorded.phase, to, armedBy, timers: timersOf(turn, to, lasts) };
}

/** Who armed what, after a key was used. Leaving the machine undoes the second stage, coming to rest both. */
export function armedAfter(before: ArmedBy, from: Phase, to: Phase, key: Rom): ArmedBy {
  if (to === 'rest') return {};
  if (from === 'rest') return { first: key };
  if (to === 'full') return { ...before, second: key };
  return before.first === undefined ? {} : { first: before.first };
}

/** To be called after the event of a change: starts the timers anew, and forgets what was under way in the old phase. */
export function enter(turn: Turn): void {
  startTimers(turn);
  dropPendingKey(turn);
  const sensors = { ...turn.live.sensors };
  for (const sensor of SENSORS) sensors[sensor] = withoutCountdown(sensors[sensor]);
  // Blows of the way here must not count at the sensitivity of the new phase.
  turn.follow({ blows: [], insertionPending: false, graceDeferred: false, sensors });
}

/** Counts on from the time that is left according to the log. */
export function startTimers(turn: Turn): void {
  const { grace, service, transport } = turn.recorded.timers;
  const end = (left: Milliseconds): Milliseconds => turn.at + left;
  const ends = {
    ...(grace !== undefined && { grace: end(grace) }),
    ...(service !== undefined && { service: end(service) }),
    ...(transport !== undefined && { transport: end(transport) }),
  };
  turn.follow({ ends });
  if (Object.keys(ends).length === 0) turn.forget('nextCheckpoint');
  else planCheckpoint(turn);
}

/** Plans the next record of the time that is left: soon where it is the grace time, now and then where it is longer. */
export function planCheckpoint(turn: Turn): void {
  const { checkpointEvery } = turn.setting;
  const pause = turn.live.ends.grace === undefined ? checkpointEvery * SLOW_CHECKPOINTS : checkpointEvery;
  turn.follow({ nextCheckpoint: turn.at + pause });
}

/** The time that is left now of everything that runs. */
export function timersLeft(turn: Turn): TimersLeft {
  const left: { -readonly [Timer in keyof TimersLeft]: Milliseconds } = {};
  for (const timer of ['grace', 'service', 'transport'] as const) {
    const end = turn.live.ends[timer];
    if (end !== undefined) left[timer] = Math.max(0, end - turn.at);
  }
  return left;
}

function timersOf(turn: Turn, to: Phase, lasts: Milliseconds | undefined): TimersLeft {
  const { grace, service, transportWithin } = turn.setting;
  const carried = transportWithin === undefined ? {} : { transport: transportWithin };
  switch (to) {
    case 'grace':
      return { grace: grace.lasts, ...carried };
    case 'transit':
      return carried;
    case 'service':
      return { service: Math.min(lasts ?? service.lasts, service.lasts) };
    case 'rest':
    case 'full':
    case 'stained':
      return {};
  }
}

function withoutCountdown({ preAlarmUntil: _gone, ...track }: SensorTrack): SensorTrack {
  return track;
}
