/** What happens to a cabinet, in words, in every language. Persons are never named here: events have their ids. */
import type { CabinetEvent } from '../cabinet/events.ts';
import en from './cabinet-events/en.json' with { type: 'json' };
import it from './cabinet-events/it.json' with { type: 'json' };
import pl from './cabinet-events/pl.json' with { type: 'json' };
import { filled, type Language, type LocalizedText } from './texts.ts';

/** The sentences that an event may have: its type, and after a slash what sets one apart from the others of that type. */
export type CabinetSentence = keyof typeof en;

/** By language, the sentence for each event. */
export const CABINET_EVENT_TEXTS: Readonly<Record<Language, Readonly<Record<CabinetSentence, string>>>> = {
  en,
  pl,
  it,
};

/** The sentence for what happened. A placeholder without a value stays as it is, to be noticed. */
export function cabinetEventText(event: CabinetEvent): LocalizedText {
  const sentence = sentenceFor(event);
  const values = valuesOf(event);
  return {
    en: filled(en[sentence], values),
    pl: filled(pl[sentence], values),
    it: filled(it[sentence], values),
  };
}

function sentenceFor(event: CabinetEvent): CabinetSentence {
  const { type, data } = event;
  if (type === 'deposit-mail') return `deposit-mail/${data.outcome}`;
  if (type === 'access-refused' && data.compartment !== undefined) return 'access-refused/compartment';
  if (type === 'unlock-failed' && data.outOfOrder) return 'unlock-failed/out-of-order';
  if (type === 'use-settled' && (data.outcome === 'wrong-item' || data.outcome === 'item-missing')) {
    return `use-settled/${data.outcome}`;
  }
  return type;
}

/** The values that sentences name: numbers, ids of devices and codes, nothing else. */
function valuesOf({ type, data }: CabinetEvent): Readonly<Record<string, string | number>> {
  return {
    ...('compartment' in data && data.compartment !== undefined && { compartment: data.compartment }),
    ...('board' in data && { board: data.board }),
    ...(type === 'mode-changed' && { from: data.from, to: data.to }),
    ...(type === 'access-refused' && { refusal: data.reason }),
    ...(type === 'unlock-failed' && { attempts: data.attempts }),
  };
}
