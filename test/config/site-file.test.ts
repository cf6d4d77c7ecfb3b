import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { cabinetSetting, pinBounds } from '../../config/cabinet-setting.ts';
import { ConfigurationError } from '../../config/configuration-error.ts';
import { loadSchemas } from '../../config/modes.ts';
import { checkSite, readSiteFile } from '../../config/read-site.ts';
import type { SiteFile } from '../../config/site.ts';
import { loadDrivers } from '../../drivers/registry.ts';
import { systemClock } from '../../gateway/clock.ts';
import { Hardware } from '../../gateway/hardware.ts';

const FILE = 'works.json';

/** A site file in which nothing is wrong. */
function sound(): SiteFile {
  return {
    version: 1,
    site: { id: 'works', name: 'Works', timeZone: 'Europe/Warsaw', language: 'pl' },
    userGroups: [{ id: 'staff', name: 'Staff' }],
    buses: [
      { id: 'locks', transport: { type: 'tcp', host: '127.0.0.1', port: 4801 } },
      { id: 'readers', transport: { type: 'serial', path: '/dev/ttyUSB0', baudRate: 9_600 } },
      { id: 'flow', transport: { type: 'flow' } },
    ],
    boards: [
      { id: 'board-1', bus: 'locks', driver: 'kerong-cu48', address: 0, settings: { closedBit: 0 } },
      { id: 'board-2', bus: 'locks', driver: 'kerong-cu48', address: 1 },
    ],
    readers: [
      { id: 'reader-1', bus: 'readers', driver: 'rdm6300', cabinet: 'A' },
      { id: 'keypad-1', bus: 'flow', driver: 'keypad', cabinet: 'B', decide: 'gateway' },
    ],
    cabinets: [
      {
        id: 'A',
        name: 'Cabinet A',
        kind: 'clothes',
        schema: '2.2',
        compartments: [{ from: 1, to: 24, board: 'board-1', firstLock: 0 }],
        groups: [{ id: 'upper', compartments: '1-8, 12', userGroups: ['staff'] }],
        userGroups: ['staff'],
        doors: { opensWithinSeconds: 2, attempts: 2, leftOpenAfterSeconds: 30, grantValidSeconds: 5 },
      },
      {
        id: 'B',
        name: 'Cabinet B',
        kind: 'multi',
        schema: '1.1',
        compartments: [
          { from: 1, to: 20, board: 'board-1', firstLock: 24 },
          { from: 21, to: 40, board: 'board-2', firstLock: 0 },
        ],
      },
    ],
  };
}

/** The sound file with everything in it that may be left out. */
function full(): SiteFile {
  const { cabinets, readers, buses, ...site } = sound();
  const [a, b] = cabinets;
  const [card, keypad] = readers;
  if (!a || !b || !card || !keypad) throw new Error('The sound file has two cabinets and two readers.');
  return {
    ...site,
    pins: { least: 6 },
    buses: [...buses, { id: 'items', transport: { type: 'tcp', host: '127.0.0.1', port: 4802 } }],
    panels: [
      { id: 'hall', name: 'Hall', cabinet: 'A' },
      { id: 'yard', name: 'Yard', cabinet: 'B' },
    ],
    readers: [
      { ...card, panel: 'hall', userGroups: ['staff'] },
      { ...keypad, panel: 'yard' },
    ],
    itemReaders: [{ id: 'antennas', bus: 'items', driver: 'line-inventory' }],
    cabinets: [
      {
        ...a,
        antennas: [
          { from: 1, to: 4, reader: 'antennas', firstAntenna: 0 },
          { from: 10, to: 12, reader: 'antennas', firstAntenna: 8 },
        ],
        pins: { most: 8 },
        sessions: { answerWithinSeconds: 90, useWithinSeconds: 300 },
        twoPersons: { userGroups: ['staff'] },
        antiPassback: { closeFirst: true, waitSeconds: 30 },
        overdueAfterHours: 1.5,
        texts: {
          pl: { 'compartment-blocked': 'Skrytka {compartment} nie działa.' },
          en: { identify: 'Hold your card to the panel.' },
        },
      },
      { ...b, groups: [{ id: 'guests', compartments: '1-32', userGroups: [] }], twoPersons: {} },
    ],
  };
}

/** A copy of a file with one value replaced; `undefined` takes it away. */
function withValue(path: string, value: unknown, from: SiteFile = sound()): unknown {
  const site = structuredClone(from) as unknown as Record<string, unknown>;
  const parts = path.split('.');
  const last = parts.pop() ?? '';
  let place = site;
  for (const part of parts) place = place[part] as Record<string, unknown>;
  if (value === undefined) delete place[last];
  else place[last] = value;
  return site;
}

interface WrongField {
  readonly path: string;
  readonly value: unknown;
  /** The field as the message names it, where it is not the path itself. */
  readonly field?: string;
  readonly reason: string | RegExp;
}

const WRONG: readonly WrongField[] = [
  { path: 'version', value: 2, reason: 'must be 1' },
  { path: 'version', value: undefined, reason: 'is missing' },
  { path: 'cabinets', value: undefined, reason: 'is missing' },
  { path: 'cabinets', value: [], reason: 'must NOT have fewer than 1 items' },
  { path: 'cabinet', value: [], reason: 'is not a known field; is it misspelt?' },
  { path: 'site.timeZone', value: '+01:00', reason: 'must be an IANA time zone, e.g. Europe/Warsaw' },
  { path: 'site.timeZone', value: 'Europe/Warsow', reason: 'must be an IANA time zone, e.g. Europe/Warsaw' },
  { path: 'site.language', value: 'de', reason: 'must be one of en, pl, it' },
  { path: 'site.id', value: 'my site', reason: /^must be 1 to 32 letters, digits/ },
  { path: 'site.name', value: '', reason: /fewer than 1 characters/ },
  { path: 'buses.0.transport.port', value: 0, reason: 'must be >= 1' },
  { path: 'buses.0.transport.port', value: '4801', reason: 'must be integer' },
  { path: 'buses.0.transport.host', value: undefined, reason: 'is missing' },
  { path: 'buses.0.transport.speed', value: 9_600, reason: 'is not a known field; is it misspelt?' },
  { path: 'buses.0.transport.type', value: 'udp', field: 'buses[0].transport', reason: /type/ },
  { path: 'buses.1.transport.baudRate', value: 100, reason: 'must be >= 300' },
  { path: 'buses.1.id', value: 'locks', reason: '"locks" stands twice' },
  { path: 'boards.1.id', value: 'board-1', reason: '"board-1" stands twice' },
  { path: 'readers.1.id', value: 'reader-1', reason: '"reader-1" stands twice' },
  { path: 'cabinets.1.id', value: 'A', reason: '"A" stands twice' },
  {
    path: 'buses.1.transport',
    value: { type: 'tcp', host: '127.0.0.1', port: 4801 },
    reason: 'is 127.0.0.1:4801, which bus "locks" has',
  },
  {
    path: 'readers.1',
    value: { id: 'reader-2', bus: 'readers', driver: 'rdm6300', cabinet: 'B' },
    field: 'readers[1].bus',
    reason:
      'is "readers", where "reader-1" is the rdm6300 already; a reader has no address, give it a bus of its own',
  },
  { path: 'boards.0.bus', value: 'lock', reason: 'there is no bus "lock"' },
  { path: 'boards.0.address', value: 256, reason: 'must be <= 255' },
  { path: 'boards.1.address', value: 0, reason: 'is 0, which board "board-1" on the same bus has' },
  { path: 'readers.0.bus', value: 'reader', reason: 'there is no bus "reader"' },
  { path: 'readers.0.cabinet', value: 'Z', reason: 'there is no cabinet "Z"' },
  { path: 'readers.0.decide', value: 'nobody', reason: 'must be one of flow, gateway' },
  { path: 'cabinets.0.kind', value: 'big', reason: 'must be one of clothes, multi, filing' },
  { path: 'cabinets.0.compartments.0.to', value: 0, reason: 'must be >= 1' },
  {
    path: 'cabinets.0.compartments.0.from',
    value: 25,
    field: 'cabinets[0].compartments[0].to',
    reason: 'is 24, which comes before 25',
  },
  { path: 'cabinets.0.compartments.0.board', value: 'board-9', reason: 'there is no board "board-9"' },
  {
    path: 'cabinets.1.compartments.1.from',
    value: 20,
    field: 'cabinets[1].compartments[1]',
    reason: 'compartment 20 stands twice',
  },
  {
    path: 'cabinets.1.compartments.0.firstLock',
    value: 23,
    field: 'cabinets[1].compartments[0]',
    reason: 'compartment 1: lock 23 of board "board-1" already opens compartment 24 of cabinet "A"',
  },
  { path: 'cabinets.0.groups.0.compartments', value: '1-8, 25', reason: 'there is no compartment 25' },
  {
    path: 'cabinets.0.groups.0.compartments',
    value: 'all',
    reason: 'must be a list of numbers such as "1-8, 12"',
  },
  { path: 'cabinets.0.groups.0.compartments', value: '1-3, 8-5', reason: '"8-5" runs backwards' },
  {
    // The first whole number that 1 can no longer be added to.
    path: 'cabinets.0.groups.0.compartments',
    value: '9007199254740992',
    reason: 'must be a list of numbers such as "1-8, 12"',
  },
  { path: 'cabinets.0.groups.0.userGroups.0', value: 'nobody', reason: 'there is no user group "nobody"' },
  { path: 'cabinets.0.userGroups.0', value: 'nobody', reason: 'there is no user group "nobody"' },
  { path: 'cabinets.0.doors.attempts', value: 0, reason: 'must be >= 1' },
  { path: 'cabinets.0.doors.opensWithinSeconds', value: 0.1, reason: 'must be >= 0.2' },
];

/** Wrong values in the file that has everything. */
const WRONG_IN_FULL: readonly WrongField[] = [
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
    path: 'boards.0.driver',
    value: 'kerong',
    reason: /There is no lock board driver "kerong"\. There are: .*kerong-cu48/,
  },
  { path: 'boards.0.driver', value: 'rdm6300', reason: /no lock board driver "rdm6300"/ },
  { path: 'readers.0.driver', value: 'wiegand', reason: /There is no reader driver "wiegand"\. There are: / },
  { path: 'boards.0.address', value: 10, reason: 'is 10; a kerong-cu48 has an address from 0 to 9' },
  { path: 'boards.0.settings.closedBit', value: 2, field: 'boards[0].settings', reason: /closedBit/ },
  { path: 'boards.0.settings.poll', value: 1, field: 'boards[0].settings', reason: /poll/ },
  {
    path: 'readers.0.bus',
    value: 'locks',
    field: 'readers[0].driver',
    reason: 'speaks 9600 baud 8N1, but bus "locks" already speaks 19200 baud 8N1; give it a bus of its own',
  },
  {
    path: 'cabinets.1.compartments.0.firstLock',
    value: 30,
    field: 'cabinets[1].compartments[0]',
    reason: 'needs lock 49 of board "board-1"; a kerong-cu48 has locks 0 to 47',
  },
  {
    path: 'buses.3',
    value: { id: 'spare', transport: { type: 'flow' } },
    field: 'buses[3]',
    reason: 'nothing hangs on bus "spare"',
  },
];

const WRONG_HARDWARE_IN_FULL: readonly WrongField[] = [
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

/** `boards.0.bus` as a person finds it: `boards[0].bus`. */
function fieldOf({ path, field }: WrongField): string {
  return field ?? path.replace(/\.(\d+)/g, '[$1]');
}

function expectRefusal(work: () => unknown, field: string, reason: string | RegExp): void {
  let error: unknown;
  try {
    work();
  } catch (thrown) {
    error = thrown;
  }
  if (!(error instanceof ConfigurationError))
    throw new Error(`Not refused as it should be: ${String(error)}`);
  expect(error.field).to.equal(field);
  if (typeof reason === 'string') expect(error.reason).to.equal(reason);
  else expect(error.reason).to.match(reason);
  expect(error.message).to.equal(`${FILE}: ${field}: ${error.reason}`);
  expect(error.message, 'one line').to.not.include('\n');
}

describe('A site file', () => {
  it('is taken as it is where nothing is wrong', async () => {
    const site = checkSite(FILE, sound());
    expect(site).to.deep.equal(sound());
    Hardware.build(FILE, site, await loadDrivers(), systemClock);
    const schemas = await loadSchemas();
    for (const cabinet of site.cabinets) expect(schemas.has(cabinet.schema)).to.equal(true);
  });

  for (const wrong of WRONG) {
    it(`is refused with ${wrong.path}: ${JSON.stringify(wrong.value)}`, () => {
      expectRefusal(() => checkSite(FILE, withValue(wrong.path, wrong.value)), fieldOf(wrong), wrong.reason);
    });
  }

  for (const wrong of WRONG_HARDWARE) {
    it(`is refused by the drivers with ${wrong.path}: ${JSON.stringify(wrong.value)}`, async () => {
      const drivers = await loadDrivers();
      const build = (): unknown =>
        Hardware.build(FILE, checkSite(FILE, withValue(wrong.path, wrong.value)), drivers, systemClock);
      expectRefusal(build, fieldOf(wrong), wrong.reason);
    });
  }

  it('with everything in it is taken as it is', () => {
    expect(checkSite(FILE, full())).to.deep.equal(full());
  });

  for (const wrong of WRONG_IN_FULL) {
    it(`with everything in it is refused with ${wrong.path}: ${JSON.stringify(wrong.value)}`, () => {
      const content = withValue(wrong.path, wrong.value, full());
      expectRefusal(() => checkSite(FILE, content), fieldOf(wrong), wrong.reason);
    });
  }

  for (const wrong of WRONG_HARDWARE_IN_FULL) {
    it(`with everything in it is refused by the drivers with ${wrong.path}: ${JSON.stringify(wrong.value)}`, async () => {
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

  describe('on the disk', () => {
    let folder: string;

    before(async () => {
      folder = await mkdtemp(join(tmpdir(), 'sezam-site-'));
    });

    after(() => rm(folder, { recursive: true, force: true }));

    for (const { what, content, reason } of [
      { what: 'no JSON', content: '{ "version": 1,', reason: /^is not JSON: / },
      { what: 'empty', content: '', reason: /^is not JSON: / },
      { what: 'a list', content: '[]', reason: /must be object/ },
    ]) {
      it(`is refused where it is ${what}`, async () => {
        const path = join(folder, 'site.json');
        await writeFile(path, content);
        const error: unknown = await readSiteFile(path).catch((thrown: unknown) => thrown);
        expect(error).to.be.instanceOf(ConfigurationError);
        expect((error as ConfigurationError).file).to.equal(path);
        expect((error as ConfigurationError).reason).to.match(reason);
        expect((error as ConfigurationError).message, 'one line').to.not.include('\n');
      });
    }

    for (const { path, reason } of [
      { path: 'missing.json', reason: 'there is no such file' },
      { path: '.', reason: 'cannot be read (EISDIR)' },
    ]) {
      it(`is refused where "${path}" was given`, async () => {
        const error: unknown = await readSiteFile(join(folder, path)).catch((thrown: unknown) => thrown);
        expect((error as ConfigurationError).message).to.equal(`${join(folder, path)}: ${reason}`);
      });
    }
  });
});
