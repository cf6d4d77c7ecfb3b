/** The wiring of every node that asks the gateway: a message goes in, an answer or a refusal comes out. */
import type { Gateway } from '../gateway/api.ts';
import { explain } from './errors.ts';
import {
  type GatewayState,
  gatewayOf,
  gatewayStatus,
  watchGateway,
  withoutGatewayNode,
} from './gateway-user.ts';
import { type AnyRefused, contextOf, refusedPayload } from './message.ts';
import type { Finish, FlowMessage, FlowNode, NodeApi, Send } from './red.ts';
import { inWords, type StatusText } from './status.ts';

/** A refusal, and what it is about beside where it happened, e.g. a cassette and a command. */
export type StationRefused = AnyRefused & { readonly about?: Readonly<Record<string, unknown>> };

/** One station on the way of a message, e.g. from a card to an open door. */
export interface Station<Request, Answer extends { readonly ok: true }> {
  /**
   * What the message asks for; for references: one try each.
   * @throws NodeError where it asks for nothing that could be answered
   */
  read(payload: unknown): Request;
  ask(gateway: Gateway, request: Request): Promise<Answer | StationRefused> | Answer | StationRefused;
  /** What the message says afterwards, in addition to where it happened; undefined: the message ends here. */
  payload(answer: Answer, request: Request): Readonly<Record<string, unknown>> | undefined;
  status(answer: Answer, request: Request): StatusText;
  /** What a refusal of this station shows. */
  readonly refused: StatusText;
  /** How many outputs stand before the one for answers; none where it is left out. */
  readonly outputsBefore?: number;
}

/**
 * The answer leaves by the first output of the station, the refusal by the second. An error goes to `done`, so that a
 * catch node sees it.
 */
export function wireStation<Request, Answer extends { readonly ok: true }>(
  RED: NodeApi,
  node: FlowNode,
  gatewayId: string | undefined,
  station: Station<Request, Answer>,
): void {
  const before = Array<null>(station.outputsBefore ?? 0).fill(null);
  let closed = false;
  let state: GatewayState = withoutGatewayNode(node);
  const show = (status: StatusText): void => {
    if (!closed) node.status(inWords(RED, status));
  };
  const unwatch = watchGateway(RED, node, gatewayId, (next) => {
    state = next;
    show(next.kind === 'absent' ? explain(next.error).status : gatewayStatus(next));
  });

  const pass = async (message: FlowMessage, send: Send): Promise<void> => {
    const request = station.read(message.payload);
    const answer = await station.ask(gatewayOf(state), request);
    // The flow that was waiting for the answer is gone; the gateway has stored what it decided.
    if (closed) return;
    const context = contextOf(message.payload);
    if (answer.ok) {
      show(station.status(answer, request));
      const said = station.payload(answer, request);
      if (!said) return;
      message.payload = { ...context, ...said };
      send([...before, message, null]);
    } else {
      show(station.refused);
      message.payload = { ...context, ...answer.about, ...refusedPayload(answer) };
      send([...before, null, message]);
    }
  };
  const failureOf = async (passing: Promise<void>): Promise<Error | undefined> => {
    try {
      await passing;
      return undefined;
    } catch (thrown) {
      const { error, status } = explain(thrown);
      show(status);
      return error;
    }
  };

  node.on('input', (message: FlowMessage, send: Send, done: Finish) => {
    void (async () => done(await failureOf(pass(message, send))))();
  });
  node.on('close', (_removed: boolean, done: () => void) => {
    closed = true;
    unwatch();
    done();
  });
}
