/**
 * Whether a key that is at a reader has been touched to it: for long enough, alone, and not just a moment ago. A
 * contact that bounces is no touch.
 */
import { isRom } from '../one-wire.ts';
import type { Milliseconds } from '../site.ts';
import type { Rom } from './key.ts';
import { type CassetteRefusal, cassetteRefusal } from './refusal.ts';
import type { ContactRule } from './setting.ts';

/** What one reader has before it. Times are monotonic. */
export interface ContactState {
  /** What is held to it: one key, as a rule. */
  readonly held?: {
    /** In the order in which they were first seen; at most 4. */
    readonly roms: readonly [Rom, ...Rom[]];
    readonly since: Milliseconds;
    readonly seen: Milliseconds;
    /** It has had its answer, and waits to be lifted. */
    readonly answered: boolean;
  };
  /** Keys that counted and have left, and when; only those that may not count again yet. */
  readonly left: readonly { readonly rom: Rom; readonly at: Milliseconds }[];
}

export type Contact =
  | { readonly contact: 'touched'; readonly rom: Rom }
  | { readonly contact: 'refused'; readonly rom: Rom; readonly refusal: CassetteRefusal };

export interface ContactStep {
  readonly state: ContactState;
  readonly contacts: readonly Contact[];
}

/** As many keys at once are told apart; more are garbage on the wire. */
const MOST_KEYS = 4;

export const NO_CONTACT: ContactState = { left: [] };

/**
 * The reader sees a key.
 *
 * @param rom 16 hex digits in the order of transmission, upper case; where they are no ROM that is said
 * @param repeats whether the reader says so again and again while the key stays; of others each word is a touch
 */
export function keySeen(
  state: ContactState,
  rom: Rom,
  at: Milliseconds,
  rule: ContactRule,
  repeats: boolean,
): ContactStep {
  const { state: before, contacts } = keysGone(state, at, rule);
  const { held } = before;
  if (held && !held.roms.includes(rom)) return severalSeen(before, held, rom, at, contacts);
  const { roms = [rom], since = at, answered = false } = held ?? {};
  const now = { ...before, held: { roms, since, seen: at, answered } };
  if (answered) return { state: now, contacts };
  const flaw = flawOf(rom);
  const tooSoon = before.left.some((key) => key.rom === rom);
  if (!flaw && !tooSoon && repeats && at - since < rule.lasts) return { state: now, contacts };
  const contact: Contact = flaw
    ? refusedAs(rom, flaw)
    : tooSoon
      ? refusedAs(rom, 'key-too-soon')
      : { contact: 'touched', rom };
  return { state: { ...now, held: { ...now.held, answered: true } }, contacts: [...contacts, contact] };
}

/** Another one at the same time: whatever had no answer yet is refused, and all of them have to be lifted. */
function severalSeen(
  state: ContactState,
  held: NonNullable<ContactState['held']>,
  rom: Rom,
  at: Milliseconds,
  contacts: readonly Contact[],
): ContactStep {
  const many = held.roms.length >= MOST_KEYS;
  const [first] = held.roms;
  return {
    state: {
      ...state,
      held: { ...held, roms: many ? held.roms : [...held.roms, rom], seen: at, answered: true },
    },
    contacts: [
      ...contacts,
      ...(held.answered ? [] : [refusedAs(first, 'two-keys')]),
      ...(many ? [] : [refusedAs(rom, flawOf(rom) ?? 'two-keys')]),
    ],
  };
}

/** Time has passed: a key that was not seen for long enough has left. */
export function keysGone(state: ContactState, at: Milliseconds, rule: ContactRule): ContactStep {
  const left = state.left.filter((key) => at - key.at < rule.againAfter);
  const { held } = state;
  if (!held || at - held.seen < rule.goneAfter) return { state: { ...state, left }, contacts: [] };
  // Whatever was answered has to stay away for a while; what was not was too short to be meant.
  if (held.answered) {
    const gone = held.roms.map((rom) => ({ rom, at: held.seen }));
    return { state: { left: [...left, ...gone] }, contacts: [] };
  }
  return { state: { left }, contacts: [refusedAs(held.roms[0], 'key-contact-short')] };
}

/** When `keysGone` would change something next; undefined where it would not. */
export function contactDue({ held }: ContactState, rule: ContactRule): Milliseconds | undefined {
  return held && held.seen + rule.goneAfter;
}

function flawOf(rom: Rom): 'key-all-zero' | 'key-wrong-checksum' | undefined {
  if (/^0*$/.test(rom)) return 'key-all-zero';
  return isRom(Buffer.from(rom, 'hex')) ? undefined : 'key-wrong-checksum';
}

function refusedAs(rom: Rom, code: CassetteRefusal['code']): Contact {
  return { contact: 'refused', rom, refusal: cassetteRefusal(code) };
}
