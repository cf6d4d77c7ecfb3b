import { nextOpening, type OpeningInput, type OpeningState } from '../domain/cabinet/opening.ts';
import type { Refusal } from '../domain/refusals.ts';
import type { CompartmentNumber, DoorRules } from '../domain/site.ts';
import type { Clock, Unsubscribe } from './ports.ts';

/** How an opening ended for whoever asked for it. */
export type OpeningEnd =
  | { readonly opened: true; readonly compartment: CompartmentNumber; readonly grant: string }
  | { readonly opened: false; readonly refusal: Refusal };

/** How the machine of one opening came to its end. */
export type OpeningConclusion =
  | { readonly outcome: 'opened' }
  | {
      readonly outcome: 'failed';
      readonly cause: 'no-answer' | 'door-did-not-open';
      readonly attempts: number;
    }
  | { readonly outcome: 'abandoned' };

/** Carries out the opening machine of the domain: pulses, waits for the door, pulses again. */
export class Opening {
  readonly #doors: DoorRules;
  readonly #clock: Clock;
  readonly #pulse: () => Promise<void>;
  readonly #pulsed: () => void;
  readonly #seenOpen: () => boolean;
  readonly #concluded = Promise.withResolvers<OpeningConclusion>();
  #state: OpeningState = { phase: 'granted' };
  #cancelDeadline: Unsubscribe = () => {};
  #pulseSent = false;
  #abandoned = false;

  constructor(options: {
    readonly doors: DoorRules;
    readonly clock: Clock;
    /** Sends one pulse; rejects where the board does not answer. */
    readonly pulse: () => Promise<void>;
    /** Called after each pulse that has left, and while the door is seen open but not on record yet. */
    readonly pulsed: () => void;
    /** Whether the sensor says that the door is open, be it on record or not yet. */
    readonly seenOpen: () => boolean;
  }) {
    this.#doors = options.doors;
    this.#clock = options.clock;
    this.#pulse = options.pulse;
    this.#pulsed = options.pulsed;
    this.#seenOpen = options.seenOpen;
  }

  /** Whether a pulse may have reached the lock: from then on an open door is the one that was asked for. */
  get pulseSent(): boolean {
    return this.#pulseSent;
  }

  run(): Promise<OpeningConclusion> {
    this.#step('redeemed');
    return this.#concluded.promise;
  }

  /** The door was recorded as opened under this opening's grant. */
  doorOpened(): void {
    this.#step('door-opened');
  }

  /** Nobody waits any more: the gateway stops. */
  abandon(): void {
    this.#abandoned = true;
    this.#cancelDeadline();
    this.#concluded.resolve({ outcome: 'abandoned' });
  }

  #step(input: OpeningInput): void {
    if (this.#abandoned) return;
    const { to, action } = nextOpening(this.#state, input, this.#doors.attempts);
    this.#state = to;
    switch (action) {
      case 'send-pulse':
        this.#cancelDeadline();
        this.#pulseSent = true;
        void this.#pulse().then(
          () => {
            this.#step('pulse-sent');
            this.#pulsed();
          },
          () => this.#step('no-answer'),
        );
        return;
      case 'await-door':
        this.#awaitDoor();
        return;
      case 'conclude':
        this.#cancelDeadline();
        if (to.phase === 'failed') {
          this.#concluded.resolve({ outcome: 'failed', cause: to.cause, attempts: to.attempts });
        } else {
          this.#concluded.resolve({ outcome: 'opened' });
        }
        return;
      case 'none':
        return;
    }
  }

  #awaitDoor(): void {
    this.#cancelDeadline = this.#clock.after(this.#doors.opensWithin, () => {
      if (!this.#seenOpen()) {
        this.#step('deadline');
        return;
      }
      // An open door whose record is late, because the store is slow, needs no further pulse.
      this.#awaitDoor();
      this.#pulsed();
    });
  }
}
