/** Attributes of objects that have a history. */
import { EventNotifierFlags } from 'node-opcua';

/** Of an object that raises events which are in the log. */
export const WITH_EVENT_HISTORY = {
  eventNotifier: EventNotifierFlags.SubscribeToEvents | EventNotifierFlags.HistoryRead,
} as const;
