import { expect } from 'chai';
import { REFUSAL_CODES, refusal } from '../../domain/refusals.ts';
import { PROMPT_CODES } from '../../domain/session/prompt.ts';
import { LANGUAGES, PROMPTS, placeholdersOf, promptText, TEXTS, textOf } from '../../domain/texts/texts.ts';

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

describe('texts of panels', () => {
  for (const language of LANGUAGES) {
    it(`${language}: there is one for each prompt, which names the same values as the English one`, () => {
      expect(Object.keys(PROMPTS[language]).sort()).to.deep.equal([...PROMPT_CODES].sort());
      for (const code of PROMPT_CODES) {
        expect(placeholders(PROMPTS[language][code]), code).to.deep.equal(placeholders(PROMPTS.en[code]));
      }
    });
  }

  it('have codes that no refusal has', () => {
    expect(PROMPT_CODES.filter((code) => (REFUSAL_CODES as readonly string[]).includes(code))).to.deep.equal(
      [],
    );
  });
});

describe('texts of a cabinet', () => {
  const own = {
    pl: { 'compartment-blocked': 'Skrytka {compartment} nie działa.', identify: 'Karta!' },
  };

  it('take the place of the usual ones, language by language', () => {
    const text = textOf(refusal('compartment-blocked', { compartment: 7 }), own);
    expect(text.pl).to.equal('Skrytka 7 nie działa.');
    expect(text.en).to.equal(textOf(refusal('compartment-blocked', { compartment: 7 })).en);
    expect(promptText({ code: 'identify', values: {} }, own).pl).to.equal('Karta!');
    expect(promptText({ code: 'open', values: { compartment: 7 } }, own).pl).to.contain('7');
  });

  it('may name the values that the usual ones name', () => {
    expect(placeholdersOf('set-pin')).to.deep.equal(['least', 'most', 'compartment']);
    expect(placeholdersOf('identify')).to.deep.equal([]);
    expect(placeholdersOf('identyfy')).to.equal(undefined);
    expect(placeholdersOf('constructor')).to.equal(undefined);
  });
});
