import { execFileSync } from 'node:child_process';
import { expect } from 'chai';
import fc from 'fast-check';
import { GATEWAY } from '../../domain/event.ts';
import { LANGUAGES, placeholdersIn } from '../../domain/texts/texts.ts';
import { LocalStream } from '../../gateway/cassettes/local-stream.ts';
import { contentOf, MOST_ROWS } from '../../reports/incident/content.ts';
import { incidentStatement } from '../../reports/incident/statement.ts';
import { timeWriter, WORDS } from '../../reports/incident/words.ts';
import { SAMPLE_EVENTS, SAMPLE_ROMS } from '../domain/support/cassette-event-samples.ts';
import { ROMS_ON_RECORD, struckInTheMachine } from '../gateway/cassettes/support/staining.ts';
import { coloursOf, FINGERPRINT, incidentFrom, sealedFrom, textOf } from './support.ts';

const incident = incidentFrom(struckInTheMachine());
const sealed = sealedFrom(incident);
const proof = { digest: sealed.digest, fingerprint: FINGERPRINT, sound: true };
/** How a sound record is printed. */
const SOUND = { fingerprint: FINGERPRINT, sound: true };

/** A record of every kind of event there is, again and again. */
function everyEvent(times: number): ReturnType<typeof incidentFrom> {
  const stream = new LocalStream('cassette/c1');
  const [configured] = struckInTheMachine().events;
  const last = SAMPLE_EVENTS.find(({ type }) => type === 'stained');
  const drafts = [configured, ...Array.from({ length: times }, () => SAMPLE_EVENTS).flat(), last];
  const events = drafts.flatMap((draft, index) => {
    if (!draft) throw new Error('A sample is missing.');
    const { type, data } = draft;
    return stream.place([{ type, actor: GATEWAY, data }], Date.UTC(2026, 2, 14, 10) + index * 100);
  });
  return incidentFrom({ events, stainedSeq: events.length });
}

describe('the words of the statement of a staining', () => {
  for (const language of LANGUAGES) {
    it(`${language}: they name the same values as the English ones`, () => {
      expect(Object.keys(WORDS[language])).to.deep.equal(Object.keys(WORDS.en));
      for (const code of Object.keys(WORDS.en) as (keyof typeof WORDS.en)[]) {
        expect([...placeholdersIn(WORDS[language][code])].sort(), code).to.deep.equal(
          [...placeholdersIn(WORDS.en[code])].sort(),
        );
      }
    });

    it(`${language}: nothing is left to fill in, and no ROM is told, whatever happened`, () => {
      const said = JSON.stringify([
        contentOf(incident, proof, language),
        contentOf(everyEvent(1), proof, language),
      ]);
      expect(said.match(/\{\w+\}/g)).to.equal(null);
      for (const rom of [...ROMS_ON_RECORD, ...SAMPLE_ROMS]) expect(said.toUpperCase()).not.to.contain(rom);
    });
  }

  it('write times as they are at the site, also in the night when its clocks change', () => {
    const times = timeWriter('en', 'Europe/Warsaw');
    expect(times.full('2026-03-29T00:59:59.000Z')).to.equal('29 March 2026, 01:59:59 (UTC+01:00)');
    expect(times.full('2026-03-29T01:00:56.550Z')).to.equal('29 March 2026, 03:00:56 (UTC+02:00)');
    expect(timeWriter('it', 'UTC').full('2026-03-14T00:00:07.000Z')).to.equal(
      '14 marzo 2026, 00:00:07 (UTC)',
    );
    expect(timeWriter('pl', 'Europe/Warsaw').exact('2026-03-14T11:00:56.550Z')).to.equal('12:00:56,550');
  });
});

describe('what the statement of a staining says', () => {
  it('tells who armed it, and who did what', () => {
    const { armedBy, timeline } = contentOf(incident, proof, 'en');
    expect(armedBy).to.deep.equal([
      'First stage: key k1 (K1, first stage), 14 March 2026, 11:17:09 (UTC+01:00)',
      'Second stage: key k2 (K2, ATM), 14 March 2026, 11:43:34 (UTC+01:00)',
    ]);
    expect(timeline.find(({ text }) => text.startsWith('Service begun'))?.who).to.equal(
      'administrator anna, administrator bruno',
    );
    expect(timeline.filter(({ attack }) => attack).map(({ text }) => text)).to.deep.equal([
      'Attack confirmed. Cause: blows against the cassette. State: full protection.',
      'Notes stained: full protection → stained. Cause: blows against the cassette.',
    ]);
  });

  it('says that it was not armed, or that the log no longer tells by what', () => {
    const armed = incident.events.at(-1);
    expect(contentOf({ ...incident, armedBy: [] }, proof, 'en').armedBy).to.deep.equal([
      'First stage: before the log that is kept begins',
      'Second stage: before the log that is kept begins',
    ]);
    const atRest = {
      ...incident,
      armedBy: [],
      stained: { ...incident.stained, phase: 'rest' as const },
      events: armed?.type === 'stained' ? [{ ...armed, data: { ...armed.data, armedBy: {} } }] : [],
    };
    expect(contentOf(atRest, proof, 'en').armedBy.join()).to.contain('Not armed.');
  });

  it('names a day once, and again when another begins', () => {
    const night = incidentFrom(struckInTheMachine({}, Date.UTC(2026, 2, 14, 20, 31)));
    const days = contentOf(night, proof, 'en').timeline.flatMap(({ day }) =>
      day === undefined ? [] : [day],
    );
    expect(days).to.deep.equal(['14 March 2026', '15 March 2026']);
  });

  it('has so many rows at most, the last ones, and says how many it leaves out', () => {
    const long = everyEvent(6);
    const { timeline, leftOut } = contentOf(long, proof, 'en');
    const times = long.events.filter(({ type }) => type === 'time-checkpoint').length;
    expect(timeline).to.have.length(MOST_ROWS);
    expect(timeline.at(-1)?.seq).to.equal(long.chain.toSeq);
    expect(leftOut.map((line) => Number(/\d+/.exec(line)?.[0]))).to.deep.equal([
      long.events.length - times - MOST_ROWS,
      times,
    ]);
  });
});

describe('the statement of a staining on paper', () => {
  it('is the same, byte by byte, for the same record', async () => {
    const [once, twice] = await Promise.all(
      [0, 1].map(() => incidentStatement(sealed, { language: 'pl', ...SOUND })),
    );
    expect(once).to.deep.equal(twice);
  });

  for (const [language, title, cause, letters] of [
    ['en', 'Statement on the staining of banknotes', 'Blows against the cassette', 'Page 1 of 3'],
    ['pl', 'Oświadczenie o zabarwieniu banknotów', 'Uderzenia w kasetę', 'zasobnik barwnika: w porządku'],
    ['it', 'Dichiarazione sulla macchiatura di banconote', 'Urti contro il cassetto', 'Perché'],
  ] as const) {
    it(`${language}: can be read by another program, every letter of it`, async () => {
      const text = textOf(await incidentStatement(sealed, { language, ...SOUND }));
      const plain = text.replace(/\s+/g, ' ');
      for (const said of [
        title,
        cause,
        letters,
        'Filiale Łódź – Piazza San Nicolò',
        '12:00:56',
        incident.id,
      ]) {
        expect(plain).to.contain(said);
      }
      expect(plain).to.contain('2026-03-14T11:00:56.550Z');
      expect(plain.replaceAll(' ', '')).to.contain(sealed.digest).and.to.contain(FINGERPRINT);
      expect(plain).to.contain('→');
      for (const rom of ROMS_ON_RECORD) expect(plain).not.to.contain(rom);
    });

    it(`${language}: says what it is to whoever does not see it`, async () => {
      const pdf = await incidentStatement(sealed, { language, ...SOUND, compress: false });
      const raw = pdf.toString('latin1');
      expect(raw).to.contain(`/Lang (${language})`);
      expect(raw).to.contain('/DisplayDocTitle true');
      const about = execFileSync('pdfinfo', ['-'], { input: pdf, encoding: 'utf8' });
      expect(about).to.contain(`${title}: ${incident.id}`);
    });
  }

  it('can be read out in its order, its tables by row, its picture in words', async () => {
    // poppler takes long for a long one.
    const short = sealedFrom({ ...incident, events: incident.events.slice(-2) });
    const pdf = await incidentStatement(short, { language: 'pl', ...SOUND, compress: false });
    const structure = execFileSync('pdfinfo', ['-struct-text', '-'], { input: pdf, encoding: 'utf8' });
    const flat = structure.replace(/\s+/g, ' ');
    expect(flat).to.match(
      /^Document H1 \(block\) "Oświadczenie o zabarwieniu banknotów" P \(block\) "Dnia 14 marca/,
    );
    expect(flat).to.contain(
      'TR TD "Wstrząsy" TD "wywołuje barwienie, wysoka czułość" TD "pobudzony od 12:00:56,450"',
    );
    expect(structure.match(/Figure/g)).to.have.length(1);
    expect(pdf.toString('latin1')).to.contain('/Alt');
    // What pages repeat is not read out.
    expect(flat).not.to.contain('Strona 1 z');
    expect(flat.match(/TH "Nr"/g)).to.have.length(1);
  });

  it('brings along everything that it takes to be shown in years to come', async () => {
    const pdf = await incidentStatement(sealed, {
      language: 'en',
      ...SOUND,
      compress: false,
    });
    expect(pdf.toString('latin1')).to.match(/<pdfaid:part>2<[\s\S]*<pdfaid:conformance>B</);
    const fonts = execFileSync('pdffonts', ['-'], { input: pdf, encoding: 'utf8' })
      .trim()
      .split('\n')
      .slice(2);
    expect(fonts).to.have.length(2);
    // Columns: embedded, subset, Unicode.
    for (const font of fonts) expect(font).to.match(/\byes yes yes\b/);
  });

  it('shows each state of the hour in its colour', async () => {
    const pdf = await incidentStatement(sealed, { language: 'en', ...SOUND });
    const colours = coloursOf(pdf, 1);
    for (const [phase, colour] of [
      ['service', '#9aa5b4'],
      ['rest', '#5f9e78'],
      ['transit', '#e0a92e'],
      ['full', '#2c5c9e'],
    ] as const) {
      expect(colours.get(colour) ?? 0, phase).to.be.greaterThan(300);
    }
    expect(colours.has('#d97b29')).to.equal(false);
  });

  it('takes as many pages as it needs, and no more than its bound allows', async () => {
    const long = sealedFrom(everyEvent(30));
    const pdf = await incidentStatement(long, { language: 'it', ...SOUND });
    const text = textOf(pdf);
    expect(text).to.contain('Pagina 1 di');
    expect(Number(/Pagina 1 di (\d+)/.exec(text)?.[1])).to.be.within(6, 12);
    expect(text).to.contain('Qui sono omessi eventi precedenti');
  });

  it('says on its first page that the log was damaged, where it was', async () => {
    const pdf = await incidentStatement(sealed, { language: 'en', fingerprint: FINGERPRINT, sound: false });
    const [page = ''] = textOf(pdf).split('\f');
    expect(page.replace(/\s+/g, ' ')).to.contain('was damaged before it was sealed');
    expect(contentOf(incident, proof, 'en')).not.to.have.property('warning');
  });

  it('bears whatever people call things', async () => {
    const pieces = fc.constantFrom(
      '<&>',
      ')(',
      '\\',
      '\n',
      '\u202e',
      'ł',
      '箱',
      'עב',
      'لا',
      '🔑',
      '\u0000',
      'e\u0301',
      '%s',
    );
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.oneof(pieces, fc.string({ unit: 'grapheme' })), { maxLength: 12 }),
        async (parts) => {
          const name = parts.join(' ');
          const named = { ...incident, site: { ...incident.site, name }, cassette: { id: 'c1', name } };
          const pdf = await incidentStatement(sealedFrom(named), {
            language: 'it',
            ...SOUND,
            compress: false,
          });
          expect(textOf(pdf)).to.contain('Dichiarazione sulla macchiatura');
          const [, metadata = ''] =
            /<x:xmpmeta[^>]*>([\s\S]*?)<\/x:xmpmeta>/.exec(pdf.toString('latin1')) ?? [];
          expect(metadata).to.contain(`Dichiarazione sulla macchiatura di banconote: ${incident.id}`);
          expect(metadata).not.to.contain('&');
        },
      ),
      { numRuns: 8 },
    );
  });

  it('bears long names and reasons', async () => {
    const name = `Oddział ${'przy ulicy Długiej '.repeat(20)}`;
    const wordy = { ...incident, site: { ...incident.site, name }, cassette: { id: 'c1', name } };
    const text = textOf(await incidentStatement(sealedFrom(wordy), { language: 'pl', ...SOUND }));
    expect(text.replace(/\s+/g, ' ')).to.contain(`${name.trim()} (c1)`);
  });
});
