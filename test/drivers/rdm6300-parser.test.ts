import { expect } from 'chai';
import fc from 'fast-check';
import { checksumOf, Rdm6300Parser, type Rdm6300Reading } from '../../drivers/rdm6300/parser.ts';
import { inChunks } from '../support/chunks.ts';

const CARD = frameOf('62E3086CED', '08');
const OTHER = frameOf('01000734E0', 'D2');
const THIRD = frameOf('3C00CE754C', 'CB');
const read = (card: string): Rdm6300Reading => ({ kind: 'card', card });
const MALFORMED: Rdm6300Reading = { kind: 'rejected', reason: 'malformed' };
const WRONG_CHECKSUM: Rdm6300Reading = { kind: 'rejected', reason: 'checksum' };

function frameOf(card: string, checksum: string): Buffer {
  return Buffer.from(`\x02${card}${checksum}\x03`, 'latin1');
}

describe('RDM6300 parser', () => {
  const cases: readonly { name: string; bytes: Buffer; readings: readonly Rdm6300Reading[] }[] = [
    { name: 'one frame', bytes: CARD, readings: [read('62E3086CED')] },
    {
      name: 'three frames in one chunk',
      bytes: Buffer.concat([CARD, OTHER, THIRD]),
      readings: [read('62E3086CED'), read('01000734E0'), read('3C00CE754C')],
    },
    {
      name: 'the frame repeated while a card is held',
      bytes: Buffer.concat([CARD, CARD]),
      readings: [read('62E3086CED'), read('62E3086CED')],
    },
    {
      name: 'garbage before the start byte',
      bytes: Buffer.concat([Buffer.from('03ff0041420d0a03', 'hex'), CARD]),
      readings: [read('62E3086CED')],
    },
    { name: 'a wrong checksum', bytes: frameOf('62E3086CED', '09'), readings: [WRONG_CHECKSUM] },
    { name: 'a flipped digit', bytes: frameOf('62E3086CEC', '08'), readings: [WRONG_CHECKSUM] },
    {
      name: 'a good frame right after a wrong one',
      bytes: Buffer.concat([frameOf('62E3086CED', '00'), OTHER]),
      readings: [WRONG_CHECKSUM, read('01000734E0')],
    },
    {
      name: 'a frame broken off by the next one',
      bytes: Buffer.concat([CARD.subarray(0, 9), OTHER]),
      readings: [MALFORMED, read('01000734E0')],
    },
    { name: 'a byte that is no hex digit', bytes: frameOf('62E308GCED', '08'), readings: [MALFORMED] },
    { name: 'a frame that is too short', bytes: frameOf('62E3086C', '08'), readings: [MALFORMED] },
    {
      name: 'a runaway frame, refused once',
      bytes: Buffer.concat([Buffer.from([2]), Buffer.alloc(100_000, '0'), CARD]),
      readings: [MALFORMED, read('62E3086CED')],
    },
    {
      name: 'lower-case digits, handed on in upper case',
      bytes: frameOf('62e3086ced', '08'),
      readings: [read('62E3086CED')],
    },
    { name: 'an empty frame', bytes: Buffer.from([2, 3]), readings: [MALFORMED] },
    { name: 'half a frame', bytes: CARD.subarray(0, 7), readings: [] },
  ];
  for (const { name, bytes, readings } of cases) {
    it(`reads ${name}`, () => {
      expect(new Rdm6300Parser().push(bytes)).to.deep.equal(readings);
    });
    it(`reads ${name}, byte by byte`, () => {
      const parser = new Rdm6300Parser();
      expect(inChunks(bytes.subarray(0, 2_000), [1]).flatMap((chunk) => parser.push(chunk))).to.deep.equal(
        new Rdm6300Parser().push(bytes.subarray(0, 2_000)),
      );
    });
  }

  it('computes the checksums of the known cards', () => {
    expect(['62E3086CED', '01000734E0', '3C00CE754C'].map(checksumOf)).to.deep.equal([0x08, 0xd2, 0xcb]);
  });

  it('finds a frame after any garbage, in any chunks', () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ maxLength: 60 }),
        fc.uint8Array({ minLength: 5, maxLength: 5 }),
        fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1 }),
        (garbage, cardBytes, sizes) => {
          const card = Buffer.from(cardBytes).toString('hex').toUpperCase();
          const checksum = cardBytes.reduce((sum, byte) => sum ^ byte, 0);
          const frame = frameOf(card, checksum.toString(16).toUpperCase().padStart(2, '0'));
          const parser = new Rdm6300Parser();
          const bytes = Buffer.concat([garbage, frame]);
          const readings = inChunks(bytes, sizes).flatMap((chunk) => parser.push(chunk));
          expect(readings.at(-1)).to.deep.equal(read(card));
          expect(readings).to.deep.equal(new Rdm6300Parser().push(bytes));
        },
      ),
    );
  });

  it('never hands on a card that does not stand in the bytes with its checksum', () => {
    const card = fc.uint8Array({ minLength: 5, maxLength: 5 });
    const whole = card.map((bytes) => {
      const digits = Buffer.from(bytes).toString('hex').toUpperCase();
      return frameOf(digits, checksumOf(digits).toString(16).toUpperCase().padStart(2, '0'));
    });
    const spoilt = fc.tuple(whole, fc.nat(13), fc.integer({ min: 0, max: 255 })).map(([frame, at, value]) => {
      frame[at] = value;
      return frame;
    });
    const cut = fc.tuple(whole, fc.nat(13)).map(([frame, length]) => frame.subarray(0, length));
    const noise = fc.uint8Array({ maxLength: 5 }).map((bytes) => Buffer.from(bytes));
    const piece = fc.oneof(whole, spoilt, cut, noise);
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 12 }), (pieces) => {
        const bytes = Buffer.concat(pieces);
        const text = bytes.toString('latin1').toUpperCase();
        for (const reading of new Rdm6300Parser().push(bytes)) {
          if (reading.kind !== 'card') continue;
          const checksum = checksumOf(reading.card).toString(16).toUpperCase().padStart(2, '0');
          expect(text).to.include(`\x02${reading.card}${checksum}\x03`);
        }
      }),
    );
  });
});
