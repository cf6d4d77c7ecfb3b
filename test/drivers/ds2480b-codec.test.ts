import { expect } from 'chai';
import fc from 'fast-check';
import { isRom, romOf, romText } from '../../domain/one-wire.ts';
import {
  encodeSearch,
  readPresence,
  readSearch,
  type SearchPath,
  SearchReplyParser,
  type SearchResult,
} from '../../drivers/ds2480b/codec.ts';
import { Ds2480bSimulator } from '../../simulators/ds2480b.ts';
import { inChunks } from '../support/chunks.ts';

const hex = (text: string): Buffer => Buffer.from(text, 'hex');
const RESET = Buffer.of(0xc1);

/** A contact with keys on it, and what it answers. */
class Contact {
  readonly simulator = new Ds2480bSimulator();
  #answered: (bytes: Buffer) => void = () => {};

  constructor(keys: readonly string[]) {
    for (const key of keys) this.simulator.touch(key);
    this.simulator.connect((bytes) => this.#answered(bytes));
    this.simulator.receive(RESET);
  }

  async ask(...requests: Buffer[]): Promise<Buffer> {
    const answer = new Promise<Buffer>((resolve) => {
      this.#answered = resolve;
    });
    this.simulator.receive(Buffer.concat(requests));
    return answer;
  }

  async search(path?: SearchPath): Promise<SearchResult | undefined> {
    const reply = new SearchReplyParser().push(await this.ask(RESET, encodeSearch(path)));
    if (reply === undefined) throw new Error('The contact did not answer the search.');
    return readSearch(reply, path);
  }
}

describe('The bytes of a DS2480B', () => {
  for (const { bytes, presence } of [
    { bytes: 'cdedceeec9d9', presence: 'present' },
    { bytes: 'cfef', presence: 'nobody' },
    { bytes: 'ccec', presence: 'short' },
    { bytes: 'c1c0e3e1ff004d8d2a', presence: undefined },
  ] as const) {
    it(`${bytes} answer a reset with: ${presence ?? 'nothing that could be an answer'}`, () => {
      for (const byte of hex(bytes)) expect(readPresence(byte), byte.toString(16)).to.equal(presence);
    });
  }

  it('begin a search with zeros', () => {
    expect(encodeSearch().toString('hex')).to.equal(`e1f0e3b1e1${'00'.repeat(16)}e3a1`);
  });

  it('take the way of a ROM up to a bit, and there the other one', () => {
    const rom = hex('01606CBF03000021');
    // The bits of a ROM go least significant first; of each pair the second bit is the way.
    for (const { turn, way } of [
      { turn: 1, way: '0a' },
      { turn: 8, way: '02000200' },
      { turn: 14, way: '02000028' },
      { turn: 15, way: '020000a8' },
      { turn: 63, way: '020000' },
    ]) {
      const sent = encodeSearch({ rom, turn }).subarray(5, -2).toString('hex');
      expect(sent, `${turn}`).to.have.length(32);
      expect(sent.startsWith(way), `${turn}: ${sent}`).to.equal(true);
    }
  });

  it('find one key, and no way to another', async () => {
    for (const key of ['01606CBF03000021', '016060CF030000A8', '23D453570100009E']) {
      expect(await new Contact([key]).search()).to.deep.equal({
        rom: Uint8Array.from(hex(key)),
        next: undefined,
      });
    }
  });

  it('find two keys, one after the other', async () => {
    const contact = new Contact(['01606CBF03000021', '016060CF030000A8']);
    const first = await contact.search();
    // Their numbers differ first in bit 2 of the second byte of the number: 60 6C and 60 60.
    expect(first?.next?.turn).to.equal(18);
    expect(romText(first?.rom ?? RESET)).to.equal('016060CF030000A8');
    const second = await contact.search(first?.next);
    expect(romText(second?.rom ?? RESET)).to.equal('01606CBF03000021');
    expect(second?.next).to.equal(undefined);
  });

  it('are no key where reading one finds the mixture of two', async () => {
    const contact = new Contact(['01606CBF03000021', '016060CF030000A8']);
    const answer = await contact.ask(RESET, hex('e133ffffffffffffffff'));
    expect(answer.toString('hex')).to.equal('cd330160608f03000020');
    expect(isRom(answer.subarray(2))).to.equal(false);
  });

  it('are zeros on a bridged contact, and no ROM', async () => {
    const contact = new Contact([]);
    contact.simulator.shorted = true;
    const answer = await contact.ask(RESET, encodeSearch());
    expect(answer.toString('hex')).to.equal(`cc00${'55'.repeat(16)}`);
    const read = readSearch(answer.subarray(2));
    expect(read?.rom).to.deep.equal(new Uint8Array(8));
    expect(isRom(read?.rom ?? RESET)).to.equal(false);
  });

  it('tell that a key went away in the middle of the search', async () => {
    // Three slots for each of the 64 bits, the first two of which are the key's.
    for (const slots of [9, 60, 189]) {
      const contact = new Contact([]);
      contact.simulator.touch('01606CBF03000021', 8 + slots);
      expect(await contact.search(), `${slots}`).to.equal(undefined);
    }
  });

  it('are no search where a bit goes against the way that was given', () => {
    const reply = Buffer.alloc(16);
    reply[4] = 0x0c;
    const turn = { rom: new Uint8Array(8), turn: 17 };
    expect(readSearch(reply)).to.equal(undefined);
    expect(readSearch(reply, { ...turn, turn: 18 })).to.equal(undefined);
    expect(readSearch(reply, turn)?.rom).to.deep.equal(Uint8Array.of(0, 0, 2, 0, 0, 0, 0, 0));
    expect(readSearch(reply, { rom: Uint8Array.of(0, 0, 2, 0, 0, 0, 0, 0), turn: 40 })?.next).to.equal(
      undefined,
    );
  });

  it('are never another key where one byte of a search was spoilt', async () => {
    const key = '01606CBF03000021';
    const reply = (await new Contact([key]).ask(RESET, encodeSearch())).subarray(2);
    expect(romText(readSearch(reply)?.rom ?? RESET)).to.equal(key);
    for (let at = 0; at < reply.length; at += 1) {
      for (let value = 0; value < 256; value += 1) {
        const spoilt = Buffer.from(reply);
        spoilt[at] = value;
        const { rom } = readSearch(spoilt) ?? {};
        if (rom !== undefined && isRom(rom)) expect(romText(rom)).to.equal(key);
      }
    }
  });

  const keys = fc.uniqueArray(
    fc.tuple(fc.constantFrom(0x01, 0x08, 0x33, 0x81), fc.uint8Array({ minLength: 6, maxLength: 6 })),
    { minLength: 1, maxLength: 6, selector: ([family, serial]) => `${family}/${serial.join()}` },
  );

  it('find every key that is there, each once', async () => {
    await fc.assert(
      fc.asyncProperty(keys, async (given) => {
        const roms = given.map(([family, serial]) => romText(romOf(family, serial)));
        const contact = new Contact(roms);
        const found: string[] = [];
        for (let path: SearchPath | undefined, more = true; more; more = path !== undefined) {
          const result = await contact.search(path);
          if (result === undefined || found.length > roms.length) break;
          found.push(romText(result.rom));
          path = result.next;
        }
        expect(found.sort()).to.deep.equal(roms.sort());
      }),
      { numRuns: 30 },
    );
  });

  it('of a search are found in any chunks, after any bytes that do not begin one', () => {
    const garbage = fc.array(
      fc.integer({ min: 0, max: 255 }).filter((byte) => byte !== 0xf0),
      { maxLength: 40 },
    );
    const reply = fc.uint8Array({ minLength: 16, maxLength: 16 });
    const sizes = fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1 });
    fc.assert(
      fc.property(garbage, reply, sizes, (before, bytes, chunks) => {
        const parser = new SearchReplyParser();
        const whole = Buffer.from([...before, 0xf0, ...bytes]);
        const found = inChunks(whole, chunks).flatMap((chunk) => parser.push(chunk) ?? []);
        expect(found.map((each) => each.toString('hex'))).to.deep.equal([Buffer.from(bytes).toString('hex')]);
      }),
    );
  });

  it('of a search are waited for until the last one', () => {
    const parser = new SearchReplyParser();
    expect(parser.push(Buffer.concat([hex('cdf0'), Buffer.alloc(15, 1)]))).to.equal(undefined);
    expect(parser.push(Buffer.of(2))?.toString('hex')).to.equal(`${'01'.repeat(15)}02`);
  });
});
