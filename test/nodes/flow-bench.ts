/** A test Node-RED with the compiled nodes and a gateway in memory. */
import type { EventEmitter } from 'node:events';
import { createRequire } from 'node:module';
import type { Gateway } from '../../gateway/api.ts';
import { registerGateway, runningGateway } from '../../gateway/host.ts';
import type { Unsubscribe } from '../../gateway/ports.ts';
import type { FlowMessage, FlowNode, NodeStatus } from '../../nodes/red.ts';
import { builtNodes, type NodeRegistration } from './built-nodes.ts';
import { TestGateway } from './test-gateway.ts';

/** What of node-red-node-test-helper is used; the package has no types. */
interface TestHelper {
  load(nodes: NodeRegistration[], flow: object[], credentials: object): Promise<void>;
  unload(): Promise<void>;
  setFlows(flow: object[], type: 'full' | 'nodes' | 'flows'): Promise<void>;
  getNode(id: string): (FlowNode & { watched?: true }) | null;
  startServer(): Promise<void>;
  stopServer(): Promise<void>;
  request(): { get(path: string): Promise<{ status: number; body: unknown }> };
}

/** What of Node-RED itself is used to watch the nodes from outside. */
interface Runtime {
  readonly events: EventEmitter;
  readonly hooks: {
    add(id: string, listener: (event: CompletionEvent) => void): void;
    remove(id: string): void;
  };
}

interface CompletionEvent {
  readonly error?: Error & { code?: string };
  readonly node: { readonly id: string };
}

const require = createRequire(import.meta.url);
const helper = require('node-red-node-test-helper') as TestHelper;
const runtime = require('node-red') as Runtime;

/** A message that reached a node of type `helper`. */
export interface Arrival {
  readonly at: string;
  readonly message: FlowMessage;
}

/** A call of `done`. */
export interface Completion {
  readonly id: string;
  readonly error: (Error & { code?: string }) | undefined;
}

const STATUS_EVENT = 'node-status';
const COMPLETION_HOOK = 'onComplete.flow-bench';

export class FlowBench {
  gateway = new TestGateway();
  readonly arrivals: Arrival[] = [];
  readonly statuses: { readonly id: string; readonly status: NodeStatus }[] = [];
  readonly completions: Completion[] = [];
  #unregister: Unsubscribe = () => {};
  #foreignListeners: unknown[] = [];
  readonly #onStatus = ({ id, status }: { id: string; status: NodeStatus }): void => {
    this.statuses.push({ id, status });
  };

  /** Builds the nodes where needed, too: no test takes the time for it. */
  async start(): Promise<void> {
    await builtNodes();
    await helper.startServer();
  }

  async stop(): Promise<void> {
    await helper.stopServer();
  }

  /** @param gateway the one in memory where it is left out */
  runGateway(gateway: Gateway = this.gateway): void {
    this.#unregister = registerGateway(gateway);
  }

  stopGateway(): void {
    this.#unregister();
    this.#unregister = () => {};
  }

  /** Loads a flow; nodes of type `helper` record what they receive. `others` are nodes beside those of Sezam. */
  async load(flow: object[], others: readonly NodeRegistration[] = []): Promise<void> {
    this.#foreignListeners = runtime.events.listeners('runtime-event');
    runtime.events.on(STATUS_EVENT, this.#onStatus);
    runtime.hooks.add(COMPLETION_HOOK, ({ node, error }) => {
      if (helper.getNode(node.id)?.type !== 'helper') this.completions.push({ id: node.id, error });
    });
    await helper.load([...(await builtNodes()), ...others], flow, {});
    this.#watch(flow);
  }

  async deploy(flow: object[], type: 'full' | 'nodes' | 'flows' = 'full'): Promise<void> {
    await helper.setFlows(flow, type);
    this.#watch(flow);
  }

  /** Deploys a flow, and does something while every node is closed; none is made anew before that is done. */
  async deployAround(flow: object[], action: () => void | Promise<void>): Promise<void> {
    const helperId = (flow as { id: string; type: string }[]).find(({ type }) => type === 'helper')?.id;
    let acted: Promise<void> = Promise.reject(new Error('No node was closed.'));
    acted.catch(() => {});
    this.node(helperId ?? 'helper').on('close', (_removed: boolean, done: () => void) => {
      // Every other node is closed in the same turn.
      acted = (async () => {
        await this.turn();
        await action();
      })().finally(done);
    });
    await this.deploy(flow);
    await acted;
  }

  async unload(): Promise<void> {
    await helper.unload();
    runtime.hooks.remove(COMPLETION_HOOK);
    runtime.events.off(STATUS_EVENT, this.#onStatus);
    for (const listener of runtime.events.listeners('runtime-event')) {
      if (!this.#foreignListeners.includes(listener)) {
        runtime.events.off('runtime-event', listener as (...values: unknown[]) => void);
      }
    }
    this.stopGateway();
    this.gateway = new TestGateway();
    this.arrivals.length = 0;
    this.statuses.length = 0;
    this.completions.length = 0;
    if (runningGateway()) throw new Error('A gateway was left behind.');
  }

  node(id: string): FlowNode {
    const found = helper.getNode(id);
    if (!found) throw new Error(`The flow has no node "${id}".`);
    return found;
  }

  get(path: string): Promise<{ status: number; body: unknown }> {
    return helper.request().get(path);
  }

  /** Text of the last status; the test Node-RED gives back keys instead of words. */
  status(id: string): string | undefined {
    const last = this.statuses.findLast((entry) => entry.id === id)?.status;
    return last?.text === undefined
      ? undefined
      : `${last.fill} ${last.shape} ${last.text.split(':status.').pop()}`;
  }

  /** Resolves when `condition` holds; rejects where it does not within half a minute. */
  async until(condition: () => boolean): Promise<void> {
    const end = performance.now() + 30_000;
    while (!condition()) {
      if (performance.now() > end) throw new Error(`Waited in vain for ${condition.toString()}`);
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  }

  /** Lets everything arrive that is on its way, so that a test can say that nothing more came. */
  async turn(): Promise<void> {
    for (let turn = 0; turn < 20; turn += 1) await new Promise((resolve) => setImmediate(resolve));
  }

  /** The message that arrived as number `count`. */
  async arrival(count = 1): Promise<Arrival> {
    await this.until(() => this.arrivals.length >= count);
    return this.arrivals[count - 1] as Arrival;
  }

  async completion(count = 1): Promise<Completion> {
    await this.until(() => this.completions.length >= count);
    return this.completions[count - 1] as Completion;
  }

  #watch(flow: object[]): void {
    for (const { id, type } of flow as { id: string; type: string }[]) {
      const node = helper.getNode(id);
      if (type !== 'helper' || !node || node.watched) continue;
      node.watched = true;
      node.on('input', (message: FlowMessage) => {
        this.arrivals.push({ at: id, message });
      });
    }
  }
}

/**
 * A gateway node, and a flow around one node of a kind with a helper at each output. The node has no version, as
 * one written by hand: what `settings` leaves out is filled in.
 */
export function around(type: string, settings: object, outputs: readonly string[]): object[] {
  return [
    { id: 'tab', type: 'tab', label: 'test' },
    { id: 'gateway', type: 'sezam-gateway', name: '', siteFile: '', dataFolder: '', configVersion: 1 },
    { id: 'bus', type: 'sezam-bus', name: '', gateway: 'gateway', bus: 'own', configVersion: 1 },
    {
      id: 'node',
      type,
      z: 'tab',
      gateway: 'gateway',
      ...settings,
      wires: outputs.map((output) => [output]),
    },
    ...outputs.map((output) => ({ id: output, type: 'helper', z: 'tab', wires: [] })),
  ];
}
