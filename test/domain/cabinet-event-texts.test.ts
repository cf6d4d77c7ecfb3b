import { expect } from 'chai';
import type { CabinetEvent } from '../../domain/cabinet/events.ts';
import { severityOf } from '../../domain/cabinet/severity.ts';
import { GATEWAY } from '../../domain/event.ts';
import { CABINET_EVENT_TEXTS, cabinetEventText } from '../../domain/texts/cabinet-event-texts.ts';
import { LANGUAGES, placeholdersIn } from '../../domain/texts/texts.ts';

function event(type: CabinetEvent['type'], data: object = {}): CabinetEvent {
  return { type, actor: GATEWAY, data: { compartment: 7, ...data } } as CabinetEvent;
}

describe('what happens to a cabinet, in words', () => {
  it('has the same sentences with the same values in every language', () => {
    const { en } = CABINET_EVENT_TEXTS;
    for (const language of LANGUAGES) {
      const texts: Readonly<Record<string, string>> = CABINET_EVENT_TEXTS[language];
      expect(Object.keys(texts), language).to.deep.equal(Object.keys(en));
      for (const [code, sentence] of Object.entries(en)) {
        const own = placeholdersIn(texts[code] ?? '').toSorted();
        expect(own, `${language} ${code}`).to.deep.equal(placeholdersIn(sentence).toSorted());
        expect(texts[code], `${language} ${code}`).to.match(/^\p{Lu}.*[.]$/u);
      }
    }
  });

  it('tells apart what the data tell apart, without placeholders left over', () => {
    const said = (type: CabinetEvent['type'], data?: object): string =>
      cabinetEventText(event(type, data)).en;
    expect(said('door-forced')).to.equal('The door of compartment 7 opened without permission.');
    expect(said('access-refused', { reason: 'user-blocked' })).to.equal(
      'Access to compartment 7 was refused (user-blocked).',
    );
    expect(said('access-refused', { reason: 'user-blocked', compartment: undefined })).to.equal(
      'Access was refused (user-blocked).',
    );
    const failed = { attempts: 2, outOfOrder: false };
    expect(said('unlock-failed', failed)).to.equal('Compartment 7 could not be opened after 2 pulses.');
    expect(said('unlock-failed', { ...failed, outOfOrder: true })).to.include('out of order');
    expect(said('deposit-mail', { outcome: 'refused' })).to.include('was refused');
    expect(said('use-settled', { outcome: 'taken' })).to.include('is known');
    expect(said('use-settled', { outcome: 'wrong-item' })).to.include('wrong item');
    expect(said('mode-changed', { from: '2.1', to: '2.2' })).to.include('from 2.1 to 2.2');
    expect(said('board-lost', { board: 'b1' })).to.equal('Lock board b1 no longer answers.');
  });

  it('is as urgent as it is', () => {
    expect(severityOf(event('door-closed'))).to.equal(50);
    expect(severityOf(event('door-forced'))).to.equal(850);
    expect(severityOf(event('access-refused', { reason: 'user-blocked' }))).to.equal(200);
    expect(severityOf(event('access-refused', { reason: 'too-many-attempts' }))).to.equal(700);
    expect(severityOf(event('access-refused', { reason: 'user-blocked', duress: true }))).to.equal(1000);
    expect(severityOf(event('use-settled', { outcome: 'item-missing' }))).to.equal(500);
    expect(severityOf(event('use-settled', { outcome: 'returned' }))).to.equal(100);
  });
});
