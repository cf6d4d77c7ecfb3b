/** The shape of a site file, version 1; `config/schemas/site.schema.json` says the same to ajv. */
import type { CabinetKind } from '../domain/site.ts';

/** How a bus is reached. */
export type TransportSetting =
  | {
      readonly type: 'serial';
      /** Any path that the operating system opens as a serial port, e.g. `/dev/serial/by-id/…` or `COM3`. */
      readonly path: string;
      /** Bits per second; the driver's usual rate where it is left out. */
      readonly baudRate?: number;
    }
  | {
      readonly type: 'tcp';
      /** Host of a serial device server or RS-485 gateway in raw TCP mode. */
      readonly host: string;
      readonly port: number;
    }
  /** A Node-RED flow owns the port and exchanges bytes through a codec node. */
  | { readonly type: 'flow' };

export interface BusSetting {
  readonly id: string;
  readonly transport: TransportSetting;
}

export interface BoardSetting {
  readonly id: string;
  readonly bus: string;
  /** Name of a lock board driver: a folder of `drivers/`. */
  readonly driver: string;
  /** Address on the bus, as the driver counts it. */
  readonly address: number;
  /** Checked against the driver's own schema. */
  readonly settings?: Readonly<Record<string, unknown>>;
}

export interface ReaderSetting {
  readonly id: string;
  readonly bus: string;
  /** Name of a reader driver: a folder of `drivers/`. */
  readonly driver: string;
  readonly cabinet: string;
  /** Who decides what follows a presentation. Default `flow`. */
  readonly decide?: 'flow' | 'gateway';
  /**
   * How long the reader must be quiet before the next card counts as a new one. Default 500; 0 for a reader that
   * sends one frame for each presentation.
   */
  readonly quietMilliseconds?: number;
  readonly settings?: Readonly<Record<string, unknown>>;
}

/** A run of compartments whose locks follow each other on one board. */
export interface CompartmentRange {
  readonly from: number;
  readonly to: number;
  readonly board: string;
  /** Lock index (0-based) of the compartment `from`. */
  readonly firstLock: number;
}

export interface SiteCabinet {
  readonly id: string;
  readonly name: string;
  readonly kind: CabinetKind;
  readonly schema: string;
  readonly compartments: readonly CompartmentRange[];
  readonly groups?: readonly {
    readonly id: string;
    /** Compartment numbers, e.g. `"1-8, 12"`. */
    readonly compartments: string;
    readonly userGroups: readonly string[];
  }[];
  /** Users of these groups may use the cabinet; left out: every defined user. */
  readonly userGroups?: readonly string[];
  readonly doors?: {
    readonly opensWithinSeconds?: number;
    readonly attempts?: number;
    readonly leftOpenAfterSeconds?: number;
    readonly grantValidSeconds?: number;
  };
}

export interface SiteFile {
  readonly version: 1;
  readonly site: {
    readonly id: string;
    readonly name: string;
    /** IANA name, e.g. `Europe/Warsaw`; rules and texts use it, the log is in UTC. */
    readonly timeZone: string;
    readonly language: 'en' | 'pl' | 'it';
  };
  readonly userGroups?: readonly { readonly id: string; readonly name: string }[];
  readonly buses: readonly BusSetting[];
  readonly boards: readonly BoardSetting[];
  readonly readers: readonly ReaderSetting[];
  readonly cabinets: readonly SiteCabinet[];
}
