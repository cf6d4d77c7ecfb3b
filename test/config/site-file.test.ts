import { mkdtemp, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { ConfigurationError } from '../../config/configuration-error.ts';
import { loadSchemas } from '../../config/modes.ts';
import { checkSite, readSiteFile } from '../../config/read-site.ts';
import { loadDrivers } from '../../drivers/registry.ts';
import { systemClock } from '../../gateway/clock.ts';
import { Hardware } from '../../gateway/hardware.ts';
import { expectRefusal, FILE, fieldOf, sound, type WrongField, withValue } from './support/sites.ts';

const WRONG: readonly WrongField[] = [
  { path: 'version', value: 2, reason: 'must be 1' },
  { path: 'version', value: undefined, reason: 'is missing' },
  { path: 'cabinets', value: undefined, reason: 'is missing' },
  { path: 'cabinets', value: [], reason: /neither a cabinet nor a cassette/ },
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

    it('is refused where it is larger than any site, before it is read', async () => {
      const path = join(folder, 'large.json');
      await writeFile(path, '');
      await truncate(path, 1_000_000_000_000);
      const error: unknown = await readSiteFile(path).catch((thrown: unknown) => thrown);
      expect((error as ConfigurationError).reason).to.equal('is larger than 32 MB');
    });

    it('is refused where it is no file, which could be waited for without end', async () => {
      const error: unknown = await readSiteFile('/dev/null').catch((thrown: unknown) => thrown);
      expect((error as ConfigurationError).reason).to.equal('is no file');
    });

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
