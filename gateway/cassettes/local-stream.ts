/** One stream that is written without waiting for anybody: its events get their place at once. */
import type { EventDraft, LoggedEvent } from '../../domain/event.ts';
import type { Milliseconds } from '../../domain/site.ts';
import { EMPTY_STREAM, flawOf, type StreamHead, seal } from '../event-log/chain.ts';

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

  /** Gives events their places. */
  place(drafts: readonly EventDraft[], at: Milliseconds): readonly LoggedEvent[] {
    return drafts.map((draft) => {
      const event = seal(this.name, this.#head, draft, at);
      this.#head = { seq: event.seq, hash: event.hash };
      return event;
    });
  }

  /**
   * Follows an event that was placed before a restart. Whatever does not follow from what is known is damage: it is
   * told, and followed all the same, since a cassette must not be left unguarded.
   *
   * @returns what is wrong with it; undefined where nothing is, `passed` where it is known already
   */
  follow(event: LoggedEvent): { readonly passed: boolean; readonly flaw?: string } {
    if (event.seq <= this.#head.seq) return { passed: true };
    const flaw = flawOf(event, this.#head);
    this.#head = { seq: event.seq, hash: event.hash };
    return { passed: false, ...(flaw !== undefined && { flaw }) };
  }
}
