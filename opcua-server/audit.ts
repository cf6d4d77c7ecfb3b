/**
 * Auditing (OPC 10000-4, 6.5): who opened a session or was refused, whose certificate was not taken, which methods were
 * called, which writes were tried. All of it goes to the log of the installation; what the library does not tell by
 * itself is also raised as an event of the Server object, for administrators only.
 */
import { X509Certificate } from 'node:crypto';
import {
  AttributeIds,
  type CallMethodRequest,
  type CallMethodResultOptions,
  type CancelRequest,
  DataType,
  HistoryReadRequest,
  HistoryReadResponse,
  type ISessionContext,
  type NodeId,
  type OPCUAServer,
  type RaiseEventData,
  type ServerSession,
  type StatusCode,
  StatusCodes,
  type UAMethod,
  Variant,
  VariantArrayType,
  type WriteValue,
} from 'node-opcua';
import type { Principal } from '../gateway/api.ts';
import { commonFields, listenedServerObject, NOBODY, thumbprintIn, userNameOf } from './audit-fields.ts';
import type { AuditLog } from './audit-log.ts';
import { applicationUriOf, type Rejection } from './client-certificates.ts';
import { conditionAudit } from './conditions/condition-audit.ts';
import type { SignInObserver, SignInRefusal, SignIns } from './security.ts';
import type { ResponseWatch } from './services/responses.ts';

/** Of what is called and written at the standard nodes, only this is no news: it asks for what the client may read. */
const ASKING_METHODS: ReadonlySet<string> = new Set([
  'GetMonitoredItems',
  'ResendData',
  'ConditionRefresh',
  'ConditionRefresh2',
]);
/** Arguments that are never shown. */
const SECRET_ARGUMENT = /password|pin$|secret|token/i;
/** What the methods of the site answer first: `ok`, or the code of a refusal. */
const RESULT_CODE = /^[a-z-]{1,60}$/;
/** Longest name of a node put on record, in characters: clients may ask for any. */
const LONGEST_NODE = 200;
/** Bad statuses of readings of history that refuse nobody: there is nothing to be read, or the client wants it no more. */
const NO_REFUSALS: ReadonlySet<string> = new Set([
  'BadNoData',
  'BadBoundNotFound',
  'BadRequestCancelledByClient',
]);

type Accessor = NonNullable<OPCUAServer['engine']['addressSpaceAccessor']>;

export class Audit implements SignInObserver {
  readonly #server: OPCUAServer;
  readonly #signIns: SignIns;
  readonly #log: AuditLog;
  /** Whom a login belongs to, to be named by their id; what was typed is put on no record. */
  readonly #userOf: (login: string) => Promise<string | undefined>;
  /** Who has a session, as it was told last. */
  readonly #opened = new WeakMap<ServerSession, string>();

  constructor(
    server: OPCUAServer,
    signIns: SignIns,
    log: AuditLog,
    userOf: (login: string) => Promise<string | undefined>,
  ) {
    this.#server = server;
    this.#signIns = signIns;
    this.#log = log;
    this.#userOf = userOf;
  }

  /** Watches a server whose standard nodes are there. */
  watch(): void {
    const { engine } = this.#server;
    if (engine.addressSpaceAccessor) {
      engine.addressSpaceAccessor = this.#watched(engine.addressSpaceAccessor);
    }
  }

  opened(
    session: ServerSession,
    by: 'password' | 'certificate' | 'nobody',
    principal: Principal | undefined,
  ): void {
    const who = `${by} ${principal?.user ?? ''}`;
    const before = this.#opened.get(session);
    if (before === who) return;
    if (before === undefined) {
      session.once('session_closed', (_session, _deletesSubscriptions, reason) =>
        this.#closed(session, reason),
      );
    }
    this.#opened.set(session, who);
    this.#log.note({
      type: 'opcua-session-opened',
      actor: actorOf(principal),
      data: {
        session: idOf(session),
        by,
        ...(principal && { user: principal.user }),
        ...clientOf(session),
      },
    });
  }

  #closed(session: ServerSession, reason: string): void {
    const data = { session: idOf(session), reason };
    this.#log.note({ type: 'opcua-session-closed', actor: NOBODY, data });
  }

  refused(why: SignInRefusal, login: string | undefined, session: ServerSession | undefined): void {
    const client = session ? clientOf(session) : {};
    const note = (user: string | undefined): void =>
      this.#log.note(
        {
          type: 'opcua-login-refused',
          actor: NOBODY,
          data: { reason: why, ...(user !== undefined && { user }), ...client },
        },
        `${why} ${user ?? ''}`,
      );
    // A login of any length belongs to nobody.
    if (login === undefined || why === 'malformed') note(undefined);
    else void this.#userOf(login).then(note);
  }

  /** Somebody's certificate was not taken. */
  rejected(of: 'client' | 'person', { certificate, status }: Rejection): void {
    const thumbprint = thumbprintIn(certificate);
    const data = { of, thumbprint, status };
    this.#log.note(
      { type: 'opcua-certificate-rejected', actor: NOBODY, data },
      `${of} ${status} ${thumbprint}`,
    );
    // The library raises those for the certificates of persons.
    if (of === 'person') return;
    listenedServerObject(this.#server)?.raiseEvent(eventTypeFor(status), {
      ...commonFields(false, `Certificate rejected: ${status}`),
      certificate: { dataType: DataType.ByteString, value: certificate },
      sourceName: { dataType: DataType.String, value: 'Security/Certificate' },
    });
  }

  /** A client has given up requests (OPC 10000-5, 6.4.11). */
  cancelled(session: ServerSession, { requestHandle, requestHeader }: CancelRequest, count: number): void {
    const principal = this.#signIns.principalOf(session);
    const data = { session: idOf(session), requests: count, ...(principal && { user: principal.user }) };
    this.#log.note({ type: 'opcua-requests-cancelled', actor: actorOf(principal), data });
    listenedServerObject(this.#server)?.raiseEvent('AuditCancelEventType', {
      ...commonFields(true, `${count} requests cancelled`),
      sourceName: { dataType: DataType.String, value: 'Session/Cancel' },
      serverId: { dataType: DataType.String, value: this.#server.serverInfo.applicationUri ?? '' },
      clientAuditEntryId: { dataType: DataType.String, value: requestHeader.auditEntryId ?? '' },
      clientUserId: { dataType: DataType.String, value: userNameOf(principal) },
      sessionId: { dataType: DataType.NodeId, value: session.nodeId },
      requestHandle: { dataType: DataType.UInt32, value: requestHandle },
    });
  }

  /** Puts on record which readings of history were refused; the standard has no event for it. */
  readonly watchHistory: ResponseWatch = (_channel, response, { request, session }) => {
    if (!(request instanceof HistoryReadRequest)) return true;
    const nodes = request.nodesToRead ?? [];
    const whole = response.responseHeader.serviceResult;
    const results = response instanceof HistoryReadResponse ? (response.results ?? []) : [];
    for (const [index, { nodeId }] of nodes.slice(0, whole.isGood() ? nodes.length : 1).entries()) {
      const status = whole.isGood() ? results[index]?.statusCode : whole;
      if (status && !status.isGoodish() && !NO_REFUSALS.has(status.name))
        this.#historyRefused(nodeId, status, session as ServerSession | undefined);
    }
    return true;
  };

  #historyRefused(node: NodeId, status: StatusCode, session: ServerSession | undefined): void {
    const principal = this.#signIns.principalOf(session);
    const data = {
      node: nameOf(node),
      status: status.name,
      session: session ? idOf(session) : '',
      ...(principal && { user: principal.user }),
    };
    this.#log.note(
      { type: 'opcua-history-refused', actor: actorOf(principal), data },
      `${data.user ?? ''} ${status.name}`,
    );
  }

  /** The library's way to the address space, watched for calls and writes. */
  #watched(plain: Accessor): Accessor {
    return {
      browse: (context, nodes) => plain.browse(context, nodes),
      read: (context, request) => plain.read(context, request),
      historyRead: (context, request) => plain.historyRead(context, request),
      write: async (context, nodes) => {
        const results = await plain.write(context, nodes);
        for (const [index, node] of nodes.entries()) {
          this.#wrote(context, node, results[index] ?? StatusCodes.Bad);
        }
        return results;
      },
      call: async (context, methods) => {
        const results = await plain.call(context, methods);
        for (const [index, method] of methods.entries()) {
          this.#called(context, method, results[index] ?? {});
        }
        return results;
      },
    };
  }

  #called(context: ISessionContext, request: CallMethodRequest, result: CallMethodResultOptions): void {
    const { objectId, methodId, inputArguments } = request;
    const method = this.#server.engine.addressSpace?.findNode(methodId) as UAMethod | null | undefined;
    if (method && ASKING_METHODS.has(method.browseName.name ?? '')) return;
    const status = (result.statusCode as StatusCode | undefined) ?? StatusCodes.Bad;
    const principal = this.#signIns.principalOf(context.session);
    const code: unknown = result.outputArguments?.[0]?.value;
    const data = {
      object: nameOf(objectId),
      method: method?.browseName.name ?? nameOf(methodId),
      status: status.name,
      ...(typeof code === 'string' && RESULT_CODE.test(code) && { result: code }),
      session: context.session ? context.session.getSessionId().toString() : '',
      ...(principal && { user: principal.user }),
    };
    this.#log.note(
      { type: 'opcua-method-called', actor: actorOf(principal), data },
      `${data.user ?? ''} ${status.name}`,
    );
    const condition = conditionAudit(request);
    this.#raise(condition?.type ?? 'AuditUpdateMethodEventType', context, status, () => ({
      ...condition?.fields,
      sourceNode: { dataType: DataType.NodeId, value: objectId },
      sourceName: { dataType: DataType.String, value: condition?.sourceName ?? 'Attribute/Call' },
      methodId: { dataType: DataType.NodeId, value: methodId },
      inputArguments: {
        dataType: DataType.Variant,
        arrayType: VariantArrayType.Array,
        value: shownArguments(method, inputArguments ?? []),
      },
    }));
  }

  #wrote(
    context: ISessionContext,
    { nodeId, attributeId, indexRange }: WriteValue,
    status: StatusCode,
  ): void {
    const principal = this.#signIns.principalOf(context.session);
    if (!status.isGood()) {
      const data = {
        node: nameOf(nodeId),
        attribute: AttributeIds[attributeId] ?? String(attributeId),
        status: status.name,
        session: context.session ? context.session.getSessionId().toString() : '',
        ...(principal && { user: principal.user }),
      };
      this.#log.note({ type: 'opcua-write-refused', actor: actorOf(principal), data }, data.user ?? '');
    }
    // What was to be written may be anything, a password by mistake included: it is not shown.
    this.#raise('AuditWriteUpdateEventType', context, status, () => ({
      sourceNode: { dataType: DataType.NodeId, value: nodeId },
      sourceName: { dataType: DataType.String, value: 'Attribute/Write' },
      attributeId: { dataType: DataType.UInt32, value: attributeId },
      indexRange: { dataType: DataType.String, value: indexRange?.toString() ?? '' },
    }));
  }

  #raise(type: string, context: ISessionContext, status: StatusCode, fields: () => RaiseEventData): void {
    const source = listenedServerObject(this.#server);
    if (!source) return;
    const principal = this.#signIns.principalOf(context.session);
    source.raiseEvent(type, {
      ...commonFields(status.isGood(), status.name),
      serverId: { dataType: DataType.String, value: this.#server.serverInfo.applicationUri ?? '' },
      clientAuditEntryId: { dataType: DataType.String, value: context.getAuditEntryId() ?? '' },
      clientUserId: { dataType: DataType.String, value: userNameOf(principal) },
      ...fields(),
    });
  }
}

/** The arguments of a call, without those that are secrets. */
function shownArguments(method: UAMethod | null | undefined, given: readonly Variant[]): Variant[] {
  const declared = method && 'getInputArguments' in method ? method.getInputArguments() : [];
  return given.map((value, index) =>
    SECRET_ARGUMENT.test(declared[index]?.name ?? '') ? new Variant({ dataType: DataType.Null }) : value,
  );
}

/** The type of event for the status of a certificate (OPC 10000-5, 6.4.13 to 6.4.18). */
function eventTypeFor(status: string): string {
  if (/TimeInvalid/.test(status)) return 'AuditCertificateExpiredEventType';
  if (/Revo/.test(status)) return 'AuditCertificateRevokedEventType';
  if (/Untrusted|ChainIncomplete/.test(status)) return 'AuditCertificateUntrustedEventType';
  if (/UseNotAllowed|SecurityChecksFailed/.test(status)) return 'AuditCertificateMismatchEventType';
  return 'AuditCertificateInvalidEventType';
}

function actorOf(principal: Principal | undefined) {
  if (!principal) return NOBODY;
  const kind = principal.roles.includes('administrator') ? ('administrator' as const) : ('user' as const);
  return { kind, id: principal.user };
}

function clientOf(session: ServerSession): { readonly address?: string; readonly application?: string } {
  const { channel } = session;
  const application = certificateOf(channel?.clientCertificate)?.uri;
  return {
    ...(channel?.remoteAddress && { address: channel.remoteAddress }),
    ...(application !== undefined && { application }),
  };
}

function certificateOf(raw: Buffer | null | undefined): { readonly uri: string | undefined } | undefined {
  if (!raw) return undefined;
  try {
    return { uri: applicationUriOf(new X509Certificate(raw)) };
  } catch {
    return undefined;
  }
}

function idOf(session: ServerSession): string {
  return session.nodeId.toString();
}

function nameOf(nodeId: NodeId): string {
  return nodeId.toString().slice(0, LONGEST_NODE);
}
