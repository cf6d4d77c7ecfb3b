/** What the machine of a cassette knows: what the log says of it, and what is only so at the moment. */
import type { Milliseconds } from '../site.ts';
import type { ArmedBy, GasLevel, KeyUse, PartChange, StainCause, TimersLeft } from './events.ts';
import type { KeyRole } from './key.ts';
import type { Readings, Sensor } from './readings.ts';
import type { CassetteSetting, Phase } from './setting.ts';

/** The last that was heard of each part. */
export type Parts = { readonly [Change in PartChange as Change['part']]?: Change['state'] };

/** The fold of the cassette's events: all of it survives a restart. */
export interface RecordedState {
  /** Undefined until it was configured. */
  readonly setting?: CassetteSetting;
  readonly phase: Phase;
  readonly armedBy: ArmedBy;
  /** As of the last event that tells it. */
  readonly timers: TimersLeft;
  /** Somebody said that notes lie inside. */
  readonly loaded: boolean;
  /** Sensors that were proved in the test that runs; undefined where none does. */
  readonly test?: readonly Sensor[];
  /** An attack was confirmed; the controller has not said that it fired. */
  readonly attack?: StainCause;
  /** Why it was stained; kept until the reset. */
  readonly stainCause?: StainCause;
  /** The last key that was used or refused, by id; its ROM stays in the events. */
  readonly lastKey?: {
    readonly key?: string;
    readonly role?: KeyRole;
    readonly accepted: boolean;
    readonly at: Milliseconds;
  };
  readonly serviceOverdue: boolean;
  readonly transportOverdue: boolean;
  readonly outsideArea: boolean;
  readonly parts: Parts;
}

/** One sensor as it was followed. */
export interface SensorTrack {
  /** Beyond its threshold at the last sample. */
  readonly active: boolean;
  /** Since which sample without a break. Monotonic; only while active. */
  readonly since?: Milliseconds;
  /** Active for long enough, and shown by more than one sample. */
  readonly confirmed: boolean;
  /** Its countdown runs until then. Monotonic. */
  readonly preAlarmUntil?: Milliseconds;
  /** How often it changed since `changesSince`. */
  readonly changes: number;
  readonly changesSince: Milliseconds;
  readonly unsteady: boolean;
}

/** A step of firing that is under way, or waits to be tried again. */
export interface Firing {
  readonly step: 'prepare' | 'fire';
  readonly ticket: number;
  /** Tried again at that time, or given up where an answer is awaited. Monotonic. */
  readonly retryAt: Milliseconds;
  /** The first ticket with which the controller was told to fire, because of this attack. */
  readonly firedSince?: number;
  /** No answer is awaited: the next try is. */
  readonly waits: boolean;
  readonly failures: number;
}

/** A use of K1 that waits for its second factor. */
export interface PendingKey {
  readonly use: KeyUse & { readonly role: KeyRole };
  /** Monotonic. */
  readonly until: Milliseconds;
}

/** What is only so at the moment; made new at each start. Times are monotonic. */
export interface LiveState {
  /** Time of the last input. */
  readonly at: Milliseconds;
  readonly link: 'up' | 'down';
  /** The last sample since the link came up; undefined before it. */
  readonly readings?: Readings;
  readonly sensors: Readonly<Record<Sensor, SensorTrack>>;
  /** Blows within the window, oldest first; of each level the last 16. */
  readonly blows: readonly { readonly at: Milliseconds; readonly level: number }[];
  readonly gasLevel: GasLevel;
  /** When running timers end. */
  readonly ends: { readonly [Timer in keyof TimersLeft]: Milliseconds };
  readonly nextCheckpoint?: Milliseconds;
  /** The grace time ended while the controller did not answer. */
  readonly graceDeferred: boolean;
  /** It came into the machine, and is to be armed by that as soon as nothing stands against it. */
  readonly insertionPending: boolean;
  readonly firing?: Firing;
  readonly pendingKey?: PendingKey;
  readonly lastTicket: number;
}

export interface CassetteState {
  readonly recorded: RecordedState;
  readonly live: LiveState;
}

export const UNCONFIGURED_CASSETTE: RecordedState = {
  phase: 'rest',
  armedBy: {},
  timers: {},
  loaded: false,
  serviceOverdue: false,
  transportOverdue: false,
  outsideArea: false,
  parts: {},
};

const IDLE: SensorTrack = { active: false, confirmed: false, changes: 0, changesSince: 0, unsteady: false };

/** Every sensor before anything was heard of it. */
export const UNHEARD: Readonly<Record<Sensor, SensorTrack>> = {
  lid: IDLE,
  'break-in': IDLE,
  shock: IDLE,
  position: IDLE,
  gas: IDLE,
  tilt: IDLE,
  light: IDLE,
  temperature: IDLE,
};

/** A machine that has heard nothing yet, with what the log says. */
export function restored(recorded: RecordedState, at: Milliseconds): CassetteState {
  const live: LiveState = {
    at,
    link: 'down',
    sensors: UNHEARD,
    blows: [],
    gasLevel: 'none',
    ends: {},
    graceDeferred: false,
    insertionPending: false,
    lastTicket: 0,
  };
  return { recorded, live };
}
