import { EMPTY_STREAM, flawOf, type StreamHead } from './chain.ts';
import type { EventStore } from './event-store.ts';

/** What verifying one stream found. */
export interface StreamReport {
  readonly stream: string;
  /** Events whose place and content are as they were written. */
  readonly sound: number;
  /** Where and why the chain breaks; undefined where it does not. */
  readonly flaw: { readonly seq: number; readonly reason: string } | undefined;
}

type Progress = (stream: string, events: number) => void | Promise<void>;

/**
 * Verifies every stream of a log from its first event: no number is missing, each event follows from the one
 * before it, none was changed, and none that a snapshot has seen is gone from the end.
 *
 * @param progress told now and then how many events of a stream were looked at
 */
export async function* verifyLog(
  store: EventStore,
  progress: Progress = () => {},
): AsyncIterable<StreamReport> {
  for (const stream of await store.streams()) yield await verifyStream(store, stream, progress);
}

async function verifyStream(store: EventStore, stream: string, progress: Progress): Promise<StreamReport> {
  const snapshot = await store.snapshot(stream);
  let head: StreamHead = EMPTY_STREAM;
  for await (const event of store.read(stream, 0)) {
    const reason = flawOf(event, head);
    if (reason) return { stream, sound: head.seq, flaw: { seq: event.seq, reason } };
    head = { seq: event.seq, hash: event.hash };
    if (snapshot?.seq === head.seq && snapshot.hash !== head.hash) {
      const flaw = { seq: head.seq, reason: 'it is not the event that the snapshot was made after' };
      return { stream, sound: head.seq - 1, flaw };
    }
    if (head.seq % 10_000 === 0) await progress(stream, head.seq);
  }
  if (snapshot && snapshot.seq > head.seq) {
    const flaw = { seq: head.seq + 1, reason: `events up to number ${snapshot.seq} are gone from the end` };
    return { stream, sound: head.seq, flaw };
  }
  return { stream, sound: head.seq, flaw: undefined };
}
