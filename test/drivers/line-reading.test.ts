import { expect } from 'chai';
import fc from 'fast-check';
import { DriverError } from '../../drivers/errors.ts';
import { type LineReading, readLine } from '../../drivers/line-reader/reading.ts';
import { DEFAULT_SETTINGS, type LineReaderSettings } from '../../drivers/line-reader/settings.ts';
import { loadDrivers } from '../../drivers/registry.ts';
import type { ScanKind } from '../../gateway/ports.ts';

type Settings = Partial<LineReaderSettings>;

const scan = (kind: ScanKind, value: string): LineReading => ({ kind: 'scan', scan: { kind, value } });
const MALFORMED: LineReading = { kind: 'rejected', reason: 'malformed' };
const CHECKSUM: LineReading = { kind: 'rejected', reason: 'checksum' };

const read = (line: string, settings: Settings = {}): LineReading =>
  readLine(Buffer.from(line, 'utf8'), { ...DEFAULT_SETTINGS, ...settings });

describe('A line of a reader', () => {
  const card = { kind: 'card' } as const;
  const decimal = { ...card, cardFormat: 'decimal' } as const;
  const wiegand = { ...card, cardFormat: 'wiegand26' } as const;
  const ibutton = { kind: 'ibutton' } as const;
  const serial = { ...ibutton, iButtonFormat: 'serial', iButtonOrder: 'transmitted' } as const;
  const cases: readonly { line: string; settings?: Settings; reading: LineReading; why: string }[] = [
    { line: ']Q1https://example.org/7', reading: scan('qr', 'https://example.org/7'), why: 'a QR code' },
    { line: ']Q3żółw', reading: scan('qr', 'żółw'), why: 'a QR code in UTF-8' },
    { line: ']E05901234123457', reading: scan('barcode', '5901234123457'), why: 'an EAN-13' },
    {
      line: ']C10112345\x1d10AB',
      reading: scan('barcode', '0112345\x1d10AB'),
      why: 'a GS1-128 with its separator',
    },
    { line: ']d2010', reading: scan('barcode', '010'), why: 'a GS1 DataMatrix' },
    { line: ' A 1 ', reading: scan('barcode', ' A 1 '), why: 'no prefix; blanks are part of a code' },
    { line: ']Q1', reading: MALFORMED, why: 'a prefix alone' },
    { line: ']Q', reading: scan('barcode', ']Q'), why: 'no whole prefix' },
    {
      line: ']E0123',
      settings: { kind: 'qr' },
      reading: scan('qr', '123'),
      why: 'the kind is set, the prefix goes',
    },
    {
      line: ']Q1123',
      settings: { kind: 'barcode' },
      reading: scan('barcode', '123'),
      why: 'the other way round',
    },
    { line: 'x'.repeat(256), reading: scan('barcode', 'x'.repeat(256)), why: 'the longest' },
    { line: 'x'.repeat(257), reading: MALFORMED, why: 'one too long' },
    { line: 'a\x00b', reading: MALFORMED, why: 'a control character' },
    { line: 'a\nb', reading: MALFORMED, why: 'a line feed' },
    { line: '04a2b3c4', settings: card, reading: scan('card', '04A2B3C4'), why: 'a UID of 4 bytes' },
    {
      line: '04:A2:B3:C4:D5:E6:F7',
      settings: card,
      reading: scan('card', '04A2B3C4D5E6F7'),
      why: '7 bytes in groups',
    },
    {
      line: ' 04 A2 B3 C4 ',
      settings: card,
      reading: scan('card', '04A2B3C4'),
      why: 'blanks around and between',
    },
    { line: '04A2B3', settings: card, reading: MALFORMED, why: '3 bytes' },
    { line: '04A2B3C4D5E6F70819202', settings: card, reading: MALFORMED, why: 'an odd digit' },
    { line: '04A2B3C4D5E6F708192021', settings: card, reading: MALFORMED, why: '11 bytes' },
    { line: '04A2B3CG', settings: card, reading: MALFORMED, why: 'no hex digit' },
    {
      line: '0013530444',
      settings: decimal,
      reading: scan('card', '00CE754C'),
      why: 'printed on an EM4100 card',
    },
    { line: '1', settings: decimal, reading: scan('card', '00000001'), why: 'a small number' },
    { line: '424715775213', settings: decimal, reading: scan('card', '62E3086CED'), why: 'five bytes' },
    {
      line: '1208925819614629174706175',
      settings: decimal,
      reading: scan('card', 'F'.repeat(20)),
      why: 'ten bytes',
    },
    { line: '1208925819614629174706176', settings: decimal, reading: MALFORMED, why: 'one more' },
    { line: '12A', settings: decimal, reading: MALFORMED, why: 'no decimal digit' },
    { line: '2EC0C86', settings: wiegand, reading: scan('card', '00760643'), why: 'facility 118, card 1603' },
    { line: '0EC0C86', settings: wiegand, reading: CHECKSUM, why: 'even parity wrong' },
    { line: '2EC0C87', settings: wiegand, reading: CHECKSUM, why: 'odd parity wrong' },
    { line: '4EC0C86', settings: wiegand, reading: MALFORMED, why: '27 bits' },
    {
      line: '23 D4 53 57 01 00 00 9E',
      settings: ibutton,
      reading: scan('ibutton', '23D453570100009E'),
      why: 'an iButton in groups',
    },
    { line: '01FA525810000010', settings: ibutton, reading: CHECKSUM, why: 'a wrong CRC' },
    { line: '0000000000000000', settings: ibutton, reading: CHECKSUM, why: 'zeros, whose CRC fits' },
    { line: '01606CBF0300', settings: ibutton, reading: MALFORMED, why: '12 digits' },
    { line: '100000105852FA01', settings: ibutton, reading: CHECKSUM, why: 'the same on a label' },
    {
      line: '21000003BF6C6001',
      settings: { ...ibutton, iButtonOrder: 'transmitted' },
      reading: CHECKSUM,
      why: 'the label where the other order is set',
    },
    {
      line: '01606CBF03000021',
      settings: { ...ibutton, iButtonOrder: 'label' },
      reading: CHECKSUM,
      why: 'as sent where the label is set',
    },
    { line: '606CBF03000', settings: serial, reading: MALFORMED, why: '11 digits' },
    { line: '01606CBF03000021', settings: serial, reading: MALFORMED, why: 'a ROM where the number is set' },
    { line: '000000000000', settings: serial, reading: MALFORMED, why: 'a short circuit' },
    { line: 'ffffffffffff', settings: serial, reading: MALFORMED, why: 'no key' },
    {
      line: '60 6C BF 03 00 00',
      settings: serial,
      reading: scan('ibutton', '01606CBF03000021'),
      why: 'a number in groups',
    },
    {
      line: 'device-0815 ',
      settings: { kind: 'phone' },
      reading: scan('phone', 'device-0815'),
      why: 'a phone',
    },
    { line: '42', settings: { kind: 'biometric' }, reading: scan('biometric', '42'), why: 'a template' },
    { line: 'two words', settings: { kind: 'phone' }, reading: MALFORMED, why: 'no single word' },
    { line: '   ', settings: { kind: 'biometric' }, reading: MALFORMED, why: 'blanks' },
  ];

  for (const { line, settings, reading, why } of cases) {
    it(`${JSON.stringify(line.slice(0, 40))}: ${why}`, () => {
      expect(read(line, settings)).to.deep.equal(reading);
    });
  }

  for (const { rom, label, family, sent, printed } of [
    {
      rom: '01606CBF03000021',
      label: '21000003BF6C6001',
      family: '01',
      sent: '606CBF030000',
      printed: '000003BF6C60',
    },
    {
      rom: '016060CF030000A8',
      label: 'A8000003CF606001',
      family: '01',
      sent: '6060CF030000',
      printed: '000003CF6060',
    },
    {
      rom: '23D453570100009E',
      label: '9E0000015753D423',
      family: '23',
      sent: 'D45357010000',
      printed: '0000015753D4',
    },
  ]) {
    it(`has the iButton ${rom} in both orders, with its checksum and without`, () => {
      const found = scan('ibutton', rom);
      const number = { ...ibutton, iButtonFormat: 'serial', iButtonFamily: family } as const;
      expect(read(rom, ibutton)).to.deep.equal(found);
      expect(read(label.toLowerCase(), ibutton)).to.deep.equal(found);
      expect(read(rom, { ...ibutton, iButtonOrder: 'transmitted' })).to.deep.equal(found);
      expect(read(label, { ...ibutton, iButtonOrder: 'label' })).to.deep.equal(found);
      expect(read(sent, { ...number, iButtonOrder: 'transmitted' })).to.deep.equal(found);
      expect(read(printed.toLowerCase(), { ...number, iButtonOrder: 'label' })).to.deep.equal(found);
    });
  }

  it('with a number alone needs the order to be set', async () => {
    const registry = await loadDrivers();
    const driver = registry.reader('line-reader');
    const settings = { kind: 'ibutton', iButtonFormat: 'serial' };
    for (const wrong of [settings, { ...settings, iButtonOrder: 'either' }]) {
      expect(() => registry.settingsFor(driver, 'r1', wrong)).to.throw(DriverError, 'iButtonOrder');
    }
    for (const iButtonFamily of ['1', '00', 'G1', '001']) {
      const wrong = { ...settings, iButtonOrder: 'label', iButtonFamily };
      expect(() => registry.settingsFor(driver, 'r1', wrong), iButtonFamily).to.throw(
        DriverError,
        '/iButtonFamily',
      );
    }
    expect(registry.settingsFor(driver, 'r1', { ...settings, iButtonOrder: 'label' })).to.deep.include({
      iButtonOrder: 'label',
      iButtonFamily: '01',
    });
  });

  it('is refused where it is no UTF-8', () => {
    expect(readLine(Buffer.from([0x41, 0xff, 0x42]), DEFAULT_SETTINGS)).to.deep.equal(MALFORMED);
  });

  it('of a card has one number, however it is written', () => {
    const uid = fc.uint8Array({ minLength: 4, maxLength: 10 }).map((bytes) => Buffer.from(bytes));
    fc.assert(
      fc.property(uid, (bytes) => {
        const value = bytes.toString('hex').toUpperCase();
        expect(read(value.toLowerCase(), card)).to.deep.equal(scan('card', value));
        const number = BigInt(`0x${value}`).toString();
        const shortest = value.replace(/^(00)+(?=.{8})/, '');
        expect(read(number, decimal)).to.deep.equal(scan('card', shortest));
      }),
    );
  });

  it('with one bit of a Wiegand card or an iButton turned is refused', () => {
    fc.assert(
      fc.property(fc.nat(25), (bit) => {
        const turned = (0x2ec0c86 ^ (1 << bit)).toString(16).padStart(7, '0');
        expect(read(turned, wiegand)).to.deep.equal(CHECKSUM);
      }),
    );
    fc.assert(
      fc.property(fc.nat(63), (bit) => {
        const turned = (0x01606cbf03000021n ^ (1n << BigInt(bit))).toString(16).padStart(16, '0');
        expect(read(turned, { ...ibutton, iButtonOrder: 'transmitted' })).to.deep.equal(CHECKSUM);
      }),
    );
  });
});
