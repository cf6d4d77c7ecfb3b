/** Hearing of cassettes without a gap, while flows are deployed anew. */
import type { CassetteView } from '../domain/cassette/view.ts';
import type { CassetteId } from '../domain/site.ts';
import type { Cassettes, Gateway } from '../gateway/api.ts';
import type { Unsubscribe } from '../gateway/ports.ts';
import type { NamedCassette } from './cassette-user.ts';
import { explain } from './errors.ts';
import { followGateway, gatewayStatus, watchGateway } from './gateway-user.ts';
import type { FlowNode, NodeApi } from './red.ts';
import { inWords } from './status.ts';

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
  /**
   * Called once for each gateway, when every node of the flows is there and everything before was told. `views`: of the
   * cassettes that work by then; after a first start others may follow.
   */
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
  gaps.get(node)?.end();
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

  const views = (gateway: Gateway): readonly CassetteView[] =>
    gateway.cassettes.list().filter(({ id }) => named.concerns(id));

  const flush = (): void => {
    if (!flowsStarted || !current) return;
    const { gateway, memory } = current;
    const due = waiting;
    waiting = [];
    for (const heard of due) if (named.concerns(hearing.about(heard))) hearing.tell(heard, memory);
    if (begun) return;
    begun = true;
    hearing.begin?.(views(gateway), memory);
  };
  const onStarted = (): void => {
    flowsStarted = true;
    flush();
  };
  RED.events.once('flows:started', onStarted);

  const unfollow = followGateway(
    (listener) => watchGateway(RED, node, named.node, listener),
    (gateway) => {
      named.check(gateway.site);
      const gap = closeGap(node.id, gateway);
      const memory = gap ? (gap.memory as Memory) : hearing.remember(views(gateway));
      current = { gateway, memory };
      waiting = [...((gap?.heard ?? []) as Heard[])];
      const leave = hearing.subscribe(gateway.cassettes, (heard) => {
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
    (thrown) => {
      const { error, status } = explain(thrown);
      node.status(inWords(RED, status));
      node.error(error.message);
    },
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
