import type { Language, LocalizedText } from '../../domain/texts/texts.ts';
import type { DemoEvent } from '../../simulators/demo/hardware.ts';

/** Who or what a line of a story is about. */
export type Source = 'person' | 'panel' | 'hardware' | 'log' | 'alarm';

const SOURCES: Readonly<Record<Language, Readonly<Record<Source, string>>>> = {
  en: { person: 'person', panel: 'panel', hardware: 'hardware', log: 'log', alarm: 'alarm' },
  pl: { person: 'osoba', panel: 'panel', hardware: 'sprzęt', log: 'dziennik', alarm: 'alarm' },
  it: { person: 'persona', panel: 'pannello', hardware: 'hardware', log: 'registro', alarm: 'allarme' },
};

/** Events of the hardware that are told; the others only repeat what a person did. */
export type ToldEvent = Extract<
  DemoEvent['event'],
  'pulse' | 'door-opened' | 'door-closed' | 'item-taken' | 'item-put'
>;

const HARDWARE: Readonly<Record<ToldEvent, LocalizedText>> = {
  pulse: {
    en: 'compartment {n}: pulse to the lock',
    pl: 'skrytka {n}: impuls na zamek',
    it: 'scomparto {n}: impulso alla serratura',
  },
  'door-opened': {
    en: 'compartment {n}: the door springs open',
    pl: 'skrytka {n}: drzwi odskakują',
    it: 'scomparto {n}: la porta si apre di scatto',
  },
  'door-closed': {
    en: 'compartment {n}: the door is closed',
    pl: 'skrytka {n}: drzwi są zamknięte',
    it: 'scomparto {n}: la porta è chiusa',
  },
  'item-taken': {
    en: 'compartment {n}: the tag has left the antenna',
    pl: 'skrytka {n}: etykieta zniknęła z anteny',
    it: 'scomparto {n}: il tag ha lasciato l’antenna',
  },
  'item-put': {
    en: 'compartment {n}: a tag lies at the antenna',
    pl: 'skrytka {n}: etykieta leży przy antenie',
    it: 'scomparto {n}: un tag si trova presso l’antenna',
  },
};

/** The name of a source, as wide as every other. */
export function sourceName(source: Source, language: Language): string {
  const names = Object.values(SOURCES[language]);
  return SOURCES[language][source].padEnd(Math.max(...names.map(({ length }) => length)));
}

export function isTold(event: DemoEvent): event is Extract<DemoEvent, { readonly event: ToldEvent }> {
  return Object.hasOwn(HARDWARE, event.event);
}

/** What the hardware did, in words. */
export function hardwareWords(event: ToldEvent, compartment: number, language: Language): string {
  return HARDWARE[event][language].replace('{n}', String(compartment));
}

/** Numbers as people write them, e.g. `1–4, 7`. */
export function numberRanges(numbers: readonly number[]): string {
  const runs: [number, number][] = [];
  for (const number of numbers) {
    const run = runs.at(-1);
    if (run && run[1] === number - 1) run[1] = number;
    else runs.push([number, number]);
  }
  return runs.map(([from, to]) => (from === to ? `${from}` : `${from}–${to}`)).join(', ');
}
