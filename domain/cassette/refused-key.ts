/** Keys that do nothing: on record, with the reason. */
import type { KeyUse } from './events.ts';
import { type CassetteRefusal, cassetteRefusal } from './refusal.ts';
import type { Turn } from './turn.ts';

/** Puts on record, and signals, that a key does nothing. Answers with why. */
export function refuseKey(
  turn: Turn,
  use: Partial<KeyUse> & { readonly reader: string },
  refusal: CassetteRefusal,
): CassetteRefusal {
  turn.emit('key-refused', { ...use, refusal });
  turn.act({ effect: 'signal', signal: 'refused' });
  return refusal;
}

/** A key that waits for its second factor will not get it any more. */
export function dropPendingKey(turn: Turn): void {
  const { pendingKey } = turn.live;
  if (!pendingKey) return;
  turn.forget('pendingKey');
  refuseKey(turn, pendingKey.use, cassetteRefusal('second-factor-missing'));
}
