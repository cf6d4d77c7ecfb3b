/**
 * The messages between the main thread, where the gateway decides, and the thread of the OPC UA server. All of
 * them are plain data for the structured clone algorithm.
 */
import type { AlarmCommand } from '../domain/alarms/events.ts';
import type { SignalPatterns } from '../domain/cassette/signal.ts';
import type { CassetteView } from '../domain/cassette/view.ts';
import type { LoggedEvent } from '../domain/event.ts';
import type { CabinetId, CompartmentNumber, Milliseconds } from '../domain/site.ts';
import type { LocalizedText } from '../domain/texts/texts.ts';
import type { AlarmView, CabinetRoles, Principal, ScanNotice } from '../gateway/api.ts';
import type { CassetteRequest } from '../gateway/cassettes/api.ts';
import type { OpcUaOutcome, OpcUaRequest } from '../gateway/opcua-administration.ts';
import type { EventQuery } from '../gateway/query/queries.ts';
import type { AuditEvent } from './audit-log.ts';
import type { CompartmentOperation } from './cabinet-command-table.ts';
import type { CabinetDelta, CabinetValue } from './cabinet-value.ts';
import type { OpcUaStartFailure } from './errors.ts';

/** How the server is set up; does not change while its thread runs. */
export interface ServerSettings {
  /** Address that the server listens on, e.g. `127.0.0.1`. */
  readonly bind: string;
  /** TCP port, 0 to 65535; 0 takes a free one. */
  readonly port: number;
  /** Folder of the server's identity, certificate, key and lists of trusted clients. */
  readonly folder: string;
  /** Whether clients may read without logging in. They never see who holds a compartment, nor any cassette. */
  readonly allowAnonymous: boolean;
  /**
   * Whether clients may connect without encryption; false where it is left out. Whoever does sees neither persons nor
   * cassettes, and commands nothing.
   */
  readonly allowUnencrypted?: boolean | undefined;
  /** Whether a client certificate seen for the first time is trusted by itself. */
  readonly trustUnknownClients: boolean;
  readonly siteName: string;
  /** Version of Sezam, shown to clients among the build information. */
  readonly softwareVersion?: string | undefined;
  /** Clients that wait to be dialled, `opc.tcp://host:port`; none where it is left out. */
  readonly reverseConnect?: readonly string[] | undefined;
  /** The discovery server to be registered with, `opc.tcp://host:port`; none where it is left out. */
  readonly discoveryServer?: string | undefined;
  /** How long clients that are connected are told of a stop before it, 0 to 60 s; 0 where it is left out. */
  readonly shutdownNotice?: Milliseconds | undefined;
}

/** What a cassette shows. */
export interface CassetteValue {
  readonly view: CassetteView;
  /** Time of the last change. */
  readonly at: Milliseconds;
}

/** An alarm after a change. */
export interface AlarmValue {
  readonly alarm: AlarmView;
  /** Whether the book keeps it; one that it does not is forgotten after this. */
  readonly kept: boolean;
}

/** How far the opening of every compartment of a cabinet is, or how the last one ended. */
export interface AllOpeningValue {
  readonly cabinet: CabinetId;
  /** How many there are to open, and how many have opened. */
  readonly compartments: number;
  readonly opened: number;
  /** Those that could not be opened, with the code of the refusal. */
  readonly failed: readonly { readonly compartment: CompartmentNumber; readonly code: string }[];
  readonly began: Milliseconds;
  readonly ended: Milliseconds | undefined;
  /** Time of the last step. */
  readonly at: Milliseconds;
}

/** Everything that the thread needs to start. */
export interface ThreadStart {
  readonly settings: ServerSettings;
  readonly cabinets: readonly CabinetValue[];
  readonly cassettes: readonly CassetteValue[];
  /** The whole book of alarms. */
  readonly alarms: readonly AlarmView[];
  /** Who may ask for what of a cabinet. */
  readonly cabinetRoles: CabinetRoles;
  /** What is seen and heard at cassettes. */
  readonly signals: SignalPatterns;
  /** As `serviceLevelOf` has it, 1 to 255. */
  readonly serviceLevel: number;
}

/** What the thread asks the gateway for. */
export type GatewayCall =
  | { readonly do: 'authenticate'; readonly login: string; readonly password: string }
  /** Who has a login now, after they logged in with it. */
  | { readonly do: 'look-up'; readonly login: string }
  /** Who is registered with a certificate now; SHA-256, 64 hex digits in capitals. */
  | { readonly do: 'find-certificate'; readonly thumbprint: string }
  | {
      readonly do: CompartmentOperation;
      readonly cabinet: CabinetId;
      readonly compartment: CompartmentNumber;
      readonly reason: string;
      readonly principal: Principal;
    }
  /** Answered as soon as it has begun. */
  | {
      readonly do: 'open-all';
      readonly cabinet: CabinetId;
      readonly reason: string;
      readonly principal: Principal;
    }
  | { readonly do: 'cassette'; readonly request: CassetteRequest; readonly principal: Principal }
  | { readonly do: 'alarm'; readonly command: AlarmCommand; readonly principal: Principal }
  /** What happened, a page at a time. */
  | { readonly do: 'events'; readonly query: EventQuery };

/** What the gateway answered. */
export type GatewayAnswer =
  | { readonly answer: 'principal'; readonly principal: Principal | undefined }
  | { readonly answer: 'done' }
  /** An alarm is as it was asked for; its change is on its way. */
  | { readonly answer: 'alarm-changed'; readonly revision: number; readonly changedAt: Milliseconds }
  /** So many compartments are being opened. */
  | { readonly answer: 'begun'; readonly compartments: number }
  | {
      readonly answer: 'events';
      readonly events: readonly LoggedEvent[];
      /** What to ask on with; undefined on the last page. */
      readonly next: string | undefined;
    }
  | { readonly answer: 'refused'; readonly code: string; readonly text: LocalizedText }
  /** The gateway itself failed; what went wrong stands in the main thread's log. */
  | { readonly answer: 'failed' };

export type ToThread =
  /**
   * Values to show. `cabinets` replaces whole cabinets, `removed` are no longer of the site, `deltas` are changes of cabinets, `cassettes` whole cassettes; `alarms` are
   * changes of alarms, in order. Answered by `shown`; at most one batch is on its way at a time.
   */
  | {
      readonly kind: 'show';
      readonly batch: number;
      readonly cabinets: readonly CabinetValue[];
      readonly removed: readonly CabinetId[];
      readonly deltas: readonly CabinetDelta[];
      readonly cassettes: readonly CassetteValue[];
      readonly alarms: readonly AlarmValue[];
    }
  | { readonly kind: 'all-opening'; readonly value: AllOpeningValue }
  /** Events of the log, while somebody listens; `gap`: some before them were left out. Answered by `told`. */
  | { readonly kind: 'logged'; readonly events: readonly LoggedEvent[]; readonly gap: boolean }
  | { readonly kind: 'answer'; readonly call: number; readonly answer: GatewayAnswer }
  /** Answered by `administered`. */
  | { readonly kind: 'administer'; readonly call: number; readonly request: OpcUaRequest }
  /** Something was read at a reader. */
  | { readonly kind: 'scanned'; readonly scan: ScanNotice }
  /** The service level has changed. */
  | { readonly kind: 'service-level'; readonly level: number }
  /** These cabinets, and no others, are another gateway's now: what they show may no longer be so. */
  | { readonly kind: 'taken-over'; readonly cabinets: readonly CabinetId[] }
  | { readonly kind: 'stop' };

/** How long the parts of a start took, in milliseconds from the birth of the thread. */
export interface StartTimings {
  /** The program of the server was loaded. */
  readonly loaded: number;
  /** The certificates and the standard nodes were in place. */
  readonly initialized: number;
  /** The nodes of the site were in place. */
  readonly built: number;
  /** The port was open. */
  readonly listening: number;
}

export type FromThread =
  | {
      readonly kind: 'ready';
      readonly endpointUrl: string;
      readonly port: number;
      readonly timings: StartTimings;
    }
  /** The server could not start; the thread ends. */
  | { readonly kind: 'failed'; readonly code: OpcUaStartFailure; readonly text: string }
  | { readonly kind: 'shown'; readonly batch: number }
  /** Somebody listens to events, or nobody does any more. */
  | { readonly kind: 'listening'; readonly listening: boolean }
  | { readonly kind: 'told' }
  | { readonly kind: 'call'; readonly call: number; readonly request: GatewayCall }
  | { readonly kind: 'administered'; readonly call: number; readonly outcome: OpcUaOutcome }
  /** Something to be put on record in the event log. */
  | { readonly kind: 'audit'; readonly event: AuditEvent }
  | { readonly kind: 'log'; readonly level: 'info' | 'warn' | 'error'; readonly text: string };
