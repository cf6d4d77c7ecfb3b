import type { Refusal } from '../domain/refusals.ts';
import { textOf } from '../domain/texts/texts.ts';
import type { Refused } from './api.ts';

/** A refusal as whoever asked is told it: with the sentence for it in every language. */
export function refused(reason: Refusal): Refused {
  return { ok: false, refusal: reason, text: textOf(reason) };
}
