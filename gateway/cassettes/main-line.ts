/**
 * What the thread of the cassettes tells the main thread, and never more than that hears: while it is held up, what can
 * be told later waits here, within bounds. What something waits for, such as an answer, goes at once.
 */
import type { FromCassettes } from './protocol.ts';

/** Messages that may be under way to the main thread. */
const MOST_UNHEARD = 100;
/** Events and troubles that may wait here; beyond it the oldest are not told. They are on record all the same. */
const MOST_WAITING = 10_000;

type Paced = Extract<FromCassettes, { readonly kind: 'taken' | 'view' | 'bus' | 'records' | 'trouble' }>;

const RECORDS = 'records';

const PACED: ReadonlySet<FromCassettes['kind']> = new Set<Paced['kind']>([
  'taken',
  'view',
  'bus',
  'records',
  'trouble',
]);

export class MainLine {
  readonly #post: (message: FromCassettes) => void;
  #unheard = 0;
  /** Told one by one, in order. */
  #waiting: Paced[] = [];
  /** Of these only the newest matters. */
  readonly #newest = new Map<string, Paced>();
  #passedOver = 0;

  constructor(post: (message: FromCassettes) => void) {
    this.#post = post;
  }

  tell(message: FromCassettes): void {
    if (!isPaced(message)) {
      this.#post(message);
      return;
    }
    const name = nameOf(message);
    if (name !== undefined) this.#newest.set(name, message);
    else this.#line(message);
    this.#goOn();
  }

  /** The main thread has heard one of the messages that wait for it. */
  heard(): void {
    this.#unheard = Math.max(0, this.#unheard - 1);
    this.#goOn();
  }

  #line(message: Paced): void {
    // An event has the newest view with it.
    if (message.kind === 'taken') this.#newest.delete(`view ${message.taken.cassette}`);
    if (this.#waiting.length >= MOST_WAITING) {
      this.#waiting.shift();
      this.#passedOver += 1;
    }
    this.#waiting.push(message);
  }

  #goOn(): void {
    while (this.#unheard < MOST_UNHEARD) {
      const next = this.#next();
      if (!next) return;
      this.#unheard += 1;
      this.#post(next);
    }
  }

  #next(): Paced | undefined {
    if (this.#passedOver > 0) {
      const text = `The main thread was held up, and ${this.#passedOver} events of cassettes were not told; they are on record.`;
      this.#passedOver = 0;
      return { kind: 'trouble', text };
    }
    // Whoever hears of an event knows already that its record is on its way.
    const records = this.#newest.get(RECORDS);
    this.#newest.delete(RECORDS);
    const first = records ?? this.#waiting.shift();
    if (first) return first;
    for (const [name, message] of this.#newest) {
      this.#newest.delete(name);
      return message;
    }
    return undefined;
  }
}

/** Whether the thread waits for word that a message was heard. */
export function isPaced(message: FromCassettes): message is Paced {
  return PACED.has(message.kind);
}

/** What there need be one of at most; undefined where each counts. */
function nameOf(message: Paced): string | undefined {
  if (message.kind === 'view') return `view ${message.view.id}`;
  if (message.kind === 'bus') return `bus ${message.health.id}`;
  return message.kind === 'records' ? RECORDS : undefined;
}
