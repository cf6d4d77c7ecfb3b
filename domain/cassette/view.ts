/** A cassette as it is shown: everything that may be known outside, and no ROM. */
import type { CassetteId, Milliseconds } from '../site.ts';
import type { GasLevel, StainCause } from './events.ts';
import type { KeyRole } from './key.ts';
import { outputsOf } from './outputs.ts';
import { type Readings, SENSORS, type Sensor } from './readings.ts';
import { liveSensors, RULES } from './rules.ts';
import type { ManagementMode, Phase } from './setting.ts';
import type { StandingSignal } from './signal.ts';
import type { CassetteState } from './state.ts';

/** What goes on within a phase. */
export const SUB_STATES = [
  'none',
  'pre-alarm',
  'second-factor',
  'firing',
  'test',
  'overdue',
  'not-configured',
] as const;
export type SubState = (typeof SUB_STATES)[number];

export interface SensorView {
  readonly sensor: Sensor;
  /** It stains in the phase of the moment. */
  readonly live: boolean;
  readonly active: boolean;
  /** Active for long enough to count. */
  readonly confirmed: boolean;
  readonly unsteady: boolean;
}

export interface CassetteView {
  readonly id: CassetteId;
  readonly name: string;
  readonly mode: ManagementMode;
  readonly phase: Phase;
  readonly subState: SubState;
  /** Whether the controller answers. */
  readonly linked: boolean;
  readonly sensors: readonly SensorView[];
  /** The last sample; left out while the controller does not answer. */
  readonly readings?: Readings;
  readonly gasLevel: GasLevel;
  /** On which side of its limits the temperature is; left out while it is within them. */
  readonly temperatureBeyond?: 'above' | 'below';
  readonly signal: StandingSignal;
  readonly antiGas: boolean;
  /** What is left of the grace time, of service, of the journey. */
  readonly left: {
    readonly grace?: Milliseconds;
    readonly service?: Milliseconds;
    readonly transport?: Milliseconds;
  };
  readonly lastKey?: {
    readonly key?: string;
    readonly role?: KeyRole;
    readonly accepted: boolean;
    readonly at: Milliseconds;
  };
  /** Why it was stained, or is being. */
  readonly cause?: StainCause;
  readonly transportOverdue: boolean;
  readonly outsideArea: boolean;
  /** Sensors that were proved in the test that runs. */
  readonly proved: readonly Sensor[];
}

/** What is to be seen of a cassette at a moment of monotonic time. */
export function viewOf(
  state: CassetteState,
  about: { readonly id: CassetteId; readonly name: string; readonly mode: ManagementMode },
  at: Milliseconds,
): CassetteView {
  const { recorded, live } = state;
  const { signal, antiGas } = outputsOf(state);
  const alive = recorded.setting ? liveSensors(RULES, recorded.setting, recorded.phase) : [];
  const cause = recorded.stainCause ?? recorded.attack;
  return {
    ...about,
    mode: recorded.setting?.mode ?? about.mode,
    phase: recorded.phase,
    subState: subStateOf(state),
    linked: live.link === 'up',
    sensors: SENSORS.map((sensor) => {
      const { active, confirmed, unsteady } = live.sensors[sensor];
      return { sensor, live: alive.includes(sensor), active, confirmed, unsteady };
    }),
    ...(live.readings && { readings: live.readings }),
    gasLevel: live.gasLevel,
    ...temperatureBeyond(state),
    signal,
    antiGas,
    left: Object.fromEntries(Object.entries(live.ends).map(([timer, end]) => [timer, Math.max(0, end - at)])),
    ...(recorded.lastKey && { lastKey: recorded.lastKey }),
    ...(cause !== undefined && { cause }),
    transportOverdue: recorded.transportOverdue,
    outsideArea: recorded.outsideArea,
    proved: recorded.test ?? [],
  };
}

function temperatureBeyond({ recorded, live }: CassetteState): Pick<CassetteView, 'temperatureBeyond'> {
  const value = live.readings?.temperature;
  if (!recorded.setting || value === undefined || !live.sensors.temperature.active) return {};
  const { above, below } = recorded.setting.temperature;
  return { temperatureBeyond: value >= (above + below) / 2 ? 'above' : 'below' };
}

function subStateOf({ recorded, live }: CassetteState): SubState {
  if (!recorded.setting) return 'not-configured';
  if (recorded.attack !== undefined) return 'firing';
  if (recorded.test) return 'test';
  if (Object.values(live.sensors).some(({ preAlarmUntil }) => preAlarmUntil !== undefined))
    return 'pre-alarm';
  if (recorded.serviceOverdue || recorded.transportOverdue) return 'overdue';
  return live.pendingKey ? 'second-factor' : 'none';
}
