import type { Milliseconds } from './site.ts';

/**
 * What lies at a reader. Readers such as the RDM6300 repeat their frame for as long as a card is held, and mix
 * the frames of two cards; a person means one presentation by it.
 */
export type ReaderField =
  | { readonly field: 'empty' }
  | { readonly field: 'one'; readonly value: string; readonly lastSeen: Milliseconds }
  /** Two different cards at once; nothing more is taken until the reader has been quiet. */
  | { readonly field: 'several'; readonly lastSeen: Milliseconds };

/** What a frame means: somebody new, the same card still held, or a second card beside it. */
export type FieldMeaning = 'presented' | 'repeated' | 'two-cards';

/** How long a reader must be quiet before the next card counts as a new one, where a site does not say. Milliseconds. */
export const QUIET_BETWEEN_CARDS: Milliseconds = 500;

/**
 * The reader's field after one frame. `two-cards` is told once for each time that it happens.
 *
 * @param quiet how long the reader must be quiet before the next card counts as a new one; 0 for a reader that sends
 *   one frame for each presentation
 */
export function nextField(
  field: ReaderField,
  value: string,
  at: Milliseconds,
  quiet: Milliseconds = QUIET_BETWEEN_CARDS,
): { readonly to: ReaderField; readonly meaning: FieldMeaning } {
  const wasQuiet = field.field === 'empty' || at - field.lastSeen >= quiet || at < field.lastSeen;
  if (wasQuiet) return { to: { field: 'one', value, lastSeen: at }, meaning: 'presented' };
  if (field.field === 'several') return { to: { field: 'several', lastSeen: at }, meaning: 'repeated' };
  if (field.value === value) return { to: { ...field, lastSeen: at }, meaning: 'repeated' };
  return { to: { field: 'several', lastSeen: at }, meaning: 'two-cards' };
}
