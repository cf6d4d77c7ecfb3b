/**
 * What leaves a secure channel, seen before it does. The library answers every request through one function of its
 * channels; here it is asked who else wants to know.
 */
import type { OPCUAServer, ServerSecureChannelLayer } from 'node-opcua';

type Send = ServerSecureChannelLayer['send_response'];
/** A request on its way through the server, with what is needed to answer it. */
export type Message = Parameters<Send>[2];
export type Response = Parameters<Send>[1];

/**
 * Looks at a response.
 * @returns false where it must not leave
 */
export type ResponseWatch = (
  channel: ServerSecureChannelLayer,
  response: Response,
  message: Message,
) => boolean;

/** Has everything looked at that leaves channels which are opened from now on. */
export function watchResponses(server: OPCUAServer, ...watches: readonly ResponseWatch[]): void {
  server.on('newChannel', (channel) => {
    const send = channel.send_response.bind(channel);
    channel.send_response = (kind, response, message, sent) => {
      // Each of them sees all responses, those that another one holds back too.
      const leaves = watches.filter((watch) => !watch(channel, response, message)).length === 0;
      if (leaves) send(kind, response, message, sent);
      else sent?.();
    };
  });
}
