/**
 * A request that fails inside the library must be answered, and must concern nobody else. The library carries most services out in
 * promises that nobody waits for: one that is rejected would end the thread, and everybody's session with it.
 */
import { type OPCUAServer, type ServerSecureChannelLayer, ServiceFault, StatusCodes } from 'node-opcua';

type Message = Parameters<ServerSecureChannelLayer['send_response']>[2];
type Handler = (message: Message, channel: ServerSecureChannelLayer) => unknown;
type WithSession = (
  response: unknown,
  message: Message,
  channel: ServerSecureChannelLayer,
  action: unknown,
) => Promise<void>;

/** What carries a service out, by the name of its request; private. */
const HANDLER = /^_on_\w+Request$/;
/** Through which the library carries out whatever needs a session; private. */
const WITH_SESSION = '_apply_on_SessionObject';

/**
 * Answers requests that fail with BadInternalError, for all services of a server.
 * @param warn told of each of them
 * @throws where the library no longer has what this rests on
 */
export function answerFailures(server: OPCUAServer, warn: (text: string) => void): void {
  const services = server as unknown as Record<string, unknown>;
  const answer = (message: Message, channel: ServerSecureChannelLayer, error: unknown): void => {
    const { name } = message.request.schema;
    warn(`A ${name} of an OPC UA client failed: ${error instanceof Error ? error.stack : String(error)}`);
    const fault = new ServiceFault({ responseHeader: { serviceResult: StatusCodes.BadInternalError } });
    channel.send_response('MSG', fault, message);
  };
  const withSession = services[WITH_SESSION] as WithSession | undefined;
  const handlers = namesOf(server).filter(
    (name) => HANDLER.test(name) && typeof services[name] === 'function',
  );
  if (!withSession || handlers.length === 0) {
    throw new Error('This version of node-opcua carries out services in another way.');
  }
  services[WITH_SESSION] = async (...[response, message, channel, action]: Parameters<WithSession>) => {
    try {
      await withSession.call(server, response, message, channel, action);
    } catch (error) {
      answer(message, channel, error);
    }
  };
  for (const name of handlers) {
    const handle = services[name] as Handler;
    services[name] = async (message: Message, channel: ServerSecureChannelLayer): Promise<void> => {
      try {
        await handle.call(server, message, channel);
      } catch (error) {
        answer(message, channel, error);
      }
    };
  }
}

function namesOf(object: object): string[] {
  const names = new Set<string>();
  for (let at: object | null = object; at; at = Object.getPrototypeOf(at) as object | null) {
    for (const name of Object.getOwnPropertyNames(at)) names.add(name);
  }
  return [...names];
}
