import { expect } from 'chai';
import fc from 'fast-check';
import { encodeStatusRequest, encodeUnlock, StatusReplyParser } from '../../drivers/kerong-cu48/codec.ts';
import { inChunks } from '../support/chunks.ts';

const hex = (text: string): Buffer => Buffer.from(text, 'hex');
/** Locks 1, 2, 3, 47 and 48 as printed, which are 0, 1, 2, 46 and 47 counted from 0. */
const REPLY = hex('020000650700000000c00331');
const setBits = (states: readonly boolean[] | undefined): number[] =>
  (states ?? []).flatMap((state, lock) => (state ? [lock] : []));

function replyOf(address: number, states: Uint8Array): Buffer {
  const frame = Buffer.from([2, address, 0, 0x65, ...states, 3, 0]);
  frame[11] = frame.reduce((sum, byte) => sum + byte, 0) & 0xff;
  return frame;
}

describe('Kerong CU48 codec', () => {
  it('encodes the known requests byte for byte', () => {
    expect(encodeStatusRequest(0).toString('hex')).to.equal('020000500355');
    expect(encodeUnlock(0, 0).toString('hex')).to.equal('020000510356');
  });

  it('puts address, lock and sum of another board and lock in their places', () => {
    expect(encodeUnlock(9, 47).toString('hex')).to.equal('02092f51038e');
    expect(encodeStatusRequest(3).toString('hex')).to.equal('020300500358');
  });

  it('reads the known status reply', () => {
    const [reply, ...more] = new StatusReplyParser().push(REPLY);
    expect(reply?.address).to.equal(0);
    expect(reply?.states).to.have.length(48);
    expect(setBits(reply?.states)).to.deep.equal([0, 1, 2, 46, 47]);
    expect(more).to.deep.equal([]);
  });

  const streams: readonly { name: string; bytes: Buffer; addresses: readonly number[] }[] = [
    { name: 'an echo of the status query alone', bytes: encodeStatusRequest(0), addresses: [] },
    { name: 'an echo of a pulse alone', bytes: encodeUnlock(0, 2), addresses: [] },
    {
      name: 'an echo before the reply',
      bytes: Buffer.concat([encodeStatusRequest(0), REPLY]),
      addresses: [0],
    },
    {
      name: 'half an echo before the reply',
      bytes: Buffer.concat([encodeStatusRequest(0).subarray(0, 4), REPLY]),
      addresses: [0],
    },
    {
      name: 'half a reply before a reply',
      bytes: Buffer.concat([REPLY.subarray(0, 7), REPLY]),
      addresses: [0],
    },
    {
      name: 'replies of two boards in one chunk',
      bytes: Buffer.concat([REPLY, replyOf(4, Buffer.alloc(6))]),
      addresses: [0, 4],
    },
    { name: 'a wrong sum', bytes: hex('020000650700000000c00332'), addresses: [] },
    { name: 'a wrong end', bytes: hex('020000650700000000c00431'), addresses: [] },
    {
      name: 'a good reply after a wrong one',
      bytes: Buffer.concat([hex('020000650700000000c00332'), REPLY]),
      addresses: [0],
    },
    {
      name: 'start bytes without end before a reply',
      bytes: Buffer.concat([Buffer.alloc(50, 2), REPLY]),
      addresses: [0],
    },
    { name: 'nothing but half a reply', bytes: REPLY.subarray(0, 11), addresses: [] },
  ];
  for (const { name, bytes, addresses } of streams) {
    it(`reads ${name}, whole and byte by byte`, () => {
      const whole = new StatusReplyParser().push(bytes);
      expect(whole.map((reply) => reply.address)).to.deep.equal(addresses);
      const parser = new StatusReplyParser();
      expect(inChunks(bytes, [1]).flatMap((chunk) => parser.push(chunk))).to.deep.equal(whole);
    });
  }

  const address = fc.integer({ min: 0, max: 9 });
  const states = fc.uint8Array({ minLength: 6, maxLength: 6 });
  const sizes = fc.array(fc.integer({ min: 1, max: 20 }), { minLength: 1 });

  it('finds a reply after any garbage, in any chunks', () => {
    // Garbage rich in bytes that frames are made of, with the sums of frames left to chance.
    const garbage = fc.array(
      fc.oneof(fc.constantFrom(0x02, 0x00, 0x65, 0x50, 0x51, 0x03), fc.integer({ min: 0, max: 255 })),
      { maxLength: 40 },
    );
    fc.assert(
      fc.property(garbage, address, states, sizes, (noise, from, bits, chunks) => {
        const frame = replyOf(from, bits);
        const bytes = Buffer.concat([Buffer.from(noise), frame]);
        // The one documented exception: noise that makes up a valid frame together with the reply's beginning.
        fc.pre(!overlapsValidFrame(bytes, noise.length));
        const parser = new StatusReplyParser();
        const replies = inChunks(bytes, chunks).flatMap((chunk) => parser.push(chunk));
        expect(replies.at(-1)).to.deep.equal(new StatusReplyParser().push(frame)[0]);
      }),
    );
  });

  it('never makes a reply of bytes in which none stands', () => {
    const whole = fc.tuple(address, states).map(([from, bits]) => replyOf(from, bits));
    const spoilt = fc.tuple(whole, fc.nat(11), fc.integer({ min: 0, max: 255 })).map(([frame, at, value]) => {
      frame[at] = value;
      return frame;
    });
    const cut = fc.tuple(whole, fc.nat(11)).map(([frame, length]) => frame.subarray(0, length));
    const noise = fc.uint8Array({ maxLength: 5 }).map((bytes) => Buffer.from(bytes));
    const piece = fc.oneof(whole, spoilt, cut, noise);
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 10 }), sizes, (pieces, chunks) => {
        const bytes = Buffer.concat(pieces);
        const parser = new StatusReplyParser();
        for (const reply of inChunks(bytes, chunks).flatMap((chunk) => parser.push(chunk))) {
          const bits = Buffer.alloc(6);
          for (const lock of setBits(reply.states))
            bits[lock >> 3] = (bits[lock >> 3] ?? 0) | (1 << (lock & 7));
          const found = Array.from({ length: 0x31 }, (_, lock) => {
            const frame = replyOf(reply.address, bits);
            frame[2] = lock;
            frame[11] = ((frame[11] ?? 0) + lock) & 0xff;
            return bytes.includes(frame);
          });
          expect(found).to.include(true);
        }
      }),
    );
  });

  it('carries every address and every combination of doors through', () => {
    fc.assert(
      fc.property(address, states, (from, bits) => {
        const [reply] = new StatusReplyParser().push(replyOf(from, bits));
        expect(reply?.address).to.equal(from);
        expect(reply?.states).to.deep.equal(
          Array.from({ length: 48 }, (_, lock) => (((bits[lock >> 3] ?? 0) >> (lock & 7)) & 1) === 1),
        );
      }),
    );
  });
});

/** Whether a valid frame, by its sum and end, begins before `start` and ends after it. */
function overlapsValidFrame(bytes: Buffer, start: number): boolean {
  for (let from = Math.max(0, start - 11); from < start; from += 1) {
    const length = bytes[from + 3] === 0x65 ? 12 : 6;
    const end = from + length;
    if (end <= start || end > bytes.length || bytes[from] !== 2 || bytes[end - 2] !== 3) continue;
    const sum = bytes.subarray(from, end - 1).reduce((total, byte) => total + byte, 0) & 0xff;
    if (sum === bytes[end - 1]) return true;
  }
  return false;
}
