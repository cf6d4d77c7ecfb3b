/** What the controller of a cassette measures and says of itself: one frame of it is a sample of everything. */

/** The sensors that can detect an attack. The first five are those of the source; the others are reported. */
export const SENSORS = [
  /** The lid is open. */
  'lid',
  /** The shell is being forced: a broken conductor loop, a drill guard. */
  'break-in',
  /** Blows, counted over a window; how hard and how many depends on the state. */
  'shock',
  /** The cassette has left its place in the machine. */
  'position',
  /** Explosive gas. */
  'gas',
  'tilt',
  'light',
  'temperature',
] as const;
export type Sensor = (typeof SENSORS)[number];

/** State of a part that supervises itself. `unknown`: the controller has no such part, or has not said. */
export type PartState = 'ok' | 'low' | 'fault' | 'unknown';

/**
 * What the stainer can do. `inhibited`: its trigger is cut off, nothing can fire; `ready`: it can be prepared;
 * `prepared`: the first step was taken, it falls back by itself; `fired`: it has been spent.
 */
export type StainerState = 'inhibited' | 'ready' | 'prepared' | 'fired' | 'fault';

/** One sample of the controller. */
export interface Readings {
  /** The lid switch. */
  readonly lidOpen: boolean;
  /** The break-in loop. */
  readonly brokenIn: boolean;
  /** Peaks of acceleration since the last sample, in milli-g (0 to 65535), oldest first; at most 16. */
  readonly shocks: readonly number[];
  /** The position sensor: moved away from where it was when it went into the machine. */
  readonly displaced: boolean;
  /** Explosive gas in % of the lower explosive limit, 0 to 100; left out: no gas sensor. */
  readonly gas?: number;
  /** Degrees from upright, 0 to 180; left out: no tilt sensor. */
  readonly tilt?: number;
  /** Illuminance inside in lux, 0 to 65535; left out: no light sensor. */
  readonly light?: number;
  /** Temperature inside in °C, −128 to 127; left out: no thermometer. */
  readonly temperature?: number;
  /** Whether the cassette sits in the machine (ATM). */
  readonly inMachine: boolean;
  /** Whether notes lie inside, as far as the controller can tell. */
  readonly notes: 'present' | 'absent' | 'unknown';
  readonly battery: PartState;
  readonly power: 'mains' | 'battery' | 'unknown';
  readonly ink: PartState;
  /** Continuity of the firing circuit. */
  readonly trigger: PartState;
  /** The result of the last self-test. */
  readonly selfTest: 'passed' | 'failed' | 'not-run';
  readonly stainer: StainerState;
}
