/** The alarms of a gateway, put together. */
import type { AlarmEvent } from '../../domain/alarms/events.ts';
import { evolveAlarms } from '../../domain/alarms/evolve.ts';
import { type AlarmSnapshot, alarmsFromSnapshot, alarmsToSnapshot } from '../../domain/alarms/snapshot.ts';
import { type AlarmState, NO_ALARMS } from '../../domain/alarms/state.ts';
import type { EventLog } from '../event-log/event-log.ts';
import type { EventStore } from '../event-log/event-store.ts';
import { Stream, type StreamState } from '../stream.ts';
import type { Undo } from '../undo.ts';
import { AlarmDesk, type AlarmDeskParts } from './desk.ts';
import { AlarmFeed, type AlarmFeedParts } from './feed.ts';

const ALARM_STREAM: StreamState<AlarmState, AlarmEvent> = {
  initial: NO_ALARMS,
  evolve: evolveAlarms,
  toSnapshot: alarmsToSnapshot,
  fromSnapshot: (snapshot) => alarmsFromSnapshot(snapshot as AlarmSnapshot),
};

export interface OpenAlarmsOptions extends Omit<AlarmFeedParts, 'desk' | 'store'> {
  /** Id of the gateway: the stream is `alarms/<id>`. */
  readonly gateway: string;
  readonly log: EventLog;
  readonly store: EventStore;
  readonly rolesOf: AlarmDeskParts['rolesOf'];
}

/**
 * Opens the book of alarms and feeds it; to be called when cabinets are configured, and before they start. Rejects as
 * `Stream.open` does.
 */
export async function openAlarms(
  options: OpenAlarmsOptions,
  undo: Undo,
): Promise<{ readonly desk: AlarmDesk; readonly feed: AlarmFeed }> {
  const { gateway, log, store, clock, rolesOf } = options;
  const stream = await Stream.open({ name: `alarms/${gateway}`, log, store, clock, shape: ALARM_STREAM });
  undo.push(() => stream.close());
  const desk = new AlarmDesk({ stream, clock, rolesOf });
  undo.push(() => desk.stop());
  const feed = await AlarmFeed.open({ ...options, desk });
  undo.push(() => feed.stop());
  return { desk, feed };
}
