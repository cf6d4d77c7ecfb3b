/** Who or what caused an event. Never a name, a PIN or a card number: ids only. */
export interface Actor {
  /**
   * - `user`: a person who identified at a reader or panel; `id` is the user's id
   * - `reader`: somebody unknown at a reader; `id` is the reader's id
   * - `guest`: an undefined user at a panel; `id` is the panel's id
   * - `administrator`: a person who commands, over any interface: an administrator, or an operator as far as the site lets them; `id`
   *   is the user's id
   * - `gateway`: Sezam itself (signals of boards, deadlines, restarts)
   * - `machine`: whoever works at this computer's command line, or a flow; `id` is then `flow:` and the id of its node
   */
  readonly kind: 'user' | 'reader' | 'guest' | 'administrator' | 'gateway' | 'machine';
  readonly id: string;
}

/** The actor of everything that nobody asked for: door signals, deadlines, restarts. */
export const GATEWAY: Actor = { kind: 'gateway', id: 'gateway' };

/** An event as decided, before it has a place in its stream. */
export interface EventDraft<Type extends string = string, Data = unknown> {
  readonly type: Type;
  readonly actor: Actor;
  readonly data: Data;
}

/**
 * An event in its place. `seq` counts from 1 without a gap in each stream; `prev` is the hash of the event
 * before it (64 zeros for the first); `hash` is the SHA-256, in hex, over the canonical form of all other fields.
 */
export interface LoggedEvent<Type extends string = string, Data = unknown> extends EventDraft<Type, Data> {
  /** `cabinet/<id>`, `cassette/<id>`; of one gateway `site/<gateway>` for what was administered, and `alarms/<gateway>`. */
  readonly stream: string;
  readonly seq: number;
  /** UTC, ISO 8601 with milliseconds. */
  readonly at: string;
  readonly prev: string;
  readonly hash: string;
}
