import { expect } from 'chai';
import { mailAddress, mailbox, oneLine } from '../../mail/address.ts';

const ADDRESSES: readonly (readonly [given: string, taken: string])[] = [
  ['anna@example.org', 'anna@example.org'],
  ['Anna.Nowak+lockers@mail.example.org', 'Anna.Nowak+lockers@mail.example.org'],
  ["o'brien@example.org", "o'brien@example.org"],
  ['anna@localhost', 'anna@localhost'],
  ['anna@żółw.example', 'anna@xn--w-uga1v8h.example'],
  [`${'a'.repeat(64)}@example.org`, `${'a'.repeat(64)}@example.org`],
];

const NO_ADDRESSES: readonly string[] = [
  '',
  '@',
  'anna',
  'anna@',
  '@example.org',
  'anna@@example.org',
  '.anna@example.org',
  'anna.@example.org',
  'an..na@example.org',
  'anna nowak@example.org',
  ' anna@example.org',
  'anna@example.org ',
  'anna@example..org',
  'anna@-example.org',
  'anna@example.org,eve@example.org',
  'anna@example.org;eve@example.org',
  'Anna <anna@example.org>',
  '<anna@example.org>',
  '"anna nowak"@example.org',
  'anna(comment)@example.org',
  'łucja@example.org',
  'anna@2130706433',
  'anna@127.0.0.1',
  'anna@[127.0.0.1]',
  'anna@example.org/path',
  'anna@example.org:25',
  'anna@example.org\r\nBcc: eve@example.org',
  'anna@example.org\n',
  'anna\0@example.org',
  `${'a'.repeat(65)}@example.org`,
  `anna@${'a'.repeat(64)}.org`,
  `anna@${'abcdefghi.'.repeat(25)}org`,
];

describe('addresses of mail', () => {
  for (const [given, taken] of ADDRESSES) {
    it(`takes ${given}`, () => {
      expect(mailAddress(given)).to.equal(taken);
    });
  }

  for (const given of NO_ADDRESSES) {
    it(`refuses ${JSON.stringify(given.slice(0, 60))}`, () => {
      expect(mailAddress(given)).to.equal(undefined);
    });
  }

  it('takes a name beside an address, with or without quotes', () => {
    const address = 'lockers@example.com';
    expect(mailbox(address)).to.deep.equal({ name: '', address });
    expect(mailbox(`Lockers <${address}>`)).to.deep.equal({ name: 'Lockers', address });
    expect(mailbox(`"Lockers, North" <${address}>`)).to.deep.equal({ name: 'Lockers, North', address });
    expect(mailbox(`<${address}>`)).to.deep.equal({ name: '', address });
  });

  it('refuses several, and names that could leave their header', () => {
    for (const text of [
      'a@example.com, b@example.com',
      'A <a@example.com>, B <b@example.com>',
      'A <a@example.com> <b@example.com>',
      'A\r\nBcc: eve@example.com <a@example.com>',
      `${'x'.repeat(201)} <a@example.com>`,
      'A <a@example.com',
    ]) {
      expect(mailbox(text), text).to.equal(undefined);
    }
  });

  it('turns whatever ends or hides in a line into a space', () => {
    expect(oneLine('a\r\nb\tc\u0000d\u2028e\u202ef\u200bg')).to.equal('a b c d e f g');
  });
});
