/** What the server's thread asks of the gateway in the main thread: every call has a time limit, and few may wait. */
import type { Milliseconds } from '../domain/site.ts';
import type { FromThread, GatewayAnswer, GatewayCall } from './protocol.ts';

/** How long an answer may take: the check of a password, a decision, a page of events. */
const ANSWERS_WITHIN: Milliseconds = 10_000;
/** How long an opening may take; it lasts until the door is open or every pulse has failed. */
const OPENS_WITHIN: Milliseconds = 60_000;
/** Most calls that may wait for their answers. */
const MOST_WAITING = 64;

/** What became of a call. */
export type CallOutcome =
  | GatewayAnswer
  /** No answer came in time; whether the gateway acts on it is not known. */
  | { readonly answer: 'late' }
  /** Too many calls wait already; this one was not made. */
  | { readonly answer: 'busy' };

export class GatewayCalls {
  readonly #post: (message: FromThread) => void;
  readonly #waiting = new Map<number, (outcome: CallOutcome) => void>();
  #last = 0;

  constructor(post: (message: FromThread) => void) {
    this.#post = post;
  }

  /** Asks the gateway. Never rejects. */
  ask(request: GatewayCall): Promise<CallOutcome> {
    if (this.#waiting.size >= MOST_WAITING) return Promise.resolve({ answer: 'busy' });
    this.#last += 1;
    const call = this.#last;
    return new Promise((resolve) => {
      const settle = (outcome: CallOutcome): void => {
        clearTimeout(limit);
        this.#waiting.delete(call);
        resolve(outcome);
      };
      const limit = setTimeout(
        () => settle({ answer: 'late' }),
        request.do === 'open' || request.do === 'service-open' ? OPENS_WITHIN : ANSWERS_WITHIN,
      );
      this.#waiting.set(call, settle);
      this.#post({ kind: 'call', call, request });
    });
  }

  /** Takes an answer. One that comes too late is dropped. */
  answered(call: number, answer: GatewayAnswer): void {
    this.#waiting.get(call)?.(answer);
  }

  /** Ends all calls that wait, as late. */
  close(): void {
    for (const settle of this.#waiting.values()) settle({ answer: 'late' });
  }
}
