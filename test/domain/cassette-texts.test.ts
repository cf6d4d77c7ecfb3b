import { expect } from 'chai';
import type { CassetteEvent } from '../../domain/cassette/events.ts';
import { KEY_ROLES } from '../../domain/cassette/key.ts';
import { SENSORS } from '../../domain/cassette/readings.ts';
import { CASSETTE_REFUSAL_CODES, cassetteRefusal } from '../../domain/cassette/refusal.ts';
import { MANAGEMENT_MODES, PHASES } from '../../domain/cassette/setting.ts';
import { PASSING_SIGNALS, STANDING_SIGNALS } from '../../domain/cassette/signal.ts';
import { SUB_STATES } from '../../domain/cassette/view.ts';
import { GATEWAY } from '../../domain/event.ts';
import { labelOf } from '../../domain/one-wire.ts';
import {
  CASSETTE_TEXTS,
  cassetteEventText,
  cassetteRefusalText,
  durationText,
  measureText,
  nameOf,
} from '../../domain/texts/cassette-texts.ts';
import { LANGUAGES, placeholdersIn } from '../../domain/texts/texts.ts';
import { SAMPLE_EVENTS, SAMPLE_ROMS } from './support/cassette-event-samples.ts';

const SENTENCE = /^\p{Lu}.+\.$/u;
const { en } = CASSETTE_TEXTS;

describe('texts of cassettes', () => {
  for (const language of LANGUAGES) {
    const { refusals, events, names } = CASSETTE_TEXTS[language];

    it(`${language}: there is a sentence for each refusal, which names the same values as the English one`, () => {
      expect(Object.keys(refusals).sort()).to.deep.equal([...CASSETTE_REFUSAL_CODES].sort());
      for (const code of CASSETTE_REFUSAL_CODES) {
        expect(refusals[code], code).to.match(SENTENCE);
        expect([...placeholdersIn(refusals[code])].sort(), code).to.deep.equal(
          [...placeholdersIn(en.refusals[code])].sort(),
        );
      }
    });

    it(`${language}: the sentences of events name the same values as the English ones`, () => {
      expect(Object.keys(events)).to.deep.equal(Object.keys(en.events));
      for (const code of Object.keys(en.events) as (keyof typeof events)[]) {
        expect([...placeholdersIn(events[code])].sort(), code).to.deep.equal(
          [...placeholdersIn(en.events[code])].sort(),
        );
      }
    });

    it(`${language}: whatever has a name has one here, which differs from the others of its kind`, () => {
      expect(Object.keys(names)).to.deep.equal(Object.keys(en.names));
      for (const kind of Object.keys(en.names) as (keyof typeof names)[]) {
        expect(Object.keys(names[kind]), kind).to.deep.equal(Object.keys(en.names[kind]));
        const said = Object.values(names[kind]);
        expect(
          said.filter((name) => name.trim() === ''),
          kind,
        ).to.deep.equal([]);
        expect(new Set(said).size, kind).to.equal(said.length);
      }
    });

    it(`${language}: every event is a sentence with nothing left to fill in, and without a ROM`, () => {
      for (const event of SAMPLE_EVENTS) {
        const text = cassetteEventText(event)[language];
        expect(text, event.type).to.match(SENTENCE);
        expect(placeholdersIn(text), text).to.deep.equal([]);
        for (const rom of SAMPLE_ROMS) expect(text.toUpperCase()).not.to.contain(rom);
      }
    });

    it(`${language}: no sentence is for nothing`, () => {
      const said = SAMPLE_EVENTS.map((event) => cassetteEventText(event)[language]);
      for (const [code, sentence] of Object.entries(events)) {
        expect(said.filter((text) => fits(sentence, text)).length, code).to.be.at.least(1);
      }
    });
  }

  it('are in three different languages', () => {
    for (const code of CASSETTE_REFUSAL_CODES) {
      const said = Object.values(cassetteRefusalText(cassetteRefusal(code)));
      expect(new Set(said).size, code).to.equal(3);
    }
  });

  it('name everything that the machine knows', () => {
    expect(Object.keys(en.names.phase)).to.deep.equal([...PHASES]);
    expect(Object.keys(en.names['sub-state'])).to.deep.equal([...SUB_STATES]);
    expect(Object.keys(en.names.sensor)).to.deep.equal([...SENSORS]);
    expect(Object.keys(en.names.cause)).to.deep.equal([...SENSORS, 'grace-expired', 'controller']);
    expect(Object.keys(en.names.mode)).to.deep.equal([...MANAGEMENT_MODES]);
    expect(Object.keys(en.names.role)).to.deep.equal([...KEY_ROLES]);
    expect(Object.keys(en.names.signal)).to.deep.equal([...STANDING_SIGNALS, ...PASSING_SIGNALS]);
    expect(nameOf('mode', 'outsourced').it).to.equal('bancomat esternalizzato');
  });

  it('give the codes in a refusal by their names', () => {
    expect(cassetteRefusalText(cassetteRefusal('sensor-active', { sensor: 'lid' })).pl).to.contain(
      'Czujnik „pokrywa”',
    );
    expect(cassetteRefusalText(cassetteRefusal('stainer-not-ready', { state: 'fired' })).it).to.equal(
      'Il macchiatore non è pronto: scattato.',
    );
  });

  it('leave a placeholder to be noticed where its value is missing', () => {
    expect(cassetteRefusalText(cassetteRefusal('not-armed')).en).to.contain('{phase}');
  });

  it('say what happened with its values', () => {
    const said = (event: Pick<CassetteEvent, 'type' | 'data'>): string =>
      cassetteEventText({ ...event, actor: GATEWAY } as CassetteEvent).en;
    const change = { from: 'transit', to: 'full', armedBy: {}, timers: {} } as const;
    expect(
      said({
        type: 'key-used',
        data: { rom: SAMPLE_ROMS[1], key: 'atm-2', role: 'K2', reader: 'R1', ...change },
      }),
    ).to.equal('Key atm-2 (K2, ATM) at reader R1: transit → full protection.');
    expect(
      said({
        type: 'sensor-changed',
        data: { sensor: 'shock', active: true, liveness: 'high', value: 2_340 },
      }),
    ).to.equal('Sensor “shock”: active (2.3 g). It stains in this state.');
    expect(said({ type: 'part-changed', data: { part: 'battery', state: 'low' } })).to.equal('Battery: low.');
    expect(said({ type: 'test-begun', data: { reason: 'Yearly test.' } })).to.equal(
      'Test begun, nothing can fire. Reason: Yearly test.',
    );
  });

  it('do not tell the number of a key that somebody typed, as it is read or as it stands on its label', () => {
    for (const rom of [SAMPLE_ROMS[0], SAMPLE_ROMS[1].toLowerCase(), labelOf(SAMPLE_ROMS[2])]) {
      const event = { type: 'test-begun', actor: GATEWAY, data: { reason: `Key ${rom} is lost` } };
      expect(cassetteEventText(event as CassetteEvent).en).to.contain('Reason: Key … is lost.');
    }
    const others = 'order 1234567890123456, digest 0123456789abcdef0123456789abcdef';
    const event = { type: 'test-begun', actor: GATEWAY, data: { reason: others } };
    expect(cassetteEventText(event as CassetteEvent).en).to.contain(others);
  });

  it('say a code that they do not know as it is', () => {
    const event = {
      type: 'firing-failed',
      actor: GATEWAY,
      data: { step: 'fire', reason: 'E17', failures: 2 },
    };
    expect(cassetteEventText(event as CassetteEvent).pl).to.contain('(E17)');
  });
});

describe('values in texts of cassettes', () => {
  for (const [lasts, text] of [
    [0, '0 s'],
    [250, '250 ms'],
    [1_001, '2 s'],
    [59_999, '1 min'],
    [270_000, '4 min 30 s'],
    [7_200_000, '2 h'],
  ] as const) {
    it(`${lasts} ms are ${text}`, () => {
      expect(durationText(lasts)).to.equal(text);
    });
  }

  it('are written as the language writes them', () => {
    expect(measureText('shock', 2_500, 'pl')).to.equal('2,5 g');
    expect(measureText('tilt', 47, 'en')).to.equal('47°');
    expect(measureText('gas', 20, 'it')).to.equal('20 % del limite inferiore di esplosività');
  });
});

/** Whether a text is that sentence, with anything in its placeholders. */
function fits(sentence: string, text: string): boolean {
  const words = sentence.split(/\{\w+\}/).map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'));
  return new RegExp(`^${words.join('.*')}$`).test(text);
}
