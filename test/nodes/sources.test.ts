/** The nodes that speak by themselves: reader, door and event. */
import { expect } from 'chai';
import type { CabinetEvent } from '../../domain/cabinet/events.ts';
import { GATEWAY } from '../../domain/event.ts';
import { eventStatus } from '../../nodes/event/event.ts';
import { age } from '../../nodes/status.ts';
import { around, FlowBench } from './flow-bench.ts';
import { KNOWN_CARD } from './test-gateway.ts';

const bench = new FlowBench();

const opened: CabinetEvent = {
  type: 'door-opened',
  actor: GATEWAY,
  data: { compartment: 7, grant: 'g1', user: 'user-1' },
};
const closed: CabinetEvent = { type: 'door-closed', actor: GATEWAY, data: { compartment: 7 } };
const leftOpen: CabinetEvent = { type: 'door-left-open', actor: GATEWAY, data: { compartment: 7 } };
const forced: CabinetEvent = {
  type: 'door-forced',
  actor: GATEWAY,
  data: { compartment: 9, whileAway: true },
};
const refused: CabinetEvent = {
  type: 'access-refused',
  actor: { kind: 'reader', id: 'card-reader-1' },
  data: { reason: 'unknown-credential' },
};

describe('nodes that speak by themselves', () => {
  before(() => bench.start());
  after(() => bench.stop());
  afterEach(() => bench.unload());

  describe('sezam-reader', () => {
    it('hands on a reference, and shows the state of the bus', async () => {
      bench.runGateway();
      await bench.load(around('sezam-reader', { reader: 'card-reader-1' }, ['out']));
      expect(bench.status('node')).to.equal('green dot connected');
      bench.gateway.hold(KNOWN_CARD);
      const { message } = await bench.arrival();
      expect(message.topic).to.equal('card-reader-1');
      expect(message.payload).to.deep.equal({
        presentation: 'presentation-1',
        reader: 'card-reader-1',
        cabinet: 'A',
        kind: 'card',
        at: 1_700_000_000_000,
      });
      expect(JSON.stringify(message)).not.to.contain(KNOWN_CARD);
      bench.gateway.becomeBus('lost');
      expect(bench.status('node')).to.equal('red ring lost');
      bench.gateway.becomeBus('connecting');
      expect(bench.status('node')).to.equal('yellow ring connecting');
      bench.gateway.becomeBus('connected', 'own');
      expect(bench.status('node')).to.equal('yellow ring connecting');
    });

    it('hears its own reader only', async () => {
      bench.runGateway();
      await bench.load(around('sezam-reader', { reader: 'keypad-1' }, ['out']));
      bench.gateway.hold(KNOWN_CARD, 'card-reader-1');
      bench.gateway.hold(KNOWN_CARD, 'keypad-1');
      expect((await bench.arrival()).message.topic).to.equal('keypad-1');
      expect(bench.arrivals).to.have.length(1);
    });

    it('shows that the site has no such reader', async () => {
      bench.runGateway();
      await bench.load(around('sezam-reader', { reader: 'nowhere' }, ['out']));
      expect(bench.status('node')).to.equal('red ring not-configured');
      const { length } = bench.gateway.presentationListeners;
      expect(length).to.equal(0);
    });

    it('shows that its reader was taken out of the site, and hears it again once it is back', async () => {
      bench.runGateway();
      await bench.load(around('sezam-reader', { reader: 'card-reader-1' }, ['out']));
      const { readers } = bench.gateway.site;
      bench.gateway.becomeSite({ readers: readers.filter(({ id }) => id !== 'card-reader-1') });
      expect(bench.status('node')).to.equal('red ring not-configured');
      bench.gateway.becomeSite({ readers });
      expect(bench.status('node')).to.equal('green dot connected');
      bench.gateway.hold(KNOWN_CARD);
      await bench.arrival();
      expect(bench.arrivals).to.have.length(1);
    });

    it('hears nothing twice after a change of the site elsewhere', async () => {
      bench.runGateway();
      await bench.load(around('sezam-reader', { reader: 'card-reader-1' }, ['out']));
      const before = bench.gateway.listeners;
      bench.gateway.becomeSite({ name: 'Another name' });
      expect(bench.gateway.listeners).to.equal(before);
      bench.gateway.hold(KNOWN_CARD);
      await bench.arrival();
      expect(bench.arrivals).to.have.length(1);
    });

    it('shows that no reader is named', async () => {
      bench.runGateway();
      await bench.load(around('sezam-reader', { reader: '' }, ['out']));
      expect(bench.status('node')).to.equal('red ring not-configured');
    });

    it('follows the gateway: none, one, none, another', async () => {
      await bench.load(around('sezam-reader', { reader: 'card-reader-1' }, ['out']));
      expect(bench.status('node')).to.equal('red ring no-gateway');
      bench.runGateway();
      expect(bench.status('node')).to.equal('green dot connected');
      bench.stopGateway();
      expect(bench.status('node')).to.equal('red ring no-gateway');
      expect(bench.gateway.listeners).to.equal(0);
      bench.runGateway();
      bench.gateway.hold(KNOWN_CARD);
      await bench.arrival();
      expect(bench.arrivals).to.have.length(1);
    });

    it('listens once after each deploy, and no more when it is gone', async () => {
      bench.runGateway();
      const flow = around('sezam-reader', { reader: 'card-reader-1' }, ['out']);
      await bench.load(flow);
      const before = bench.gateway.listeners;
      await bench.deploy(flow.map((node) => ({ ...node })));
      expect(bench.gateway.listeners).to.equal(before);
      bench.gateway.hold(KNOWN_CARD);
      await bench.arrival();
      expect(bench.arrivals).to.have.length(1);
      await bench.deploy(flow.filter((node) => (node as { id: string }).id !== 'node'));
      expect(bench.gateway.listeners).to.be.lessThan(before);
    });
  });

  describe('sezam-door', () => {
    it('tells what doors do, and nothing else', async () => {
      bench.runGateway();
      await bench.load(around('sezam-door', { cabinet: '', signals: '' }, ['out']));
      expect(bench.status('node')).to.equal('green dot ready');
      for (const event of [opened, refused, closed, leftOpen, forced]) bench.gateway.store(event);
      await bench.arrival(4);
      const payloads = bench.arrivals.map(({ message }) => message.payload as Record<string, unknown>);
      expect(payloads.map(({ signal }) => signal)).to.deep.equal(['opened', 'closed', 'left-open', 'forced']);
      expect(payloads[0]).to.include({ cabinet: 'A', compartment: 7, seq: 1, grant: 'g1', user: 'user-1' });
      expect(payloads[0]?.['at']).to.be.a('number');
      expect(payloads[3]).to.include({ compartment: 9, whileAway: true });
      expect(bench.status('node')).to.equal('red dot door-forced');
    });

    it('keeps to the chosen cabinet and signals', async () => {
      bench.runGateway();
      await bench.load(around('sezam-door', { cabinet: 'B', signals: 'closed,forced' }, ['out']));
      bench.gateway.store(closed, 'A');
      bench.gateway.store(opened, 'B');
      bench.gateway.store(closed, 'B');
      bench.gateway.store(forced, 'B');
      await bench.arrival(2);
      expect(
        bench.arrivals.map(({ message }) => (message.payload as { signal: string }).signal),
      ).to.deep.equal(['closed', 'forced']);
      expect(bench.arrivals.map(({ message }) => message.topic)).to.deep.equal(['B', 'B']);
    });

    it('shows that there is no gateway', async () => {
      await bench.load(around('sezam-door', { gateway: '' }, ['out']));
      expect(bench.status('node')).to.equal('red ring not-configured');
    });
  });

  describe('sezam-event', () => {
    it('sends every event of the log', async () => {
      bench.runGateway();
      await bench.load(around('sezam-event', { cabinet: '', types: '' }, ['out']));
      bench.gateway.store(refused);
      bench.gateway.store(closed, 'B');
      await bench.arrival(2);
      const { message } = await bench.arrival();
      expect(message.topic).to.equal('access-refused');
      expect(message.payload).to.deep.include({
        type: 'access-refused',
        cabinet: 'A',
        stream: 'cabinet/A',
        seq: 1,
        actor: { kind: 'reader', id: 'card-reader-1' },
        data: { reason: 'unknown-credential' },
        hash: 'f'.repeat(64),
      });
      expect((message.payload as { at: string }).at).to.match(/^\d{4}-\d{2}-\d{2}T[\d:.]+Z$/);
    });

    it('keeps to the chosen cabinet and types', async () => {
      bench.runGateway();
      await bench.load(around('sezam-event', { cabinet: 'A', types: 'door-closed, door-forced' }, ['out']));
      bench.gateway.store(refused, 'A');
      bench.gateway.store(closed, 'B');
      bench.gateway.store(forced, 'A');
      expect((await bench.arrival()).message.topic).to.equal('door-forced');
      expect(bench.arrivals).to.have.length(1);
    });

    it('hands out a copy: what a flow does to it stays in the flow', async () => {
      bench.runGateway();
      await bench.load(around('sezam-event', {}, ['out']));
      const event = structuredClone(opened);
      bench.gateway.store(event);
      const payload = (await bench.arrival()).message.payload as { data: { compartment: number } };
      payload.data.compartment = 99;
      expect(event.data).to.include({ compartment: 7 });
    });

    it('keeps back what proves a code, wherever it stands', async () => {
      bench.runGateway();
      await bench.load(around('sezam-event', {}, ['out']));
      const code = { id: 'code-1', kind: 'pin', verifier: '$argon2id$secret' } as const;
      const deposit = { compartment: 7, deposit: 'deposit-1', session: 'session-1', code };
      bench.gateway.store({ type: 'deposit-stored', actor: GATEWAY, data: deposit });
      bench.gateway.store({
        type: 'session-started',
        actor: GATEWAY,
        data: {
          session: 'session-1',
          panel: 'panel-1',
          step: { step: 'choose-compartment', purpose: 'deposit', code },
        },
      });
      await bench.arrival(2);
      expect(JSON.stringify(bench.arrivals))
        .to.contain('code-1')
        .and.not.to.match(/verifier|argon2id/);
    });

    it('shows number and age of the last event', async () => {
      bench.runGateway();
      await bench.load(around('sezam-event', {}, ['out']));
      bench.gateway.store(opened, 'A', 42);
      expect(bench.status('node')).to.equal('green dot event-s');
      bench.stopGateway();
      expect(bench.status('node')).to.equal('red ring no-gateway');
      expect(eventStatus(42, 0, 3 * 60_000)).to.include({ key: 'event-min' });
      expect(eventStatus(42, 0, 3 * 60_000).values).to.deep.equal({ seq: 42, amount: 3 });
    });

    const ages = [
      [-5000, 0, 's'],
      [0, 0, 's'],
      [59_999, 59, 's'],
      [60_000, 1, 'min'],
      [3_599_999, 59, 'min'],
      [3_600_000, 1, 'h'],
      [86_399_999, 23, 'h'],
      [86_400_000, 1, 'd'],
      [864_000_000, 10, 'd'],
    ] as const;
    for (const [milliseconds, count, unit] of ages) {
      it(`calls ${milliseconds} ms ${count} ${unit}`, () => {
        expect(age(milliseconds)).to.deep.equal({ count, unit });
      });
    }
  });
});
