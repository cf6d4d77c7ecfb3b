import type { CabinetState, CompartmentState, WrongTries } from './state.ts';

/** Raised whenever the shape below changes; a snapshot of another version is passed over and the stream refolded. */
export const SNAPSHOT_VERSION = 1;

/** A cabinet's state as plain data, for storing. */
export interface CabinetSnapshot {
  readonly version: number;
  readonly setting: CabinetState['setting'];
  readonly compartments: readonly CompartmentState[];
  readonly lostBoards: readonly string[];
  readonly wrongTries: readonly (readonly [string, WrongTries])[];
}

/** The state as plain data. */
export function toSnapshot(state: CabinetState): CabinetSnapshot {
  return {
    version: SNAPSHOT_VERSION,
    setting: state.setting,
    compartments: state.compartments,
    lostBoards: [...state.lostBoards],
    wrongTries: [...state.wrongTries],
  };
}

/** The state from plain data, or undefined where it is of another version. */
export function fromSnapshot(snapshot: CabinetSnapshot): CabinetState | undefined {
  if (snapshot.version !== SNAPSHOT_VERSION) return undefined;
  return {
    setting: snapshot.setting,
    compartments: snapshot.compartments.map((compartment) => ({ ...ABSENT, ...compartment })),
    lostBoards: new Set(snapshot.lostBoards),
    wrongTries: new Map(snapshot.wrongTries),
  };
}

/** Plain data leaves out what is undefined; put it back, so that a restored state equals the folded one. */
const ABSENT = {
  doorSince: undefined,
  occupiedSince: undefined,
  opening: undefined,
  blocked: undefined,
  outOfOrder: undefined,
} as const;
