import { expect } from 'chai';
import fc from 'fast-check';
import { familyOf, isRom, labelOf, oneWireCrc, romOf, romText } from '../../domain/one-wire.ts';

/** The ROM that Maxim's Application Note 27 computes as its example. */
const ROM = Buffer.from('021CB801000000A2', 'hex');

/** Keys as they are sent, and as their labels have them. */
const KEYS = [
  { rom: '01606CBF03000021', label: '21000003BF6C6001', name: 'DS1990A' },
  { rom: '016060CF030000A8', label: 'A8000003CF606001', name: 'DS1990A' },
  { rom: '23D453570100009E', label: '9E0000015753D423', name: 'DS1973' },
] as const;

describe('the ROM of an iButton', () => {
  it('has the check byte of Application Note 27', () => {
    expect(oneWireCrc(ROM.subarray(0, 7))).to.equal(0xa2);
    expect(oneWireCrc(ROM)).to.equal(0);
    expect(isRom(ROM)).to.equal(true);
    expect(oneWireCrc(Buffer.from('123456789'))).to.equal(0xa1);
  });

  it('is neither zeros, nor seven bytes, nor the other way round', () => {
    expect(isRom(Buffer.alloc(8))).to.equal(false);
    expect(isRom(ROM.subarray(0, 7))).to.equal(false);
    expect(isRom(Buffer.from(ROM).reverse())).to.equal(false);
  });

  it('is nothing that a wire without a key reads', () => {
    expect(isRom(Buffer.alloc(8, 0xff))).to.equal(false);
  });

  for (const { rom, label, name } of KEYS) {
    it(`${rom} is that of a ${name}, whose label says ${label}`, () => {
      const bytes = Buffer.from(rom, 'hex');
      expect(isRom(bytes)).to.equal(true);
      expect(isRom(Buffer.from(label, 'hex'))).to.equal(false);
      expect(labelOf(rom)).to.equal(label);
      expect(labelOf(label)).to.equal(rom);
      expect(familyOf(rom)).to.deep.equal({ code: bytes[0], name, customer: false });
      expect(romText(romOf(bytes[0] ?? 0, bytes.subarray(1, 7)))).to.equal(rom);
    });
  }

  it('with check byte 10 where 18 belongs is none', () => {
    const wrong = Buffer.from('01FA525810000010', 'hex');
    expect(isRom(wrong)).to.equal(false);
    expect(romText(romOf(0x01, wrong.subarray(1, 7)))).to.equal('01FA525810000018');
  });

  it('tells the family, known or not, and whether it was made for a customer', () => {
    for (const [first, code, name, customer] of [
      ['01', 0x01, 'DS1990A', false],
      ['08', 0x08, 'DS1992', false],
      ['18', 0x18, 'DS1963S', false],
      ['33', 0x33, 'DS1961S', false],
      ['37', 0x37, 'DS1977', false],
      ['81', 0x01, 'DS1990A', true],
      ['B7', 0x37, 'DS1977', true],
      ['28', 0x28, undefined, false],
      ['A8', 0x28, undefined, true],
    ] as const) {
      expect(familyOf(`${first}606CBF03000021`), first).to.deep.equal({ code, name, customer });
    }
  });

  it('is found again from family and number, and is no ROM with any one bit turned', () => {
    const serial = fc.uint8Array({ minLength: 6, maxLength: 6 });
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 255 }), serial, fc.nat(63), (family, bytes, bit) => {
        const rom = romOf(family, bytes);
        expect(isRom(rom)).to.equal(true);
        expect(Buffer.from(romText(rom), 'hex').equals(rom)).to.equal(true);
        rom[bit >> 3] = (rom[bit >> 3] ?? 0) ^ (1 << (bit & 7));
        expect(isRom(rom)).to.equal(false);
      }),
    );
  });
});
