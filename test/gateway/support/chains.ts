import type { EventDraft, LoggedEvent } from '../../../domain/event.ts';
import { EMPTY_STREAM, type StreamHead, seal } from '../../../gateway/event-log/chain.ts';

/** The time of the first event of a test chain; the next follow a second apart. */
export const FIRST_EVENT_AT = Date.UTC(2026, 0, 1);

/** An event as any part of the gateway might decide it. */
export function draft(number: number, data: unknown = { number }): EventDraft {
  return { type: 'tested', actor: { kind: 'gateway', id: 'gateway' }, data };
}

/** The next event of a stream. */
export function following(stream: string, head: StreamHead, data?: unknown): LoggedEvent {
  return seal(stream, head, draft(head.seq + 1, data), FIRST_EVENT_AT + head.seq * 1_000);
}

/** The first events of a stream. */
export function chainOf(stream: string, length: number, head: StreamHead = EMPTY_STREAM): LoggedEvent[] {
  const events: LoggedEvent[] = [];
  let last = head;
  for (let count = 0; count < length; count += 1) {
    const event = following(stream, last);
    events.push(event);
    last = event;
  }
  return events;
}
