import { expect } from 'chai';
import { beginningOf, endOf } from '../../../gateway/import/days.ts';

const WARSAW = 'Europe/Warsaw';

describe('days as people write them', () => {
  const iso = (time: number | undefined): string | undefined =>
    time === undefined ? undefined : new Date(time).toISOString();

  for (const [day, zone, begins, ends] of [
    ['2026-12-01', 'UTC', '2026-12-01T00:00:00.000Z', '2026-12-02T00:00:00.000Z'],
    ['2026-12-01', WARSAW, '2026-11-30T23:00:00.000Z', '2026-12-01T23:00:00.000Z'],
    ['2026-07-01', WARSAW, '2026-06-30T22:00:00.000Z', '2026-07-01T22:00:00.000Z'],
    // The clocks go forward on 29 March and back on 25 October 2026.
    ['2026-03-29', WARSAW, '2026-03-28T23:00:00.000Z', '2026-03-29T22:00:00.000Z'],
    ['2026-10-25', WARSAW, '2026-10-24T22:00:00.000Z', '2026-10-25T23:00:00.000Z'],
    ['2028-02-29', WARSAW, '2028-02-28T23:00:00.000Z', '2028-02-29T23:00:00.000Z'],
    ['2026-12-31', 'Pacific/Auckland', '2026-12-30T11:00:00.000Z', '2026-12-31T11:00:00.000Z'],
    ['2026-06-01', 'America/St_Johns', '2026-06-01T02:30:00.000Z', '2026-06-02T02:30:00.000Z'],
  ] as const) {
    it(`${day} in ${zone} lasts from ${begins} to ${ends}`, () => {
      expect(iso(beginningOf(day, zone))).to.equal(begins);
      expect(iso(endOf(day, zone))).to.equal(ends);
    });
  }

  it('a time with its offset is that time', () => {
    for (const text of ['2026-12-31T18:00+01:00', '2026-12-31T17:00Z', '2026-12-31T17:00:00.000Z']) {
      expect(iso(beginningOf(text, WARSAW))).to.equal('2026-12-31T17:00:00.000Z');
      expect(iso(endOf(text, WARSAW))).to.equal('2026-12-31T17:00:00.000Z');
    }
  });

  for (const text of [
    '',
    'tomorrow',
    '31.12.2026',
    '2026-13-01',
    '2026-02-29',
    '2026-02-30T08:00Z',
    '2026-12-31T25:00Z',
    '2026-12-31T18:00',
    '20261231',
    '2026-12-31 ',
  ]) {
    it(`"${text}" is none`, () => {
      expect(beginningOf(text, WARSAW)).to.equal(undefined);
      expect(endOf(text, WARSAW)).to.equal(undefined);
    });
  }
});
