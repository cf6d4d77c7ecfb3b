/**
 * The gateway as its adapters see it: Node-RED nodes, the OPC UA server, the command line and the health
 * pages all work through this one interface, so that an opening takes the same way whoever asks for it.
 */
import type { CabinetEvent, FaultReason, Loss } from '../domain/cabinet/events.ts';
import type { CabinetState } from '../domain/cabinet/state.ts';
import type { LoggedEvent } from '../domain/event.ts';
import type { Role } from '../domain/identification.ts';
import type { Refusal, RefusalCode } from '../domain/refusals.ts';
import type { Prompt, PromptCode } from '../domain/session/prompt.ts';
import type {
  BoardId,
  CabinetId,
  CassetteId,
  CompartmentNumber,
  ItemId,
  Milliseconds,
  PanelId,
  ReaderId,
  UserId,
} from '../domain/site.ts';
import type { LocalizedText } from '../domain/texts/texts.ts';
import type { Alarms } from './alarms/api.ts';
import type { Cassettes } from './cassettes/api.ts';
import type { BusHealth, NoticeMail, Scan, ScanKind, Unsubscribe } from './ports.ts';
import type { Queries } from './query/queries.ts';

export type { Role } from '../domain/identification.ts';
export type { LocalizedText } from '../domain/texts/texts.ts';
export type * from './alarms/api.ts';
export type * from './cassettes/api.ts';
export type * from './query/queries.ts';

/** A reference to what a reader read. Opaque, single use, valid for seconds; the secret stays in the gateway. */
export type PresentationReference = string;
/** A reference to a person identified a moment ago. Opaque, single use, valid for seconds. */
export type IdentityReference = string;
/** The right to open one compartment once. Opaque, single use, valid for seconds, known to this gateway only. */
export type GrantToken = string;

/** A refusal with its text in the site's languages, ready to be shown. */
export interface Refused {
  readonly ok: false;
  readonly refusal: Refusal;
  readonly text: LocalizedText;
}

/** Somebody held something to a reader, or typed a PIN. */
export interface PresentationNotice {
  readonly presentation: PresentationReference;
  readonly reader: ReaderId;
  readonly cabinet: CabinetId;
  readonly kind: ScanKind;
  readonly at: Milliseconds;
}

/** Something was read: where, when, and of which kind. */
export interface ScanNotice {
  readonly reader: ReaderId;
  readonly cabinet: CabinetId;
  readonly kind: ScanKind;
  readonly at: Milliseconds;
}

export interface Identified {
  readonly ok: true;
  readonly identity: IdentityReference;
  readonly user: UserId;
  readonly credential: string;
  readonly reader: ReaderId;
  readonly cabinet: CabinetId;
}

export interface Granted {
  readonly ok: true;
  readonly grant: GrantToken;
  /** Public id of the grant, as the event log has it. */
  readonly grantId: string;
  readonly cabinet: CabinetId;
  readonly compartment: CompartmentNumber;
  readonly allocation: 'new' | 'existing' | 'none';
  /** The grant is void after this time. */
  readonly validUntil: Milliseconds;
}

/** How an opening ended. */
export interface Opened {
  readonly ok: true;
  readonly cabinet: CabinetId;
  /** The compartment whose door opened; another than the one granted where that one failed. */
  readonly compartment: CompartmentNumber;
  readonly grantId: string;
}

/** What a panel shows: a prompt with its words, the choices by name, and what was said last. */
export interface PanelView {
  readonly panel: PanelId;
  readonly cabinet: CabinetId;
  readonly prompt: Prompt;
  readonly text: LocalizedText;
  /** Id of the session that the prompt belongs to, where there is one. An answer may name it, so that it meets no other. */
  readonly session?: string;
  /** Until when an answer is awaited. */
  readonly until?: Milliseconds;
  /** Where a recipient is to be chosen: the first of those who may be, by name. */
  readonly recipients?: readonly Recipient[];
  /** What was said last: the end of a flow, or why something was refused; shown for seconds. */
  readonly notice?: PanelNotice;
}

/** A defined user who may be chosen to collect a deposit. */
export interface Recipient {
  readonly user: UserId;
  readonly name: string;
}

/** Something that a panel says and that asks for nothing. */
export interface PanelNotice {
  readonly code: PromptCode | RefusalCode;
  readonly values: Readonly<Record<string, string | number>>;
  readonly text: LocalizedText;
  readonly at: Milliseconds;
}

/** What a person does at a panel. Secrets stay here: nothing of an answer is logged or handed on. */
export type PanelAnswer =
  /** What a reader read, by its reference: an identification, or the code that was asked for. */
  | { readonly answer: 'presentation'; readonly presentation: PresentationReference }
  /** The same, typed or scanned at the panel itself. */
  | { readonly answer: 'scan'; readonly scan: Scan }
  | { readonly answer: 'login'; readonly login: string; readonly password: string }
  | { readonly answer: 'deposit' }
  | { readonly answer: 'collect'; readonly compartment: CompartmentNumber; readonly pin: string }
  | { readonly answer: 'compartment'; readonly compartment: CompartmentNumber }
  | { readonly answer: 'recipient'; readonly user: UserId }
  | { readonly answer: 'cancel' }
  | { readonly answer: 'fault'; readonly compartment: CompartmentNumber; readonly fault: FaultReason };

/** Who is logged in on an interface. */
export interface Principal {
  readonly user: UserId;
  readonly login: string;
  readonly roles: readonly Role[];
}

/** What somebody with the right may ask of a cabinet, over OPC UA, a flow or the command line. */
export type OperatorRequest =
  | {
      readonly do: 'open';
      readonly cabinet: CabinetId;
      readonly compartment: CompartmentNumber;
      readonly reason: string;
    }
  | {
      readonly do: 'release' | 'block' | 'unblock' | 'return-to-service' | 'service-open' | 'empty';
      readonly cabinet: CabinetId;
      readonly compartment: CompartmentNumber;
      readonly reason: string;
    }
  | {
      readonly do: 'stock';
      readonly cabinet: CabinetId;
      readonly compartment: CompartmentNumber;
      readonly item?: ItemId;
      readonly reason: string;
    }
  /** A common PIN for everybody to whom the compartment is assigned (5.2). */
  | {
      readonly do: 'assign-code';
      readonly cabinet: CabinetId;
      readonly compartment: CompartmentNumber;
      readonly pin: string;
      readonly reason: string;
    }
  | {
      readonly do: 'assign' | 'withdraw';
      readonly cabinet: CabinetId;
      readonly compartment: CompartmentNumber;
      readonly user: UserId;
      readonly reason: string;
    };

export interface Done {
  readonly ok: true;
  readonly cabinet: CabinetId;
  readonly compartment: CompartmentNumber;
}

/** How an opening of every compartment went; each is an opening of its own on record. */
export interface AllOpened {
  readonly ok: true;
  readonly cabinet: CabinetId;
  readonly opened: readonly CompartmentNumber[];
  readonly failed: readonly { readonly compartment: CompartmentNumber; readonly refusal: Refusal }[];
}

/** An opening of every compartment that has begun. */
export interface AllOpening {
  readonly ok: true;
  readonly cabinet: CabinetId;
  /** How many compartments there are to open. */
  readonly compartments: number;
  /** Resolves when the last one was tried, minutes later. */
  readonly ended: Promise<AllOpened>;
}

/** How far an opening of every compartment is. */
export interface AllOpeningProgress extends Omit<AllOpened, 'ok'> {
  /** How many there are to open. Those that are neither opened nor failed at the end came to none: the gateway stopped, or failed. */
  readonly compartments: number;
  readonly began: Milliseconds;
  /** Undefined while it is under way. */
  readonly ended: Milliseconds | undefined;
}

/** Everything that may be asked of a cabinet. */
export type CabinetOperation = OperatorRequest['do'] | 'open-all' | 'change-mode';

/** Who may ask for what of a cabinet: a person needs one of the roles. */
export type CabinetRoles = Readonly<Record<CabinetOperation, readonly Role[]>>;

/** What a change of mode would do, or did. */
export interface ModeChange {
  readonly ok: true;
  readonly cabinet: CabinetId;
  readonly from: string;
  readonly to: string;
  /** What the cabinet holds that is given up with it. */
  readonly lost: readonly Loss[];
  /** Whether it was done, and not only looked at. */
  readonly done: boolean;
}

/** On whose behalf an operator's request is made. */
export type Requester =
  | { readonly kind: 'administrator'; readonly principal: Principal }
  | { readonly kind: 'machine'; readonly id: string };

export type CabinetLoggedEvent = LoggedEvent & CabinetEvent;

/** A durable event together with the state that it led to. */
export interface CabinetChange {
  readonly event: CabinetLoggedEvent;
  readonly cabinet: CabinetState;
}

export type Condition = 'ok' | 'degraded' | 'down';

/** Health of everything that the gateway depends on. */
export interface Health {
  /** `down` as soon as people cannot be served. */
  readonly condition: Condition;
  readonly store: { readonly condition: Condition; readonly detail: string };
  readonly journal: { readonly condition: Condition; readonly waiting: number; readonly detail: string };
  readonly opcua: { readonly condition: Condition; readonly detail: string };
  readonly buses: readonly (BusHealth & { readonly condition: Condition })[];
  readonly itemReaders: { readonly condition: Condition; readonly detail: string };
  /** `degraded` where lock boards are silent, `down` where another gateway has taken the cabinet over. */
  readonly cabinets: readonly {
    readonly id: CabinetId;
    readonly condition: Condition;
    readonly detail: string;
  }[];
  /** `degraded` where a controller does not answer. */
  readonly cassettes: readonly {
    readonly id: CassetteId;
    readonly condition: Condition;
    readonly detail: string;
  }[];
}

/** A reader as flows and displays know it. */
export interface ReaderView {
  readonly id: ReaderId;
  readonly cabinet: CabinetId;
  readonly bus: string;
  /** Who decides what follows a presentation: a Node-RED flow, or the gateway by itself. */
  readonly decide: 'flow' | 'gateway';
  /** How long it must be quiet before the next card counts as a new one. Milliseconds. */
  readonly quiet?: Milliseconds;
  /** The panel that it belongs to; a reader without one is a panel by itself, of the same id. */
  readonly panel: PanelId;
  /** Members of these user groups are served here; left out: everybody. */
  readonly userGroups?: readonly string[];
}

/** Who made a cabinet, and which one it is. */
export interface Nameplate {
  readonly manufacturer: string;
  readonly serialNumber: string;
  /** Names it among everything that is made anywhere, e.g. `https://example.com/K-48/2026-0117`. */
  readonly productInstanceUri: string;
  readonly model?: string;
  readonly yearOfConstruction?: number;
  readonly location?: string;
  readonly assetId?: string;
}

export interface SiteView {
  readonly id: string;
  readonly name: string;
  readonly cabinets: readonly {
    readonly id: CabinetId;
    readonly name: string;
    readonly nameplate?: Nameplate;
  }[];
  /** Lock boards; `driver` is the name of their protocol. */
  readonly boards: readonly { readonly id: BoardId; readonly bus: string; readonly driver: string }[];
  readonly cassettes: readonly { readonly id: CassetteId; readonly name: string }[];
  readonly panels: readonly { readonly id: PanelId; readonly name: string; readonly cabinet: CabinetId }[];
  readonly readers: readonly ReaderView[];
  readonly buses: readonly { readonly id: string; readonly transport: 'serial' | 'tcp' | 'flow' }[];
}

/** The bytes of a bus whose port a flow owns. */
export interface FlowPort {
  /** Hands over bytes that the flow received. */
  receive(bytes: Buffer): void;
  /** Bytes for the flow to send. At most one flow node may be connected; a second is refused with an error. */
  connect(send: (bytes: Buffer) => void): Unsubscribe;
}

export interface Gateway {
  /** The site of the moment: cabinets, panels, readers and buses come and go while the gateway runs. */
  readonly site: SiteView;
  /** Each change of the site; by then `site`, `cabinets` and `cabinet` show what there is. */
  onSite(listener: (site: SiteView) => void): Unsubscribe;
  cabinets(): readonly CabinetState[];
  /** The state of one cabinet, or undefined where the site has none of that id. */
  cabinet(id: CabinetId): CabinetState | undefined;
  /** Every durable event of every cabinet, in order within a cabinet; also of cabinets that are added later. */
  onChange(listener: (change: CabinetChange) => void): Unsubscribe;
  /** Changes of any bus's state. */
  onBus(listener: (bus: BusHealth) => void): Unsubscribe;
  /** Told that something was read at a reader of a cabinet; what it was stays in the gateway. */
  onScan(listener: (scan: ScanNotice) => void): Unsubscribe;
  /** Takes over the presentations of a reader whose `decide` is `flow`. Throws where the site has no such reader. */
  onPresentation(reader: ReaderId, listener: (notice: PresentationNotice) => void): Unsubscribe;
  /** Takes what a reader or panel handed over; returns the reference under which `identify` finds it. */
  present(reader: ReaderId, scan: Scan): PresentationReference;
  /** Who is it? One try per reference. */
  identify(presentation: PresentationReference): Promise<Identified | Refused>;
  /** Authorizes and allocates: resolves when the decision is durable. One try per reference. */
  allocate(identity: IdentityReference): Promise<Granted | Refused>;
  /** Uses a grant: sends the pulse and follows the door until it is open or has failed for good. */
  unlock(grant: GrantToken): Promise<Opened | Refused>;
  /** Who may ask for what of a cabinet; it is decided by these, and interfaces show the same. */
  readonly cabinetRoles: CabinetRoles;
  /** What an administrator asks for, or an operator whom the site lets. Opening resolves when the door is open. */
  operate(request: OperatorRequest, requester: Requester): Promise<Done | Refused>;
  /** Panels of the site, readers without a panel of their own among them. */
  panels(): readonly { readonly panel: PanelId; readonly cabinet: CabinetId }[];
  /** What a panel shows now; undefined where the site has none of that id. */
  panel(panel: PanelId): PanelView | undefined;
  /** Every change of what a panel shows. */
  onPanel(panel: PanelId, listener: (view: PanelView) => void): Unsubscribe;
  /**
   * Takes an answer at a panel; resolves when it is durable, with what the panel shows then. Doors open by
   * themselves: what becomes of them is told to those who listen.
   *
   * @param session id of the session that the answer is meant for; where another one is there by now it is refused
   */
  answer(
    panel: PanelId,
    answer: PanelAnswer,
    session?: string,
  ): Promise<{ readonly ok: true; readonly view: PanelView } | Refused>;
  /** Recipients whose name contains a text, whatever its case; at most 50, by name. */
  recipients(nameContains: string): readonly Recipient[];
  /** Opens every compartment of a cabinet, one after the other to spare the supply; nothing changes hands. */
  openAll(cabinet: CabinetId, reason: string, requester: Requester): Promise<AllOpened | Refused>;
  /** The same, answered as soon as it has begun. */
  beginOpenAll(cabinet: CabinetId, reason: string, requester: Requester): AllOpening | Refused;
  /** How far the opening of every compartment of a cabinet is, or how the last one since the start ended. */
  allOpening(cabinet: CabinetId): AllOpeningProgress | undefined;
  /** Every step of every opening of all, whoever began it. */
  onAllOpening(listener: (progress: AllOpeningProgress) => void): Unsubscribe;
  /** Looks at what a change of a cabinet's schema would lose, or carries it out; refused while it holds anything, unless `force`. */
  changeMode(
    change: {
      readonly cabinet: CabinetId;
      readonly schema: string;
      readonly dryRun: boolean;
      readonly force: boolean;
      readonly reason: string;
    },
    requester: Requester,
  ): Promise<ModeChange | Refused>;
  /** Checks a login and password. Resolves to undefined where they do not fit; takes the same time either way. */
  authenticate(login: string, password: string): Promise<Principal | undefined>;
  /** Who has a login, with the roles of the moment; undefined where nobody has it or the person is blocked. */
  principalOf(login: string): Principal | undefined;
  /**
   * Who is registered with a certificate, with the roles of the moment; undefined where nobody is let in with it.
   * Whoever asks has seen the proof that the other side has its key.
   *
   * @param thumbprint SHA-256 of the certificate, 64 hex digits in capitals
   */
  principalOfCertificate(thumbprint: string): Principal | undefined;
  /** The text for a refusal. */
  textOf(refusal: Refusal): LocalizedText;
  /** The port of a bus whose transport is `flow`. Throws where there is none of that id. */
  flowPort(bus: string): FlowPort;
  /** Cassettes: what they are in, and what may be asked of them. */
  readonly cassettes: Cassettes;
  /** What calls for somebody: one book, whoever sees to it. */
  readonly alarms: Alarms;
  /** Who holds what, and what happened. */
  readonly queries: Queries;
  /** Mail to whoever is to be told of something. */
  readonly mail: NoticeMail;
  health(): Health;
  /** Lets the OPC UA server and the like report their own health. */
  reportHealth(part: 'opcua', condition: Condition, detail: string): void;
}
