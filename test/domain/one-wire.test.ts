import { expect } from 'chai';
import { isRom, oneWireCrc } from '../../domain/one-wire.ts';

/** The ROM that Maxim's Application Note 27 computes as its example. */
const ROM = Buffer.from('021CB801000000A2', 'hex');

describe('the ROM of an iButton', () => {
  it('has the check byte of Application Note 27', () => {
    expect(oneWireCrc(ROM.subarray(0, 7))).to.equal(0xa2);
    expect(oneWireCrc(ROM)).to.equal(0);
    expect(isRom(ROM)).to.equal(true);
  });

  it('is neither zeros, nor seven bytes, nor the other way round', () => {
    expect(isRom(Buffer.alloc(8))).to.equal(false);
    expect(isRom(ROM.subarray(0, 7))).to.equal(false);
    expect(isRom(Buffer.from(ROM).reverse())).to.equal(false);
  });
});
