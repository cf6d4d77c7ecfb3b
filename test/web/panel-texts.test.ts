import { expect } from 'chai';
import { LANGUAGES as SERVED } from '../../domain/texts/texts.ts';
import { LANGUAGES, say, TEXTS } from '../../web/pages/panel-texts.js';

const placeholders = (text: string): readonly string[] => (text.match(/\{\w+\}/g) ?? []).toSorted();

describe('The texts of the pages of panels', () => {
  it('are there in every language in which people are served', () => {
    expect(LANGUAGES).to.have.members([...SERVED]);
  });

  for (const language of SERVED) {
    it(`${language}: say the same as the English ones, with the same values`, () => {
      expect(Object.keys(TEXTS[language])).to.deep.equal(Object.keys(TEXTS.en));
      for (const [name, text] of Object.entries(TEXTS[language])) {
        expect(text.trim(), name).to.equal(text).and.to.not.equal('');
        expect(placeholders(text), name).to.deep.equal(placeholders(TEXTS.en[name as keyof typeof TEXTS.en]));
      }
    });
  }

  it('leave a placeholder to be noticed where its value is missing', () => {
    expect(say('en', 'askFault', { compartment: 7 })).to.equal('Compartment 7: what is wrong with it?');
    expect(say('en', 'askFault')).to.include('{compartment}');
  });
});
