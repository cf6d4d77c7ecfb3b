/**
 * A request that fails inside the library must be answered, and must concern nobody else. The library carries most services out in
 * promises that nobody waits for: one that is rejected would end the thread, and everybody's session with it.
 */
import { type OPCUAServer, type ServerSecureChannelLayer, ServiceFault, StatusCodes } from 'node-opcua';

type Message = Parameters<ServerSecureChannelLayer['send_response']>[2];

/** Through which the library carries out whatever needs a session; private. */
interface Services {
  _apply_on_SessionObject?: (
    response: unknown,
    message: Message,
    channel: ServerSecureChannelLayer,
    action: unknown,
  ) => Promise<void>;
}

/**
 * Answers requests that fail with BadInternalError, for all services of a server.
 * @param warn told of each of them
 * @throws where the library no longer has what this rests on
 */
export function answerFailures(server: OPCUAServer, warn: (text: string) => void): void {
  const services = server as unknown as Services;
  const carryOut = services._apply_on_SessionObject;
  if (!carryOut) throw new Error('This version of node-opcua carries out services in another way.');
  services._apply_on_SessionObject = async (response, message, channel, action) => {
    try {
      await carryOut.call(server, response, message, channel, action);
    } catch (error) {
      const { name } = message.request.schema;
      warn(`A ${name} of an OPC UA client failed: ${error instanceof Error ? error.stack : String(error)}`);
      const fault = new ServiceFault({ responseHeader: { serviceResult: StatusCodes.BadInternalError } });
      channel.send_response('MSG', fault, message);
    }
  };
}
