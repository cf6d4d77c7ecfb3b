/** Under which names and addresses the server is to be reached. */
import { hostname, networkInterfaces } from 'node:os';

/** Host names for the endpoint and the certificate. */
export function endpointNames(bind: string): { hostname: string; alternateHostname: string[] } {
  const name = nameFor(bind);
  return { hostname: name.includes(':') ? `[${name}]` : name, alternateHostname: [name] };
}

/** The names and addresses for the certificate: all of the computer's, where the server listens on all of them. */
export function hostsOf(bind: string): readonly string[] {
  const name = nameFor(bind);
  if (name === bind) return [bind];
  const addresses = Object.values(networkInterfaces()).flatMap((each) => each ?? []);
  return [...new Set([name, ...addresses.map(({ address }) => address)])];
}

/** A server that listens on every address is known by the computer's name, any other by the address itself. */
function nameFor(bind: string): string {
  return bind === '0.0.0.0' || bind === '::' ? hostname() : bind;
}
