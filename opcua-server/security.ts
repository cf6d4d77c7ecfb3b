/** Who may do what over OPC UA: log-ins checked by the gateway, mapped to the well-known roles of OPC 10000-3, 4.9. */
import {
  type ISessionBase,
  makeRoles,
  type NodeId,
  PermissionType,
  type RolePermissionTypeOptions,
  type ServerSession,
  UAUserManagerBase,
  WellKnownRoles,
} from 'node-opcua';
import type { Milliseconds } from '../domain/site.ts';
import type { Principal } from '../gateway/api.ts';
import type { GatewayCalls } from './gateway-calls.ts';
import { SignInLimit } from './sign-in-limit.ts';

const READ = PermissionType.Browse | PermissionType.Read;

/** Roles that open the standard nodes of the server itself: everybody who got a session may look at them. */
export const STANDARD_NODES: RolePermissionTypeOptions[] = [
  {
    roleId: WellKnownRoles.Anonymous,
    permissions: READ | PermissionType.Call | PermissionType.ReceiveEvents,
  },
];

/** Permissions of the site's nodes, by kind of node. Roles that are not listed have none. */
export interface SitePermissions {
  /** Nodes that show nothing about persons. */
  readonly common: RolePermissionTypeOptions[];
  /** Values that tell who holds a compartment: never without a log-in. */
  readonly personal: RolePermissionTypeOptions[];
  /** Methods: administrators only. */
  readonly command: RolePermissionTypeOptions[];
  /** Cassettes, whose weak moments are nobody's business: not even to be found without a log-in. */
  readonly cassette: RolePermissionTypeOptions[];
  readonly cassetteCommand: RolePermissionTypeOptions[];
}

/** The permissions of the site's nodes, with or without clients that do not log in. */
export function sitePermissions(allowAnonymous: boolean): SitePermissions {
  const anonymous = (permissions: PermissionType): RolePermissionTypeOptions[] =>
    allowAnonymous ? [{ roleId: WellKnownRoles.Anonymous, permissions }] : [];
  const observers = {
    roleId: WellKnownRoles.Observer,
    permissions: READ | PermissionType.ReceiveEvents,
  };
  const commands = [
    { roleId: WellKnownRoles.Observer, permissions: PermissionType.Browse },
    { roleId: WellKnownRoles.Supervisor, permissions: READ | PermissionType.Call },
  ];
  return {
    common: [...anonymous(READ | PermissionType.ReceiveEvents), observers],
    personal: [...anonymous(PermissionType.Browse), { roleId: WellKnownRoles.Observer, permissions: READ }],
    command: [...anonymous(PermissionType.Browse), ...commands],
    cassette: [observers],
    cassetteCommand: commands,
  };
}

/** Longest login and password taken, in characters: more is refused before any work is done. */
export const LONGEST_LOGIN = 128;
export const LONGEST_PASSWORD = 512;
/** The name that the server gives to clients that do not log in; no person may have it. */
const ANONYMOUS = 'anonymous';

/** Who is logged in on which session. */
export class SignIns {
  readonly #calls: GatewayCalls;
  readonly #now: () => Milliseconds;
  readonly #limit = new SignInLimit();
  readonly #principals = new WeakMap<ISessionBase, Principal>();
  /** Sessions by the login they gave: the server asks for roles by name. */
  readonly #byLogin = new Map<string, { principal: Principal; readonly sessions: Set<ServerSession> }>();

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

  /** Who is logged in on a session; undefined for one without a log-in. */
  principalOf(session: ISessionBase | undefined): Principal | undefined {
    return session && this.#principals.get(session);
  }

  /**
   * Checks a log-in. False for one that fits nobody, for a person without a role that reads OPC UA, and for every
   * try while a name is locked; the client is told BadUserAccessDenied in each case.
   */
  async signIn(session: ServerSession, login: string, password: string): Promise<boolean> {
    if (login === ANONYMOUS || login.length > LONGEST_LOGIN || password.length > LONGEST_PASSWORD)
      return false;
    return this.#inTurn(login, () => this.#check(session, login, password));
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
      if (!this.#limit.mayTry(login, this.#now())) return undefined;
      const { outcome, fits } = await make();
      if (fits === true) this.#limit.right(login);
      else if (fits === false) this.#limit.wrong(login, this.#now());
      return outcome;
    });
  }

  /** The well-known roles of a login that is in use. */
  rolesOf(login: string): NodeId[] {
    const entry = this.#byLogin.get(login);
    return entry ? rolesFor(entry.principal) : [];
  }

  /** Looks up what everybody who is logged in may do now: a right that was withdrawn ends in sessions under way. */
  async refresh(): Promise<void> {
    for (const [login, entry] of this.#byLogin) {
      const outcome = await this.#calls.ask({ do: 'look-up', login });
      if (outcome.answer !== 'principal') continue;
      entry.principal = outcome.principal ?? { ...entry.principal, roles: [] };
      for (const session of entry.sessions) this.#principals.set(session, entry.principal);
    }
  }

  /** One try per name at a time, or many at once would all be made before the first wrong one counts. */
  async #inTurn<Outcome>(login: string, attempt: () => Promise<Outcome>): Promise<Outcome> {
    const before = this.#checks.get(login) ?? Promise.resolve();
    const check = before.then(attempt);
    this.#checks.set(login, check);
    try {
      return await check;
    } finally {
      if (this.#checks.get(login) === check) this.#checks.delete(login);
    }
  }

  async #check(session: ServerSession, login: string, password: string): Promise<boolean> {
    if (!this.#limit.mayTry(login, this.#now())) return false;
    const outcome = await this.#calls.ask({ do: 'authenticate', login, password });
    // Only the gateway's verdict counts as a wrong try: a busy or silent gateway says nothing about the password.
    if (outcome.answer !== 'principal') return false;
    const { principal } = outcome;
    if (!principal) {
      this.#limit.wrong(login, this.#now());
      return false;
    }
    this.#limit.right(login);
    if (rolesFor(principal).length === 0) return false;
    this.#remember(session, login, principal);
    return true;
  }

  #remember(session: ServerSession, login: string, principal: Principal): void {
    const firstTime = !this.#principals.has(session);
    this.#forget(session);
    this.#principals.set(session, principal);
    const entry = this.#byLogin.get(login) ?? { principal, sessions: new Set() };
    entry.principal = principal;
    entry.sessions.add(session);
    this.#byLogin.set(login, entry);
    if (firstTime) session.once('session_closed', () => this.#forget(session));
  }

  #forget(session: ServerSession): void {
    this.#principals.delete(session);
    for (const [login, { sessions }] of this.#byLogin) {
      if (sessions.delete(session) && sessions.size === 0) this.#byLogin.delete(login);
    }
  }
}

/**
 * The well-known roles of a person: administrators observe and command, operators observe. Masters and defined
 * users have business at a cabinet, none here.
 */
function rolesFor({ roles }: Principal): NodeId[] {
  if (roles.includes('administrator')) {
    return makeRoles([WellKnownRoles.AuthenticatedUser, WellKnownRoles.Observer, WellKnownRoles.Supervisor]);
  }
  if (roles.includes('operator')) {
    return makeRoles([WellKnownRoles.AuthenticatedUser, WellKnownRoles.Observer]);
  }
  return [];
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

  override getUserRoles(login: string): NodeId[] {
    return this.#signIns.rolesOf(login);
  }
}
