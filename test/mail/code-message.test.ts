import { expect } from 'chai';
import { LANGUAGES, type Language, placeholdersIn } from '../../domain/texts/texts.ts';
import type { CodeMailRequest } from '../../gateway/ports.ts';
import { codeMessage, MAIL_TEXTS, type MailSite } from '../../mail/code-message.ts';

const SITE: MailSite = {
  name: 'Town hall',
  language: 'en',
  timeZone: 'Europe/Warsaw',
  cabinets: new Map([['A', 'Entrance']]),
};

const REQUEST: CodeMailRequest = {
  cabinet: 'A',
  compartment: 12,
  deposit: 'deposit-1',
  recipient: { name: 'Anna Nowak', email: 'anna@example.org' },
  pin: '480913',
};

const TO = 'anna@example.org';

describe('the mail with a PIN', () => {
  for (const language of LANGUAGES) {
    it(`says the same in ${language} as in the other languages`, () => {
      const names = (of: Language): unknown =>
        Object.entries(MAIL_TEXTS[of]).map(([code, sentence]) => [code, placeholdersIn(sentence).toSorted()]);
      expect(names(language)).to.deep.equal(names('en'));
    });

    it(`says in ${language} where it lies, its PIN and how to collect it`, () => {
      const { subject, text, html, to } = codeMessage(
        SITE,
        {
          ...REQUEST,
          recipient: { ...REQUEST.recipient, language },
          collectBefore: Date.UTC(2026, 6, 1, 10),
        },
        TO,
      );
      expect(to).to.equal(TO);
      expect(subject).to.contain('Town hall').and.not.contain('480913');
      for (const said of ['Anna Nowak', 'Town hall', 'Entrance', '12', '480913', '2026', '12:00']) {
        expect(text).to.contain(said);
        expect(html).to.contain(said);
      }
      expect(`${subject}${text}${html}`, 'nothing is left to fill in').to.not.match(/\{\w+\}/);
      expect(html).to.contain(`<html lang="${language}">`);
    });
  }

  it('is in the language of the site where the one of the recipient is not known', () => {
    expect(codeMessage({ ...SITE, language: 'pl' }, REQUEST, TO).text).to.contain('Kod PIN: 480913');
    const odd = { ...REQUEST, recipient: { ...REQUEST.recipient, language: '__proto__' as Language } };
    expect(codeMessage({ ...SITE, language: 'it' }, odd, TO).text).to.contain('Il Suo PIN: 480913');
  });

  it('says nothing of a time where there is none', () => {
    expect(codeMessage(SITE, REQUEST, TO).text).to.not.contain('before');
  });

  it('takes names for names, whatever they hold', () => {
    const name = '<script>alert("1")</script> & {pin}\r\nBcc: eve@example.org';
    const { subject, text, html } = codeMessage(
      { ...SITE, name },
      { ...REQUEST, recipient: { ...REQUEST.recipient, name } },
      TO,
    );
    expect(subject)
      .to.not.contain('480913')
      .and.not.match(/[\r\n]/);
    expect(text).to.contain('Hello <script>alert("1")</script> & {pin} Bcc: eve@example.org,');
    expect(html)
      .to.contain('Hello &lt;script&gt;alert(&quot;1&quot;)&lt;/script&gt; &amp; {pin} Bcc')
      .and.not.contain('<script');
  });

  it('names a cabinet by its id where it has no name, and shortens what is too long', () => {
    expect(codeMessage(SITE, { ...REQUEST, cabinet: 'B' }, TO).text).to.contain('cabinet B,');
    const long = codeMessage({ ...SITE, name: 'n'.repeat(5_000) }, REQUEST, TO);
    expect(long.subject.length).to.be.lessThan(300);
  });
});
