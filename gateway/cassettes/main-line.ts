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
    switch (message.kind) {
      case 'taken':
        // It has the newest view with it.
        this.#newest.delete(`view ${message.taken.cassette}`);
        this.#line(message);
        break;
      case 'trouble':
        this.#line(message);
        break;
      case 'view':
        this.#newest.set(`view ${message.view.id}`, message);
        break;
      case 'bus':
        this.#newest.set(`bus ${message.health.id}`, message);
        break;
      case 'records':
        this.#newest.set('records', message);
        break;
      default:
        this.#post(message);
        return;
    }
    this.#goOn();
  }

  /** The main thread has heard one of the messages that wait for it. */
  heard(): void {
    this.#unheard = Math.max(0, this.#unheard - 1);
    this.#goOn();
  }

  #line(message: Paced): void {
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
    const first = this.#waiting.shift();
    if (first) return first;
    for (const [name, message] of this.#newest) {
      this.#newest.delete(name);
      return message;
    }
    return undefined;
  }
}

/** Whether the thread waits for word that a message was heard. */
export function isPaced({ kind }: FromCassettes): boolean {
  return kind === 'taken' || kind === 'view' || kind === 'bus' || kind === 'records' || kind === 'trouble';
}
