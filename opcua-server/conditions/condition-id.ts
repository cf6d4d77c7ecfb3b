/**
 * Ids of conditions, which are no nodes (OPC 10000-9, 5.5.2.13 allows it), and of the notifications of their states. All of
 * them follow from the book of alarms, so that they are the same after a restart.
 */
import { hash } from 'node:crypto';
import { NodeId } from 'node-opcua';
import type { AlarmId } from '../../domain/alarms/alarm.ts';

const PREFIX = 'alarm/';
/** The object within a condition that its methods of shelving belong to. */
const SHELVING = '/ShelvingState';

/** The ConditionId of an alarm: `alarm/` and its id, in the namespace of the site. */
export function conditionId(namespace: number, alarm: AlarmId): NodeId {
  return new NodeId(NodeId.NodeIdType.STRING, PREFIX + alarm, namespace);
}

/**
 * The BranchId of an earlier occurrence of an alarm.
 *
 * @param occurrence its number, or what stands for it
 */
export function branchId(namespace: number, alarm: AlarmId, occurrence: number | string): NodeId {
  return new NodeId(NodeId.NodeIdType.STRING, `${PREFIX}${alarm}#${occurrence}`, namespace);
}

/** What follows `alarm/` in the node id of a condition or of a part of it; undefined for every other node. */
export function conditionPath({ namespace, value }: NodeId, ownNamespace: number): string | undefined {
  if (namespace !== ownNamespace || typeof value !== 'string' || !value.startsWith(PREFIX)) return undefined;
  return value.slice(PREFIX.length);
}

/** The alarm whose object for shelving stands at a path; undefined where another thing does. */
export function shelvingOwner(path: string): AlarmId | undefined {
  return path.endsWith(SHELVING) ? path.slice(0, -SHELVING.length) : undefined;
}

/** One notification of an occurrence of an alarm. */
export interface NotificationId {
  readonly occurrence: number;
  /** The revision of the alarm that was notified. */
  readonly revision: number;
}

/** Bytes of an EventId: those that stand for the alarm, the number of its occurrence, and the revision. */
const OF_ALARM = 8;
const OF_NUMBER = 6;
const LENGTH = OF_ALARM + 2 * OF_NUMBER;

/** The EventId of a notification. No two are alike, and each is the same whenever it is asked for. */
export function eventIdOf(alarm: AlarmId, { occurrence, revision }: NotificationId): Buffer {
  const id = Buffer.alloc(LENGTH);
  digestOf(alarm).copy(id);
  id.writeUIntBE(occurrence, OF_ALARM, OF_NUMBER);
  id.writeUIntBE(revision, OF_ALARM + OF_NUMBER, OF_NUMBER);
  return id;
}

/** What an EventId names; undefined where it is none of that alarm. */
export function notificationOf(
  alarm: AlarmId,
  eventId: Buffer | null | undefined,
): NotificationId | undefined {
  if (eventId?.length !== LENGTH || !eventId.subarray(0, OF_ALARM).equals(digestOf(alarm))) return undefined;
  return {
    occurrence: eventId.readUIntBE(OF_ALARM, OF_NUMBER),
    revision: eventId.readUIntBE(OF_ALARM + OF_NUMBER, OF_NUMBER),
  };
}

function digestOf(alarm: AlarmId): Buffer {
  return hash('sha256', alarm, 'buffer').subarray(0, OF_ALARM);
}
