import { expect } from 'chai';
import { cabinetSetting, pinBounds } from '../../config/cabinet-setting.ts';
import { checkSite } from '../../config/read-site.ts';
import { loadDrivers } from '../../drivers/registry.ts';
import { systemClock } from '../../gateway/clock.ts';
import { Hardware } from '../../gateway/hardware.ts';
import { expectRefusal, FILE, fieldOf, full, sound, type WrongField, withValue } from './support/sites.ts';

const WRONG: readonly WrongField[] = [
  { path: 'pins.least', value: 3, reason: 'must be >= 4' },
  { path: 'pins.most', value: 17, reason: 'must be <= 16' },
  {
    path: 'pins',
    value: { least: 8, most: 6 },
    field: 'pins.most',
    reason: 'is 6, which is fewer than the fewest, 8',
  },
  { path: 'cabinets.0.pins.least', value: 3, reason: 'must be >= 4' },
  { path: 'cabinets.0.pins.most', value: 5, reason: 'is 5, which is fewer than the fewest, 6' },
  { path: 'cabinets.0.pins', value: { digits: 4 }, field: 'cabinets[0].pins.digits', reason: /misspelt/ },
  { path: 'panels.0.name', value: undefined, reason: 'is missing' },
  { path: 'panels.0.cabinet', value: 'Z', reason: 'there is no cabinet "Z"' },
  { path: 'panels.1.id', value: 'hall', reason: '"hall" stands twice' },
  {
    path: 'panels.0.id',
    value: 'reader-1',
    field: 'readers[0].id',
    reason: '"reader-1" is the id of a panel already',
  },
  { path: 'readers.0.panel', value: 'cellar', reason: 'there is no panel "cellar"' },
  {
    path: 'readers.0.panel',
    value: 'yard',
    reason: 'is "yard", which is at cabinet "B", but the reader is at cabinet "A"',
  },
  {
    path: 'readers.0.userGroups',
    value: ['nobody'],
    field: 'readers[0].userGroups[0]',
    reason: /no user group "nobody"/,
  },
  { path: 'readers.0.userGroups', value: [], reason: 'must NOT have fewer than 1 items' },
  { path: 'itemReaders.0.bus', value: 'item', reason: 'there is no bus "item"' },
  { path: 'itemReaders.0.id', value: 'reader-1', reason: '"reader-1" is the id of a reader already' },
  { path: 'itemReaders.0.id', value: 'hall', reason: '"hall" is the id of a panel already' },
  { path: 'itemReaders.0.address', value: 1, reason: 'is not a known field; is it misspelt?' },
  {
    path: 'itemReaders.1',
    value: { id: 'more', bus: 'items', driver: 'line-inventory' },
    field: 'itemReaders[1].bus',
    reason:
      'is "items", where "antennas" is the line-inventory already; a reader has no address, give it a bus of its own',
  },
  { path: 'cabinets.0.antennas.0.reader', value: 'eyes', reason: 'there is no item reader "eyes"' },
  {
    path: 'cabinets.0.antennas',
    value: [],
    field: 'itemReaders[0]',
    reason: /no compartment has an antenna/,
  },
  { path: 'cabinets.0.antennas.0.firstAntenna', value: -1, reason: 'must be >= 0' },
  {
    path: 'cabinets.0.antennas.1.to',
    value: 9,
    reason: 'is 9, which comes before 10',
  },
  {
    path: 'cabinets.0.antennas.1.to',
    value: 25,
    field: 'cabinets[0].antennas[1]',
    reason: 'there is no compartment 25',
  },
  {
    path: 'cabinets.0.antennas.1.from',
    value: 4,
    field: 'cabinets[0].antennas[1]',
    reason: 'compartment 4 stands twice',
  },
  {
    path: 'cabinets.0.antennas.1.firstAntenna',
    value: 3,
    field: 'cabinets[0].antennas[1]',
    reason:
      'compartment 10: antenna 3 of item reader "antennas" already watches compartment 4 of cabinet "A"',
  },
  {
    path: 'cabinets.1.antennas',
    value: [{ from: 1, to: 1, reader: 'antennas', firstAntenna: 0 }],
    field: 'cabinets[1].antennas[0]',
    reason: 'compartment 1: antenna 0 of item reader "antennas" already watches compartment 1 of cabinet "A"',
  },
  {
    path: 'cabinets.1.groups.0.compartments',
    value: '1-33',
    reason: 'has 33 compartments; a group has 1 to 32',
  },
  { path: 'cabinets.0.compartments.0.to', value: 513, reason: 'must be <= 512' },
  { path: 'cabinets.0.sessions.answerWithinSeconds', value: 9, reason: 'must be >= 10' },
  { path: 'cabinets.0.sessions.answerWithinSeconds', value: 601, reason: 'must be <= 600' },
  { path: 'cabinets.0.sessions.useWithinSeconds', value: 59, reason: 'must be >= 60' },
  { path: 'cabinets.0.sessions.useWithinSeconds', value: 86_401, reason: 'must be <= 86400' },
  { path: 'cabinets.0.twoPersons', value: true, reason: 'must be object' },
  {
    path: 'cabinets.0.twoPersons.userGroups.0',
    value: 'nobody',
    reason: 'there is no user group "nobody"',
  },
  { path: 'cabinets.0.antiPassback.closeFirst', value: 'yes', reason: 'must be boolean' },
  { path: 'cabinets.0.antiPassback.waitSeconds', value: -1, reason: 'must be >= 0' },
  { path: 'cabinets.0.overdueAfterHours', value: 0, reason: 'must be >= 0.1' },
  { path: 'cabinets.0.texts.de', value: {}, reason: 'is not a known field; is it misspelt?' },
  { path: 'cabinets.0.texts.pl.identyfy', value: 'Karta!', reason: 'there is no sentence "identyfy"' },
  { path: 'cabinets.0.texts.pl.toString', value: 'Karta!', reason: 'there is no sentence "toString"' },
  { path: 'cabinets.0.texts.pl.identify', value: '', reason: /fewer than 1 characters/ },
  {
    path: 'cabinets.0.texts.pl.identify',
    value: 'Dzień dobry {name}.',
    reason: 'says {name}, which this sentence does not know; it knows no values',
  },
  {
    path: 'cabinets.0.texts.pl.set-pin',
    value: 'PIN {compartment}: {length}!',
    reason: 'says {length}, which this sentence does not know; it knows {least}, {most}, {compartment}',
  },
];

/** What only the drivers know. */
const WRONG_HARDWARE: readonly WrongField[] = [
  {
    path: 'itemReaders.0.driver',
    value: 'rdm6300',
    reason: /no item reader driver "rdm6300".*line-inventory/,
  },
  { path: 'readers.0.driver', value: 'line-inventory', reason: /no reader driver "line-inventory"/ },
  { path: 'itemReaders.0.settings', value: { tags: 'wood' }, reason: /tags.*"qr"/ },
  {
    path: 'itemReaders.0.bus',
    value: 'readers',
    field: 'itemReaders[0].driver',
    reason: /^speaks 19200 baud 8N1, but/,
  },
  {
    path: 'cabinets.0.antennas.1.firstAntenna',
    value: 998,
    field: 'cabinets[0].antennas[1]',
    reason: 'needs antenna 1000 of item reader "antennas"; a line-inventory has antennas 0 to 999',
  },
];

describe('A site file with panels, item readers and rules', () => {
  it('is taken as it is', () => {
    expect(checkSite(FILE, full())).to.deep.equal(full());
  });

  for (const wrong of WRONG) {
    it(`is refused with ${wrong.path}: ${JSON.stringify(wrong.value)}`, () => {
      const content = withValue(wrong.path, wrong.value, full());
      expectRefusal(() => checkSite(FILE, content), fieldOf(wrong), wrong.reason);
    });
  }

  for (const wrong of WRONG_HARDWARE) {
    it(`is refused by the drivers with ${wrong.path}: ${JSON.stringify(wrong.value)}`, async () => {
      const drivers = await loadDrivers();
      const site = checkSite(FILE, withValue(wrong.path, wrong.value, full()));
      expectRefusal(() => Hardware.build(FILE, site, drivers, systemClock), fieldOf(wrong), wrong.reason);
    });
  }

  it('says which antenna looks into which compartment', async () => {
    const { itemReaders } = Hardware.build(FILE, checkSite(FILE, full()), await loadDrivers(), systemClock);
    const [places] = itemReaders.map((reader) => [...reader.places]);
    expect(places).to.deep.equal(
      [1, 2, 3, 4, 10, 11, 12].map((compartment) => [
        compartment < 10 ? compartment - 1 : compartment - 2,
        { cabinet: 'A', compartment },
      ]),
    );
  });

  it('with more compartments than a cabinet has is refused', () => {
    const runs = [
      { from: 1, to: 512, board: 'board-1', firstLock: 0 },
      { from: 512, to: 512, board: 'board-2', firstLock: 0 },
    ];
    expectRefusal(
      () => checkSite(FILE, withValue('cabinets.0.compartments', runs)),
      'cabinets[0].compartments[1]',
      'compartment 512 stands twice',
    );
  });

  it('says the rules of a cabinet in the units of the domain', () => {
    const site = checkSite(FILE, full());
    const [a, b] = site.cabinets.map((cabinet) => cabinetSetting(cabinet, site));
    expect(a).to.deep.include({
      pins: { least: 6, most: 8 },
      sessions: { answerWithin: 90_000, useWithin: 300_000 },
      twoPersons: { userGroups: ['staff'] },
      antiPassback: { closeFirst: true, waitFor: 30_000 },
      overdueAfter: 5_400_000,
      timeZone: 'Europe/Warsaw',
    });
    const watched = a?.compartments.filter(({ itemReader }) => itemReader).map(({ number }) => number);
    expect(watched).to.deep.equal([1, 2, 3, 4, 10, 11, 12]);
    expect(b?.twoPersons).to.deep.equal({ userGroups: [] });
    expect(b?.groups.map(({ userGroups }) => userGroups)).to.deep.equal([[]]);
    expect(pinBounds(site)).to.deep.equal({ least: 6, most: 16 });
  });

  it('gives a cabinet what it leaves out, in the units of the domain', () => {
    const site = checkSite(FILE, sound());
    const [a, b] = site.cabinets.map((cabinet) => cabinetSetting(cabinet, site));
    expect(a?.groups).to.deep.equal([
      { id: 'upper', compartments: [1, 2, 3, 4, 5, 6, 7, 8, 12], userGroups: ['staff'] },
    ]);
    expect(a?.doors).to.deep.equal({
      opensWithin: 2_000,
      attempts: 2,
      leftOpenAfter: 30_000,
      grantValidFor: 5_000,
    });
    expect(b?.compartments).to.have.length(40);
    expect(b?.compartments[39]).to.deep.equal({ number: 40, board: 'board-2' });
    expect(b?.doors).to.deep.equal({
      opensWithin: 3_000,
      attempts: 3,
      leftOpenAfter: 60_000,
      grantValidFor: 10_000,
    });
    expect(b?.groups).to.deep.equal([]);
    expect(b).to.deep.include({
      pins: { least: 4, most: 16 },
      sessions: { answerWithin: 60_000, useWithin: 600_000 },
      antiPassback: { closeFirst: false, waitFor: 0 },
      timeZone: 'Europe/Warsaw',
    });
    expect(b).to.not.have.any.keys('twoPersons', 'overdueAfter');
    expect(pinBounds(site)).to.deep.equal({ least: 4, most: 16 });
  });
});
