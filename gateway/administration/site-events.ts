import type { ListDifference, LiveList } from '../../config/site-difference.ts';
import type { EventDraft } from '../../domain/event.ts';
import type { CredentialKind, Role } from '../../domain/identification.ts';
import type { Right } from '../../domain/rights.ts';
import type { StreamState } from '../stream.ts';

/** Part of every event for a change in the database: by it a repeat of the record would be known. */
interface Change {
  readonly change?: string;
}

/** Part of events that may come in floods: so many alike were put on record as this one; 1 where it is left out. */
interface Counted {
  readonly count?: number;
}

/** Where a client of the OPC UA server is. */
interface OpcUaClient extends Counted {
  /** IP address. */
  readonly address?: string;
  /** The application URI that the client's certificate names. */
  readonly application?: string;
}

/**
 * Everything that the stream `site/<gateway>` records. Ids only: names, logins and addresses stay in `users`. Old
 * events stay readable for ever: a field may be added, never removed or given another meaning.
 */
export interface SiteEvents {
  readonly 'gateway-started': { readonly gateway: string; readonly version: string };
  readonly 'gateway-stopped': { readonly gateway: string };
  /** Bytes at the end of the journal were no whole record after a crash. */
  readonly 'journal-torn': { readonly bytes: number };
  /** The site file was read anew while the gateway ran: ids of what was added, removed and changed, names of other fields. */
  readonly 'site-reloaded': Partial<Readonly<Record<LiveList, ListDifference>>> & {
    readonly fields?: readonly string[];
    readonly force?: boolean;
  };
  /** Nothing came of it, since a cabinet recorded nothing; those in `kept` have the new settings all the same. */
  readonly 'site-reload-undone': { readonly kept: readonly string[] };
  readonly 'log-verified': { readonly events: number; readonly damaged: readonly string[] };
  readonly 'user-added': Change & {
    readonly user: string;
    readonly roles: readonly Role[];
    readonly groups: readonly string[];
  };
  /** What a user may do, or who they are, was changed. */
  readonly 'user-changed': Change & {
    readonly user: string;
    /** The names of the fields that were changed. */
    readonly fields: readonly string[];
    readonly roles?: readonly Role[];
    readonly groups?: readonly string[];
  };
  readonly 'user-blocked': Change & { readonly user: string };
  readonly 'user-unblocked': Change & { readonly user: string };
  /** Everything personal, every credential and every right of a user was erased. */
  readonly 'user-erased': Change & { readonly user: string };
  readonly 'credential-added': Change & {
    readonly credential: string;
    readonly user: string;
    readonly kind: CredentialKind;
  };
  readonly 'credential-blocked': Change & { readonly credential: string };
  readonly 'credential-unblocked': Change & { readonly credential: string };
  readonly 'credential-removed': Change & { readonly credential: string; readonly user: string };
  readonly 'password-set': Change & { readonly user: string; readonly oneTime: boolean };
  readonly 'right-added': Change & { readonly right: Right };
  readonly 'right-removed': Change & { readonly right: string };
  readonly 'phone-access-issued': {
    readonly access: string;
    readonly user: string;
    readonly cabinet: string;
    readonly panel?: string;
  };
  readonly 'panel-token-added': Change & { readonly token: string; readonly panel: string };
  readonly 'panel-token-removed': Change & { readonly token: string; readonly panel: string };
  readonly 'item-added': Change & { readonly item: string };
  readonly 'item-renamed': Change & { readonly item: string };
  readonly 'item-retired': Change & { readonly item: string };
  /** Somebody opened a session of the OPC UA server, or another person took it over. */
  readonly 'opcua-session-opened': OpcUaClient & {
    readonly session: string;
    readonly by: 'password' | 'certificate' | 'nobody';
    readonly user?: string;
  };
  readonly 'opcua-session-closed': Counted & { readonly session: string; readonly reason: string };
  /** `user` is whose login or certificate was tried, where it is known. */
  readonly 'opcua-login-refused': OpcUaClient & { readonly reason: string; readonly user?: string };
  /** The certificate of a client application or of a person, by its SHA-1 thumbprint. */
  readonly 'opcua-certificate-rejected': Counted & {
    readonly of: 'client' | 'person';
    readonly thumbprint: string;
    readonly status: string;
  };
  /**
   * `status` names the status code of the call, `result` the code that a method answered, `ok` or that of a refusal.
   * Arguments stand in the events of what was called.
   */
  readonly 'opcua-method-called': Counted & {
    readonly object: string;
    readonly method: string;
    readonly status: string;
    readonly result?: string;
    readonly session: string;
    readonly user?: string;
  };
  readonly 'opcua-write-refused': Counted & {
    readonly node: string;
    readonly attribute: string;
    readonly status: string;
    readonly session: string;
    readonly user?: string;
  };
  readonly 'opcua-history-refused': Counted & {
    readonly node: string;
    readonly status: string;
    readonly session: string;
    readonly user?: string;
  };
  /** A client gave up so many requests that were not answered yet. */
  readonly 'opcua-requests-cancelled': Counted & {
    readonly session: string;
    readonly requests: number;
    readonly user?: string;
  };
  /** Somebody was not given a secure channel; the status says why. */
  readonly 'opcua-channel-refused': OpcUaClient & { readonly status: string };
  /** The server hung up on a client that went beyond the limits of a connection. */
  readonly 'opcua-connection-ended': OpcUaClient & {
    readonly reason: string;
    readonly session?: string;
    readonly user?: string;
  };
  readonly 'opcua-client-trusted': { readonly thumbprint: string };
  readonly 'opcua-client-distrusted': { readonly thumbprint: string };
  /** The OPC UA server's own certificate, by its SHA-1 thumbprint. */
  readonly 'opcua-certificate-replaced': {
    readonly thumbprint: string;
    readonly why: 'installed' | 'renewed';
  };
  readonly 'people-imported': { readonly added: number; readonly refused: number };
  readonly 'credential-key-rotated': { readonly generation: number };
}

/** An event of the stream `site/<gateway>`. */
export type SiteEvent = {
  [Type in keyof SiteEvents]: EventDraft<Type, SiteEvents[Type]>;
}[keyof SiteEvents];

/** The changes that were recorded last, the latest at the end. */
export interface SiteState {
  readonly changes: readonly string[];
}

/** Changes that are remembered; more than can be under way at one time by far. */
const CHANGES_KEPT = 256;

/** How the stream of a gateway is folded: only to know which changes are on record. */
export const SITE_STREAM: StreamState<SiteState, SiteEvent> = {
  initial: { changes: [] },
  evolve: (state, { data }) =>
    'change' in data && data.change !== undefined
      ? { changes: [...state.changes, data.change].slice(-CHANGES_KEPT) }
      : state,
  toSnapshot: (state) => state,
  fromSnapshot: (snapshot) => {
    const { changes } = (snapshot ?? {}) as Partial<SiteState>;
    return { changes: changes ?? [] };
  },
};
