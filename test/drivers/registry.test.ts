import { execFile } from 'node:child_process';
import { createSecretKey, randomBytes } from 'node:crypto';
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { Ajv } from 'ajv';
import { expect } from 'chai';
import { Bus } from '../../drivers/bus.ts';
import type { Driver, LockBoardDriver } from '../../drivers/driver.ts';
import { DriverError } from '../../drivers/errors.ts';
import { type DriverRegistry, loadDrivers } from '../../drivers/registry.ts';
import { FlowTransport } from '../../drivers/transport/flow.ts';
import { ManualClock } from '../support/manual-clock.ts';
import { driverErrorOf } from './driver-error.ts';

const run = promisify(execFile);
const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const REGISTRY = await loadDrivers();

function errorOf(action: () => unknown): DriverError {
  try {
    action();
  } catch (error) {
    if (error instanceof DriverError) return error;
    throw error;
  }
  throw new Error('Nothing was thrown.');
}

describe('Driver registry', () => {
  let folder: string;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'sezam-drivers-'));
  });

  afterEach(async () => {
    await rm(folder, { recursive: true });
  });

  async function writeDriver(name: string, source: string): Promise<void> {
    await mkdir(join(folder, name), { recursive: true });
    await writeFile(join(folder, name, 'index.ts'), source);
  }

  const source = (id: string, kind = 'reader'): string =>
    `export const driver = { id: '${id}', kind: '${kind}', title: 'x', line: {}, settings: { type: 'object' }, create() {} };`;
  const load = (...parents: string[]): Promise<DriverRegistry> =>
    loadDrivers(parents.map((parent) => pathToFileURL(`${parent}/`)));

  it('finds the drivers of this product', () => {
    expect(REGISTRY.all().map((driver) => driver.id)).to.include.members([
      'cassette-controller',
      'kerong-cu48',
      'keypad',
      'line-inventory',
      'line-reader',
      'rdm6300',
    ]);
    expect(REGISTRY.lockBoard('kerong-cu48').locks).to.equal(48);
    expect(REGISTRY.reader('rdm6300').line.baudRate).to.equal(9600);
    expect(REGISTRY.itemReader('line-inventory').antennas).to.equal(1_000);
    expect(REGISTRY.cassetteController('cassette-controller').line.baudRate).to.equal(115_200);
  });

  it('names the drivers there are where one is asked for that is not', () => {
    const error = errorOf(() => REGISTRY.get('cu49'));
    expect(error.code).to.equal('unknown-driver');
    expect(error.message).to.include('"cu49"').and.include('kerong-cu48').and.include('rdm6300');
    expect(errorOf(() => REGISTRY.reader('kerong-cu48')).message).not.to.include(': kerong-cu48');
    expect(errorOf(() => REGISTRY.lockBoard('rdm6300')).message).not.to.include('keypad');
    expect(errorOf(() => REGISTRY.itemReader('rdm6300')).message).not.to.include('keypad');
    expect(errorOf(() => REGISTRY.cassetteController('rdm6300')).message).not.to.include('keypad');
  });

  it('fills defaults in and names every wrong field of the settings', () => {
    const driver = REGISTRY.get('kerong-cu48');
    const given = Object.freeze({ closedBit: 0 });
    expect(REGISTRY.settingsFor(driver, 'b1', given)).to.deep.include({
      closedBit: 0,
      pollMilliseconds: 500,
    });
    const error = errorOf(() => REGISTRY.settingsFor(driver, 'b1', { closedBit: 2, pollMiliseconds: 5 }));
    expect(error.code).to.equal('wrong-settings');
    expect(error.message).to.include('"b1"').and.include('/closedBit').and.include('pollMiliseconds');
  });

  it('loads further folders, and passes over what is no driver', async () => {
    await writeDriver('mine', source('mine'));
    await mkdir(join(folder, 'no-driver'));
    await writeFile(join(folder, 'read-me.txt'), '');
    expect((await load(folder)).all().map((driver) => driver.id)).to.deep.equal(['mine']);
  });

  it('refuses an id twice', async () => {
    await writeDriver('a/mine', source('mine'));
    await writeDriver('b/mine', source('mine'));
    const error = await driverErrorOf(load(join(folder, 'a'), join(folder, 'b')));
    expect(error.code).to.equal('duplicate-driver');
    expect(error.message).to.include('"mine"');
  });

  for (const { name, text, says } of [
    { name: 'another id than its folder', text: source('other'), says: 'its id is "other"' },
    { name: 'an unknown kind', text: source('mine', 'camera'), says: 'kind' },
    { name: 'no driver in it', text: 'export const drivers = 1;', says: '`driver`' },
    { name: 'a syntax error', text: 'export const driver = {', says: 'cannot be used' },
    {
      name: 'a schema that is none',
      text: source('mine').replace("'object'", "'objekt'"),
      says: 'schema',
    },
  ]) {
    it(`refuses a folder with ${name}`, async () => {
      await writeDriver('mine', text);
      const error = await driverErrorOf(load(folder));
      expect(error.code).to.equal('broken-driver');
      expect(error.message).to.include('mine').and.include(says);
    });
  }

  it('finds the same drivers compiled', async () => {
    await symlink(join(ROOT, 'node_modules'), join(folder, 'node_modules'));
    await writeFile(join(folder, 'package.json'), '{"type": "module"}');
    const config = {
      extends: join(ROOT, 'tsconfig.json'),
      compilerOptions: { noEmit: false, rootDir: ROOT, outDir: folder },
      include: [join(ROOT, 'drivers/**/*.ts')],
    };
    await writeFile(join(folder, 'tsconfig.json'), JSON.stringify(config));
    await run(process.execPath, [join(ROOT, 'node_modules/typescript/bin/tsc'), '-p', folder]);
    const compiled = pathToFileURL(join(folder, 'drivers/registry.js')).href;
    const list = `const { loadDrivers } = await import(${JSON.stringify(compiled)});
      console.log((await loadDrivers()).all().map((driver) => driver.id).join());`;
    const { stdout } = await run(process.execPath, ['--input-type=module', '--eval', list]);
    expect(stdout.trim()).to.equal(
      REGISTRY.all()
        .map((driver) => driver.id)
        .join(),
    );
  });
});

describe('Every driver', () => {
  for (const driver of REGISTRY.all()) {
    describe(driver.id, () => {
      it('has a title, a line and settings that may be left out', () => {
        expect(driver.id).to.match(/^[a-z0-9]+(-[a-z0-9]+)*$/);
        expect(driver.title).to.match(/^\S.*\S$/);
        expect(driver.line.baudRate).to.be.within(300, 1_000_000);
        expect([7, 8]).to.include(driver.line.dataBits);
        expect([1, 2]).to.include(driver.line.stopBits);
        expect(['none', 'even', 'odd']).to.include(driver.line.parity);
        const validate = new Ajv({ strict: true, useDefaults: true }).compile(driver.settings);
        expect(validate({})).to.equal(true);
        expect(validate({ surely: 'no such setting' })).to.equal(false);
      });

      it('makes a device that starts and stops on a line that is not there, and leaves nothing behind', async () => {
        const clock = new ManualClock();
        const bus = new Bus({ id: 'x', transport: new FlowTransport(), clock });
        const device = create(driver, bus, clock);
        expect(device.id).to.equal('device');
        bus.start();
        await clock.advance(10_000);
        await device.stop();
        await bus.stop();
        await clock.advance(0);
        expect(clock.pending).to.equal(0);
      });
    });
  }
});

function create(driver: Driver, bus: Bus, clock: ManualClock): { id: string; stop(): Promise<void> } {
  const settings = REGISTRY.settingsFor(driver, 'device');
  const options = { id: 'device', bus, settings, clock };
  if (driver.kind === 'reader') {
    const reader = driver.create(options);
    reader.start({ scanned: () => {}, rejected: () => {} });
    return reader;
  }
  if (driver.kind === 'item-reader') {
    expect(driver.antennas).to.be.at.least(1);
    const reader = driver.create({ ...options, antennas: [0, driver.antennas - 1] });
    reader.start({ report: () => {}, answering: () => {} });
    return reader;
  }
  if (driver.kind === 'cassette-controller') {
    const key = createSecretKey(randomBytes(32));
    checkAddresses(driver, (address) => driver.create({ ...options, address, key }));
    const controller = driver.create({ ...options, address: driver.addresses.to, key });
    controller.start({ sampled: () => {}, key: () => {}, linked: () => {}, rejected: () => {} });
    return controller;
  }
  expect(driver.locks).to.be.within(1, 512);
  checkAddresses(driver, (address) => driver.create({ ...options, address }));
  const board = driver.create({ ...options, address: driver.addresses.to });
  board.start({ report: () => {}, answering: () => {} });
  return board;
}

function checkAddresses(
  { addresses }: Pick<LockBoardDriver, 'addresses'>,
  createAt: (address: number) => unknown,
): void {
  expect(addresses.from).to.be.at.most(addresses.to);
  for (const address of [addresses.from, addresses.to]) createAt(address);
  for (const address of [addresses.from - 1, addresses.to + 1]) {
    expect(errorOf(() => createAt(address)).code).to.equal('wrong-address');
  }
}
