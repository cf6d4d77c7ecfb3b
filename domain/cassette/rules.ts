/** The rules of the source as data: which sensors are live when, and which key leads where. */
import type { KeyRole } from './key.ts';
import { SENSORS, type Sensor } from './readings.ts';
import type { CassetteSetting, ManagementMode, Phase } from './setting.ts';

/**
 * What a sensor does in a phase. `off`: nothing; `report`: changes are recorded; `log`: the same, when all is over;
 * `live`: it stains; `low`, `high`: it stains, at that sensitivity.
 */
export type Liveness = 'off' | 'report' | 'log' | 'live' | 'low' | 'high';

/** What has to hold before a transition arms more than there was. The names are codes of refusals. */
export type Guard = 'not-loaded' | 'lid-open' | 'self-test-failed' | 'not-in-machine';

/** What a key of a role does in a phase. */
export interface KeyTransition {
  readonly from: Phase;
  /** The role of the key that was touched. */
  readonly on: KeyRole;
  /** The key must be the one, by ROM, that armed this stage. */
  readonly same: boolean;
  /** What refuses it, in the order in which it is looked at. */
  readonly refusedIf: readonly Guard[];
  readonly to: Phase;
}

/** The end of the grace time, which asks nobody. */
export interface Expiry {
  readonly from: 'grace';
  readonly on: 'expiry';
  readonly same: false;
  /** Empty. */
  readonly refusedIf: readonly Guard[];
  readonly to: 'stained';
}

/** One row of the table of a mode. */
export type Transition = KeyTransition | Expiry;

/** What the sensors do in one phase. Blows are counted at a sensitivity or not at all. */
export type PhaseLiveness = Readonly<
  Record<Exclude<Sensor, 'shock'>, Extract<Liveness, 'off' | 'report' | 'log' | 'live'>> &
    Record<'shock', Extract<Liveness, 'off' | 'log' | 'low' | 'high'>>
>;

export interface Rules {
  readonly liveness: Readonly<Record<Phase, PhaseLiveness>>;
  readonly transitions: Readonly<Record<ManagementMode, readonly Transition[]>>;
}

const OPTIONAL = { tilt: 'report', light: 'report', temperature: 'report' } as const;
const LOG: PhaseLiveness = {
  lid: 'log',
  'break-in': 'log',
  shock: 'log',
  position: 'log',
  gas: 'log',
  tilt: 'log',
  light: 'log',
  temperature: 'log',
};

/** Lid and break-in stain even at rest (source: "anche a cassetto non protetto"). */
const liveness: Rules['liveness'] = {
  service: { lid: 'report', 'break-in': 'report', shock: 'off', position: 'off', gas: 'off', ...OPTIONAL },
  rest: { lid: 'live', 'break-in': 'live', shock: 'off', position: 'off', gas: 'off', ...OPTIONAL },
  transit: { lid: 'live', 'break-in': 'live', shock: 'low', position: 'off', gas: 'off', ...OPTIONAL },
  grace: { lid: 'live', 'break-in': 'live', shock: 'low', position: 'off', gas: 'off', ...OPTIONAL },
  full: { lid: 'live', 'break-in': 'live', shock: 'high', position: 'live', gas: 'live', ...OPTIONAL },
  stained: LOG,
};

const CLOSED: readonly Guard[] = ['not-loaded', 'lid-open', 'self-test-failed'];

const arm = (from: Phase, on: KeyRole, to: Phase, refusedIf: readonly Guard[]): Transition => ({
  from,
  on,
  same: false,
  refusedIf,
  to,
});
const disarm = (from: Phase, on: KeyRole, to: Phase): Transition => ({
  from,
  on,
  same: true,
  refusedIf: [],
  to,
});

const outsourced: readonly Transition[] = [
  arm('rest', 'K1', 'transit', CLOSED),
  arm('transit', 'K2', 'full', ['not-in-machine', 'self-test-failed']),
  disarm('full', 'K2', 'transit'),
  disarm('transit', 'K1', 'rest'),
];

export const RULES: Rules = {
  liveness,
  transitions: {
    outsourced,
    internal: [
      arm('rest', 'K', 'full', ['not-in-machine', 'lid-open', 'self-test-failed']),
      disarm('full', 'K', 'rest'),
    ],
    'internal-protected-zone': [
      arm('rest', 'K1', 'grace', CLOSED),
      arm('grace', 'K2', 'full', ['not-in-machine', 'self-test-failed']),
      // Back in the machine after the first journey there is no time that runs: the way out of the machine.
      arm('transit', 'K2', 'full', ['not-in-machine', 'self-test-failed']),
      disarm('grace', 'K1', 'rest'),
      { from: 'grace', on: 'expiry', same: false, refusedIf: [], to: 'stained' },
      disarm('full', 'K2', 'transit'),
      disarm('transit', 'K1', 'rest'),
    ],
  },
};

/** What a sensor does in a phase, with what the site made live. */
export function livenessOf(rules: Rules, setting: CassetteSetting, phase: Phase, sensor: Sensor): Liveness {
  const stage = phase === 'grace' ? 'transit' : phase;
  const more: readonly Sensor[] = stage === 'transit' || stage === 'full' ? setting.alsoLive[stage] : [];
  return more.includes(sensor) ? 'live' : rules.liveness[phase][sensor];
}

/** Whether a sensor stains in a phase. */
export function isLive(liveness: Liveness): boolean {
  return liveness === 'live' || liveness === 'low' || liveness === 'high';
}

/** The sensors that stain in a phase. */
export function liveSensors(rules: Rules, setting: CassetteSetting, phase: Phase): readonly Sensor[] {
  return SENSORS.filter((sensor) => isLive(livenessOf(rules, setting, phase, sensor)));
}
