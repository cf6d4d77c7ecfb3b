/** How the other nodes reach the gateway: through the gateway node they name. */
import type { Gateway } from '../gateway/api.ts';
import type { BusHealth, Unsubscribe } from '../gateway/ports.ts';
import { NodeError } from './errors.ts';
import type { FlowNode, NodeApi } from './red.ts';
import { STATUS, type StatusText } from './status.ts';

/** Whether there is a gateway to talk to. */
export type GatewayState =
  | { readonly kind: 'running'; readonly gateway: Gateway }
  | { readonly kind: 'starting' }
  | { readonly kind: 'absent'; readonly error: Error };

/** What a `sezam-gateway` node keeps encrypted. */
export interface GatewayCredentials {
  /** Connection string of a MongoDB server; empty: the embedded store. */
  readonly mongodbUri: string;
}

/** What a `sezam-gateway` node offers to the nodes that name it. */
export interface GatewayNode extends FlowNode<Partial<GatewayCredentials>> {
  /** Calls `listener` at once and on each change. */
  watchGateway(listener: (state: GatewayState) => void): Unsubscribe;
}

/** What a `sezam-bus` node offers to the nodes that name it. */
export interface BusNode extends FlowNode {
  /** Id of the bus in the site file. */
  readonly bus: string;
  /** Calls `listener` at once and on each change of the gateway or of the bus; `health` is undefined while unknown. */
  watchBus(listener: (state: GatewayState, health: BusHealth | undefined) => void): Unsubscribe;
}

/** The gateway node of that id, or undefined where there is none or it is of another type. */
export function findGatewayNode(RED: NodeApi, id: string | undefined): GatewayNode | undefined {
  const found = id ? (RED.nodes.getNode(id) as Partial<GatewayNode> | null) : undefined;
  return typeof found?.watchGateway === 'function' ? (found as GatewayNode) : undefined;
}

/** The bus node of that id, or undefined where there is none or it is of another type. */
export function findBusNode(RED: NodeApi, id: string | undefined): BusNode | undefined {
  const found = id ? (RED.nodes.getNode(id) as Partial<BusNode> | null) : undefined;
  return typeof found?.watchBus === 'function' ? (found as BusNode) : undefined;
}

/** The state of a node that names no gateway node. */
export function withoutGatewayNode(node: FlowNode): GatewayState {
  return {
    kind: 'absent',
    error: new NodeError(
      'gateway-not-configured',
      `Node "${node.name || node.type}" names no gateway: open it, choose a gateway, and deploy.`,
    ),
  };
}

/**
 * The gateway to ask.
 * @throws the reason why there is none: `gateway-not-configured`, `gateway-not-running`, or why its start failed.
 */
export function gatewayOf(state: GatewayState): Gateway {
  if (state.kind === 'running') return state.gateway;
  if (state.kind === 'absent') throw state.error;
  throw new NodeError('gateway-not-running', 'The gateway is still starting. Try again in a moment.');
}

/** What a node without business of its own to show shows of the gateway. */
export function gatewayStatus(state: GatewayState): StatusText {
  switch (state.kind) {
    case 'running':
      return STATUS.ready;
    case 'starting':
      return STATUS.starting;
    case 'absent':
      return STATUS.noGateway;
  }
}

/** Watches the gateway node of that id; where there is none, `listener` is told so once. */
export function watchGateway(
  RED: NodeApi,
  node: FlowNode,
  id: string | undefined,
  listener: (state: GatewayState) => void,
): Unsubscribe {
  const gatewayNode = findGatewayNode(RED, id);
  if (gatewayNode) return gatewayNode.watchGateway(listener);
  listener(withoutGatewayNode(node));
  return () => {};
}

/**
 * Keeps one subscription to whichever gateway is running: `subscribe` is called for each new one, its result when
 * that one goes. An error thrown by it goes to `failed`.
 */
export function followGateway(
  watch: (listener: (state: GatewayState) => void) => Unsubscribe,
  subscribe: (gateway: Gateway) => Unsubscribe,
  changed: (state: GatewayState) => void,
  failed: (error: unknown) => void,
): Unsubscribe {
  let followed: Gateway | undefined;
  let leave: Unsubscribe = () => {};
  const unwatch = watch((state) => {
    const gateway = state.kind === 'running' ? state.gateway : undefined;
    if (gateway === followed && gateway !== undefined) return;
    leave();
    leave = () => {};
    followed = gateway;
    changed(state);
    if (!gateway) return;
    try {
      leave = subscribe(gateway);
    } catch (error) {
      failed(error);
    }
  });
  return () => {
    unwatch();
    leave();
    leave = () => {};
  };
}

/**
 * A subscription for `followGateway` that is made anew at each change of the site: what a node names may have come, or
 * gone. An error thrown by it goes to `failed`, and the next change is another try.
 */
export function anewWithSite(
  subscribe: (gateway: Gateway) => Unsubscribe,
  failed: (error: unknown) => void,
): (gateway: Gateway) => Unsubscribe {
  return (gateway) => {
    let leave: Unsubscribe = () => {};
    const follow = (): void => {
      leave();
      leave = () => {};
      try {
        leave = subscribe(gateway);
      } catch (error) {
        failed(error);
      }
    };
    const unfollow = gateway.onSite(follow);
    follow();
    return () => {
      unfollow();
      leave();
    };
  };
}
