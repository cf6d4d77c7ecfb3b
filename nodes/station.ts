/** The wiring that identify, allocate and lock have in common: a reference goes in, an answer or a refusal comes out. */
import type { Gateway, Refused } from '../gateway/api.ts';
import { explain } from './errors.ts';
import {
  type GatewayState,
  gatewayOf,
  gatewayStatus,
  watchGateway,
  withoutGatewayNode,
} from './gateway-user.ts';
import { contextOf, type ReferenceName, referenceIn, refusedPayload } from './message.ts';
import type { Finish, FlowMessage, FlowNode, NodeApi, Send } from './red.ts';
import { inWords, type StatusText } from './status.ts';

/** One station on the way from a card to an open door. */
export interface Station<Answer extends { readonly ok: true }> {
  /** The reference that a message must bring. */
  readonly takes: ReferenceName;
  /** Asks the gateway; one try per reference. */
  ask(gateway: Gateway, reference: string): Promise<Answer | Refused>;
  /** What the message says afterwards, in addition to where it happened. */
  payload(answer: Answer): Readonly<Record<string, unknown>>;
  status(answer: Answer): StatusText;
  /** What a refusal of this station shows. */
  readonly refused: StatusText;
}

/** Output 1: the answer. Output 2: the refusal. An error goes to `done`, so that a catch node sees it. */
export function wireStation<Answer extends { readonly ok: true }>(
  RED: NodeApi,
  node: FlowNode,
  gatewayId: string | undefined,
  station: Station<Answer>,
): void {
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
    const reference = referenceIn(message.payload, station.takes);
    const answer = await station.ask(gatewayOf(state), reference);
    // The flow that was waiting for the answer is gone; the gateway has stored what it decided.
    if (closed) return;
    const context = contextOf(message.payload);
    if (answer.ok) {
      show(station.status(answer));
      message.payload = { ...context, ...station.payload(answer) };
      send([message, null]);
    } else {
      show(station.refused);
      message.payload = { ...context, ...refusedPayload(answer) };
      send([null, message]);
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
