import type { KeypadSettings } from './settings.ts';

/** What the parser found: the digits of an entry, or an entry that it refused. */
export type KeypadEntry = { readonly kind: 'pin'; readonly digits: string } | { readonly kind: 'malformed' };

/** The longest PIN (System S.2.2 allows 4 to 16 digits by default). */
const MOST_DIGITS = 16;

const CR = 0x0d;
const LF = 0x0a;
const CLEAR = '*'.charCodeAt(0);
const HASH = '#'.charCodeAt(0);

/**
 * Collects typed digits until the end key. `*` clears the entry. An end key without digits before it, and a
 * line feed anywhere, mean nothing. Any other byte, or a digit too many, spoils the entry: it is refused when
 * it ends, since a PIN with a key lost or added is another PIN.
 */
export class KeypadParser {
  readonly #end: KeypadSettings['end'];
  #digits = '';
  #spoiled = false;

  constructor(end: KeypadSettings['end']) {
    this.#end = end;
  }

  /** Whether something is typed that is not ended yet. */
  get pending(): boolean {
    return this.#digits !== '' || this.#spoiled;
  }

  /** Forgets what was typed. */
  clear(): void {
    this.#digits = '';
    this.#spoiled = false;
  }

  /** Keys may have been lost: what is typed, where something is, is refused when it ends. */
  spoil(): void {
    if (this.pending) this.#spoiled = true;
  }

  /** Takes the next bytes; returns the entries that they ended, in order. */
  push(bytes: Uint8Array): KeypadEntry[] {
    const entries: KeypadEntry[] = [];
    for (const byte of bytes) {
      if (byte === CLEAR) this.clear();
      else if (this.#ends(byte)) this.#finish(entries);
      else if (byte !== LF) this.#type(byte);
    }
    return entries;
  }

  #ends(byte: number): boolean {
    return (byte === HASH && this.#end !== 'CR') || (byte === CR && this.#end !== '#');
  }

  #type(byte: number): void {
    const isDigit = byte >= 0x30 && byte <= 0x39;
    if (isDigit && this.#digits.length < MOST_DIGITS) this.#digits += String.fromCharCode(byte);
    else this.#spoiled = true;
  }

  #finish(entries: KeypadEntry[]): void {
    if (this.pending)
      entries.push(this.#spoiled ? { kind: 'malformed' } : { kind: 'pin', digits: this.#digits });
    this.clear();
  }
}
