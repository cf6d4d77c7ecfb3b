import { DEFAULT_SIGNALS, type Signal, type SignalPattern } from '../../domain/cassette/signal.ts';
import type { Language, LocalizedText } from '../../domain/texts/texts.ts';
import type { DemoCassetteEvent } from '../../simulators/demo/cassettes.ts';

/** What is seen and heard of the usual patterns. */
const SIGNALS: Readonly<Record<Signal, LocalizedText>> = {
  unconfigured: { en: 'LED off', pl: 'dioda zgaszona', it: 'LED spento' },
  service: {
    en: 'LED: green and amber in turn',
    pl: 'dioda: na przemian zielona i bursztynowa',
    it: 'LED: verde e ambra alternati',
  },
  test: {
    en: 'LED: green, amber, red in turn',
    pl: 'dioda: kolejno zielona, bursztynowa i czerwona',
    it: 'LED: verde, ambra e rosso alternati',
  },
  rest: {
    en: 'LED: a green blip every 3 s',
    pl: 'dioda: zielony błysk co 3 s',
    it: 'LED: un lampo verde ogni 3 s',
  },
  transit: {
    en: 'LED: amber, blinking',
    pl: 'dioda: bursztynowa, miga',
    it: 'LED: ambra, lampeggiante',
  },
  grace: {
    en: 'LED: amber, with a beep every 5 s',
    pl: 'dioda: bursztynowa, sygnał dźwiękowy co 5 s',
    it: 'LED: ambra, con un bip ogni 5 s',
  },
  'grace-soon': {
    en: 'LED: amber, with a beep every second',
    pl: 'dioda: bursztynowa, sygnał dźwiękowy co sekundę',
    it: 'LED: ambra, con un bip ogni secondo',
  },
  'grace-last': {
    en: 'LED: amber, beeping fast',
    pl: 'dioda: bursztynowa, szybki sygnał dźwiękowy',
    it: 'LED: ambra, con bip rapidi',
  },
  full: {
    en: 'LED: a red blip every 3 s',
    pl: 'dioda: czerwony błysk co 3 s',
    it: 'LED: un lampo rosso ogni 3 s',
  },
  'pre-alarm': {
    en: 'LED: red, beeping fast: stop at once',
    pl: 'dioda: czerwona, szybki sygnał: natychmiast przerwij',
    it: 'LED: rosso, con bip rapidi: fermarsi subito',
  },
  'second-factor': {
    en: 'LED: amber and green, fast: who is it?',
    pl: 'dioda: szybko bursztynowa i zielona: kto to?',
    it: 'LED: ambra e verde, rapidi: chi è?',
  },
  fault: {
    en: 'LED: red and amber in turn: a fault',
    pl: 'dioda: na przemian czerwona i bursztynowa: usterka',
    it: 'LED: rosso e ambra alternati: guasto',
  },
  stained: { en: 'LED: red, steady', pl: 'dioda: czerwona, stale', it: 'LED: rosso, fisso' },
  accepted: {
    en: 'a green flash and one high beep: accepted',
    pl: 'zielony błysk i jeden wysoki sygnał: przyjęto',
    it: 'un lampo verde e un bip acuto: accettata',
  },
  refused: {
    en: 'three red flashes and three low beeps: refused',
    pl: 'trzy czerwone błyski i trzy niskie sygnały: odmowa',
    it: 'tre lampi rossi e tre bip gravi: rifiutata',
  },
};

const OTHER: LocalizedText = {
  en: 'another pattern of light and sound',
  pl: 'inny wzór światła i dźwięku',
  it: 'un altro segnale di luce e suono',
};

const INK: LocalizedText = {
  en: 'ink runs over the notes',
  pl: 'farba zalewa banknoty',
  it: 'l’inchiostro macchia le banconote',
};

const ANTI_GAS: Readonly<Record<'on' | 'off', LocalizedText>> = {
  on: {
    en: 'the blower drives the gas out of the ATM',
    pl: 'nawiew usuwa gaz z bankomatu',
    it: 'la ventola espelle il gas dal bancomat',
  },
  off: { en: 'the blower stops', pl: 'nawiew się zatrzymuje', it: 'la ventola si ferma' },
};

/** Which signal a pattern is; undefined where the site has patterns of its own. */
export function signalOf(pattern: SignalPattern): Signal | undefined {
  const text = JSON.stringify(pattern);
  const found = Object.entries(DEFAULT_SIGNALS).find(([, usual]) => JSON.stringify(usual) === text);
  return found?.[0] as Signal | undefined;
}

/** What somebody before the cassette sees and hears. */
export function cassetteWords(event: DemoCassetteEvent, language: Language): string {
  switch (event.event) {
    case 'signalled': {
      const signal = signalOf(event.pattern);
      return (signal === undefined ? OTHER : SIGNALS[signal])[language];
    }
    case 'stained':
      return INK[language];
    case 'gas-driven-out':
      return ANTI_GAS[event.on ? 'on' : 'off'][language];
  }
}
