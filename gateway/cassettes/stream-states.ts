/** The states of streams as the fold of their events: of a cassette what is recorded of it, of the keys their register. */
import type { CassetteEvent } from '../../domain/cassette/events.ts';
import { evolveCassette } from '../../domain/cassette/evolve.ts';
import type { CassetteKey } from '../../domain/cassette/key.ts';
import { evolveKeys, type KeyEvent, type KeyRegister, NO_KEYS } from '../../domain/cassette/key-register.ts';
import { type RecordedState, UNCONFIGURED_CASSETTE } from '../../domain/cassette/state.ts';
import type { LoggedEvent } from '../../domain/event.ts';
import { EMPTY_STREAM, flawOf, type StreamHead } from '../event-log/chain.ts';
import type { EventStore } from '../event-log/event-store.ts';
import type { KeptState } from './protocol.ts';

/** The stream of the keys that a gateway registers. */
export function keyStreamOf(gateway: string): string {
  return `keys/${gateway}`;
}

function isOfKeys(stream: string): boolean {
  return stream.startsWith('keys/');
}

interface Followed {
  readonly head: StreamHead;
  readonly state: KeptState['state'];
}

export class StreamStates {
  readonly #followed = new Map<string, Followed>();

  /** Whether anything is known of a stream. */
  has(stream: string): boolean {
    return this.#followed.has(stream);
  }

  get names(): readonly string[] {
    return [...this.#followed.keys()];
  }

  /** Begins a stream with its state at some number, in place of whatever was known of it. */
  begin({ stream, seq, hash, state }: KeptState): void {
    this.#followed.set(stream, { head: { seq, hash }, state });
  }

  /**
   * Follows an event; one that is known already is passed over. What does not follow from what is known is damage: it
   * is told, and followed all the same, since a cassette must not be left unguarded.
   *
   * @returns what is wrong with it; undefined where nothing is
   */
  follow(event: LoggedEvent): string | undefined {
    const { stream, seq, hash } = event;
    const { head, state } = this.#of(stream);
    if (seq <= head.seq) return undefined;
    const flaw = flawOf(event, head);
    this.#followed.set(stream, { head: { seq, hash }, state: evolved(state, event) });
    return flaw;
  }

  head(stream: string): StreamHead {
    return this.#of(stream).head;
  }

  recorded(stream: string): RecordedState {
    return this.#of(stream).state as RecordedState;
  }

  keys(stream: string): KeyRegister {
    return registerOf(this.#of(stream).state as readonly CassetteKey[]);
  }

  /** The state of a stream as it is kept. */
  kept(stream: string): KeptState {
    const { head, state } = this.#of(stream);
    return { version: 1, stream, ...head, state };
  }

  #of(stream: string): Followed {
    return (
      this.#followed.get(stream) ?? {
        head: EMPTY_STREAM,
        state: isOfKeys(stream) ? [] : UNCONFIGURED_CASSETTE,
      }
    );
  }
}

/** What the store has of a stream, folded; rejects with `StoreUnavailable`. */
export async function storedState(store: Pick<EventStore, 'read'>, stream: string): Promise<KeptState> {
  const states = new StreamStates();
  for await (const event of store.read(stream, 0)) states.follow(event);
  return states.kept(stream);
}

function evolved(state: KeptState['state'], event: LoggedEvent): KeptState['state'] {
  if (isOfKeys(event.stream)) {
    const keys = registerOf(state as readonly CassetteKey[]);
    return [...evolveKeys(keys, event as LoggedEvent & KeyEvent).values()];
  }
  return evolveCassette(state as RecordedState, event as LoggedEvent & CassetteEvent, Date.parse(event.at));
}

function registerOf(keys: readonly CassetteKey[]): KeyRegister {
  return keys.length === 0 ? NO_KEYS : new Map(keys.map((key) => [key.id, key]));
}
