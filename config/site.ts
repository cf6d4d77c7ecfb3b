/** The shape of a site file, version 1; `config/schemas/site.schema.json` says the same to ajv. */
import type { SignalPatterns } from '../domain/cassette/signal.ts';
import type { CabinetKind } from '../domain/site.ts';
import type { OwnTexts } from '../domain/texts/texts.ts';
import type { SiteCassette } from './site-cassette.ts';

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
  /** The panel at which it stands, of the same cabinet; left out: it is a panel by itself, of its own id. */
  readonly panel?: string;
  /** Only members of these user groups are served here; left out: everybody whom the cabinet admits. */
  readonly userGroups?: readonly string[];
  /** Who decides what follows a presentation. Default `flow`. */
  readonly decide?: 'flow' | 'gateway';
  /**
   * How long the reader must be quiet before the next card counts as a new one. Default 500; 0 for a reader that
   * sends one frame for each presentation.
   */
  readonly quietMilliseconds?: number;
  readonly settings?: Readonly<Record<string, unknown>>;
}

/** A place where people work with a cabinet: a touch panel, or readers that belong together. */
export interface PanelSetting {
  /** Not the id of a reader either: a reader without a panel is one by itself. */
  readonly id: string;
  readonly name: string;
  readonly cabinet: string;
}

export interface ItemReaderSetting {
  /** Not the id of a reader either. */
  readonly id: string;
  readonly bus: string;
  /** Name of an item reader driver: a folder of `drivers/`. */
  readonly driver: string;
  readonly settings?: Readonly<Record<string, unknown>>;
}

/** Bounds of PINs; what is left out is taken from the site, and 4 to 16 there. */
export interface PinSetting {
  /** Fewest digits, 4 to 16. */
  readonly least?: number;
  /** Most digits, 4 to 16, and not fewer than the fewest. */
  readonly most?: number;
}

/** A run of compartments whose locks follow each other on one board. */
export interface CompartmentRange {
  readonly from: number;
  readonly to: number;
  readonly board: string;
  /** Lock index (0-based) of the compartment `from`. */
  readonly firstLock: number;
}

/** A run of compartments whose antennas follow each other on one item reader. */
export interface AntennaRange {
  readonly from: number;
  readonly to: number;
  /** Id of an item reader. */
  readonly reader: string;
  /** Antenna (0-based) of the compartment `from`. */
  readonly firstAntenna: number;
}

export interface SiteCabinet {
  readonly id: string;
  readonly name: string;
  /** Who made it, and which one it is, as maintenance systems know it. */
  readonly nameplate?: {
    readonly manufacturer: string;
    readonly serialNumber: string;
    /** A URI that no other product has. */
    readonly productInstanceUri: string;
    readonly model?: string;
    readonly yearOfConstruction?: number;
    readonly location?: string;
    readonly assetId?: string;
  };
  readonly kind: CabinetKind;
  readonly schema: string;
  readonly compartments: readonly CompartmentRange[];
  readonly groups?: readonly {
    readonly id: string;
    /** Compartment numbers, e.g. `"1-8, 12"`. */
    readonly compartments: string;
    /** Empty: set aside for undefined users (schema 4.4), and for nobody else. */
    readonly userGroups: readonly string[];
  }[];
  /** The compartments that item readers look into. */
  readonly antennas?: readonly AntennaRange[];
  /** Users of these groups may use the cabinet; left out: every defined user. */
  readonly userGroups?: readonly string[];
  readonly doors?: {
    readonly opensWithinSeconds?: number;
    readonly attempts?: number;
    readonly leftOpenAfterSeconds?: number;
    readonly grantValidSeconds?: number;
  };
  /** PINs that people give to deposits here. */
  readonly pins?: PinSetting;
  readonly sessions?: {
    /** How long an answer at a panel may take. */
    readonly answerWithinSeconds?: number;
    /** How long a door may stand open before the session that opened it ends. */
    readonly useWithinSeconds?: number;
  };
  /** Two persons have to identify before a door opens; left out: one is enough. */
  readonly twoPersons?: {
    /** The second person must be of one of these; left out: anybody who may use the cabinet. */
    readonly userGroups?: readonly string[];
  };
  readonly antiPassback?: {
    /** A person whose door still stands open opens no other one. */
    readonly closeFirst?: boolean;
    /** For how long a person who opened a compartment opens none again. */
    readonly waitSeconds?: number;
  };
  /** After how long a deposit or a loan is overdue; left out: never. */
  readonly overdueAfterHours?: number;
  /** Sentences that take the place of the usual ones. */
  readonly texts?: OwnTexts;
}

/** What a site may let its operators do at cabinets, beside administrators. */
export type OperatorRight =
  | 'open'
  | 'service-open'
  | 'open-all'
  | 'release'
  | 'block'
  | 'unblock'
  | 'return-to-service'
  | 'empty';

export interface SiteFile {
  readonly version: 1;
  readonly site: {
    readonly id: string;
    readonly name: string;
    /** IANA name, e.g. `Europe/Warsaw`; rules and texts use it, the log is in UTC. */
    readonly timeZone: string;
    readonly language: 'en' | 'pl' | 'it';
  };
  /** PINs of users, and what holds for a cabinet that says nothing else. */
  readonly pins?: PinSetting;
  /** Personal data of users whose time has ended; left out: they are kept until somebody erases them. */
  readonly retention?: { readonly eraseUsersAfterDays: number };
  /** What operators may do at every cabinet; left out: nothing, they look on. */
  readonly operators?: { readonly may: readonly OperatorRight[] };
  readonly userGroups?: readonly { readonly id: string; readonly name: string }[];
  readonly buses: readonly BusSetting[];
  readonly boards: readonly BoardSetting[];
  readonly panels?: readonly PanelSetting[];
  readonly readers: readonly ReaderSetting[];
  readonly itemReaders?: readonly ItemReaderSetting[];
  /** May be empty where there are cassettes. */
  readonly cabinets: readonly SiteCabinet[];
  readonly cassettes?: readonly SiteCassette[];
  /** Patterns that take the place of the usual ones, at every cassette. */
  readonly cassetteSignals?: Partial<SignalPatterns>;
}
