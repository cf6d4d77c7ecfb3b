/** Who may do what over OPC UA: log-ins checked by the gateway, mapped to the well-known roles of OPC 10000-3, 4.9. */
import {
  coerceNodeId,
  type ISessionBase,
  MessageSecurityMode,
  makeRoles,
  type Namespace,
  type NodeId,
  type OPCUAServer,
  PermissionType,
  type RolePermissionTypeOptions,
  type ServerSession,
  UAUserManagerBase,
  type UserIdentityToken,
  UserNameIdentityToken,
  WellKnownRoles,
  X509IdentityToken,
} from 'node-opcua';
import type { Role } from '../domain/identification.ts';
import type { Milliseconds } from '../domain/site.ts';
import type { Principal } from '../gateway/api.ts';
import type { GatewayCalls } from './gateway-calls.ts';
import { personThumbprint } from './person-certificates.ts';
import { rememberRights } from './session-rights.ts';
import { SignInLimit } from './sign-in-limit.ts';

const READ = PermissionType.Browse | PermissionType.Read;

/** Roles that open the standard nodes of the server itself: everybody who got a session may look at them. */
export const STANDARD_NODES: RolePermissionTypeOptions[] = [
  {
    roleId: WellKnownRoles.Anonymous,
    permissions: READ | PermissionType.Call | PermissionType.ReceiveEvents,
  },
];

/**
 * The role of whoever has logged in over a connection in clear: nobody's among the well-known ones, so that it is given what is
 * meant for it and nothing else, whatever nodes there are.
 */
const IN_CLEAR = coerceNodeId('ns=1;s=role/in-clear');

/** What a node allows whom, and over which connections. */
export interface NodeAccess {
  readonly rolePermissions: RolePermissionTypeOptions[];
  readonly accessRestrictions: NonNullable<Parameters<Namespace['addVariable']>[0]['accessRestrictions']>;
}

/** Encrypted connections only (OPC 10000-3, 8.56); the library's name for it is not public. */
const ENCRYPTION_REQUIRED = 0x02 as NodeAccess['accessRestrictions'];

/** Permissions of the site's nodes, by kind of node. Roles that are not listed have none. */
export interface SitePermissions {
  /** Nodes that show nothing about persons. */
  readonly common: RolePermissionTypeOptions[];
  /** Values that tell who holds a compartment: never without a log-in, nor in clear. */
  readonly personal: NodeAccess;
  /** Methods of cabinets that administrators may call. */
  readonly command: NodeAccess;
  /** A method of a cabinet that people with one of these roles may call. */
  readonly commandFor: (roles: readonly Role[]) => NodeAccess;
  /** Cassettes, whose weak moments are nobody's business: not even to be found without a log-in. */
  readonly cassette: NodeAccess;
  readonly cassetteCommand: NodeAccess;
}

/** The permissions of the site's nodes, with or without clients that do not log in. */
export function sitePermissions(allowAnonymous: boolean): SitePermissions {
  const anonymous = (permissions: PermissionType): RolePermissionTypeOptions[] =>
    allowAnonymous ? [{ roleId: WellKnownRoles.Anonymous, permissions }] : [];
  const observers = {
    roleId: WellKnownRoles.Observer,
    permissions: READ | PermissionType.ReceiveEvents | PermissionType.ReadHistory,
  };
  const callers = READ | PermissionType.Call;
  const commands = [
    { roleId: WellKnownRoles.Observer, permissions: PermissionType.Browse },
    { roleId: WellKnownRoles.Supervisor, permissions: callers },
  ];
  const encrypted = (...rolePermissions: RolePermissionTypeOptions[]): NodeAccess => ({
    rolePermissions,
    accessRestrictions: ENCRYPTION_REQUIRED,
  });
  const readers = { roleId: WellKnownRoles.Observer, permissions: READ };
  // What stands at a cabinet is no secret, whatever is refused of it.
  const seenInClear = { roleId: IN_CLEAR, permissions: PermissionType.Browse };
  // Whoever may read what was audited also reads about nodes like these.
  const auditors = { roleId: WellKnownRoles.SecurityAdmin, permissions: PermissionType.ReceiveEvents };
  // Administrators are observers as well: what operators may call, they may.
  const commandFor = (roles: readonly Role[]): NodeAccess =>
    encrypted(
      ...anonymous(PermissionType.Browse),
      seenInClear,
      ...(roles.includes('operator')
        ? [{ roleId: WellKnownRoles.Observer, permissions: callers }]
        : commands),
      auditors,
    );
  return {
    common: [
      ...anonymous(READ | PermissionType.ReceiveEvents),
      { roleId: IN_CLEAR, permissions: READ },
      observers,
    ],
    personal: encrypted(...anonymous(PermissionType.Browse), seenInClear, readers, auditors),
    command: commandFor(['administrator']),
    commandFor,
    cassette: encrypted(observers),
    cassetteCommand: encrypted(...commands, auditors),
  };
}

/** What a method takes and answers may be read by whoever may see the method: clients ask for it before they call. */
export function declaredBy({ rolePermissions, accessRestrictions }: NodeAccess): NodeAccess {
  return {
    rolePermissions: rolePermissions.map(({ roleId, permissions = 0 }) => ({
      ...(roleId && { roleId }),
      permissions: permissions & PermissionType.Browse ? READ : permissions,
    })),
    accessRestrictions,
  };
}

/** Longest login and password taken, in characters: more is refused before any work is done. */
export const LONGEST_LOGIN = 128;
export const LONGEST_PASSWORD = 512;
/** The name that the server gives to clients that do not log in; no person may have it. */
const ANONYMOUS = 'anonymous';
/** Certificates whose owners are remembered until the session of whoever showed one is there. */
const MOST_SHOWN = 100;

/** Why somebody was not let in. */
export type SignInRefusal =
  | 'wrong-password'
  | 'name-locked'
  | 'no-business-here'
  | 'malformed'
  | 'gateway-busy'
  | 'certificate-unknown';

/** What is told of sign-ins to whoever puts them on record. */
export interface SignInObserver {
  /** @param login what was typed, which may be anything; undefined for a certificate */
  refused(why: SignInRefusal, login: string | undefined, session: ServerSession | undefined): void;
  opened(
    session: ServerSession,
    by: 'password' | 'certificate' | 'nobody',
    principal: Principal | undefined,
  ): void;
}

/** Everybody who logged in with the same name, or the same certificate. */
interface Entry {
  principal: Principal;
  readonly sessions: Set<ISessionBase>;
}

/**
 * Who is logged in on which session. The library looks roles up by a name, which for a certificate is the one that stands in
 * it: that could be anybody's login. So it is told no role by name, and every role by what was proved.
 */
export class SignIns {
  readonly #calls: GatewayCalls;
  readonly #now: () => Milliseconds;
  readonly #limit = new SignInLimit();
  readonly #principals = new WeakMap<ISessionBase, Principal>();
  /** By `login:` and the name, or `certificate:` and the thumbprint. */
  readonly #entries = new Map<string, Entry>();
  /** Who was found with a certificate that is about to open a session. */
  readonly #shown = new Map<string, Principal>();
  #observer: SignInObserver = { refused: () => {}, opened: () => {} };

  /** The last check under way for each login; bounded by the number of sessions. */
  readonly #checks = new Map<string, Promise<unknown>>();

  constructor(calls: GatewayCalls, now: () => Milliseconds = () => performance.now()) {
    this.#calls = calls;
    this.#now = now;
  }

  /** What node-opcua asks about users. */
  userManager(): UAUserManagerBase {
    return new GatewayUsers(this);
  }

  /** Follows the sessions of a server, and gives them their roles. */
  attach(server: OPCUAServer, observer?: SignInObserver): void {
    if (observer) this.#observer = observer;
    server.on('session_activated', (session: ServerSession) => this.#activated(session));
    server.roleResolvers.push({
      resolveRoles: (token, channel) => this.#rolesOf(token, channel?.securityMode),
    });
    rememberRights(server, (token, securityMode) => this.#rolesOf(token, securityMode));
  }

  /** Who is logged in on a session; undefined for one without a log-in. */
  principalOf(session: ISessionBase | undefined): Principal | undefined {
    return session && this.#principals.get(session);
  }

  /**
   * Checks a log-in. False for one that fits nobody, for a person without a role that reads OPC UA, and for every
   * try while a name is locked; the client is told BadUserAccessDenied in each case.
   */
  async signIn(session: ServerSession, login: string, password: string): Promise<boolean> {
    const refuse = (why: SignInRefusal): boolean => {
      this.#observer.refused(why, login, session);
      return false;
    };
    if (login === ANONYMOUS || login.length > LONGEST_LOGIN || password.length > LONGEST_PASSWORD)
      return refuse('malformed');
    const outcome = await this.#inTurn(login, () => this.#check(login, password));
    if (typeof outcome === 'string') return refuse(outcome);
    this.#remember(session, `login:${login}`, outcome);
    return true;
  }

  /** Whether somebody who may read OPC UA is registered with a certificate, of which the proof was seen. */
  async knowsCertificate(thumbprint: string): Promise<boolean> {
    const refuse = (why: SignInRefusal): boolean => {
      this.#observer.refused(why, undefined, undefined);
      return false;
    };
    const outcome = await this.#calls.ask({ do: 'find-certificate', thumbprint });
    if (outcome.answer !== 'principal') return refuse('gateway-busy');
    const { principal } = outcome;
    if (!principal) return refuse('certificate-unknown');
    if (rolesFor(principal).length === 0) return refuse('no-business-here');
    this.#shown.delete(thumbprint);
    this.#shown.set(thumbprint, principal);
    const [oldest] = this.#shown.keys();
    if (this.#shown.size > MOST_SHOWN && oldest !== undefined) this.#shown.delete(oldest);
    return true;
  }

  /**
   * Makes a try of a second person's password under the same limit as log-ins.
   * @param make says whether the password fitted; undefined where that is not known
   * @returns undefined while the name is locked; nothing was tried then
   */
  trySecond<Outcome>(
    login: string,
    make: () => Promise<{ readonly outcome: Outcome; readonly fits: boolean | undefined }>,
  ): Promise<Outcome | undefined> {
    return this.#inTurn(login, async () => {
      const name = limitedName(login);
      if (!this.#limit.mayTry(name, this.#now())) return undefined;
      const { outcome, fits } = await make();
      if (fits === true) this.#limit.right(name);
      else if (fits === false) this.#limit.wrong(name, this.#now());
      return outcome;
    });
  }

  /** Looks up what everybody who is logged in may do now: a right that was withdrawn ends in sessions under way. */
  async refresh(): Promise<void> {
    for (const [key, entry] of this.#entries) {
      const name = key.slice(key.indexOf(':') + 1);
      const outcome = await this.#calls.ask(
        key.startsWith('login:')
          ? { do: 'look-up', login: name }
          : { do: 'find-certificate', thumbprint: name },
      );
      if (outcome.answer !== 'principal') continue;
      entry.principal = outcome.principal ?? { ...entry.principal, roles: [] };
      for (const session of entry.sessions) this.#principals.set(session, entry.principal);
    }
  }

  /** The roles of what was proved when a session was opened. */
  #rolesOf(token: UserIdentityToken, securityMode: MessageSecurityMode | undefined): NodeId[] {
    const key = keyOf(token);
    const entry = key === undefined ? undefined : this.#entries.get(key);
    if (!entry) return NO_ROLES;
    const roles = rolesFor(entry.principal);
    return securityMode === MessageSecurityMode.SignAndEncrypt || roles.length === 0 ? roles : ROLES_IN_CLEAR;
  }

  #activated(session: ServerSession): void {
    const token = session.userIdentityToken;
    if (token instanceof X509IdentityToken) {
      const thumbprint = thumbprintIn(token);
      const principal = this.#shown.get(thumbprint);
      if (principal) this.#remember(session, `certificate:${thumbprint}`, principal);
      this.#observer.opened(session, 'certificate', principal);
    } else if (token instanceof UserNameIdentityToken) {
      this.#observer.opened(session, 'password', this.principalOf(session));
    } else {
      this.#forget(session);
      this.#observer.opened(session, 'nobody', undefined);
    }
  }

  /** One try per name at a time, or many at once would all be made before the first wrong one counts. */
  async #inTurn<Outcome>(login: string, attempt: () => Promise<Outcome>): Promise<Outcome> {
    const name = limitedName(login);
    const before = this.#checks.get(name) ?? Promise.resolve();
    const check = before.then(attempt);
    this.#checks.set(name, check);
    try {
      return await check;
    } finally {
      if (this.#checks.get(name) === check) this.#checks.delete(name);
    }
  }

  async #check(login: string, password: string): Promise<Principal | SignInRefusal> {
    const name = limitedName(login);
    if (!this.#limit.mayTry(name, this.#now())) return 'name-locked';
    const outcome = await this.#calls.ask({ do: 'authenticate', login, password });
    // Only the gateway's verdict counts as a wrong try: a busy or silent gateway says nothing about the password.
    if (outcome.answer !== 'principal') return 'gateway-busy';
    const { principal } = outcome;
    if (!principal) {
      this.#limit.wrong(name, this.#now());
      return 'wrong-password';
    }
    this.#limit.right(name);
    return rolesFor(principal).length === 0 ? 'no-business-here' : principal;
  }

  #remember(session: ServerSession, key: string, principal: Principal): void {
    const firstTime = !this.#principals.has(session);
    this.#forget(session);
    this.#principals.set(session, principal);
    const entry = this.#entries.get(key) ?? { principal, sessions: new Set() };
    entry.principal = principal;
    entry.sessions.add(session);
    this.#entries.set(key, entry);
    if (firstTime) session.once('session_closed', () => this.#forget(session));
  }

  #forget(session: ISessionBase): void {
    this.#principals.delete(session);
    for (const [key, { sessions }] of this.#entries) {
      if (sessions.delete(session) && sessions.size === 0) this.#entries.delete(key);
    }
  }
}

/** Logins are the same in capitals and small letters: so are the tries that count for one. */
function limitedName(login: string): string {
  return login.toLowerCase();
}

/** Thumbprints that were computed: what was proved is asked for with every value that is read. */
const THUMBPRINTS = new WeakMap<X509IdentityToken, string>();

function thumbprintIn(token: X509IdentityToken): string {
  const known = THUMBPRINTS.get(token);
  if (known !== undefined) return known;
  const thumbprint = personThumbprint(token.certificateData);
  THUMBPRINTS.set(token, thumbprint);
  return thumbprint;
}

function keyOf(token: UserIdentityToken): string | undefined {
  if (token instanceof X509IdentityToken) return `certificate:${thumbprintIn(token)}`;
  return token instanceof UserNameIdentityToken ? `login:${token.userName ?? ''}` : undefined;
}

// Made once: a session that has the same array has the same rights as before. The library copies them.
const OPERATOR_ROLES = makeRoles([WellKnownRoles.AuthenticatedUser, WellKnownRoles.Observer]);
const ADMINISTRATOR_ROLES = [
  ...OPERATOR_ROLES,
  ...makeRoles([WellKnownRoles.Supervisor, WellKnownRoles.SecurityAdmin]),
];
const ROLES_IN_CLEAR = [IN_CLEAR];
const NO_ROLES: NodeId[] = [];

/**
 * The well-known roles of a person: administrators observe, command, and look after security; operators observe. Masters
 * and defined users have business at a cabinet, none here.
 */
function rolesFor({ roles }: Principal): NodeId[] {
  if (roles.includes('administrator')) return ADMINISTRATOR_ROLES;
  return roles.includes('operator') ? OPERATOR_ROLES : NO_ROLES;
}

class GatewayUsers extends UAUserManagerBase {
  readonly #signIns: SignIns;

  constructor(signIns: SignIns) {
    super();
    this.#signIns = signIns;
  }

  override isValidUser(session: ServerSession, login: string, password: string): Promise<boolean> {
    return this.#signIns.signIn(session, login, password);
  }

  /** A name proves nothing: see `SignIns.attach`. */
  override getUserRoles(): NodeId[] {
    return [];
  }
}
