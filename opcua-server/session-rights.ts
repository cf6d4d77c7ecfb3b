/**
 * What a session may do, worked out once and not for every value that is read. The library asks for the roles of a session
 * twice with each value: it parses the client's certificate and looks the computer's name up to find them, which takes three
 * times as long as everything else about a read. Here a session remembers its roles, and what they allow, for as long as
 * it was opened with the same proof and the proof is worth the same.
 */
import {
  type BaseNode,
  type ISessionContext,
  type MessageSecurityMode,
  type NodeId,
  type OPCUAServer,
  type ServerSession,
  SessionContext,
  type SessionContextOptions,
} from 'node-opcua';

type AccessRestrictionsFlag = ReturnType<SessionContext['getAccessRestrictions']>;
type Token = NonNullable<ServerSession['userIdentityToken']>;

/**
 * The roles of what was proved over a channel: the same array as long as they are the same, another one when they
 * are not.
 */
export type ProvedRoles = (token: Token, securityMode: MessageSecurityMode | undefined) => readonly NodeId[];

/** Applies to all sessions of a server, whose default permissions are settled by now. */
export function rememberRights(server: OPCUAServer, provedRoles: ProvedRoles): void {
  server.on('create_session', (session: ServerSession) => {
    const rights = new Rights(session, provedRoles);
    session.sessionContext = new RememberingContext({ session, server }, rights) as ISessionContext;
  });
}

/** What a session was found to be allowed. */
class Rights {
  readonly #session: ServerSession;
  readonly #provedRoles: ProvedRoles;
  #token: Token | undefined;
  #mode: MessageSecurityMode | undefined;
  #proved: readonly NodeId[] | undefined;
  /** By the permissions that a node has of its own, or by its namespace where it has none. */
  #permissions = new WeakMap<object, number>();
  readonly #restrictions = new WeakMap<object, AccessRestrictionsFlag>();
  #roles: NodeId[] | undefined;

  constructor(session: ServerSession, provedRoles: ProvedRoles) {
    this.#session = session;
    this.#provedRoles = provedRoles;
  }

  roles(workOut: () => NodeId[]): NodeId[] {
    this.#forgetWhereChanged();
    this.#roles ??= workOut();
    return this.#roles;
  }

  permissions(node: BaseNode, workOut: () => number): number {
    this.#forgetWhereChanged();
    const key = node.rolePermissions ?? node.namespace;
    const known = this.#permissions.get(key);
    if (known !== undefined) return known;
    const permissions = workOut();
    this.#permissions.set(key, permissions);
    return permissions;
  }

  /** Of a node that has none of its own: those of its namespace, which are the same for everybody. */
  restrictions(node: BaseNode, workOut: () => AccessRestrictionsFlag): AccessRestrictionsFlag {
    const known = this.#restrictions.get(node.namespace);
    if (known !== undefined) return known;
    const restrictions = workOut();
    this.#restrictions.set(node.namespace, restrictions);
    return restrictions;
  }

  #forgetWhereChanged(): void {
    const token = this.#session.userIdentityToken;
    const mode = this.#session.channel?.securityMode;
    const proved = token && this.#provedRoles(token, mode);
    if (token === this.#token && mode === this.#mode && proved === this.#proved) return;
    this.#token = token;
    this.#mode = mode;
    this.#proved = proved;
    this.#roles = undefined;
    this.#permissions = new WeakMap();
  }
}

class RememberingContext extends SessionContext {
  readonly #rights: Rights;

  constructor(options: SessionContextOptions, rights: Rights) {
    super(options);
    this.#rights = rights;
  }

  override getCurrentUserRoles(): NodeId[] {
    return [...this.#rights.roles(() => super.getCurrentUserRoles())];
  }

  override getPermissions(node: BaseNode): number {
    return this.#rights.permissions(node, () => super.getPermissions(node));
  }

  override getAccessRestrictions(node: BaseNode): AccessRestrictionsFlag {
    return (
      node.accessRestrictions ?? this.#rights.restrictions(node, () => super.getAccessRestrictions(node))
    );
  }

  override withRequestHeader(
    requestHeader: NonNullable<SessionContextOptions['requestHeader']>,
  ): SessionContext {
    const { session, object, server } = this;
    return new RememberingContext(
      { requestHeader, ...(session && { session }), ...(object && { object }), ...(server && { server }) },
      this.#rights,
    );
  }
}
