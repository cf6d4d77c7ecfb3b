import {
  Binary,
  BSONRegExp,
  Decimal128,
  Double,
  Int32,
  Long,
  MaxKey,
  MinKey,
  ObjectId,
  Timestamp,
} from 'bson';
import { expect } from 'chai';
import fc from 'fast-check';
import { encodeKey, encodeValue } from '../src/storage/index-keys.ts';
import { compareValues } from '../src/values/order.ts';

/** Values in the order of the MongoDB manual; those of one line are equal. */
const ascending: readonly (readonly unknown[])[] = [
  [new MinKey()],
  [null],
  [new Double(Number.NaN), Decimal128.fromString('NaN')],
  [new Double(Number.NEGATIVE_INFINITY)],
  [Long.MIN_VALUE],
  [new Double(-1.5), Decimal128.fromString('-1.5')],
  [new Int32(-1), Long.fromNumber(-1), new Double(-1)],
  [new Double(-0), new Double(0), new Int32(0), Long.ZERO, Decimal128.fromString('0E+3')],
  [new Double(Number.MIN_VALUE)],
  [Decimal128.fromString('0.1')],
  [new Double(0.1)],
  [new Int32(1), Decimal128.fromString('1.000')],
  [Long.fromString('9007199254740992'), new Double(2 ** 53)],
  [Long.fromString('9007199254740993'), Decimal128.fromString('9007199254740993')],
  [Decimal128.fromString('9007199254740993.5')],
  [Long.fromString('9007199254740994'), new Double(2 ** 53 + 2)],
  [Long.MAX_VALUE],
  [new Double(2 ** 63)],
  [Decimal128.fromString('1E+300')],
  [new Double(Number.POSITIVE_INFINITY), Decimal128.fromString('Infinity')],
  [''],
  ['\u0000'],
  ['\u0000a'],
  ['a'],
  ['a\u0000'],
  ['a\u0000b'],
  ['ab'],
  ['b'],
  ['é'],
  ['\uffff'],
  ['\u{1F511}'],
  [{}],
  [{ a: new Int32(1) }, { a: new Double(1) }],
  [{ a: new Int32(1), b: null }],
  [{ a: new Int32(2) }],
  [{ b: new Int32(0) }],
  [{ a: 'x' }],
  [[]],
  [[new Int32(1)]],
  [[new Int32(1), new Int32(1)]],
  [[new Int32(2)]],
  [['a']],
  [new Binary(Buffer.from([9]))],
  [new Binary(Buffer.from([9]), 4)],
  [new Binary(Buffer.from([0, 1]))],
  [new ObjectId('000000000000000000000001')],
  [new ObjectId('ff0000000000000000000000')],
  [false],
  [true],
  [new Date(-1)],
  [new Date(0)],
  [new Date(1)],
  [new Timestamp({ t: 1, i: 2 })],
  [new Timestamp({ t: 0xffff_ffff, i: 1 })],
  [new BSONRegExp('a')],
  [new BSONRegExp('a', 'i')],
  [new MaxKey()],
];

const scalar = fc.oneof(
  fc.integer().map((value) => new Int32(value)),
  fc.double().map((value) => new Double(value)),
  fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }).map((value) => Long.fromBigInt(value)),
  fc
    .tuple(fc.bigInt({ min: -(10n ** 33n), max: 10n ** 33n }), fc.integer({ min: -60, max: 60 }))
    .map(([digits, exponent]) => Decimal128.fromString(`${digits}E${exponent}`)),
  fc.string({ unit: 'binary' }),
  fc.constantFrom(null, true, false, '', '\u0000'),
  fc.date({ noInvalidDate: true }),
  fc.uint8Array({ minLength: 12, maxLength: 12 }).map((bytes) => new ObjectId(bytes)),
);
const { value } = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 2 },
    { arbitrary: scalar, weight: 6 },
    { arbitrary: fc.array(tie('value'), { maxLength: 3 }), weight: 1 },
    { arbitrary: fc.dictionary(fc.string({ maxLength: 2 }), tie('value'), { maxKeys: 2 }), weight: 1 },
  ),
}));

describe('index keys', () => {
  const entries = ascending.flatMap((values, place) => values.map((each) => ({ place, each })));
  for (const direction of [1, -1] as const) {
    it(`order as the manual says, ${direction > 0 ? 'ascending' : 'descending'}`, () => {
      for (const left of entries) {
        for (const right of entries) {
          const expected = Math.sign(left.place - right.place);
          expect(Math.sign(compareValues(left.each, right.each)), 'comparison').to.equal(expected);
          const byKey = Buffer.compare(encodeValue(left.each, direction), encodeValue(right.each, direction));
          expect(byKey * direction, 'key').to.equal(expected);
        }
      }
    });
  }

  it('order as the values do, whatever the values', () => {
    fc.assert(
      fc.property(value, value, fc.constantFrom<1 | -1>(1, -1), (left, right, direction) => {
        const byKey = Buffer.compare(encodeValue(left, direction), encodeValue(right, direction));
        expect(byKey).to.equal(Math.sign(compareValues(left, right)) * direction || 0);
      }),
      { numRuns: 1000 },
    );
  });

  it('order field by field in a compound key', () => {
    const tuple = fc.tuple(value, value);
    const directions = fc.constantFrom<1 | -1>(1, -1);
    fc.assert(
      fc.property(tuple, tuple, fc.tuple(directions, directions), (left, right, order) => {
        const byValue =
          compareValues(left[0], right[0]) * order[0] || compareValues(left[1], right[1]) * order[1];
        expect(Buffer.compare(encodeKey(left, order), encodeKey(right, order))).to.equal(
          Math.sign(byValue) || 0,
        );
      }),
      { numRuns: 1000 },
    );
  });

  for (const text of ['1E+400', '-1E+400', '1E-400']) {
    it(`refuse the Decimal128 ${text}, which no double comes near`, () => {
      expect(() => encodeValue(Decimal128.fromString(text), 1))
        .to.throw(text)
        .with.property('code', 238);
    });
  }
});
