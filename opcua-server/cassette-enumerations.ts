/** The enumerations of cassettes. Numbers are for ever: a value may be added at the end, never moved. */
import type { GasLevel, StainCause } from '../domain/cassette/events.ts';
import type { PartState, Readings, StainerState } from '../domain/cassette/readings.ts';
import type { ManagementMode, Phase } from '../domain/cassette/setting.ts';
import type { SubState } from '../domain/cassette/view.ts';

type Numbers<Name extends string> = Readonly<Record<Name, number>>;

const MODE: Numbers<ManagementMode> = { outsourced: 0, internal: 1, 'internal-protected-zone': 2 };

const STATE: Numbers<Phase> = { service: 0, rest: 1, transit: 2, grace: 3, full: 4, stained: 5 };

const SUB_STATE: Numbers<SubState> = {
  none: 0,
  'pre-alarm': 1,
  'second-factor': 2,
  firing: 3,
  test: 4,
  overdue: 5,
  'not-configured': 6,
};

const STAIN_CAUSE: Numbers<StainCause | 'none'> = {
  none: 0,
  lid: 1,
  'break-in': 2,
  shock: 3,
  position: 4,
  gas: 5,
  tilt: 6,
  light: 7,
  temperature: 8,
  'grace-expired': 9,
  controller: 10,
};

const PART: Numbers<PartState> = { ok: 0, low: 1, fault: 2, unknown: 3 };
const POWER: Numbers<Readings['power']> = { mains: 0, battery: 1, unknown: 2 };
const SELF_TEST: Numbers<Readings['selfTest']> = { passed: 0, failed: 1, 'not-run': 2 };
const STAINER: Numbers<StainerState> = { inhibited: 0, ready: 1, prepared: 2, fired: 3, fault: 4 };
const NOTES: Numbers<Readings['notes']> = { present: 0, absent: 1, unknown: 2 };
const GAS_LEVEL: Numbers<GasLevel> = { none: 0, warning: 1, critical: 2 };

/** By the name of its data type, the number of each value. */
export const CASSETTE_NUMBERS = {
  CassetteModeEnumeration: MODE,
  CassetteStateEnumeration: STATE,
  CassetteSubStateEnumeration: SUB_STATE,
  StainCauseEnumeration: STAIN_CAUSE,
  PartStateEnumeration: PART,
  PowerEnumeration: POWER,
  SelfTestEnumeration: SELF_TEST,
  StainerStateEnumeration: STAINER,
  NotesEnumeration: NOTES,
  GasLevelEnumeration: GAS_LEVEL,
} as const;

export type CassetteEnumeration = keyof typeof CASSETTE_NUMBERS;
