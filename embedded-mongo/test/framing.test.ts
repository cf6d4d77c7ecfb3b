import { expect } from 'chai';
import fc from 'fast-check';
import { FramingError, MessageSplitter } from '../src/wire/framing.ts';

/** A message of the given body length, recognisable by its request id. */
function message(id: number, bodyBytes: number): Buffer {
  const bytes = Buffer.alloc(16 + bodyBytes, id & 0xff);
  bytes.writeInt32LE(bytes.length, 0);
  bytes.writeInt32LE(id, 4);
  return bytes;
}

function header(length: number): Buffer {
  const bytes = Buffer.alloc(16);
  bytes.writeInt32LE(length, 0);
  return bytes;
}

describe('message framing', () => {
  const one = message(1, 10);
  const two = message(2, 0);
  const cases: Record<string, { chunks: Buffer[]; messages: Buffer[] }> = {
    'nothing of nothing': { chunks: [Buffer.alloc(0)], messages: [] },
    'one message in one chunk': { chunks: [one], messages: [one] },
    'two messages in one chunk': { chunks: [Buffer.concat([one, two])], messages: [one, two] },
    'a message split in its length': { chunks: [one.subarray(0, 2), one.subarray(2)], messages: [one] },
    'a message split in its header': { chunks: [one.subarray(0, 12), one.subarray(12)], messages: [one] },
    'a message split in its body': { chunks: [one.subarray(0, 20), one.subarray(20)], messages: [one] },
    'the end of one with the start of the next': {
      chunks: [one.subarray(0, 20), Buffer.concat([one.subarray(20), two.subarray(0, 3)]), two.subarray(3)],
      messages: [one, two],
    },
    'a message that has not ended': { chunks: [one, two.subarray(0, 15)], messages: [one] },
  };
  for (const [name, { chunks, messages }] of Object.entries(cases)) {
    it(`reads ${name}`, () => {
      const splitter = new MessageSplitter();
      const read = chunks.flatMap((chunk) => splitter.push(chunk));
      expect(read.map((each) => Buffer.from(each).toString('hex'))).to.deep.equal(
        messages.map((each) => each.toString('hex')),
      );
    });
  }

  for (const length of [-1, 0, 15, 48_000_001, 0x7fff_ffff]) {
    it(`refuses a length of ${length}`, () => {
      expect(() => new MessageSplitter().push(header(length))).to.throw(FramingError, String(length));
    });
  }

  it('accepts the longest message', () => {
    expect(new MessageSplitter().push(header(48_000_000))).to.deep.equal([]);
  });

  it('gives the same messages however the bytes are cut', () => {
    fc.assert(
      fc.property(
        fc.array(fc.nat({ max: 300 }), { minLength: 1, maxLength: 8 }),
        fc.array(fc.nat({ max: 200 }), { minLength: 1, maxLength: 40 }),
        (bodies, cuts) => {
          const messages = bodies.map((bytes, id) => message(id, bytes));
          let rest: Uint8Array = Buffer.concat(messages);
          const splitter = new MessageSplitter();
          const read: string[] = [];
          for (const cut of [...cuts, Number.MAX_SAFE_INTEGER]) {
            for (const each of splitter.push(rest.subarray(0, cut)))
              read.push(Buffer.from(each).toString('hex'));
            rest = rest.subarray(cut);
          }
          expect(read).to.deep.equal(messages.map((each) => each.toString('hex')));
        },
      ),
    );
  });
});
