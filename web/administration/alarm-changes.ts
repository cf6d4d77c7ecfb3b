import { randomBytes } from 'node:crypto';
import type { Language } from '../../domain/texts/texts.ts';
import type { AlarmChange, Alarms, AlarmView } from '../../gateway/api.ts';
import { changeIn } from './alarm-json.ts';

/** Changes that are kept for whoever was cut off or reads slowly. */
export const CHANGES_KEPT = 1_000;

interface Kept {
  readonly change: AlarmChange;
  /** What it is in a language, once somebody has been told. */
  readonly said: Partial<Record<Language, string>>;
}

/**
 * The latest changes of the alarms of one gateway, numbered from 1 on since somebody asked first. All clients are
 * told from this one list, so a slow one takes no memory of its own.
 */
export class AlarmChanges {
  /** Tells the numbers of this list from those of another one, after a restart. */
  readonly run = randomBytes(6).toString('hex');
  readonly #alarms: Alarms;
  /** Change n lies at n modulo the length. */
  readonly #kept: (Kept | undefined)[];
  #last = 0;

  /**
   * @param onChange told once for all changes of one turn
   * @param kept how many changes are kept
   */
  constructor(alarms: Alarms, onChange: () => void, kept = CHANGES_KEPT) {
    this.#alarms = alarms;
    this.#kept = Array.from({ length: kept }, () => undefined);
    let told = true;
    alarms.onChange((change) => {
      this.#last += 1;
      this.#kept[this.#last % kept] = { change, said: {} };
      if (!told) return;
      told = false;
      setImmediate(() => {
        told = true;
        onChange();
      });
    });
  }

  /** Number of the last change. */
  get last(): number {
    return this.#last;
  }

  /** The whole book, as it is after the last change. */
  get alarms(): readonly AlarmView[] {
    return this.#alarms.list();
  }

  /** Whether every change from a number on is kept, or is yet to come. */
  has(number: number): boolean {
    return number > this.#last - this.#kept.length && number >= 1 && number <= this.#last + 1;
  }

  /** A change as JSON in a language; undefined where it is not kept, or did not happen yet. */
  json(number: number, language: Language): string | undefined {
    if (!this.has(number) || number > this.#last) return undefined;
    const kept = this.#kept[number % this.#kept.length];
    if (!kept) return undefined;
    kept.said[language] ??= JSON.stringify(changeIn(language, number, kept.change));
    return kept.said[language];
  }
}
