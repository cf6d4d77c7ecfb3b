/** How nodes reach the cassette that they name, and hear of it without a gap while flows are deployed anew. */
import type { CassetteView } from '../domain/cassette/view.ts';
import type { CassetteId } from '../domain/site.ts';
import type { Cassettes, Gateway } from '../gateway/api.ts';
import type { Unsubscribe } from '../gateway/ports.ts';
import { explain, NodeError } from './errors.ts';
import { followGateway, type GatewayNode, gatewayStatus, watchGateway } from './gateway-user.ts';
import type { FlowNode, NodeApi } from './red.ts';
import { requestFrom, textIn } from './request.ts';
import { inWords } from './status.ts';

/** What a `sezam-cassette` node offers to the nodes that name it. To them it is a gateway node as well. */
export interface CassetteNode extends FlowNode, Pick<GatewayNode, 'watchGateway'> {
  /** Id of the cassette in the site file; empty: every cassette of the site. */
  readonly cassette: CassetteId;
}

/** The cassette node of that id, or undefined where there is none or it is of another type. */
function findCassetteNode(RED: NodeApi, id: string): CassetteNode | undefined {
  const found = id ? (RED.nodes.getNode(id) as Partial<CassetteNode> | null) : undefined;
  return typeof found?.cassette === 'string' ? (found as CassetteNode) : undefined;
}

/** The cassette that a node is set to, as its setting names it. */
export interface NamedCassette {
  /** Id of the cassette node, by which the gateway is reached. */
  readonly node: string;
  /** Whether an event or view of that cassette is of concern. */
  concerns(cassette: CassetteId): boolean;
  /**
   * The cassette that a message is about: the one of the setting, or, where that is every cassette, `payload.cassette`.
   * @throws NodeError `setting-missing`, `setting-contradicted`, `message-malformed`
   */
  of(payload: unknown): CassetteId;
  /**
   * What can be heard of at the moment; empty where the site has no such cassette, or it has not begun to work yet.
   * @throws NodeError `setting-missing`
   */
  among(cassettes: Cassettes): readonly CassetteView[];
  /** Why nothing can be heard of it. */
  missing(cassettes: Cassettes): NodeError;
}

/** Looks up which cassette a node is about. */
export function namedCassette(RED: NodeApi, node: FlowNode, id: string): NamedCassette {
  const found = findCassetteNode(RED, id);
  const cassette = found?.cassette ?? '';
  const check = (): void => {
    if (found) return;
    throw new NodeError(
      'setting-missing',
      `Node "${node.name || node.type}" names no cassette: open it, choose a cassette, and deploy.`,
    );
  };
  return {
    node: id,
    concerns: (each) => cassette === '' || cassette === each,
    of(payload) {
      check();
      return textIn(requestFrom({ cassette }, payload, ['cassette']), 'cassette');
    },
    among(cassettes) {
      check();
      return cassettes.list().filter(({ id: each }) => cassette === '' || cassette === each);
    },
    missing(cassettes) {
      const known = cassettes.list().map((each) => each.id);
      return new NodeError(
        'cassette-not-in-site',
        `No cassette "${cassette}" is at work here; there are ${known.join(', ') || 'none'}. Choose one, and deploy.`,
      );
    },
  };
}

/** What a node does with what it hears. */
export interface Hearing<Heard, Memory> {
  /** Called for each gateway; the result ends it. */
  subscribe(cassettes: Cassettes, hear: (heard: Heard) => void): Unsubscribe;
  /** Which cassette something heard is about. */
  about(heard: Heard): CassetteId;
  /** Passes on what was heard. Never called before every node of the flows is there. */
  tell(heard: Heard, memory: Memory): void;
  /** What `tell` keeps in mind; outlives a deploy. */
  remember(views: readonly CassetteView[]): Memory;
  /** Called once for each gateway, when every node of the flows is there and everything before was told. */
  begin?(views: readonly CassetteView[], memory: Memory): void;
}

/** Most that waits for a node that is being made anew; what comes on top takes the place of the oldest. */
const MOST_WAITING = 256;
/** A node that has not come back by then was removed with its flow: Node-RED gives a node 15 s to close. Milliseconds. */
const LONGEST_GAP = 20_000;

/** What is heard in place of a node while a deploy makes it anew. */
interface Gap {
  readonly gateway: Gateway;
  readonly heard: unknown[];
  readonly memory: unknown;
  end(): void;
}

const gaps = new Map<string, Gap>();

function push<Heard>(waiting: Heard[], heard: Heard): void {
  waiting.push(heard);
  if (waiting.length > MOST_WAITING) waiting.shift();
}

function openGap(node: string, gap: Omit<Gap, 'end'>, leave: Unsubscribe): void {
  const timer = setTimeout(() => gaps.get(node)?.end(), LONGEST_GAP);
  timer.unref();
  const end = (): void => {
    clearTimeout(timer);
    leave();
    gaps.delete(node);
  };
  gaps.set(node, { ...gap, end });
}

function closeGap(node: string, gateway: Gateway): Gap | undefined {
  const gap = gaps.get(node);
  gap?.end();
  return gap?.gateway === gateway ? gap : undefined;
}

/**
 * Keeps one node informed of its cassettes. A deploy closes a node and makes it anew; what happens meanwhile waits and
 * is told by the new one. What happens while other nodes are still being made waits as well, as it would be lost.
 */
export function hearCassettes<Heard, Memory>(
  RED: NodeApi,
  node: FlowNode,
  named: NamedCassette,
  hearing: Hearing<Heard, Memory>,
): void {
  let flowsStarted = false;
  let waiting: Heard[] = [];
  let current: { readonly gateway: Gateway; readonly memory: Memory } | undefined;
  let begun = false;

  const complain = (thrown: unknown): void => {
    const { error, status } = explain(thrown);
    node.status(inWords(RED, status));
    node.error(error.message);
  };
  const flush = (): void => {
    if (!flowsStarted || !current) return;
    const { gateway, memory } = current;
    const due = waiting;
    waiting = [];
    for (const heard of due) if (named.concerns(hearing.about(heard))) hearing.tell(heard, memory);
    if (begun) return;
    begun = true;
    const views = named.among(gateway.cassettes);
    hearing.begin?.(views, memory);
    if (views.length === 0) complain(named.missing(gateway.cassettes));
  };
  const onStarted = (): void => {
    flowsStarted = true;
    flush();
  };
  RED.events.once('flows:started', onStarted);

  const unfollow = followGateway(
    (listener) => watchGateway(RED, node, named.node, listener),
    (gateway) => {
      const { cassettes } = gateway;
      const views = named.among(cassettes);
      const gap = closeGap(node.id, gateway);
      const memory = gap ? (gap.memory as Memory) : hearing.remember(views);
      current = { gateway, memory };
      waiting = [...((gap?.heard ?? []) as Heard[])];
      const leave = hearing.subscribe(cassettes, (heard) => {
        if (!named.concerns(hearing.about(heard))) return;
        push(waiting, heard);
        flush();
      });
      flush();
      return leave;
    },
    (state) => {
      current = undefined;
      begun = false;
      waiting = [];
      node.status(inWords(RED, state.kind === 'absent' ? explain(state.error).status : gatewayStatus(state)));
    },
    complain,
  );

  node.on('close', (removed: boolean, done: () => void) => {
    RED.events.off('flows:started', onStarted);
    if (current && !removed) {
      const heard: unknown[] = waiting;
      const leave = hearing.subscribe(current.gateway.cassettes, (each) => {
        if (named.concerns(hearing.about(each))) push(heard, each);
      });
      openGap(node.id, { ...current, heard }, leave);
    }
    unfollow();
    done();
  });
}
