import { nextField, type ReaderField } from '../domain/presentation.ts';
import type { ReaderId } from '../domain/site.ts';
import type { PresentationNotice, ReaderView } from './api.ts';
import type { Clock, Unsubscribe } from './ports.ts';

/** How long a presentation waits for a flow that is being redeployed. Milliseconds. */
const FLOW_PATIENCE = 3_000;
/** Presentations that wait for a flow, per reader. */
const MOST_WAITING = 10;

/**
 * One reader at work: what lies at it, and who takes its presentations. Where a flow decides and is being
 * redeployed, presentations wait a moment for it.
 */
export class Reader {
  #view: ReaderView;
  readonly #clock: Clock;
  readonly #unhandled: (notice: PresentationNotice) => void;
  readonly #listeners = new Set<(notice: PresentationNotice) => void>();
  readonly #waiting = new Map<PresentationNotice, Unsubscribe>();
  #field: ReaderField = { field: 'empty' };

  /** @param unhandled told of presentations that no flow took in time */
  constructor(view: ReaderView, clock: Clock, unhandled: (notice: PresentationNotice) => void) {
    this.#view = view;
    this.#clock = clock;
    this.#unhandled = unhandled;
  }

  get view(): ReaderView {
    return this.#view;
  }

  get id(): ReaderId {
    return this.#view.id;
  }

  /** It stands elsewhere from now on, or somebody else decides. */
  become(view: ReaderView): void {
    this.#view = view;
  }

  /** What one frame with this digest means at this reader. */
  meaningOf(digest: string): ReturnType<typeof nextField>['meaning'] {
    const { to, meaning } = nextField(this.#field, digest, this.#clock.now(), this.view.quiet);
    this.#field = to;
    return meaning;
  }

  /** Hands presentations to a flow from now on, those that wait included. */
  listen(listener: (notice: PresentationNotice) => void): Unsubscribe {
    this.#listeners.add(listener);
    for (const [notice, cancel] of this.#waiting) {
      cancel();
      listener(notice);
    }
    this.#waiting.clear();
    return () => this.#listeners.delete(listener);
  }

  /** Hands a presentation to the flows that listen, or lets it wait for one. */
  notify(notice: PresentationNotice): void {
    if (this.#listeners.size > 0) {
      for (const listener of this.#listeners) listener(notice);
      return;
    }
    if (this.#waiting.size >= MOST_WAITING) {
      this.#unhandled(notice);
      return;
    }
    const cancel = this.#clock.after(FLOW_PATIENCE, () => {
      this.#waiting.delete(notice);
      this.#unhandled(notice);
    });
    this.#waiting.set(notice, cancel);
  }

  stop(): void {
    for (const cancel of this.#waiting.values()) cancel();
    this.#waiting.clear();
  }
}

/** The readers of a site. */
export class Readers {
  readonly #readers = new Map<ReaderId, Reader>();
  readonly #clock: Clock;
  readonly #unhandled: (notice: PresentationNotice) => void;

  /** @param unhandled told of presentations that no flow took in time */
  constructor(views: readonly ReaderView[], clock: Clock, unhandled: (notice: PresentationNotice) => void) {
    this.#clock = clock;
    this.#unhandled = unhandled;
    this.become(views);
  }

  /** These are the readers from now on; those that stay go on. */
  become(views: readonly ReaderView[]): void {
    const gone = new Map(this.#readers);
    for (const view of views) {
      gone.delete(view.id);
      const known = this.#readers.get(view.id);
      if (known) known.become(view);
      else this.#readers.set(view.id, new Reader(view, this.#clock, this.#unhandled));
    }
    for (const [id, reader] of gone) {
      reader.stop();
      this.#readers.delete(id);
    }
  }

  /** The reader of an id; undefined where the site has none. */
  find(id: ReaderId): Reader | undefined {
    return this.#readers.get(id);
  }

  /** Throws where the site has none of that id. */
  get(id: ReaderId): Reader {
    const reader = this.#readers.get(id);
    if (!reader) throw new Error(`The site has no reader "${id}".`);
    return reader;
  }

  stop(): void {
    for (const reader of this.#readers.values()) reader.stop();
  }
}
