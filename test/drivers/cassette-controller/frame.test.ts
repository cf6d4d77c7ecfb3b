import { readFile } from 'node:fs/promises';
import { expect } from 'chai';
import fc from 'fast-check';
import { crc16 } from '../../../drivers/cassette-controller/crc.ts';
import {
  type Frame,
  FrameParser,
  isAuthentic,
  sealFrame,
} from '../../../drivers/cassette-controller/frame.ts';
import { deriveSessionKey, Session } from '../../../drivers/cassette-controller/session.ts';
import { inChunks } from '../../support/chunks.ts';
import { keyOf } from './listening.ts';
import { BOOT_COUNT, CONTROLLER_NONCE, GATEWAY_NONCE, PAIRING_KEY, SESSION_KEY, VECTORS } from './vectors.ts';

const KEY = keyOf(0x33);
const HEADER = { address: 7, type: 0x82, session: 0x01020304, counter: 9 };

const frame = (length = 4, counter = 9): Buffer =>
  sealFrame(KEY, { ...HEADER, counter }, Buffer.alloc(length, 0x42));
const withCrc = (bytes: Buffer): Buffer => {
  const copy = Buffer.from(bytes);
  copy.writeUInt16BE(crc16(copy.subarray(2, -2)), copy.length - 2);
  return copy;
};
const flipped = (bytes: Buffer, bit: number): Buffer => {
  const copy = Buffer.from(bytes);
  copy[bit >> 3] = (copy[bit >> 3] ?? 0) ^ (1 << (bit & 7));
  return copy;
};
/** What a stream says, as counters of its frames and as faults. */
const read = (bytes: Buffer, sizes: readonly number[] = [bytes.length]): (number | 'malformed')[] => {
  const parser = new FrameParser();
  return inChunks(bytes, sizes)
    .flatMap((chunk) => parser.push(chunk))
    .map((found) => (found === 'malformed' ? found : found.counter));
};
const only = (bytes: Buffer): Frame => {
  const [found, ...more] = new FrameParser().push(bytes);
  if (found === undefined || found === 'malformed' || more.length > 0) throw new Error('Not one frame.');
  return found;
};

describe('Frames of a cassette controller', () => {
  it('have a CRC with the check value of CRC-16/CCITT-FALSE', () => {
    expect(crc16(Buffer.from('123456789'))).to.equal(0x29b1);
    expect(crc16(Buffer.alloc(0))).to.equal(0xffff);
  });

  it('are sealed with a session key that is derived as documented', () => {
    const welcome = {
      gatewayNonce: GATEWAY_NONCE,
      controllerNonce: CONTROLLER_NONCE,
      bootCount: BOOT_COUNT,
    };
    const derived = deriveSessionKey(PAIRING_KEY, 7, welcome);
    expect(derived.equals(SESSION_KEY)).to.equal(true);
    const others = [
      deriveSessionKey(PAIRING_KEY, 8, welcome),
      deriveSessionKey(KEY, 7, welcome),
      deriveSessionKey(PAIRING_KEY, 7, { ...welcome, bootCount: 4 }),
      deriveSessionKey(PAIRING_KEY, 7, { ...welcome, gatewayNonce: CONTROLLER_NONCE }),
      deriveSessionKey(PAIRING_KEY, 7, { ...welcome, controllerNonce: GATEWAY_NONCE }),
    ];
    expect(others.map((other) => other.equals(SESSION_KEY))).to.deep.equal(others.map(() => false));
  });

  for (const { name, header, key, payload, frame: expected } of VECTORS) {
    it(`are made and read byte for byte: ${name}`, () => {
      const sealing = key === 'pairing' ? PAIRING_KEY : SESSION_KEY;
      expect(sealFrame(sealing, header, payload).toString('hex')).to.equal(expected.toString('hex'));
      const found = only(expected);
      expect(found).to.deep.include({ ...header, payload });
      expect(isAuthentic(sealing, found)).to.equal(true);
      expect(isAuthentic(KEY, found)).to.equal(false);
    });
  }

  it('stand in the documentation as they are', async () => {
    const page = await readFile(new URL('../../../docs/cassette-protocol.md', import.meta.url), 'utf8');
    const hex = page.replaceAll(/\s/g, '').toLowerCase();
    const missing = VECTORS.filter((vector) => !hex.includes(vector.frame.toString('hex')));
    expect(missing.map(({ name }) => name)).to.deep.equal([]);
    expect(hex).to.include(SESSION_KEY.export().toString('hex'));
  });

  it('are never longer than 128 bytes', () => {
    expect(frame(96)).to.have.length(128);
    expect(only(frame(96)).payload).to.have.length(96);
    expect(read(Buffer.concat([frame(97), frame(0, 3)]))).to.deep.equal(['malformed', 3]);
  });

  it('carry the highest numbers there are', () => {
    const highest = { address: 32, type: 0xff, session: 0xff_ff_ff_ff, counter: 0xff_ff_ff_ff };
    expect(only(sealFrame(KEY, highest, Buffer.alloc(0)))).to.deep.include(highest);
  });

  const streams: readonly { name: string; bytes: Buffer; says: readonly (number | 'malformed')[] }[] = [
    { name: 'one', bytes: frame(), says: [9] },
    { name: 'two', bytes: Buffer.concat([frame(0, 1), frame(96, 2)]), says: [1, 2] },
    { name: 'noise', bytes: Buffer.from('00ff55aa00', 'hex'), says: [] },
    { name: 'one after noise', bytes: Buffer.concat([Buffer.from('00a5ff', 'hex'), frame()]), says: [9] },
    { name: 'a start byte before one', bytes: Buffer.concat([Buffer.from('a5', 'hex'), frame()]), says: [9] },
    {
      name: 'the start of one before one',
      bytes: Buffer.concat([frame(90, 1).subarray(0, 20), frame()]),
      says: ['malformed', 9],
    },
    { name: 'the start of one', bytes: frame().subarray(0, -1), says: [] },
    { name: 'the end of one before one', bytes: Buffer.concat([frame().subarray(7), frame()]), says: [9] },
    { name: 'a wrong CRC', bytes: flipped(frame(), 80), says: ['malformed'] },
    {
      name: 'a good one after a wrong CRC',
      bytes: Buffer.concat([flipped(frame(), 80), frame()]),
      says: ['malformed', 9],
    },
    {
      name: 'another version',
      bytes: withCrc(flipped(frame(), 16)),
      says: ['malformed'],
    },
    ...[0, 33, 255].map((address) => ({
      name: `address ${address}`,
      bytes: sealFrame(KEY, { ...HEADER, address }, Buffer.alloc(0)),
      says: ['malformed'] as const,
    })),
  ];
  for (const { name, bytes, says } of streams) {
    it(`are found in a stream: ${name}, whole and byte by byte`, () => {
      expect(read(bytes)).to.deep.equal(says);
      expect(new Set(read(bytes, [1]))).to.deep.equal(new Set(says));
    });
  }

  it('are found after any noise, in any chunks', () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ maxLength: 200 }),
        fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1 }),
        fc.nat(96),
        (noise, sizes, length) => {
          const bytes = Buffer.concat([noise, frame(length, 1), frame(0, 2)]);
          expect(read(bytes, sizes).filter((found) => found !== 'malformed')).to.deep.equal([1, 2]);
        },
      ),
      { numRuns: 300 },
    );
  });

  it('are found after any part of another one', () => {
    fc.assert(
      fc.property(fc.nat(127), fc.nat(127), fc.nat(40), (from, to, size) => {
        const part = frame(96, 1).subarray(from, Math.max(from, Math.min(to, 127)));
        expect(read(Buffer.concat([part, frame(10, 2)]), [size]).at(-1)).to.equal(2);
      }),
    );
  });

  it('are none with any one bit changed', () => {
    for (let bit = 0; bit < frame().length * 8; bit += 1) {
      expect(read(flipped(frame(), bit)).filter((found) => found !== 'malformed')).to.deep.equal([]);
    }
  });

  it('are not authentic with any one bit changed and the CRC put right', () => {
    for (let bit = 16; bit < frame().length * 8 - 16; bit += 1) {
      const found = new FrameParser().push(withCrc(flipped(frame(), bit)));
      const authentic = found.filter((each) => each !== 'malformed' && isAuthentic(KEY, each));
      expect(authentic, `bit ${bit}`).to.deep.equal([]);
    }
  });

  it('are numbered from 1 up to the last number of a session, and no further', () => {
    const session = new Session(KEY, 5, 7, 0xff_ff_ff_fe);
    const { counter, frame: last } = session.request(0x02, Buffer.alloc(4));
    expect(counter).to.equal(0xff_ff_ff_ff);
    expect(only(last)).to.deep.include({ address: 7, type: 0x02, session: 5, counter });
    expect(session.exhausted).to.equal(true);
    expect(() => session.request(0x02, Buffer.alloc(4))).to.throw('session has come to its end');
    expect(new Session(KEY, 5, 7).request(0x02, Buffer.alloc(0)).counter).to.equal(1);
  });
});
