import { expect } from 'chai';
import fc from 'fast-check';
import { ChunkCount } from '../../../opcua-server/connections/chunk-count.ts';
import { framed, helloMessage } from '../support/raw-connection.ts';

const chunk = (kind: string, length: number): Buffer => framed('MSG', kind, Buffer.alloc(length - 8, 0x46));

describe('Counting chunks', () => {
  it('follows messages of one chunk and of several', () => {
    const count = new ChunkCount();
    expect(count.take(helloMessage(), 1)).to.equal(undefined);
    expect(count).to.include({ type: 'HEL', messages: 0, unfinished: 0, since: undefined });
    count.take(chunk('F', 30), 2);
    expect(count).to.include({ type: 'MSG', messages: 1, unfinished: 0, announced: 0 });
    count.take(chunk('C', 100), 3);
    expect(count).to.include({ messages: 1, unfinished: 100, announced: 100, since: 3 });
    count.take(chunk('C', 50).subarray(0, 20), 4);
    expect(count).to.include({ messages: 1, unfinished: 120, announced: 150, since: 3 });
    count.take(chunk('C', 50).subarray(20), 5);
    count.take(chunk('F', 10), 6);
    expect(count).to.include({ messages: 2, unfinished: 0, announced: 0, since: undefined });
  });

  it('counts on after an abort, since the library keeps what came before it', () => {
    const count = new ChunkCount();
    count.take(Buffer.concat([chunk('C', 100), chunk('A', 40)]), 1);
    expect(count).to.include({ messages: 0, unfinished: 140, announced: 140 });
  });

  it('does not wait for a chunk to know how long it says that it is', () => {
    const count = new ChunkCount();
    const header = chunk('F', 100).subarray(0, 8);
    header.writeUInt32LE(0xffff_ffff, 4);
    expect(count.take(header, 1)).to.equal(undefined);
    expect(count.announced).to.equal(0xffff_ffff);
  });

  it('finds a message too long by what its chunks announce together, also one that arrives at once', () => {
    const longest = (type: string): number => (type === 'MSG' ? 300 : 50);
    const take = (...chunks: readonly Buffer[]) => new ChunkCount().take(Buffer.concat(chunks), 1, longest);
    expect(take(chunk('F', 300), chunk('F', 300), chunk('C', 200), chunk('F', 100))).to.equal(undefined);
    expect(take(chunk('F', 301))).to.equal('message-too-long');
    expect(take(chunk('C', 200), chunk('F', 101))).to.equal('message-too-long');
    expect(take(framed('OPN', 'F', Buffer.alloc(43)))).to.equal('message-too-long');
  });

  it('sees what is no chunk', () => {
    for (const type of ['GET ', 'msgF', 'ACKF', 'ERRF', 'RHEF', 'MSGX', 'HELC', 'OPNC', 'CLOA', '\0\0\0\0']) {
      const data = Buffer.concat([Buffer.from(type, 'latin1'), Buffer.from([20, 0, 0, 0]), Buffer.alloc(12)]);
      expect(new ChunkCount().take(data, 1), type).to.equal('unknown-type');
    }
    for (const length of [0, 1, 7, 8]) {
      const data = Buffer.concat([Buffer.from('MSGF'), Buffer.from([length, 0, 0, 0])]);
      expect(new ChunkCount().take(data, 1), `${length}`).to.equal('chunk-too-short');
    }
  });

  it('comes to the same wherever the network cuts the bytes', () => {
    const kinds = fc.constantFrom('F', 'C', 'A');
    const chunks = fc.array(fc.tuple(kinds, fc.integer({ min: 9, max: 300 })), {
      minLength: 1,
      maxLength: 20,
    });
    const cuts = fc.array(fc.integer({ min: 1, max: 100 }), { minLength: 1, maxLength: 50 });
    fc.assert(
      fc.property(chunks, cuts, (list, sizes) => {
        const bytes = Buffer.concat(list.map(([kind, length]) => chunk(kind, length)));
        const whole = new ChunkCount();
        whole.take(bytes, 0);
        const cut = new ChunkCount();
        for (let at = 0, turn = 0; at < bytes.length; turn += 1) {
          const size = sizes[turn % sizes.length] ?? 1;
          cut.take(bytes.subarray(at, at + size), 0);
          at += size;
        }
        const { messages, unfinished, announced, since } = whole;
        expect(cut).to.include({ messages, unfinished, announced, since });
        expect(messages).to.equal(list.filter(([kind]) => kind === 'F').length);
        const last = list.findLastIndex(([kind]) => kind === 'F');
        expect(unfinished).to.equal(list.slice(last + 1).reduce((sum, [, length]) => sum + length, 0));
      }),
    );
  });
});
