import { rm } from 'node:fs/promises';
import { expect } from 'chai';
import type { Readings } from '../../../domain/cassette/readings.ts';
import type { CassetteControllerDriver } from '../../../drivers/driver.ts';
import { type DriverRegistry, loadDrivers } from '../../../drivers/registry.ts';
import { eventually } from '../../support/eventually.ts';
import { temporaryFolder } from '../../support/store.ts';
import { ROMS } from './support/cassettes-at-work.ts';
import { Controllers, RuntimeAtWork } from './support/runtime-at-work.ts';

/** What a driver of somebody else may do wrong: a sample without the half of it, over and over. */
const HALF_SAMPLES: CassetteControllerDriver = {
  id: 'half-samples',
  kind: 'cassette-controller',
  title: 'Controller that tells the half of it',
  line: { baudRate: 9_600, dataBits: 8, parity: 'none', stopBits: 1 },
  addresses: { from: 1, to: 32 },
  settings: { type: 'object' },
  create: ({ id, clock }) => {
    let cancel = (): void => {};
    const done = (): Promise<void> => Promise.resolve();
    return {
      id,
      start(listener) {
        listener.linked(true);
        const again = (): void => {
          listener.sampled({ lidOpen: true } as Readings);
          cancel = clock.after(5, again);
        };
        again();
      },
      sample: done,
      prepare: done,
      fire: done,
      inhibit: done,
      signal: done,
      antiGas: done,
      selfTest: done,
      stop() {
        cancel();
        return done();
      },
    };
  },
};

const CANNOT_BE_MADE: CassetteControllerDriver = {
  ...HALF_SAMPLES,
  id: 'cannot-be-made',
  create: ({ id }) => {
    throw new Error(`no controller for ${id}`);
  },
};

describe('a cassette whose controller has gone wrong', () => {
  let folder: string;
  let drivers: DriverRegistry;
  let controllers: Controllers;
  let work: RuntimeAtWork;

  before(async () => {
    drivers = await loadDrivers();
    drivers.add(HALF_SAMPLES);
    drivers.add(CANNOT_BE_MADE);
  });

  beforeEach(async () => {
    folder = await temporaryFolder();
    controllers = await Controllers.serve(['good', 'bad']);
  });

  afterEach(async () => {
    await work.runtime.stop();
    await controllers.close();
    await rm(folder, { recursive: true });
  });

  async function begun(driver = 'cassette-controller'): Promise<void> {
    work = await RuntimeAtWork.open({
      folder,
      cassettes: ['bad', 'good'].map((id) => ({ id, mode: 'internal' })),
      controllers,
      drivers,
      driverOf: { bad: driver },
    });
    work.attachEmpty();
    work.register('K', 'K', ROMS.K);
  }

  async function goodOneStains(): Promise<void> {
    const good = controllers.of('good');
    await work.arm('good', good, ROMS.K);
    good.openLid();
    await eventually('the good one has fired', () => good.firings === 1);
    await work.heard('good', 'stained');
    expect(controllers.of('bad').firings).to.equal(0);
  }

  it('and whose machine fails at every sample touches no other, and is told of once', async () => {
    await begun('half-samples');
    await goodOneStains();
    expect(work.troubles).to.have.length(1);
    expect(work.troubles[0]).to.match(/^Cassette bad failed at sample: TypeError/);
    expect(work.ask({ do: 'area', cassette: 'bad', inside: false, source: 'test' }).ok).to.equal(true);
  });

  it('and cannot even be made touches no other', async () => {
    await begun('cannot-be-made');
    await goodOneStains();
    expect(work.troubles).to.deep.equal(['Cassette bad cannot be guarded: no controller for bad']);
    expect(work.ask({ do: 'area', cassette: 'bad', inside: false, source: 'test' })).to.have.nested.property(
      'refusal.code',
      'cassettes-not-running',
    );
  });

  it('and talks garbage touches no other, and neither fires nor disarms', async () => {
    await begun();
    const bad = controllers.of('bad');
    await work.arm('bad', bad, ROMS.K);
    bad.spoilReplies('corrupt', 1_000);
    for (let time = 0; time < 200; time += 1) {
      bad.sendRaw(Buffer.from(Array.from({ length: 97 }, (_, index) => (index * 151 + time * 37) % 256)));
    }
    await goodOneStains();
    await work.heard('bad', 'link-lost');
    expect(work.view('bad').phase).to.equal('full');
    bad.spoilNothing();
    await work.heard('bad', 'link-restored', 2);
    bad.openLid();
    await eventually('the bad one has fired', () => bad.firings === 1);
  });

  it('and whose line is lost touches no other', async () => {
    await begun();
    const bad = controllers.of('bad');
    await work.arm('bad', bad, ROMS.K);
    await controllers.cut('bad');
    await work.heard('bad', 'link-lost');
    await goodOneStains();
    expect(work.view('bad').phase).to.equal('full');
    expect(work.view('bad').linked).to.equal(false);
  });
});
