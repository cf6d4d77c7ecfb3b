import { hash as sha256 } from 'node:crypto';
import type { EventDraft, LoggedEvent } from '../../domain/event.ts';

/** The hash before the first event of a stream. */
export const GENESIS = '0'.repeat(64);

/** The end of a stream: where the next event goes. */
export interface StreamHead {
  /** Sequence number of the last event; 0 for an empty stream. */
  readonly seq: number;
  /** Hash of the last event; `GENESIS` for an empty stream. */
  readonly hash: string;
}

export const EMPTY_STREAM: StreamHead = { seq: 0, hash: GENESIS };

/** Gives an event its place after `head`. `at`: milliseconds since 1970, UTC. */
export function seal(stream: string, head: StreamHead, draft: EventDraft, at: number): LoggedEvent {
  const unsealed = {
    stream,
    seq: head.seq + 1,
    at: new Date(at).toISOString(),
    type: draft.type,
    actor: draft.actor,
    data: draft.data,
    prev: head.hash,
  };
  return { ...unsealed, hash: hashOf(unsealed) };
}

/** The SHA-256, in hex, over the canonical form of an event without its own hash. */
export function hashOf(event: Omit<LoggedEvent, 'hash'>): string {
  const { stream, seq, at, type, actor, data, prev } = event;
  return sha256('sha256', canonical({ stream, seq, at, type, actor, data, prev }));
}

/**
 * The canonical form of a JSON value after RFC 8785: members sorted by UTF-16 code units, no white space, numbers
 * and strings as ECMAScript writes them. Members that are undefined are left out, as storing them does.
 * Throws on what neither JSON nor a database gives back as it was: it would look like a changed event for ever.
 */
export function canonical(value: unknown): string {
  if (value === null || typeof value === 'boolean') return JSON.stringify(value);
  if (typeof value === 'string') return quoted(value);
  if (typeof value === 'number') {
    if (!Number.isFinite(value)) throw new TypeError(`An event cannot hold the number ${value}.`);
    return JSON.stringify(value);
  }
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`;
  if (typeof value !== 'object') throw new TypeError(`An event cannot hold a ${typeof value}.`);
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== null) {
    throw new TypeError(`An event cannot hold a ${value.constructor.name}.`);
  }
  const members = value as Readonly<Record<string, unknown>>;
  const parts: string[] = [];
  for (const name of Object.keys(members).sort()) {
    const member = members[name];
    if (member !== undefined) parts.push(`${quoted(name)}:${canonical(member)}`);
  }
  return `{${parts.join(',')}}`;
}

/** RFC 8785, 3.2.2.2: half of a surrogate pair is an error; UTF-8 has no bytes for it. */
function quoted(text: string): string {
  if (!text.isWellFormed())
    throw new TypeError(`An event cannot hold half a character: ${JSON.stringify(text)}.`);
  return JSON.stringify(text);
}

/** What is wrong with an event's place in its stream, in words; undefined where nothing is. */
export function flawOf(event: LoggedEvent, before: StreamHead): string | undefined {
  if (event.seq !== before.seq + 1) return `number ${before.seq + 1} is missing`;
  if (event.prev !== before.hash) return 'it does not follow from the event before it';
  return isUnchanged(event) ? undefined : 'its content was changed after it was written';
}

function isUnchanged(event: LoggedEvent): boolean {
  try {
    return hashOf(event) === event.hash;
  } catch {
    // What no event can hold was not there when it was written.
    return false;
  }
}
