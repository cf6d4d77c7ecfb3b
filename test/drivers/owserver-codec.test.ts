import { expect } from 'chai';
import fc from 'fast-check';
import { type Directory, DirectoryParser, encodeDirectoryRequest } from '../../drivers/owserver/codec.ts';
import { inChunks } from '../support/chunks.ts';

const hex = (text: string): Buffer => Buffer.from(text.replaceAll(' ', ''), 'hex');

/** A message with a header of the given numbers. */
function message(result: number, payload: string | Buffer, version = 0): Buffer {
  const header = Buffer.alloc(24);
  const numbers = [version, payload.length, result, 0x05_00_01_04, Math.max(0, payload.length - 1), 5];
  for (const [index, number] of numbers.entries()) header.writeInt32BE(number, 4 * index);
  return Buffer.concat([header, Buffer.from(payload)]);
}

const PING = hex('00000000 ffffffff 00000000 00000000 00000000 00000000');
/** The answer of an owserver 3.2 with two devices. */
const TWO = Buffer.concat([
  hex('00000000 00000036 00000000 05000104 00000035 00000001'),
  Buffer.from('/uncached/01606CBF03000021,/uncached/994AEC29CDBAAB2B\0', 'latin1'),
]);
const NOBODY = hex('00000000 00000000 00000000 05000104 00000000 00000000');
const ERROR = hex('00000000 00000000 fffffffb 05000104 00000000 00000000');

describe('The messages of owserver', () => {
  it('ask for all devices in one answer, searched for now, on a connection that stays', () => {
    const header = hex('00000000 0000000a 00000007 05000104 00000000 00000000');
    expect(encodeDirectoryRequest()).to.deep.equal(Buffer.concat([header, Buffer.from('/uncached\0')]));
  });

  const cases: readonly { name: string; bytes: Buffer; directory: Directory | undefined }[] = [
    { name: 'two devices', bytes: TWO, directory: { roms: ['01606CBF03000021', '994AEC29CDBAAB2B'] } },
    { name: 'no device', bytes: NOBODY, directory: { roms: [] } },
    { name: 'an error', bytes: ERROR, directory: { error: -5 } },
    {
      name: 'an answer after pings',
      bytes: Buffer.concat([PING, PING, TWO]),
      directory: { roms: ['01606CBF03000021', '994AEC29CDBAAB2B'] },
    },
    {
      name: 'devices among folders, with a slash at the end or not',
      bytes: message(0, '/bus.0/,/uncached/01606CBF03000021/,/settings,/uncached/alarm\0'),
      directory: { roms: ['01606CBF03000021'] },
    },
    {
      name: 'names that are no whole ROMs',
      bytes: message(0, '/01.606CBF030000,/01606cbf03000021,/X01606CBF03000021,01606CBF03000021\0'),
      directory: { roms: [] },
    },
    {
      name: 'what stands before the first zero alone',
      bytes: message(0, '/0160\0,/uncached/01606CBF03000021\0'),
      directory: { roms: [] },
    },
    { name: 'a ping alone', bytes: PING, directory: undefined },
    { name: 'half a header', bytes: TWO.subarray(0, 20), directory: undefined },
    { name: 'an answer without its last byte', bytes: TWO.subarray(0, -1), directory: undefined },
    { name: 'another version', bytes: message(0, '/01606CBF03000021\0', 1), directory: 'malformed' },
    {
      name: 'a negative length that is no ping',
      bytes: hex('00000000 fffffffe 00000000 00000000 00000000 00000000'),
      directory: 'malformed',
    },
    {
      name: 'a length beyond all bounds',
      bytes: hex('00000000 00010001 00000000 00000000 00000000 00000000'),
      directory: 'malformed',
    },
    {
      name: 'words of another server',
      bytes: Buffer.from('HTTP/1.1 400 Bad Request\r\n'),
      directory: 'malformed',
    },
  ];
  for (const { name, bytes, directory } of cases) {
    it(`say ${name}`, () => {
      expect(new DirectoryParser().push(bytes)).to.deep.equal(directory);
    });
    it(`say ${name}, byte by byte`, () => {
      const parser = new DirectoryParser();
      const found = inChunks(bytes, [1]).flatMap((chunk) => parser.push(chunk) ?? []);
      expect(found[0]).to.deep.equal(directory);
    });
  }

  it('have at most 65,536 bytes of devices', () => {
    const many = Array.from({ length: 2_427 }, () => '/uncached/01606CBF03000021').join(',');
    const payload = Buffer.from(many.padEnd(65_536, ','));
    const directory = new DirectoryParser().push(message(0, payload));
    expect(directory).to.have.property('roms').with.lengthOf(2_427);
  });

  const device = fc
    .uint8Array({ minLength: 8, maxLength: 8 })
    .map((bytes) => Buffer.from(bytes).toString('hex').toUpperCase());
  const sizes = fc.array(fc.integer({ min: 1, max: 60 }), { minLength: 1 });

  it('are read in any chunks, with pings between', () => {
    fc.assert(
      fc.property(fc.array(device, { maxLength: 20 }), fc.nat(3), sizes, (roms, pings, chunks) => {
        const names = roms.map((rom) => `/uncached/${rom}`).join(',');
        const bytes = Buffer.concat([...Array<Buffer>(pings).fill(PING), message(0, `${names}\0`)]);
        const parser = new DirectoryParser();
        const found = inChunks(bytes, chunks).flatMap((chunk) => parser.push(chunk) ?? []);
        expect(found).to.deep.equal([{ roms }]);
      }),
    );
  });

  it('never yield a device that does not stand in the bytes', () => {
    const spoilt = fc.tuple(fc.nat(TWO.length - 1), fc.integer({ min: 0, max: 255 })).map(([at, value]) => {
      const bytes = Buffer.from(TWO);
      bytes[at] = value;
      return bytes;
    });
    fc.assert(
      fc.property(fc.oneof(spoilt, fc.uint8Array({ maxLength: 200 })), sizes, (bytes, chunks) => {
        const parser = new DirectoryParser();
        for (const chunk of inChunks(bytes, chunks)) {
          const directory = parser.push(chunk);
          if (directory === undefined) continue;
          const roms = typeof directory === 'object' && 'roms' in directory ? directory.roms : [];
          for (const rom of roms) expect(Buffer.from(bytes).includes(rom)).to.equal(true);
          break;
        }
      }),
    );
  });
});
