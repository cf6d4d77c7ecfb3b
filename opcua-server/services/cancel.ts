/**
 * The service Cancel (OPC 10000-4, 5.7.5), which the library does not have. A client gives up requests that take long: method
 * calls, readings of history, and requests to publish. Everything else is answered in the turn in which it came. What a
 * method has begun goes on: a door that is being opened cannot be called back, the client only stops waiting for it.
 */
import {
  type CancelRequest,
  CancelResponse,
  type OPCUAServer,
  type ServerSecureChannelLayer,
  type ServerSession,
  ServiceFault,
  type StatusCode,
  StatusCodes,
} from 'node-opcua';
import type { Message, ResponseWatch } from './responses.ts';

type Handler = (message: Message, channel: ServerSecureChannelLayer) => void;
type LongService = '_on_CallRequest' | '_on_HistoryReadRequest' | '_on_PublishRequest';
/** How the library finds what carries a service out; the names are private. */
type Services = Record<LongService, Handler> & { _on_CancelRequest?: Handler };

const LONG_SERVICES: readonly LongService[] = [
  '_on_CallRequest',
  '_on_HistoryReadRequest',
  '_on_PublishRequest',
];

/** The requests to publish that a session keeps until there is something to say; private. */
interface PublishQueue {
  _publish_request_queue: { readonly request: Message['request'] }[];
}

interface Waiting {
  readonly message: Message;
  readonly channel: ServerSecureChannelLayer;
}

/** Told of every Cancel that was carried out. */
type CancelObserver = (
  session: ServerSession,
  request: CancelRequest,
  /** How many requests were cancelled. */
  count: number,
) => void;

export class Cancel {
  readonly #observer: CancelObserver;
  /** Requests that are not answered yet, by session. */
  readonly #waiting = new WeakMap<ServerSession, Map<Message['request'], Waiting>>();
  /** Requests that can be cancelled, and whether they were answered. */
  readonly #answered = new WeakMap<Message['request'], boolean>();

  constructor(observer: CancelObserver) {
    this.#observer = observer;
  }

  /** Sees to it that a request is answered once: what comes after its cancellation does not leave. */
  readonly watch: ResponseWatch = (_channel, _response, { request, session }) => {
    const answered = this.#answered.get(request);
    if (answered === undefined) return true;
    this.#answered.set(request, true);
    if (session) this.#waiting.get(session as ServerSession)?.delete(request);
    return !answered;
  };

  /**
   * Adds the service to a server.
   * @throws where the library no longer has the parts that this rests on
   */
  attach(server: OPCUAServer): void {
    const services = server as unknown as Services;
    for (const name of LONG_SERVICES) {
      const plain = services[name];
      if (typeof plain !== 'function') throw new Error(`This version of node-opcua has no ${name}.`);
      services[name] = (message, channel) => {
        this.#began(message, channel);
        plain.call(server, message, channel);
      };
    }
    services._on_CancelRequest = (message, channel) => this.#cancel(message, channel);
  }

  #began(message: Message, channel: ServerSecureChannelLayer): void {
    const session = message.session as ServerSession | undefined;
    if (!session) return;
    const waiting = this.#waiting.get(session) ?? new Map<Message['request'], Waiting>();
    this.#waiting.set(session, waiting);
    waiting.set(message.request, { message, channel });
    this.#answered.set(message.request, false);
  }

  #cancel(message: Message, channel: ServerSecureChannelLayer): void {
    const request = message.request as unknown as CancelRequest;
    const session = message.session as ServerSession | undefined;
    const refusal = refusalOf(message, session);
    if (!session || refusal) {
      channel.send_response('MSG', faultOf(refusal ?? StatusCodes.BadSessionIdInvalid), message);
      return;
    }
    session.keepAlive?.();
    session.incrementTotalRequestCount();
    const cancelled = [...(this.#waiting.get(session)?.values() ?? [])].filter(
      (each) => each.message.request.requestHeader.requestHandle === request.requestHandle,
    );
    for (const each of cancelled) {
      forget(session, each.message.request);
      each.channel.send_response('MSG', faultOf(StatusCodes.BadRequestCancelledByClient), each.message);
    }
    this.#observer(session, request, cancelled.length);
    const response = new CancelResponse({ cancelCount: cancelled.length });
    channel.send_response('MSG', response, message);
  }
}

/** Takes a request to publish from the queue, or a notification would be spent on it. */
function forget(session: ServerSession, request: Message['request']): void {
  const engine = session.publishEngine as unknown as PublishQueue | undefined;
  if (!engine) return;
  engine._publish_request_queue = engine._publish_request_queue.filter((each) => each.request !== request);
}

/** Why a session may not cancel, as for any other service. */
function refusalOf(message: Message, session: ServerSession | undefined): StatusCode | undefined {
  const { session_statusCode: status } = message;
  if (!session || (status && !status.isGood())) return status ?? StatusCodes.BadSessionIdInvalid;
  return session.status === 'active' ? undefined : StatusCodes.BadSessionNotActivated;
}

function faultOf(serviceResult: StatusCode): ServiceFault {
  return new ServiceFault({ responseHeader: { serviceResult } });
}
