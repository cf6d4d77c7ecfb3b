import { randomBytes } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Worker } from 'node:worker_threads';
import { expect } from 'chai';
import { cassetteSetting, signalPatterns } from '../../../config/cassette-setting.ts';
import { CassetteThread } from '../../../gateway/cassettes/cassette-thread.ts';
import {
  type CassetteWiring,
  type FromCassettes,
  processTime,
  type TakenEvent,
  type ToCassettes,
} from '../../../gateway/cassettes/protocol.ts';
import { EventRepository } from '../../../models/events.ts';
import { flawsOf } from '../../end-to-end/support/test-store.ts';
import { eventually } from '../../support/eventually.ts';
import { realClock } from '../../support/real-clock.ts';
import { type FreshStore, openFreshStore, temporaryFolder } from '../../support/store.ts';
import { CassettesAtWork } from './support/cassettes-at-work.ts';
import { ControllerApart } from './support/controllers-apart.ts';
import { KEY_STREAM } from './support/runtime-at-work.ts';

const ACTOR = { kind: 'administrator', id: 'anna' } as const;

describe('the thread of the cassettes', () => {
  /** Threads that were begun since the test was. */
  const workers: Worker[] = [];
  const remember = (worker: Worker): void => {
    if ((worker as Worker & { threadName: string | null }).threadName === 'sezam-cassettes') {
      workers.push(worker);
    }
  };

  beforeEach(() => {
    workers.splice(0);
    process.on('worker', remember);
  });

  afterEach(() => {
    process.off('worker', remember);
  });

  describe('that dies', () => {
    let work: CassettesAtWork;

    beforeEach(async () => {
      work = await CassettesAtWork.start([
        { id: 'C1', mode: 'internal' },
        { id: 'C2', mode: 'internal' },
      ]);
      await work.register('K');
    });

    afterEach(() => work.close());

    it('is replaced, and guards again what was armed', async () => {
      await work.arm('C1');
      // What is in memory alone goes with the thread.
      await work.shipped();
      let unlinked = false;
      work.gateway.cassettes.onView(({ id, linked, readings }) => {
        unlinked ||= workers.length === 1 && id === 'C1' && !linked && !readings;
      });
      await workers[0]?.terminate();
      await eventually('it is shown that nobody hears the controller', () => unlinked);
      await eventually('another one is begun', () => workers.length === 2);
      await work.answers('C1');
      expect(work.view('C1').phase).to.equal('full');
      expect(work.view('C2').phase).to.equal('rest');
      expect(work.troubles.filter((text) => text.startsWith('The cassettes stopped'))).to.have.length(1);
      work.simulator('C1').openLid();
      await work.fired('C1');
      await work.shipped();
      const types = (await work.stored('C1')).map(({ type }) => type);
      expect(types.filter((type) => type === 'cassette-restarted')).to.have.length(1);
      expect(types).to.include('stained');
      expect(work.simulator('C2').firings).to.equal(0);
    });

    it('leaves nobody waiting for an answer', async () => {
      const asked = Array.from({ length: 20 }, () => work.gateway.cassettes.area('C1', false, 'test'));
      const dead = workers[0]?.terminate();
      const codes = (await Promise.all(asked)).map((answer) => (answer.ok ? 'ok' : answer.refusal.code));
      await dead;
      expect(codes.every((code) => code === 'ok' || code === 'cassettes-not-running')).to.equal(true);
      const meanwhile = await work.gateway.cassettes.area('C1', true, 'test');
      expect(meanwhile).to.have.nested.property('refusal.code', 'cassettes-not-running');
      await eventually('another one is begun', () => workers.length === 2);
      await work.answers('C1');
      expect((await work.gateway.cassettes.area('C1', true, 'test')).ok).to.equal(true);
    });

    it('dies again and again while records are shipped, and none is lost or stored twice', async () => {
      let count = 0;
      const happen = async (): Promise<void> => {
        for (let times = 0; times < 30; times += 1) {
          count += 1;
          const answer = await work.gateway.cassettes.area('C1', count % 2 === 0, `step ${count}`);
          expect(answer.ok).to.equal(true);
        }
      };
      for (let life = 1; life <= 3; life += 1) {
        await happen();
        await workers.at(-1)?.terminate();
        await eventually('another one is begun', () => workers.length === life + 1);
        await work.answers('C1');
      }
      await happen();
      await work.shipped();
      expect(work.troubles.filter((text) => text.startsWith('Another gateway'))).to.deep.equal([]);
      const stored = await work.stored('C1');
      const sources = stored.flatMap(({ data }) => (data as { source?: string }).source ?? []);
      expect(new Set(sources).size).to.equal(sources.length);
      // What was answered a moment before the end may not have come to the disk; what came there is in order.
      const numbers = sources.map((source) => Number(source.slice('step '.length)));
      expect(numbers).to.deep.equal(numbers.toSorted((a, b) => a - b));
      expect(numbers.slice(-28)).to.deep.equal(Array.from({ length: 28 }, (_, index) => count - 27 + index));
    });

    it('is not replaced where the gateway ends', async () => {
      const dead = workers[0]?.terminate();
      await work.end();
      await dead;
      expect(workers).to.have.length(1);
    });
  });

  describe('beside a main thread that is held up', () => {
    let folder: string;
    let store: FreshStore;
    let controller: ControllerApart;
    let thread: CassetteThread;
    const taken: TakenEvent[] = [];
    const troubles: string[] = [];

    beforeEach(async () => {
      taken.splice(0);
      troubles.splice(0);
      folder = await temporaryFolder();
      store = await openFreshStore();
      const key = randomBytes(32).toString('hex');
      controller = await ControllerApart.serve(key);
      const site = { id: 'C1', name: 'C1', mode: 'internal', controller: { bus: 'bus' } } as const;
      const wiring: CassetteWiring = {
        id: 'C1',
        name: 'C1',
        setting: cassetteSetting(site),
        controller: { bus: 'bus', driver: 'cassette-controller', address: 1, settings: {}, key },
        keyReaders: [],
      };
      const { port } = controller;
      thread = await CassetteThread.start(
        {
          buses: [{ id: 'bus', transport: { type: 'tcp', host: '127.0.0.1', port } }],
          cassettes: [wiring],
          signals: signalPatterns({}),
          folder: join(folder, 'cassettes'),
          keyStream: KEY_STREAM,
        },
        realClock,
        {
          taken: (event) => taken.push(event),
          view: () => {},
          bus: () => {},
          trouble: (text) => troubles.push(text),
        },
      );
    });

    afterEach(async () => {
      await thread.stop();
      await controller.close();
      await store.remove();
      await rm(folder, { recursive: true });
    });

    async function armed(): Promise<void> {
      const repository = new EventRepository(store.connection);
      await repository.prepare();
      await thread.attach(repository);
      await eventually(
        'its controller answers',
        () => thread.views.get('C1')?.readings?.selfTest === 'passed',
      );
      await eventually('it can fire', () => thread.views.get('C1')?.readings?.stainer === 'ready');
      const rom = '23D453570100009E';
      const key = { id: 'K', rom, role: 'K', cassettes: [], duress: false } as const;
      await thread.ask({ do: 'keys', event: { type: 'key-registered', actor: ACTOR, data: key } });
      const answer = await thread.ask({ do: 'touch', cassette: 'C1', reader: 'elsewhere', rom });
      expect(answer).to.have.nested.property('view.phase', 'full');
    }

    it('stains at an attack', async () => {
      await armed();
      expect(controller.attackMeanwhile(30_000), 'it fires before anything here goes on').to.equal(true);
      await eventually('it is told', () => taken.some(({ event }) => event.type === 'stained'));
      await eventually('it is on record', () => thread.records.waiting === 0);
      const repository = new EventRepository(store.connection);
      expect(await flawsOf(repository)).to.deep.equal([]);
      const stored = await Array.fromAsync(repository.read('cassette/C1', 0));
      expect(stored.map(({ type }) => type)).to.include('stained');
      expect(troubles).to.deep.equal([]);
    });

    it('has its answers heard, however late', async () => {
      await armed();
      const asked = thread.ask({ do: 'area', cassette: 'C1', inside: false, source: 'late' });
      // The answer lies ready when this thread goes on, however late: it counts, and not the time that has passed.
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 5_500);
      expect((await asked).ok).to.equal(true);
    });

    it('carries out nothing that nobody waits for any more', async () => {
      await armed();
      const request = { do: 'area', cassette: 'C1', inside: false, source: 'late' } as const;
      const late: ToCassettes = { kind: 'call', call: 1_000_000, request, until: processTime() - 1 };
      const answers: FromCassettes[] = [];
      workers[0]?.on('message', (message: FromCassettes) => answers.push(message));
      workers[0]?.postMessage(late);
      const answered = (): FromCassettes | undefined =>
        answers.find((message) => message.kind === 'answer' && message.call === late.call);
      await eventually('it is answered', () => answered() !== undefined);
      expect(answered()).to.have.nested.property('answer.refusal.code', 'cassettes-not-running');
      const back = await thread.ask({ ...request, inside: true });
      expect(back).to.have.nested.property('view.outsideArea', false);
      expect(taken.filter(({ event }) => event.type.startsWith('area-'))).to.deep.equal([]);
    });
  });
});
