import { expect } from 'chai';
import { flawOf, normalised, SCAN_KINDS } from '../../gateway/credential-kinds.ts';
import type { Scan, ScanKind } from '../../gateway/ports.ts';

/** The ROM that Maxim's Application Note 27 computes as its example. */
const ROM = '021CB801000000A2';

/** By kind: what is taken, and what is not. */
const VALUES: Readonly<
  Record<ScanKind, { readonly good: readonly string[]; readonly bad: readonly string[] }>
> = {
  card: {
    good: ['04A1B2C3', '04a1b2c3', '04A1B2C3D4E5F6', 'F'.repeat(20)],
    bad: ['', '04A1B2', '04A1B2C', '04A1B2CG', '0'.repeat(22), ' 04A1B2C3'],
  },
  pin: {
    good: ['1234', '0000', '1'.repeat(16)],
    bad: ['', '123', '1'.repeat(17), '12a4', '１２３４', '123 4'],
  },
  phone: { good: ['a1b2', 'device:0815/44'], bad: ['', 'abc', '    ', 'x'.repeat(257), 'abc\n'] },
  ibutton: {
    good: [ROM, ROM.toLowerCase()],
    bad: ['', '0'.repeat(16), '021CB801000000A3', 'A20000000001B81C02', '021CB8010000A2', 'G21CB801000000A2'],
  },
  barcode: {
    good: ['4006381333931', 'ABC-1', '0104006381333931\u001d21A7'],
    bad: ['', '123', '    ', 'x'.repeat(257), 'abc\u001cd', '\u001d'.repeat(4)],
  },
  qr: { good: ['https://example.org/1?a=ż', 'x'.repeat(256)], bad: ['', 'abc', 'x'.repeat(257), 'ab\tcd'] },
  biometric: { good: ['7', 'x'.repeat(64)], bad: ['', ' ', 'x'.repeat(65), '\u0000'] },
};

describe('the kinds of credential', () => {
  for (const kind of SCAN_KINDS) {
    for (const value of VALUES[kind].good) {
      it(`${kind}: takes ${JSON.stringify(value.slice(0, 24))}`, () => {
        expect(flawOf(normalised({ kind, value }))).to.equal(undefined);
      });
    }
    for (const value of VALUES[kind].bad) {
      it(`${kind}: does not take ${JSON.stringify(value.slice(0, 24))}, and does not repeat it`, () => {
        const flaw = flawOf(normalised({ kind, value }));
        expect(flaw).to.have.property('code', `${kind}-malformed`);
        if (value.trim().length > 3) expect(flaw?.words).to.not.contain(value);
      });
    }
  }

  it('PINs have the bounds of the site', () => {
    const flaw = (value: string) => flawOf({ kind: 'pin', value }, { least: 6, most: 8 });
    expect(flaw('123456')).to.equal(undefined);
    expect(flaw('12345')).to.deep.equal({ code: 'pin-malformed', words: 'A PIN has 6 to 8 digits.' });
    expect(flaw('123456789')).to.have.property('code', 'pin-malformed');
  });

  it('cards and iButtons are looked up in capital letters, codes as they are', () => {
    const value = (scan: Scan): string => normalised(scan).value;
    expect(value({ kind: 'card', value: '04a1b2c3' })).to.equal('04A1B2C3');
    expect(value({ kind: 'ibutton', value: ROM.toLowerCase() })).to.equal(ROM);
    expect(value({ kind: 'qr', value: 'aBc1' })).to.equal('aBc1');
  });

  it('every bit that is wrong in an iButton is noticed', () => {
    const rom = Buffer.from(ROM, 'hex');
    for (let bit = 0; bit < 64; bit += 1) {
      const wrong = Buffer.from(rom);
      wrong[bit >> 3] = (wrong[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      const value = wrong.toString('hex').toUpperCase();
      expect(flawOf({ kind: 'ibutton', value }), value).to.not.equal(undefined);
    }
  });
});
