/**
 * Ids of events for those who may not learn of everything that happens. The true ones tell what is withheld: numbers that count
 * silent alarms too, and hashes over what was done before and by whom. These tell one event from another, and nothing else.
 */
import { createHmac, randomBytes } from 'node:crypto';
import { DataType, Variant } from 'node-opcua';

/** Of this process: whoever is told such ids asks for everything anew once it has ended. */
const KEY = randomBytes(32);

/** 32 bytes that stand for an id: always the same for the same one. */
export function veiled(id: string | Buffer): Buffer {
  return createHmac('sha256', KEY).update(id).digest();
}

/** The EventId of an event as it is told in its place. */
export function veiledEventId(eventId: Variant | undefined): Variant | undefined {
  if (!Buffer.isBuffer(eventId?.value)) return undefined;
  return new Variant({ dataType: DataType.ByteString, value: veiled(eventId.value) });
}
