/** A key at its reader: who it is, whether it may, and where it leads. */
import { type Actor, GATEWAY } from '../event.ts';
import { AUTOMATIC, type KeyUse } from './events.ts';
import { againstArming, againstStepDown } from './guards.ts';
import type { CassetteInput } from './inputs.ts';
import type { CassetteKey, KeyRole, Rom } from './key.ts';
import { armedAfter, changeTo, enter } from './phases.ts';
import { type CassetteRefusal, cassetteRefusal } from './refusal.ts';
import { dropPendingKey, refuseKey } from './refused-key.ts';
import type { Transition } from './rules.ts';
import type { Turn } from './turn.ts';

type KeyInput = Extract<CassetteInput, { readonly input: 'key' }>;

/** Takes a key: a change of phase, a wait for the second factor, or a refusal; always on record. */
export function takeKey(turn: Turn, input: KeyInput): CassetteRefusal | undefined {
  const { rom, reader, known } = input;
  const use = useOf(rom, reader, known);
  const refusal = againstState(turn) ?? againstKey(turn, input);
  const row = known && rowFor(turn, known.role);
  const obstacle = refusal ?? againstUse(turn, row, rom);
  if (obstacle || !known || !row) {
    return refuseKey(turn, use, obstacle ?? cassetteRefusal('key-unknown'));
  }
  const { required, within } = turn.setting.secondFactor;
  if (required && known.role === 'K1') {
    dropPendingKey(turn);
    turn.follow({ pendingKey: { use: { ...use, role: known.role }, until: turn.at + within } });
    turn.emit('second-factor-awaited', { ...use, within });
    return undefined;
  }
  dropPendingKey(turn);
  apply(turn, row, use, GATEWAY);
  return undefined;
}

/** What was at the reader is no key to be used: recorded as such. */
export function takeKeyFault(
  turn: Turn,
  { rom, reader, refusal }: Extract<CassetteInput, { readonly input: 'key-fault' }>,
): CassetteRefusal {
  return refuseKey(turn, { ...(rom !== undefined && { rom }), reader }, refusal);
}

/** The second factor of a use of K1: everything is looked at once more. Answers with what stands against it. */
export function confirmKey(turn: Turn, actor: Actor): CassetteRefusal | undefined {
  const { pendingKey } = turn.live;
  if (!pendingKey) return cassetteRefusal('nothing-to-confirm');
  const { use } = pendingKey;
  const row = rowFor(turn, use.role);
  const obstacle = againstUse(turn, row, use.rom);
  if (obstacle || !row) return obstacle;
  turn.forget('pendingKey');
  apply(turn, row, use, actor);
  return undefined;
}

function againstState({ recorded }: Turn): CassetteRefusal | undefined {
  if (recorded.attack !== undefined) return cassetteRefusal('attack-under-way');
  if (recorded.phase === 'stained') return cassetteRefusal('stained-already');
  return undefined;
}

function againstKey({ setting }: Turn, { known, expired }: KeyInput): CassetteRefusal | undefined {
  if (!known) return cassetteRefusal('key-unknown');
  if (known.revoked) return cassetteRefusal('key-revoked');
  if (expired === true) return cassetteRefusal('key-expired');
  if (known.cassettes.length > 0 && !known.cassettes.includes(setting.id)) {
    return cassetteRefusal('key-not-for-this-cassette', { cassette: setting.id });
  }
  return undefined;
}

function useOf(rom: Rom, reader: string, known: CassetteKey | undefined): KeyUse {
  if (!known) return { rom, reader };
  return { rom, reader, key: known.id, role: known.role, ...(known.duress && { duress: true }) };
}

function rowFor({ rules, setting, recorded }: Turn, role: KeyRole): Transition | undefined {
  return rules.transitions[setting.mode].find(({ from, on }) => from === recorded.phase && on === role);
}

function againstUse(turn: Turn, row: Transition | undefined, rom: Rom): CassetteRefusal | undefined {
  if (!row) return cassetteRefusal('key-has-no-effect-here', { phase: turn.recorded.phase });
  if (!row.same) return againstArming(turn, row.to, row.refusedIf);
  const { armedBy } = turn.recorded;
  const armedWith = row.on === 'K2' ? armedBy.second : armedBy.first;
  if (armedWith !== rom && armedWith !== AUTOMATIC) return cassetteRefusal('not-the-same-key');
  return againstStepDown(turn, row.to);
}

function apply(turn: Turn, row: Transition, use: KeyUse, actor: Actor): void {
  const armedBy = armedAfter(turn.recorded.armedBy, row.from, row.to, use.rom);
  const change = changeTo(turn, row.to, armedBy);
  turn.emit('key-used', { ...use, ...change }, actor);
  enter(turn);
  turn.act({ effect: 'signal', signal: 'accepted' });
}
