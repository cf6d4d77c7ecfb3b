import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'chai';
import type { LoggedEvent } from '../../../domain/event.ts';
import type { StoreUnreachable } from '../../../models/connection.ts';
import { eventually } from '../../support/eventually.ts';
import { type RunningGateway, TestSite, typesOf } from './support/test-site.ts';

const CARD = '62E3086CED';

function healthOf(running: RunningGateway): { store: string; journal: string; waiting: number } {
  const { store, journal } = running.started.gateway.health();
  return { store: store.condition, journal: journal.condition, waiting: journal.waiting };
}

/** The same events, in the same places, with the same hashes. */
function placesOf(events: readonly LoggedEvent[]): string[] {
  return events.map(({ seq, type, hash }) => `${seq} ${type} ${hash}`);
}

describe('A store that goes away', () => {
  let site: TestSite;
  let running: RunningGateway;

  beforeEach(async () => {
    site = await TestSite.build({ proxied: true, compartments: 12 });
    running = await site.start();
    await running.addPerson(CARD);
  });

  afterEach(() => site.close());

  async function backInOrder(): Promise<void> {
    site.proxy.restore();
    await eventually('the journal is shipped', () => {
      const { store, waiting } = healthOf(running);
      return store === 'ok' && waiting === 0;
    });
  }

  for (const { how, when } of [
    { how: 'before', when: 'before it has the decision' },
    { how: 'after', when: 'within its answer to the decision' },
    { how: 'late', when: 'and takes the decision only when it is back' },
  ] as const) {
    it(`opens once where it goes away ${when}`, async () => {
      site.proxy.interruptInsert(how);
      expect(await running.serve(CARD)).to.equal('opened 1');
      expect(site.proxy.interrupted).to.equal(true);
      expect(healthOf(running)).to.deep.include({ store: 'degraded', journal: 'degraded' });
      expect(running.started.gateway.health().condition, 'people are served').to.equal('degraded');
      await backInOrder();
      const events = await site.stopAndRead(running);
      expect(typesOf(events)).to.deep.equal(['compartment-granted', 'door-opened']);
      expect(placesOf(events)).to.deep.equal(placesOf([...events.slice(0, -2), ...running.events.slice(-2)]));
      expect(site.pulses).to.deep.equal([1]);
    });
  }

  for (const how of ['cut', 'holdUp'] as const) {
    it(`serves on, and ships everything in order, where its wire is ${how === 'cut' ? 'cut' : 'dead'}`, async () => {
      const cards = ['0000000001', '0000000002', '0000000003'];
      for (const card of cards) await running.addPerson(card);
      site.proxy[how]();
      expect(await Promise.all(cards.map((card) => running.serve(card)))).to.have.members([
        'opened 1',
        'opened 2',
        'opened 3',
      ]);
      expect(await running.serve('FFFFFFFFFF')).to.equal('unknown-credential');
      site.board.setDoor(1, false);
      await running.heard('door-closed');
      expect(healthOf(running).waiting).to.equal(8);
      await backInOrder();
      expect(await running.serve(CARD)).to.equal('opened 4');
      expect(running.notices.filter((notice) => notice.includes('does not answer'))).to.have.length(1);
      expect(running.notices.filter((notice) => notice.includes('answers again'))).to.have.length(1);
      const seen = placesOf(running.events);
      const events = await site.stopAndRead(running);
      expect(placesOf(events.slice(-seen.length))).to.deep.equal(seen);
      expect(site.pulses).to.have.members([1, 2, 3, 4]);
    });
  }

  it('loses nothing and opens nothing twice while the wire comes and goes', async () => {
    const cards = Array.from({ length: 12 }, (_, index) => `AA0000000${index.toString(16).toUpperCase()}`);
    for (const card of cards) await running.addPerson(card);
    let done = false;
    const flapping = (async () => {
      for (let turn = 0; !done; turn += 1) {
        if (turn % 2 === 0) site.proxy.cut();
        else site.proxy.restore();
        await sleep(60);
      }
    })();
    const outcomes: string[] = [];
    for (const card of cards) outcomes.push(await running.serve(card));
    done = true;
    await flapping;
    expect(outcomes).to.deep.equal(cards.map((_, index) => `opened ${index + 1}`));
    await backInOrder();
    const seen = placesOf(running.events);
    const events = await site.stopAndRead(running);
    expect(placesOf(events.slice(-seen.length))).to.deep.equal(seen);
    expect(site.pulses).to.deep.equal(cards.map((_, index) => index + 1));
  });

  it('refuses with words, and opens nothing, once the journal is full as well', async () => {
    await running.started.close();
    running = await site.start({ journalLimit: 2_500 });
    site.proxy.cut();
    const outcomes: string[] = [];
    while (outcomes.at(-1) !== 'store-unavailable' && outcomes.length < 20) {
      outcomes.push(await running.serve(CARD));
      if (outcomes.at(-1)?.startsWith('opened')) {
        site.board.setDoor(0, false);
        await eventually('the door is closed', () => running.compartment(1).door === 'closed', 1_000).catch(
          () => {},
        );
      }
    }
    expect(outcomes[0]).to.equal('opened 1');
    expect(outcomes.at(-1)).to.equal('store-unavailable');
    expect(running.started.gateway.health().condition, 'nobody can be served').to.equal('down');
    const pulses = site.pulses.length;
    expect(await running.serve(CARD)).to.equal('store-unavailable');
    expect(site.pulses, 'no door without a record').to.have.length(pulses);
    await backInOrder();
    await eventually('the door is known to be closed', () => running.compartment(1).door === 'closed');
    expect(await running.serve(CARD)).to.equal('opened 1');
    const seen = placesOf(running.events);
    const events = await site.stopAndRead(running);
    expect(placesOf(events.slice(-seen.length))).to.deep.equal(seen);
    const granted = events.filter(({ type }) => type === 'compartment-granted');
    expect(granted).to.have.length(site.pulses.length);
  });

  it('keeps nobody at a panel waiting for somebody whose password it has to tell', async () => {
    const { gateway } = running.started;
    site.proxy.holdUp();
    const login = gateway.answer('reader-1', { answer: 'login', login: 'anna', password: 'correct horse' });
    const presentation = gateway.present('reader-1', { kind: 'card', value: CARD });
    const held = gateway.answer('reader-1', { answer: 'presentation', presentation });
    const refused = await login;
    expect(!refused.ok && refused.refusal.code).to.equal('store-unavailable');
    expect((await held).ok).to.equal(true);
    await running.heard('door-opened');
    await backInOrder();
  });

  it('is told by the health before anybody comes', async () => {
    site.proxy.cut();
    await eventually('the store is degraded', () => healthOf(running).store === 'degraded');
    expect(running.types).to.deep.equal([]);
    site.proxy.restore();
    await eventually('the store is well', () => healthOf(running).store === 'ok');
  });

  it('keeps what waits in the journal over a stop, and ships it at the next start', async () => {
    site.proxy.cut();
    expect(await running.serve(CARD)).to.equal('opened 1');
    await running.started.close();
    const refused = await site.start().then(
      () => undefined,
      (error: unknown) => error as StoreUnreachable,
    );
    expect(refused?.code, 'nothing starts without its store').to.equal('store-unreachable');
    expect(refused?.message).to.match(
      /^The database at 127\.0\.0\.1:\d+ cannot be reached: .*MONGODB_URI\.$/,
    );
    site.proxy.restore();
    const again = await site.start();
    expect(again.holdersOf(1)).to.have.length(1);
    site.board.setDoor(0, false);
    await again.heard('door-closed');
    expect(await again.serve(CARD)).to.equal('opened 1');
    expect(typesOf(await site.stopAndRead(again))).to.deep.equal([
      'compartment-granted',
      'door-opened',
      'door-closed',
      'compartment-granted',
      'door-opened',
    ]);
  });
});
