/**
 * What nodes show below themselves. Red ring: no connection. Yellow ring: connecting. Green dot: fine. Yellow dot:
 * somebody was refused. Red dot: something failed. The words are in the gateway node's catalogue, because every
 * node shares them; each stays under 20 characters in every language.
 */
import type { BusHealth } from '../gateway/ports.ts';
import type { NodeApi, NodeStatus } from './red.ts';

/** A status before it is put into words. */
export interface StatusText {
  readonly fill: 'red' | 'yellow' | 'green' | 'grey';
  readonly shape: 'ring' | 'dot';
  /** Key in the `status` section of the shared catalogue. */
  readonly key: string;
  readonly values?: Readonly<Record<string, string | number>>;
}

export const STATUS = {
  noGateway: { fill: 'red', shape: 'ring', key: 'no-gateway' },
  notConfigured: { fill: 'red', shape: 'ring', key: 'not-configured' },
  starting: { fill: 'yellow', shape: 'ring', key: 'starting' },
  ready: { fill: 'green', shape: 'dot', key: 'ready' },
  connecting: { fill: 'yellow', shape: 'ring', key: 'connecting' },
  connected: { fill: 'green', shape: 'dot', key: 'connected' },
  lost: { fill: 'red', shape: 'ring', key: 'lost' },
  stopped: { fill: 'grey', shape: 'ring', key: 'stopped' },
  refused: { fill: 'yellow', shape: 'dot', key: 'refused' },
  identified: { fill: 'green', shape: 'dot', key: 'identified' },
  badMessage: { fill: 'red', shape: 'dot', key: 'bad-message' },
  failed: { fill: 'red', shape: 'dot', key: 'failed' },
} as const satisfies Record<string, StatusText>;

/** The status of whoever depends on a bus. */
export function busStatus(state: BusHealth['state']): StatusText {
  switch (state) {
    case 'connecting':
      return STATUS.connecting;
    case 'connected':
      return STATUS.connected;
    case 'lost':
      return STATUS.lost;
    case 'stopped':
      return STATUS.stopped;
  }
}

/** A status that names a compartment, e.g. `granted 12`. */
export function compartmentStatus(key: 'granted' | 'opened', compartment: number): StatusText {
  return { fill: 'green', shape: 'dot', key, values: { compartment } };
}

/** How long ago something happened, in the largest whole unit: seconds, minutes, hours, days. */
export function age(milliseconds: number): {
  readonly unit: 's' | 'min' | 'h' | 'd';
  readonly count: number;
} {
  const seconds = Math.max(0, Math.floor(milliseconds / 1000));
  if (seconds < 60) return { unit: 's', count: seconds };
  if (seconds < 3600) return { unit: 'min', count: Math.floor(seconds / 60) };
  if (seconds < 86_400) return { unit: 'h', count: Math.floor(seconds / 3600) };
  return { unit: 'd', count: Math.floor(seconds / 86_400) };
}

/** Puts a status into the words of the runtime's language. */
export function inWords(RED: NodeApi, { fill, shape, key, values }: StatusText): NodeStatus {
  const text: unknown = RED._(`${SHARED}:status.${key}`, values as never);
  return { fill, shape, text: String(text) };
}

/** Namespace of the catalogue that all nodes share: `<module>/<node>`, as Node-RED names it. */
const SHARED = 'node-red-contrib-sezam/gateway';
