import { expect } from 'chai';
import fc from 'fast-check';
import {
  checksumOf,
  encodeRequest,
  type InventoryLine,
  InventoryParser,
} from '../../drivers/line-inventory/codec.ts';
import { inventoryLine } from '../../simulators/line-inventory.ts';
import { inChunks } from '../support/chunks.ts';

function read(chunks: readonly Uint8Array[]): InventoryLine[] {
  const parser = new InventoryParser();
  return chunks.flatMap((chunk) => parser.push(chunk));
}

describe('Lines of an item reader', () => {
  it('have the checksum of the catalogues', () => {
    expect(checksumOf('123456789')).to.equal('29B1');
    expect(checksumOf('')).to.equal('FFFF');
  });

  it('ask for an antenna', () => {
    expect(encodeRequest(3).toString('latin1')).to.equal('R3;73E2\r\n');
  });

  const two = { asked: true, antenna: 3, tags: ['E2003412', 'E2003413'] } as const;
  const none = { asked: false, antenna: 0, tags: [] } as const;
  const cases: readonly { bytes: string; lines: readonly InventoryLine[]; why: string }[] = [
    { bytes: 'A3:E2003412,E2003413;003A\r\n', lines: [two], why: 'an answer' },
    { bytes: 'I0:;DD2C\n', lines: [none], why: 'nothing within reach, told unasked, LF alone' },
    {
      bytes: 'R3;73E2\r\nA3:E2003412,E2003413;003A\r\n',
      lines: [two],
      why: 'an echo of the request before it',
    },
    { bytes: '\xff\x00A1:00;A3:E2003412,E2003413;003A\r\n', lines: [two], why: 'garbage before it' },
    { bytes: 'A3:E20034\r\nI0:;DD2C\r\n', lines: ['malformed', none], why: 'a line broken off' },
    { bytes: 'A3:E2003412,E2003413;003B\r\n', lines: ['checksum'], why: 'a wrong checksum' },
    { bytes: 'A3:E2003412,E2003413;003a\r\n', lines: ['malformed'], why: 'a checksum in lower case' },
    { bytes: `A3:E2003412,;${checksumOf('A3:E2003412,')}\r\n`, lines: ['malformed'], why: 'an empty tag' },
    { bytes: `A3:%zz;${checksumOf('A3:%zz')}\r\n`, lines: ['malformed'], why: 'no hex digits after %' },
    { bytes: `A3:%ff;${checksumOf('A3:%ff')}\r\n`, lines: ['malformed'], why: 'no UTF-8' },
    { bytes: `A1000:;${checksumOf('A1000:')}\r\n`, lines: ['malformed'], why: 'an antenna of four digits' },
    { bytes: `${'x'.repeat(8_193)}\r\nI0:;DD2C\r\n`, lines: ['malformed', none], why: 'a line without end' },
  ];

  for (const { bytes, lines, why } of cases) {
    it(`take ${JSON.stringify(bytes.slice(0, 60))} (${why}), whole and byte by byte`, () => {
      const whole = Buffer.from(bytes, 'latin1');
      expect(read([whole])).to.deep.equal(lines);
      expect(read(inChunks(whole, [1]))).to.deep.equal(lines);
    });
  }

  const tag = fc.oneof(fc.stringMatching(/^[0-9A-F]{8,24}$/), fc.string({ minLength: 1, unit: 'grapheme' }));
  const inventory = fc.record({
    letter: fc.constantFrom<'A' | 'I'>('A', 'I'),
    antenna: fc.nat(999),
    tags: fc.array(
      tag.filter((text) => text.isWellFormed()),
      { maxLength: 8 },
    ),
  });

  it('are read as they were meant, in any chunks, after any garbage', () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ maxLength: 40 }),
        fc.array(inventory, { minLength: 1, maxLength: 4 }),
        fc.array(fc.nat(20), { minLength: 1 }),
        (noise, meant, sizes) => {
          const text = meant
            .map(({ letter, antenna, tags }) => inventoryLine(letter, antenna, tags))
            .join('');
          const bytes = Buffer.concat([noise, Buffer.from('\n'), Buffer.from(text, 'latin1')]);
          expect(read(inChunks(bytes, sizes)).slice(-meant.length)).to.deep.equal(
            meant.map(({ letter, antenna, tags }) => ({ asked: letter === 'A', antenna, tags })),
          );
        },
      ),
    );
  });

  it('with a bit turned say nothing that was not meant', () => {
    fc.assert(
      fc.property(inventory, fc.nat(), ({ letter, antenna, tags }, at) => {
        const bytes = Buffer.from(inventoryLine(letter, antenna, tags), 'latin1');
        const bit = at % ((bytes.length - 2) * 8);
        bytes[bit >> 3] = (bytes[bit >> 3] ?? 0) ^ (1 << (bit & 7));
        for (const line of read([bytes])) expect(line).to.be.oneOf(['malformed', 'checksum']);
      }),
    );
  });
});
