/**
 * Diagnostics of sessions (OPC 10000-5, 6.3.3 to 6.3.5): for administrators over encrypted connections alone, because they tell
 * who is connected, from where and with which certificate. The library leaves empty who has logged in, and how; here it is
 * said.
 */
import {
  AnonymousIdentityToken,
  DataTypeIds,
  ensureObjectIsSecure,
  type OPCUAServer,
  type ServerSession,
  type UADataType,
  type UAVariable,
  UserNameIdentityToken,
  X509IdentityToken,
} from 'node-opcua';

/** What the library keeps of a session for its diagnostics; none of it is among its types. */
interface DescribedSession {
  readonly sessionObject?: Parameters<typeof ensureObjectIsSecure>[0];
  readonly subscriptionDiagnosticsArray?: UAVariable;
  /** Adds the nodes of a subscription; a session that takes one over does it too. */
  _exposeSubscriptionDiagnostics(subscription: unknown): void;
}
interface Description {
  readonly $session?: ServerSession;
}

/** Users of one session that are told of, the latest at the end. */
const MOST_USERS = 20;

/**
 * Applies to all sessions of a server whose standard nodes are there.
 * @param userOf who is logged in on a session, as a client is known in audit events; empty for nobody
 */
export function guardDiagnostics(server: OPCUAServer, userOf: (session: ServerSession) => string): void {
  const { addressSpace } = server.engine;
  const diagnostics = addressSpace?.rootFolder.objects.server.serverDiagnostics;
  if (!addressSpace || !diagnostics) throw new Error('The standard nodes have no diagnostics.');
  ensureObjectIsSecure(diagnostics.sessionsDiagnosticsSummary);
  ensureObjectIsSecure(diagnostics.subscriptionDiagnosticsArray);

  const users = new WeakMap<ServerSession, string[]>();
  const properties: Readonly<Record<string, (session: ServerSession) => unknown>> = {
    clientUserIdOfSession: userOf,
    clientUserIdHistory: (session) => users.get(session) ?? [],
    authenticationMechanism: mechanismOf,
    encoding: () => 'UA Binary',
  };
  const construct = addressSpace.constructExtensionObject.bind(addressSpace);
  addressSpace.constructExtensionObject = (dataType, values) => {
    const object = construct(dataType, values);
    return isSecurityDiagnostics(dataType) ? describing(object, properties) : object;
  };

  const { sessionDiagnosticsArray, sessionSecurityDiagnosticsArray } = diagnostics.sessionsDiagnosticsSummary;
  server.on('create_session', (session) => {
    const described = session as unknown as DescribedSession;
    if (typeof described._exposeSubscriptionDiagnostics !== 'function')
      throw new Error('This version of node-opcua has no _exposeSubscriptionDiagnostics.');
    const plain = described._exposeSubscriptionDiagnostics.bind(session);
    described._exposeSubscriptionDiagnostics = (subscription) => {
      plain(subscription);
      closeLatest(diagnostics.subscriptionDiagnosticsArray);
      if (described.subscriptionDiagnosticsArray) closeLatest(described.subscriptionDiagnosticsArray);
    };
  });
  server.on('session_activated', (session: ServerSession) => {
    // The nodes of a session are made when it is activated for the first time.
    if (!users.has(session)) {
      const { sessionObject } = session as unknown as DescribedSession;
      if (sessionObject) ensureObjectIsSecure(sessionObject);
      closeLatest(sessionDiagnosticsArray);
      closeLatest(sessionSecurityDiagnosticsArray);
    }
    const user = userOf(session);
    const before = users.get(session) ?? [];
    if (before.at(-1) !== user) users.set(session, [...before, user].slice(-MOST_USERS));
  });
}

/** Closes what was added last to an array of diagnostics: the nodes of an element are no part of those that were there. */
function closeLatest(array: UAVariable): void {
  const [latest] = array.getComponents().slice(-1);
  if (latest) ensureObjectIsSecure(latest);
}

/** An extension object of which the library's own word for some properties is not taken. */
function describing<Described extends object>(
  object: Described,
  properties: Readonly<Record<string, (session: ServerSession) => unknown>>,
): Described {
  return new Proxy(object, {
    defineProperty(target: Described & Description, name, description) {
      const property = typeof name === 'string' ? properties[name] : undefined;
      if (!property) return Reflect.defineProperty(target, name, description);
      const get = (): unknown => (target.$session ? property(target.$session) : '');
      return Reflect.defineProperty(target, name, { get, enumerable: true, configurable: true });
    },
  });
}

function isSecurityDiagnostics(dataType: Parameters<typeof isDataType>[0]): boolean {
  return isDataType(dataType, DataTypeIds.SessionSecurityDiagnosticsDataType);
}

function isDataType(dataType: UADataType | { readonly value: unknown }, id: number): boolean {
  const nodeId = 'nodeId' in dataType ? dataType.nodeId : dataType;
  return nodeId.value === id;
}

function mechanismOf({ userIdentityToken: token }: ServerSession): string {
  if (token instanceof UserNameIdentityToken) return 'UserName';
  if (token instanceof X509IdentityToken) return 'X509';
  return token instanceof AnonymousIdentityToken ? 'Anonymous' : '';
}
