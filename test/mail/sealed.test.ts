import { expect } from 'chai';
import { SealBroken, seal, unseal } from '../../mail/sealed.ts';

const KEY = '0f'.repeat(32);

describe('what is sealed', () => {
  it('opens with the key and the purpose it was sealed with', () => {
    for (const text of ['', '480913', 'Zażółć gęślą jaźń 🗝', 'x'.repeat(100_000)]) {
      expect(unseal(KEY, 'deposit-1', seal(KEY, 'deposit-1', text))).to.equal(text);
    }
  });

  it('shows nothing of the text, and looks different every time', () => {
    const sealed = [seal(KEY, 'deposit-1', '480913480913'), seal(KEY, 'deposit-1', '480913480913')];
    expect(sealed[0]).to.not.equal(sealed[1]);
    for (const one of sealed) expect(Buffer.from(one, 'base64').toString('latin1')).to.not.contain('480913');
  });

  it('does not open with another key, for another purpose, or with a byte changed', () => {
    const sealed = seal(KEY, 'deposit-1', '480913');
    expect(() => unseal('0e'.repeat(32), 'deposit-1', sealed)).to.throw(SealBroken);
    expect(() => unseal(KEY, 'deposit-2', sealed)).to.throw(SealBroken);
    const bytes = Buffer.from(sealed, 'base64');
    for (let index = 0; index < bytes.length; index += 1) {
      const changed = Buffer.from(bytes);
      changed.writeUInt8(changed.readUInt8(index) ^ 1, index);
      expect(() => unseal(KEY, 'deposit-1', changed.toString('base64')), `byte ${index}`).to.throw(
        SealBroken,
      );
    }
    for (const torn of ['', 'AAAA', sealed.slice(0, 30)]) {
      expect(() => unseal(KEY, 'deposit-1', torn)).to.throw(SealBroken);
    }
  });
});
