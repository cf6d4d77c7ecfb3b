/** Names of the site's nodes: the namespace, the node ids that clients may store, and the words that people see. */
import { LocalizedText } from 'node-opcua';
import type { CabinetId, CassetteId, CompartmentNumber } from '../domain/site.ts';
import type { LocalizedText as Sentence } from '../domain/texts/texts.ts';

/** The namespace of everything that this server adds. Stable for ever; its index is not. */
export const NAMESPACE_URI = 'urn:sezam:lockers';
/** Version of the types and node ids in the namespace, and when it was last changed. */
export const NAMESPACE_VERSION = '1.2.0';
export const NAMESPACE_PUBLISHED = new Date('2026-11-22T00:00:00Z');

/**
 * Node ids without their namespace, as strings that stay the same over restarts, e.g. `cabinet/A/compartment/7/State`.
 * Characters of an id that could be taken for a separator are percent-encoded.
 */
export const nodeIds = {
  site: 's=site',
  cabinets: 's=cabinets',
  cassettes: 's=cassettes',
  type: (name: string): string => `s=type/${name}`,
  cabinet: (cabinet: CabinetId): string => `s=cabinet/${encodeURIComponent(cabinet)}`,
  compartment: (cabinet: CabinetId, number: CompartmentNumber): string =>
    `${nodeIds.cabinet(cabinet)}/compartment/${number}`,
  cassette: (cassette: CassetteId): string => `s=cassette/${encodeURIComponent(cassette)}`,
};

/**
 * Words of the address space itself. They are English alone: of several display names the library serves the first
 * one, whatever the client prefers.
 */
export function english(text: string): LocalizedText {
  return new LocalizedText({ locale: 'en', text });
}

/** The words in the first language of the client that there is a text for, else in English. */
export function inLocaleOf(preferred: readonly string[], sentence: Sentence): LocalizedText {
  for (const locale of preferred) {
    const language = locale.slice(0, 2).toLowerCase();
    if (language === 'en' || language === 'pl' || language === 'it') {
      return new LocalizedText({ locale: language, text: sentence[language] });
    }
  }
  return english(sentence.en);
}
