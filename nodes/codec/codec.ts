/** `sezam-codec`: for a bus whose port a flow owns: bytes received go in, bytes to send come out. */
import type { FlowPort, Gateway, SiteView } from '../../gateway/api.ts';
import type { Unsubscribe } from '../../gateway/ports.ts';
import { migrate, withDefaults } from '../config-version.ts';
import { explain, NodeError } from '../errors.ts';
import {
  findBusNode,
  type GatewayState,
  gatewayOf,
  gatewayStatus,
  withoutGatewayNode,
} from '../gateway-user.ts';
import type { Finish, FlowMessage, FlowNode, NodeApi, NodeDefinition, Send } from '../red.ts';
import { busStatus, inWords, STATUS, type StatusText } from '../status.ts';

interface CodecSettings extends NodeDefinition {
  /** Id of a `sezam-bus` node. */
  readonly bus: string;
}

export const migrations = [withDefaults({ name: '', bus: '' })];

/** Most bytes that one message may bring: many times what any bus of the field sends at once. */
export const MOST_BYTES = 65_536;

/** What passed over the bus, for displays: never the bytes, which may hold the number of a card. */
export interface TrafficPayload {
  readonly direction: 'received' | 'sent';
  readonly bus: string;
  readonly bytes: number;
  /** Milliseconds since 1970-01-01T00:00:00Z. */
  readonly at: number;
}

/**
 * The bytes of a message.
 * @throws NodeError `bytes-expected` where the payload is anything but bytes, `too-many-bytes` beyond the limit.
 */
export function bytesIn(payload: unknown): Buffer {
  if (!(payload instanceof Uint8Array)) {
    throw new NodeError(
      'bytes-expected',
      `msg.payload is ${payload === null ? 'null' : typeof payload}, not a buffer. ` +
        'Let the serial port deliver binary buffers, not text.',
    );
  }
  if (payload.length > MOST_BYTES) {
    throw new NodeError(
      'too-many-bytes',
      `msg.payload has ${payload.length} bytes; at most ${MOST_BYTES} are taken.`,
    );
  }
  return Buffer.from(payload.buffer, payload.byteOffset, payload.length);
}

export default function register(RED: NodeApi): void {
  RED.nodes.registerType('sezam-codec', function (this: FlowNode, definition: NodeDefinition) {
    RED.nodes.createNode(this, definition);
    const settings = migrate<CodecSettings>(definition, migrations);
    const show = (status: StatusText): void => this.status(inWords(RED, status));
    const busNode = findBusNode(RED, settings.bus);
    let state: GatewayState = withoutGatewayNode(this);
    let connection:
      | {
          readonly to: Gateway;
          /** The site at which the port was looked up. */
          readonly site: SiteView;
          readonly port?: FlowPort;
          readonly problem?: unknown;
          readonly leave: Unsubscribe;
        }
      | undefined;
    const traffic = (direction: TrafficPayload['direction'], bytes: number) => {
      const payload: TrafficPayload = { direction, bus: busNode?.bus ?? '', bytes, at: Date.now() };
      return { topic: payload.bus, payload };
    };
    const disconnect = (): void => {
      connection?.leave();
      connection = undefined;
    };
    const connect = (next: GatewayState): void => {
      const gateway = next.kind === 'running' ? next.gateway : undefined;
      const before = connection;
      if (gateway && before?.to === gateway && before.site === gateway.site) return;
      if (!gateway || !busNode) {
        disconnect();
        return;
      }
      const { site } = gateway;
      try {
        const port = gateway.flowPort(busNode.bus);
        // A change of the site elsewhere: the line is not dropped for it.
        if (before?.to === gateway && before.port === port) {
          connection = { ...before, site };
          return;
        }
        disconnect();
        const leave = port.connect((bytes) => {
          this.send([{ topic: busNode.bus, payload: bytes }, traffic('sent', bytes.length)]);
        });
        connection = { to: gateway, site, port, leave };
      } catch (thrown) {
        disconnect();
        connection = { to: gateway, site, problem: thrown, leave: () => {} };
        const { error, status } = explain(thrown);
        show(status);
        this.error(error.message);
      }
    };

    const unwatch = busNode?.watchBus((next, health) => {
      state = next;
      connect(next);
      if (next.kind === 'absent') show(explain(next.error).status);
      else if (next.kind === 'starting') show(gatewayStatus(next));
      else if (connection?.port) show(health ? busStatus(health.state) : STATUS.ready);
    });
    if (!busNode) show(STATUS.notConfigured);

    const handle = (message: FlowMessage, send: Send): void => {
      if (!busNode) {
        throw new NodeError(
          'bus-not-configured',
          `Node "${this.name || this.type}" names no bus: choose one, and deploy.`,
        );
      }
      const bytes = bytesIn(message.payload);
      // Where another node owns the port, bytes from here would reach the bus twice.
      if (connection?.problem) throw connection.problem;
      // Throws the reason where there is no gateway or no such port.
      const port = connection?.port ?? gatewayOf(state).flowPort(busNode.bus);
      port.receive(bytes);
      send([null, traffic('received', bytes.length)]);
    };
    this.on('input', (message: FlowMessage, send: Send, done: Finish) => {
      try {
        handle(message, send);
        done();
      } catch (thrown) {
        const { error, status } = explain(thrown);
        show(status);
        done(error);
      }
    });
    this.on('close', (_removed: boolean, done: () => void) => {
      unwatch?.();
      disconnect();
      done();
    });
  });
}
