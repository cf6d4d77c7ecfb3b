import type { MailOutcome } from '../../gateway/ports.ts';
import type { NoticePayload } from './notice.ts';

/** After which waits a mail that was deferred is tried again. Milliseconds. */
export const WAITS: readonly number[] = [60_000, 300_000, 900_000, 3_600_000];
/** Notices that may wait for their mail; whatever comes on top of them is told to be refused. */
export const MOST_WAITING = 50;

/** What became of the mail about a notice. */
export interface PostedNotice {
  readonly notice: NoticePayload;
  /** `deferred`: it is tried again. */
  readonly outcome: MailOutcome;
}

export interface NoticePostParts {
  /** Tries once and never rejects. */
  readonly send: (notice: NoticePayload) => Promise<MailOutcome>;
  readonly told: (posted: PostedNotice) => void;
  /** Waits for those that are tried again; `WAITS` where it is left out. */
  readonly waits?: readonly number[];
}

/**
 * Mails notices, one after the other, in memory: those that still wait when it is closed are not sent. Who waits for
 * another try holds nobody up.
 */
export class NoticePost {
  readonly #parts: NoticePostParts;
  readonly #timers = new Set<NodeJS.Timeout>();
  #waiting = 0;
  #turn: Promise<void> = Promise.resolve();
  #closed = false;

  constructor(parts: NoticePostParts) {
    this.#parts = parts;
  }

  /** How many notices wait, for the first or another try. */
  get waiting(): number {
    return this.#waiting;
  }

  post(notice: NoticePayload): void {
    if (this.#closed) return;
    if (this.#waiting >= MOST_WAITING) {
      this.#parts.told({ notice, outcome: { outcome: 'refused', status: 'too-many-waiting' } });
      return;
    }
    this.#waiting += 1;
    this.#queue(notice, 0);
  }

  close(): void {
    this.#closed = true;
    for (const timer of this.#timers) clearTimeout(timer);
    this.#timers.clear();
    this.#waiting = 0;
  }

  #queue(notice: NoticePayload, tries: number): void {
    this.#turn = this.#turn.then(() => this.#try(notice, tries));
  }

  async #try(notice: NoticePayload, tries: number): Promise<void> {
    if (this.#closed) return;
    const { send, told, waits = WAITS } = this.#parts;
    const outcome = await send(notice);
    // The flow that was to be told is gone.
    if (this.#closed) return;
    const wait = outcome.outcome === 'deferred' ? waits[tries] : undefined;
    if (wait === undefined) {
      this.#waiting -= 1;
      told({
        notice,
        outcome: outcome.outcome === 'deferred' ? { ...outcome, outcome: 'refused' } : outcome,
      });
      return;
    }
    if (tries === 0) told({ notice, outcome });
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      this.#queue(notice, tries + 1);
    }, wait);
    timer.unref();
    this.#timers.add(timer);
  }
}
