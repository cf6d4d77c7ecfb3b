/** One stream that is written without waiting for anybody: its events get their place at once. */
import type { EventDraft, LoggedEvent } from '../../domain/event.ts';
import type { Milliseconds } from '../../domain/site.ts';
import { EMPTY_STREAM, type StreamHead, seal } from '../event-log/chain.ts';

export class LocalStream {
  readonly name: string;
  #head: StreamHead;

  constructor(name: string, head: StreamHead = EMPTY_STREAM) {
    this.name = name;
    this.#head = head;
  }

  get head(): StreamHead {
    return this.#head;
  }

  /**
   * Gives events their places; either all of them get one or none.
   * @throws TypeError where one holds what no event can
   */
  place(drafts: readonly EventDraft[], at: Milliseconds): readonly LoggedEvent[] {
    let head = this.#head;
    const events = drafts.map((draft) => {
      const event = seal(this.name, head, draft, at);
      head = { seq: event.seq, hash: event.hash };
      return event;
    });
    this.#head = head;
    return events;
  }
}
