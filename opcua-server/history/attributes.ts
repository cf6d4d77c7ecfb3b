/** Attributes of nodes that have a history. */
import { EventNotifierFlags } from 'node-opcua';

/** Of a variable whose past the event log tells. */
export const HISTORIZED = { accessLevel: 'CurrentRead | HistoryRead', historizing: true } as const;

/** Of an object whose events are in the log; it raises none by itself. */
export const WITH_EVENT_HISTORY = { eventNotifier: EventNotifierFlags.HistoryRead } as const;
