import { createSecretKey, randomBytes } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import { cassetteSetting, signalPatterns } from '../../../config/cassette-setting.ts';
import { CassetteThread } from '../../../gateway/cassettes/cassette-thread.ts';
import type { TakenEvent } from '../../../gateway/cassettes/protocol.ts';
import { EventRepository } from '../../../models/events.ts';
import { CassetteControllerSimulator } from '../../../simulators/cassette-controller.ts';
import { createPtyPair, type PtyPair } from '../../../simulators/pty.ts';
import { attachSerial } from '../../../simulators/serve.ts';
import { eventually } from '../../support/eventually.ts';
import { realClock } from '../../support/real-clock.ts';
import { type FreshStore, openFreshStore, temporaryFolder } from '../../support/store.ts';
import { ROMS } from './support/cassettes-at-work.ts';
import { KEY_STREAM } from './support/runtime-at-work.ts';

/** What most cassettes hang on. Their thread is not the one for which the library of serial ports was made. */
describe('cassettes on a serial port', () => {
  let folder: string;
  let store: FreshStore;
  let pair: PtyPair;
  let simulator: CassetteControllerSimulator;
  let thread: CassetteThread;
  let detach: () => Promise<void>;
  const taken: TakenEvent[] = [];

  beforeEach(async () => {
    taken.splice(0);
    folder = await temporaryFolder();
    store = await openFreshStore();
    pair = await createPtyPair();
    const key = randomBytes(32).toString('hex');
    simulator = new CassetteControllerSimulator({ key: createSecretKey(key, 'hex') });
    detach = await attachSerial(simulator, pair.device, 115_200);
    const repository = new EventRepository(store.connection);
    await repository.prepare();
    const site = { id: 'C1', name: 'C1', mode: 'internal', controller: { bus: 'bus' } } as const;
    const controller = { bus: 'bus', driver: 'cassette-controller', address: 1, settings: {}, key };
    thread = await CassetteThread.start(
      {
        buses: [{ id: 'bus', transport: { type: 'serial', path: pair.gateway } }],
        cassettes: [{ id: 'C1', name: 'C1', setting: cassetteSetting(site), controller, keyReaders: [] }],
        signals: signalPatterns({}),
        folder: join(folder, 'cassettes'),
        keyStream: KEY_STREAM,
      },
      realClock,
      { taken: (event) => taken.push(event), view: () => {}, bus: () => {}, trouble: () => {} },
    );
    await thread.attach(repository);
  });

  afterEach(async () => {
    await thread.stop();
    await detach();
    await pair.close();
    simulator.close();
    await store.remove();
    await rm(folder, { recursive: true });
  });

  function heard(type: string, count = 1): Promise<void> {
    const all = (): TakenEvent[] => taken.filter(({ event }) => event.type === type);
    return eventually(`${count} × ${type}`, () => all().length >= count);
  }

  it('are armed and stain, also after the adapter was pulled and put back', async () => {
    await heard('link-restored');
    simulator.insert();
    await eventually('it can be armed', () => {
      const readings = thread.views.get('C1')?.readings;
      return readings?.inMachine === true && readings.stainer === 'ready' && readings.selfTest === 'passed';
    });
    const data = { id: 'K', rom: ROMS.K, role: 'K', cassettes: [], duress: false } as const;
    const actor = { kind: 'machine', id: 'test' } as const;
    await thread.ask({ do: 'keys', event: { type: 'key-registered', actor, data } });
    const armed = await thread.ask({ do: 'touch', cassette: 'C1', reader: 'elsewhere', rom: ROMS.K });
    expect(armed).to.have.nested.property('view.phase', 'full');
    await detach();
    await pair.unplug();
    await heard('link-lost');
    expect(thread.buses[0]?.state).to.equal('lost');
    await pair.plug();
    detach = await attachSerial(simulator, pair.device, 115_200);
    await heard('link-restored', 2);
    expect(simulator.firings).to.equal(0);
    expect(thread.views.get('C1')?.phase).to.equal('full');
    simulator.openLid();
    await eventually('it has fired', () => simulator.firings === 1);
    await heard('stained');
  });
});
