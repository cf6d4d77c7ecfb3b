/**
 * Reverse connections (OPC 10000-6, 7.1.3): the server dials clients that wait for it, because a firewall lets nobody in. What
 * comes over such a connection is a secure channel like any other: the same certificates, log-ins and limits.
 */
import type { OPCUAServerOptions } from 'node-opcua';
import type { Milliseconds } from '../../domain/site.ts';

/** Before a client that did not answer, or has left, is dialled again; doubles from one failure to the next. */
const FIRST_PAUSE: Milliseconds = 1_000;
const LONGEST_PAUSE: Milliseconds = 60_000;
/** How long a client may take to dial back in over a connection that waits for it; the standard allows two minutes. */
const ANSWERS_WITHIN: Milliseconds = 120_000;

/** What tells the library to dial these clients, `opc.tcp://host:port`. */
export function reverseConnections(clients: readonly string[]): Pick<OPCUAServerOptions, 'reverseConnect'> {
  if (clients.length === 0) return {};
  return {
    reverseConnect: {
      connections: clients.map((endpointUrl) => ({ endpointUrl })),
      reconnectDelay: FIRST_PAUSE,
      maxReconnectDelay: LONGEST_PAUSE,
      connectionTimeout: ANSWERS_WITHIN,
    },
  };
}
