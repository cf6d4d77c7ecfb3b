/**
 * What nodes show below themselves. Red ring: no connection. Yellow ring: connecting. Green dot: fine. Green ring:
 * somebody is at the panel. Yellow dot: somebody was refused, or something needs attention. Red dot: something failed,
 * or an alarm. The words are in the gateway node's catalogue, because every
 * node shares them; each stays under 20 characters in every language.
 */
import type { PromptCode } from '../domain/session/prompt.ts';
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
  carriedOut: { fill: 'green', shape: 'dot', key: 'carried-out' },
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
export function compartmentStatus(
  key: 'granted' | 'opened' | 'done' | `item-${string}`,
  compartment: number,
): StatusText {
  return { fill: 'green', shape: 'dot', key, values: { compartment } };
}

/** A status that counts, e.g. `24 found`; yellow where somebody should look. */
export function countStatus(
  key: 'found' | 'opened-all' | 'would-lose',
  count: number,
  attention: boolean,
): StatusText {
  return { fill: attention ? 'yellow' : 'green', shape: 'dot', key, values: { count } };
}

/** What panels ask; every other code is only ever said. */
export const PANEL_PROMPTS = [
  'identify',
  'deposit-or-collect',
  'identify-or-collect',
  'identify-or-code',
  'choose-compartment',
  'second-person',
  'set-pin',
  'set-code',
  'choose-recipient',
  'put-in-and-close',
  'take-out-and-close',
] as const satisfies readonly PromptCode[];

/**
 * What a panel asks. Dot: nobody is at it. Ring: somebody is under way.
 *
 * @param compartment the one that the prompt names, where it names one
 */
export function panelStatus(
  prompt: PromptCode,
  underWay: boolean,
  compartment: string | number | undefined,
): StatusText {
  const shape = underWay ? 'ring' : 'dot';
  const key = PANEL_PROMPTS.some((each) => each === prompt) ? `panel-${prompt}` : 'ready';
  return { fill: 'green', shape, key, ...(compartment !== undefined && { values: { compartment } }) };
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
