/** How long the server takes to leave, beyond ending itself. Imported by the main thread, so without the library. */
import type { Milliseconds } from '../../domain/site.ts';
import type { ServerSettings } from '../protocol.ts';

/** How long a stop waits until the discovery server has taken out the entry. */
export const UNREGISTERS_WITHIN: Milliseconds = 8_000;

/** For how long clients are told of a stop, and the discovery server is. */
export function leavesWithin({
  shutdownNotice = 0,
  discoveryServer,
}: Pick<ServerSettings, 'shutdownNotice' | 'discoveryServer'>): Milliseconds {
  return Math.max(shutdownNotice, discoveryServer === undefined ? 0 : UNREGISTERS_WITHIN);
}
