/** Connections that were let in, and would not be any more. */
import type { OPCUAServer } from 'node-opcua';
import type { ClientCertificates } from './client-certificates.ts';

/**
 * Ends the connections, and with them the sessions, of clients that would not be let in any more. A client that is on its
 * way in is verified there, and told why where it is turned away.
 */
export async function closeUntrusted(server: OPCUAServer, applications: ClientCertificates): Promise<void> {
  await applications.followRevocations();
  // Many connections are often those of one client.
  const verdicts = new Map<string, boolean>();
  for (const channel of server.endpoints.flatMap((endpoint) => endpoint.getChannels())) {
    const { clientCertificate, isOpened } = channel;
    if (!clientCertificate || !isOpened) continue;
    const key = clientCertificate.toString('base64');
    const trusted = verdicts.get(key) ?? (await applications.stillTrusts(clientCertificate));
    verdicts.set(key, trusted);
    if (trusted) continue;
    for (const session of server.engine.getSessions()) {
      if (session.channel === channel)
        server.engine.closeSession(session.authenticationToken, true, 'Forcing');
    }
    channel.close();
  }
}
