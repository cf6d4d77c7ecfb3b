/** Attributes of nodes that have a history. */
import { EventNotifierFlags } from 'node-opcua';

/** Of a variable whose past the event log tells. */
export const HISTORIZED = { accessLevel: 'CurrentRead | HistoryRead', historizing: true } as const;

/** Of an object that raises events which are in the log. */
export const WITH_EVENT_HISTORY = {
  eventNotifier: EventNotifierFlags.SubscribeToEvents | EventNotifierFlags.HistoryRead,
} as const;
