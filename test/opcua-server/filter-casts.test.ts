import { expect } from 'chai';
import { DataType, resolveNodeId, Variant, VariantArrayType } from 'node-opcua';
import { castTo } from '../../opcua-server/history/filter-casts.ts';
import type { Comparable } from '../../opcua-server/history/filter-values.ts';

const NOON = new Date('2026-05-01T12:00:00.000Z');

const CASES: readonly (readonly [DataType, unknown, DataType, Comparable | undefined])[] = [
  [DataType.UInt16, 100, DataType.String, '100'],
  [DataType.UInt16, 300, DataType.Byte, undefined],
  [DataType.Int16, -1, DataType.UInt32, undefined],
  [DataType.Double, 2.6, DataType.Int32, 3],
  [DataType.Double, 2.6, DataType.Float, 2.6],
  [DataType.Boolean, true, DataType.Byte, 1],
  [DataType.UInt16, 0, DataType.Boolean, false],
  [DataType.String, 'True', DataType.Boolean, true],
  [DataType.String, 'maybe', DataType.Boolean, undefined],
  [DataType.String, ' 12 ', DataType.Int16, 12],
  [DataType.String, '1e3', DataType.Double, 1_000],
  [DataType.String, '0x10', DataType.Int32, undefined],
  [DataType.String, '', DataType.Int32, undefined],
  [DataType.DateTime, NOON, DataType.String, '2026-05-01T12:00:00.000Z'],
  [DataType.String, '2026-05-01T12:00:00Z', DataType.DateTime, NOON.getTime()],
  [DataType.String, 'soon', DataType.DateTime, undefined],
  [DataType.DateTime, NOON, DataType.Double, undefined],
  [DataType.DateTime, NOON, DataType.Boolean, undefined],
  [DataType.UInt32, 5, DataType.DateTime, undefined],
];

describe('Cast in filters of events', () => {
  const idOf = (type: DataType) => resolveNodeId(`ns=0;i=${type}`);

  for (const [from, value, to, expected] of CASES) {
    it(`makes of the ${DataType[from]} ${String(value)} the ${DataType[to]} ${String(expected)}`, () => {
      expect(castTo(idOf(to))?.(new Variant({ dataType: from, value }))).to.equal(expected);
    });
  }

  it('goes on with what other elements come to, and makes nothing of nothing', () => {
    expect(castTo(idOf(DataType.String))?.(4)).to.equal('4');
    expect(castTo(idOf(DataType.Int32))?.(true)).to.equal(1);
    expect(castTo(idOf(DataType.String))?.(undefined)).to.equal(undefined);
    expect(castTo(idOf(DataType.String))?.(new Variant())).to.equal(undefined);
    const array = new Variant({
      dataType: DataType.UInt16,
      arrayType: VariantArrayType.Array,
      value: [1, 2],
    });
    expect(castTo(idOf(DataType.String))?.(array)).to.equal(undefined);
  });

  it('knows no other types', () => {
    for (const id of ['ns=0;i=22', 'ns=0;i=999', 'ns=1;i=12', 'ns=0;s=String'])
      expect(castTo(resolveNodeId(id)), id).to.equal(undefined);
  });
});
