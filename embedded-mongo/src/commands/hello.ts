import { Int32 } from 'bson';
import type { Document } from '../values/types.ts';
import type { Command, CommandContext } from './command.ts';

/** The server version whose behaviour this store follows. */
export const serverVersion = [7, 0, 15, 0] as const;

/** Limits that the driver keeps to, as the server's. */
export const maximumMessageBytes = 48_000_000;

/**
 * A standalone server: no replica set, so the driver neither retries writes nor starts transactions; no
 * `topologyVersion`, so it polls instead of waiting for changes.
 */
function handshake({ connectionId }: CommandContext): Document {
  return {
    maxBsonObjectSize: new Int32(16 * 1024 * 1024),
    maxMessageSizeBytes: new Int32(maximumMessageBytes),
    maxWriteBatchSize: new Int32(100_000),
    localTime: new Date(),
    logicalSessionTimeoutMinutes: new Int32(30),
    connectionId: new Int32(connectionId),
    minWireVersion: new Int32(0),
    maxWireVersion: new Int32(21),
    readOnly: false,
  };
}

export const hello: Command = (_command, context) => ({ isWritablePrimary: true, ...handshake(context) });

/** The older name of `hello`, with the older name of its first field. */
export const isMaster: Command = (command, context) => ({
  ...(command['helloOk'] === true ? { helloOk: true } : {}),
  ismaster: true,
  ...handshake(context),
});
