/**
 * The gateway as its adapters see it: Node-RED nodes, the OPC UA server, the command line and the health
 * pages all work through this one interface, so that an opening takes the same way whoever asks for it.
 */
import type { CabinetEvent } from '../domain/cabinet/events.ts';
import type { CabinetState } from '../domain/cabinet/state.ts';
import type { LoggedEvent } from '../domain/event.ts';
import type { Refusal } from '../domain/refusals.ts';
import type { CabinetId, CompartmentNumber, Milliseconds, ReaderId, UserId } from '../domain/site.ts';
import type { LocalizedText } from '../domain/texts/texts.ts';
import type { BusHealth, CredentialKind, Scan, Unsubscribe } from './ports.ts';

export type { LocalizedText } from '../domain/texts/texts.ts';

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
  readonly kind: CredentialKind;
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

/** Who is logged in on an interface. */
export interface Principal {
  readonly user: UserId;
  readonly login: string;
  readonly roles: readonly Role[];
}

/** A administrator, M master, U defined user (System S.2.2), and an operator's read-only role. */
export type Role = 'administrator' | 'master' | 'defined' | 'operator';

/** What somebody with the right may ask of a cabinet, over OPC UA, a flow or the command line. */
export type OperatorRequest =
  | {
      readonly do: 'open';
      readonly cabinet: CabinetId;
      readonly compartment: CompartmentNumber;
      readonly reason: string;
    }
  | {
      readonly do: 'release' | 'block' | 'unblock' | 'return-to-service';
      readonly cabinet: CabinetId;
      readonly compartment: CompartmentNumber;
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
  /** `degraded` where lock boards are silent, `down` where another gateway has taken the cabinet over. */
  readonly cabinets: readonly {
    readonly id: CabinetId;
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
}

export interface SiteView {
  readonly id: string;
  readonly name: string;
  readonly cabinets: readonly { readonly id: CabinetId; readonly name: string }[];
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
  readonly site: SiteView;
  cabinets(): readonly CabinetState[];
  /** The state of one cabinet, or undefined where the site has none of that id. */
  cabinet(id: CabinetId): CabinetState | undefined;
  /** Every durable event of every cabinet, in order within a cabinet. */
  onChange(listener: (change: CabinetChange) => void): Unsubscribe;
  /** Changes of any bus's state. */
  onBus(listener: (bus: BusHealth) => void): Unsubscribe;
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
  /** What an administrator asks for. Opening resolves when the door is open. */
  operate(request: OperatorRequest, requester: Requester): Promise<Done | Refused>;
  /** Checks a login and password. Resolves to undefined where they do not fit; takes the same time either way. */
  authenticate(login: string, password: string): Promise<Principal | undefined>;
  /** Who has a login, with the roles of the moment; undefined where nobody has it or the person is blocked. */
  principalOf(login: string): Principal | undefined;
  /** The text for a refusal. */
  textOf(refusal: Refusal): LocalizedText;
  /** The port of a bus whose transport is `flow`. Throws where there is none of that id. */
  flowPort(bus: string): FlowPort;
  health(): Health;
  /** Lets the OPC UA server and the like report their own health. */
  reportHealth(part: 'opcua', condition: Condition, detail: string): void;
}
