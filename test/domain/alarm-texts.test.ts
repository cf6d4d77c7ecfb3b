import { expect } from 'chai';
import type { AlarmSource } from '../../domain/alarms/alarm.ts';
import { cassetteSigns } from '../../domain/alarms/cassette-signs.ts';
import { ALARM_KINDS, type AlarmKind } from '../../domain/alarms/kinds.ts';
import { ALARM_REFUSAL_CODES, alarmRefusal } from '../../domain/alarms/refusal.ts';
import { ALARM_TEXTS, alarmRefusalText, alarmText } from '../../domain/texts/alarm-texts.ts';
import { LANGUAGES, placeholdersIn } from '../../domain/texts/texts.ts';
import { SAMPLE_EVENTS } from './support/cassette-event-samples.ts';

const KINDS = Object.keys(ALARM_KINDS) as AlarmKind[];
const { en } = ALARM_TEXTS;
const SOURCES: readonly (readonly [AlarmSource, string])[] = [
  [{ source: 'compartment', cabinet: 'A', compartment: 12 }, 'Compartment 12 of cabinet A: '],
  [{ source: 'cabinet', cabinet: 'A' }, 'Cabinet A: '],
  [{ source: 'cassette', cassette: 'C1' }, 'Cassette C1: '],
  [{ source: 'gateway' }, 'Gateway: '],
];

describe('texts of alarms', () => {
  for (const language of LANGUAGES) {
    const { alarms, places, refusals } = ALARM_TEXTS[language];

    it(`${language}: there is one for each kind, which names the same values as the English one`, () => {
      expect(Object.keys(alarms)).to.have.members(KINDS);
      for (const kind of KINDS) {
        expect(alarms[kind], kind).to.match(/^\p{Ll}.+\.$/u);
        expect(placeholdersIn(alarms[kind]), kind).to.have.members(placeholdersIn(en.alarms[kind]));
      }
      expect(new Set(Object.values(alarms)).size).to.equal(KINDS.length);
    });

    it(`${language}: there is one for each refusal, which names the same values as the English one`, () => {
      expect(Object.keys(refusals)).to.have.members([...ALARM_REFUSAL_CODES]);
      for (const code of ALARM_REFUSAL_CODES) {
        expect(refusals[code], code).to.match(/^\p{Lu}.+\.$/su);
        expect(placeholdersIn(refusals[code]), code).to.have.members(placeholdersIn(en.refusals[code]));
      }
    });

    it(`${language}: places name what they are about`, () => {
      for (const place of Object.keys(en.places) as (keyof typeof places)[]) {
        expect(placeholdersIn(places[place]), place).to.have.members(placeholdersIn(en.places[place]));
      }
    });

    it(`${language}: what a cassette says leaves nothing to fill in`, () => {
      const raised = SAMPLE_EVENTS.flatMap((event) => cassetteSigns('C1', event)).filter(
        ({ sign }) => sign === 'raised',
      );
      for (const { kind, source, values = {} } of raised) {
        expect(placeholdersIn(alarmText({ kind, source, values })[language]), kind).to.deep.equal([]);
      }
    });
  }

  for (const [source, begins] of SOURCES) {
    it(`begin with what they are about: ${begins}`, () => {
      expect(alarmText({ kind: 'duress', source, values: {} }).en).to.equal(`${begins}${en.alarms.duress}`);
    });
  }

  it('name codes of cassettes in words, and leave one that has none as it is', () => {
    const text = (cause: string): string =>
      alarmText({ kind: 'stained', source: { source: 'cassette', cassette: 'C1' }, values: { cause } }).pl;
    expect(text('controller')).to.equal(
      'Kaseta C1: banknoty zabarwione. Przyczyna: samodzielne zadziałanie sterownika.',
    );
    expect(text('constructor')).to.contain('Przyczyna: constructor.');
  });

  it('tell refusals in every language', () => {
    const text = alarmRefusalText(alarmRefusal('shelving-too-long', { most: 720 }));
    expect(text.it).to.equal('Un allarme si può accantonare da 1 secondo a 720 minuti.');
  });
});
