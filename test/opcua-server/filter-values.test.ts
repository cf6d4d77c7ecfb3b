import { expect } from 'chai';
import fc from 'fast-check';
import { DataType, Variant, VariantArrayType } from 'node-opcua';
import { comparableOf, isLike } from '../../opcua-server/history/filter-values.ts';

describe('values in filters', () => {
  it('fit patterns as the operator Like has them', () => {
    for (const [text, pattern, fits] of [
      ['door-opened', 'door%', true],
      ['door-opened', 'door', false],
      ['', '%', true],
      ['', '', true],
      ['', '_', false],
      ['abc', 'a_c', true],
      ['abc', 'a%%c', true],
      ['abc', 'a[a-c]c', true],
      ['abc', 'a[^a-c]c', false],
      ['adc', 'a[^a-c]c', true],
      ['a-c', 'a[-]c', true],
      ['50%', '50\\%', true],
      ['501', '50\\%', false],
      ['a[b', 'a[b', true],
      ['a\\', 'a\\', true],
    ] as const) {
      expect(isLike(text, pattern), `${text} like ${pattern}`).to.equal(fits);
    }
  });

  it('fit patterns of % and _ as the same regular expression has it', () => {
    const characters = fc.string({ unit: fc.constantFrom('a', 'b'), maxLength: 12 });
    const patterns = fc.string({ unit: fc.constantFrom('a', 'b', '%', '_'), maxLength: 8 });
    fc.assert(
      fc.property(characters, patterns, (text, pattern) => {
        const expression = new RegExp(`^${pattern.replaceAll('%', '.*').replaceAll('_', '.')}$`);
        expect(isLike(text, pattern)).to.equal(expression.test(text));
      }),
    );
  });

  it('are the same number whatever their type, and nothing where they cannot be compared', () => {
    const of = (dataType: DataType, value: unknown) =>
      comparableOf(new Variant({ dataType, arrayType: VariantArrayType.Scalar, value }));
    expect(of(DataType.UInt16, 7)).to.equal(7);
    expect(of(DataType.Double, 7)).to.equal(7);
    expect(of(DataType.Int64, [0xffffffff, 0xffffffff])).to.equal(-1);
    expect(of(DataType.UInt64, [1, 2])).to.equal(2 ** 32 + 2);
    expect(of(DataType.ByteString, Buffer.from([1, 255]))).to.equal('01ff');
    expect(of(DataType.DateTime, new Date(5))).to.equal(5);
    expect(of(DataType.StatusCode, { value: 0 })).to.equal(undefined);
    expect(comparableOf(new Variant())).to.equal(undefined);
    expect(
      comparableOf(new Variant({ dataType: DataType.UInt16, arrayType: VariantArrayType.Array, value: [1] })),
    ).to.equal(undefined);
  });
});
