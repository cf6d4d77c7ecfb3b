/** What cabinets show over OPC UA, as plain data on its way to the server's thread. */
import type { DoorState } from '../domain/cabinet/door.ts';
import type { CompartmentStatus } from '../domain/cabinet/state.ts';
import type {
  BoardId,
  CabinetId,
  CompartmentNumber,
  Milliseconds,
  PanelId,
  ReaderId,
  UserId,
} from '../domain/site.ts';
import type { Nameplate } from '../gateway/api.ts';

/** What a compartment shows. */
export interface CompartmentValue {
  readonly number: CompartmentNumber;
  readonly status: CompartmentStatus;
  readonly door: DoorState;
  /** Since when the compartment has been taken: held, with a deposit or an item in it; undefined while it is not. */
  readonly occupiedSince: Milliseconds | undefined;
  readonly holders: readonly UserId[];
  /** Time of the event that led to these values. */
  readonly at: Milliseconds;
}

/** What a lock board shows. */
export interface LockBoardValue {
  readonly id: BoardId;
  readonly bus: string;
  /** Name of its protocol, e.g. `kerong-cu48`. */
  readonly model: string;
  readonly answering: boolean;
  readonly compartments: readonly CompartmentNumber[];
  readonly at: Milliseconds;
}

/** What a reader shows. */
export interface ReaderValue {
  readonly id: ReaderId;
  readonly bus: string;
  readonly panel: PanelId;
  /** Whether the bus that it hangs on is connected. */
  readonly connected: boolean;
  readonly at: Milliseconds;
}

/** What a cabinet shows, with all of its compartments. */
export interface CabinetValue {
  readonly id: CabinetId;
  readonly name: string;
  readonly schema: string;
  readonly nameplate?: Nameplate | undefined;
  readonly compartments: readonly CompartmentValue[];
  readonly boards: readonly LockBoardValue[];
  readonly readers: readonly ReaderValue[];
}

/** What changed of one cabinet. */
export interface CabinetDelta {
  readonly id: CabinetId;
  readonly compartments: readonly CompartmentValue[];
  readonly boards: readonly LockBoardValue[];
  readonly readers: readonly ReaderValue[];
}
