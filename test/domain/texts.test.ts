import { expect } from 'chai';
import { REFUSAL_CODES, refusal } from '../../domain/refusals.ts';
import { LANGUAGES, TEXTS, textOf } from '../../domain/texts/texts.ts';

const placeholders = (text: string): string[] => (text.match(/\{\w+\}/g) ?? []).sort();

describe('texts of refusals', () => {
  for (const language of LANGUAGES) {
    it(`${language}: there is one for each code, and none too many`, () => {
      expect(Object.keys(TEXTS[language]).sort()).to.deep.equal([...REFUSAL_CODES].sort());
    });

    it(`${language}: each is a sentence that names the same values as the English one`, () => {
      for (const code of REFUSAL_CODES) {
        expect(TEXTS[language][code], code).to.match(/^\p{Lu}.{9,}\.$/u);
        expect(placeholders(TEXTS[language][code]), code).to.deep.equal(placeholders(TEXTS.en[code]));
      }
    });
  }

  it('are in three different languages', () => {
    for (const code of REFUSAL_CODES) {
      expect(new Set(LANGUAGES.map((language) => TEXTS[language][code])).size, code).to.equal(3);
    }
  });

  it('name the values', () => {
    expect(textOf(refusal('compartment-blocked', { compartment: 7 })).pl).to.equal(
      'Skrytka 7 jest zablokowana. Zgłoś się do administratora.',
    );
  });

  it('leave a placeholder to be noticed where its value is missing', () => {
    expect(textOf(refusal('compartment-blocked')).en).to.contain('{compartment}');
  });
});
