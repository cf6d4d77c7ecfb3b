import { expect } from 'chai';
import fc from 'fast-check';
import { LINE_ENDS, type LineEnd, LineParser } from '../../drivers/line-parser.ts';
import { inChunks } from '../support/chunks.ts';

const MOST_BYTES = 16;
const ENDS: Readonly<Record<LineEnd, string>> = { CR: '\r', LF: '\n', CRLF: '\r\n', ETX: '\x03' };

type Start = 'none' | 'STX';

function read(chunks: readonly Uint8Array[], end: LineEnd, start: Start = 'none'): string[] {
  const parser = new LineParser({ end, start, mostBytes: MOST_BYTES });
  return chunks.flatMap((chunk) =>
    parser.push(chunk).map((line) => (line === 'malformed' ? line : line.toString('latin1'))),
  );
}

describe('Line parser', () => {
  const cases: readonly {
    bytes: string;
    end: LineEnd;
    start?: Start;
    lines: readonly string[];
    why: string;
  }[] = [
    { bytes: 'one\rtwo\r', end: 'CR', lines: ['one', 'two'], why: 'two lines' },
    { bytes: 'one\r\ntwo\r\n', end: 'CR', lines: ['one', 'two'], why: 'a LF after CR' },
    {
      bytes: 'on\ne\r',
      end: 'CR',
      lines: ['on\ne'],
      why: 'a LF inside is content, for whoever reads it to refuse',
    },
    { bytes: 'one\r\ntwo\n', end: 'LF', lines: ['one', 'two'], why: 'CR LF and LF' },
    { bytes: 'on\re\n', end: 'LF', lines: ['on\re'], why: 'a CR inside' },
    { bytes: 'o\rn\ne\r\ntwo', end: 'CRLF', lines: ['o\rn\ne'], why: 'CR LF in one piece only' },
    { bytes: 'one\r\n\x03two\x03', end: 'ETX', lines: ['one', 'two'], why: 'ETX with CR LF before it' },
    { bytes: '\r\r\n\r', end: 'CR', lines: [], why: 'empty lines' },
    { bytes: '\r\n\x03', end: 'ETX', lines: [], why: 'an empty line before ETX' },
    { bytes: '1234567890123456\r', end: 'CR', lines: ['1234567890123456'], why: 'the longest line' },
    { bytes: '12345678901234567\rtwo\r', end: 'CR', lines: ['malformed', 'two'], why: 'a line too long' },
    {
      bytes: '12345678901234567890\r\ntwo\r\n',
      end: 'CRLF',
      lines: ['malformed', 'two'],
      why: 'too long with CR LF',
    },
    {
      bytes: 'x\x02one\x03y\x02two\x03',
      end: 'ETX',
      start: 'STX',
      lines: ['one', 'two'],
      why: 'noise around frames',
    },
    {
      bytes: '\x02on\x02two\x03',
      end: 'ETX',
      start: 'STX',
      lines: ['malformed', 'two'],
      why: 'a frame broken off',
    },
    { bytes: '\x02one\r\ntwo\r\n', end: 'CRLF', start: 'STX', lines: ['one'], why: 'a line without its STX' },
  ];

  for (const { bytes, end, start, lines, why } of cases) {
    it(`takes ${JSON.stringify(bytes)} (${why}), whole and byte by byte`, () => {
      const whole = Buffer.from(bytes, 'latin1');
      expect(read([whole], end, start)).to.deep.equal(lines);
      expect(read(inChunks(whole, [1]), end, start)).to.deep.equal(lines);
    });
  }

  it('finds every line in any chunks, after any garbage', () => {
    const text = fc.stringMatching(/^[!-~]{1,16}$/);
    const garbage = fc.uint8Array({ maxLength: 40 });
    const setting = fc.record({
      end: fc.constantFrom(...LINE_ENDS),
      start: fc.constantFrom<Start>('none', 'STX'),
    });
    fc.assert(
      fc.property(
        garbage,
        fc.array(text, { minLength: 1, maxLength: 4 }),
        setting,
        fc.array(fc.nat(7), { minLength: 1 }),
        (noise, texts, { end, start }, sizes) => {
          const begin = start === 'STX' ? '\x02' : '';
          const sound = texts.map((each) => `${begin}${each}${ENDS[end]}`).join('');
          const bytes = Buffer.concat([
            noise,
            Buffer.from(ENDS[end], 'latin1'),
            Buffer.from(sound, 'latin1'),
          ]);
          expect(read(inChunks(bytes, sizes), end, start).slice(-texts.length)).to.deep.equal(texts);
        },
      ),
    );
  });

  it('reads the same in any chunks, and never keeps more than the longest line', () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ maxLength: 200 }),
        fc.constantFrom(...LINE_ENDS),
        fc.array(fc.nat(9), { minLength: 1 }),
        (bytes, end, sizes) => {
          const lines = read([bytes], end);
          expect(read(inChunks(bytes, sizes), end)).to.deep.equal(lines);
          for (const line of lines) expect(line.length).to.be.at.most(MOST_BYTES);
        },
      ),
    );
  });

  it('forgets a line that has begun', () => {
    const parser = new LineParser({ end: 'CR', start: 'none', mostBytes: MOST_BYTES });
    expect(parser.clear()).to.equal(false);
    parser.push(Buffer.from('half'));
    expect(parser.pending).to.equal(true);
    expect(parser.clear()).to.equal(true);
    expect(parser.push(Buffer.from('one\r')).map(String)).to.deep.equal(['one']);
    expect(parser.pending).to.equal(false);
  });
});
