import { type CabinetState, type CompartmentState, WITHOUT_ANYTHING } from './state.ts';

/** Raised whenever the shape below changes; a snapshot of another version is passed over and the stream refolded. */
export const SNAPSHOT_VERSION = 2;

/** A cabinet's state as plain data, for storing. */
export interface CabinetSnapshot
  extends Omit<CabinetState, 'lostBoards' | 'wrongTries' | 'sessions' | 'lastUses'> {
  readonly version: number;
  readonly lostBoards: readonly string[];
  readonly wrongTries: Entries<CabinetState['wrongTries']>;
  readonly sessions: Entries<CabinetState['sessions']>;
  readonly lastUses: Entries<CabinetState['lastUses']>;
}

type Entries<Table> =
  Table extends ReadonlyMap<infer Key, infer Value> ? readonly (readonly [Key, Value])[] : never;

/** The state as plain data. */
export function toSnapshot(state: CabinetState): CabinetSnapshot {
  return {
    ...state,
    version: SNAPSHOT_VERSION,
    lostBoards: [...state.lostBoards],
    wrongTries: [...state.wrongTries],
    sessions: [...state.sessions],
    lastUses: [...state.lastUses],
  };
}

/** The state from plain data, or undefined where it is of another version. */
export function fromSnapshot(snapshot: CabinetSnapshot): CabinetState | undefined {
  const { version, ...stored } = snapshot;
  if (version !== SNAPSHOT_VERSION) return undefined;
  return {
    ...stored,
    // Plain data leaves out what is undefined; put it back, so that a restored state equals the folded one.
    compartments: snapshot.compartments.map(
      (compartment): CompartmentState => ({ ...WITHOUT_ANYTHING, ...compartment }),
    ),
    lostBoards: new Set(snapshot.lostBoards),
    wrongTries: new Map(snapshot.wrongTries),
    sessions: new Map(snapshot.sessions),
    lastUses: new Map(snapshot.lastUses),
  };
}
