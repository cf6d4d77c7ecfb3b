import { rm } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'chai';
import type { LoggedEvent } from '../../../domain/event.ts';
import { listIncidents, readIncident } from '../../../gateway/cassettes/incident-files.ts';
import { verifySealed } from '../../../gateway/cassettes/incident-seal.ts';
import { IncidentWatch } from '../../../gateway/cassettes/incident-watch.ts';
import type { CassetteAnswer, CassetteCall } from '../../../gateway/cassettes/protocol.ts';
import { seal } from '../../../gateway/event-log/chain.ts';
import { EventFinder } from '../../../models/event-search.ts';
import { EventRepository } from '../../../models/events.ts';
import { ManualClock } from '../../support/manual-clock.ts';
import { type FreshStore, openFreshStore, temporaryFolder } from '../../support/store.ts';
import { SCENE, struckInTheMachine } from './support/staining.ts';

describe('the watch for stainings', () => {
  const { events, stainedSeq } = struckInTheMachine();
  let store: FreshStore;
  let repository: EventRepository;
  let folder: string;
  let clock: ManualClock;
  let asked: CassetteCall[];
  let answer: CassetteAnswer;
  let notices: string[];
  let watch: IncidentWatch;

  before(async () => {
    store = await openFreshStore();
    repository = new EventRepository(store.connection);
    await repository.prepare();
  });

  after(() => store.remove());

  beforeEach(async () => {
    folder = await temporaryFolder();
    clock = new ManualClock();
    asked = [];
    answer = { ok: true };
    notices = [];
    watch = watching();
  });

  afterEach(async () => {
    await watch.stop();
    await store.empty();
    await rm(folder, { recursive: true });
  });

  function watching(): IncidentWatch {
    return new IncidentWatch({
      dataFolder: folder,
      site: SCENE.site,
      software: SCENE.software,
      names: new Map([['c1', 'ATM 3, cassette 1']]),
      thread: {
        ask: (call: CassetteCall) => {
          asked.push(call);
          return Promise.resolve(answer);
        },
      },
      search: new EventFinder(store.connection),
      store: repository,
      clock,
      notice: (message) => notices.push(message),
    });
  }

  /** Lets time go on until something holds. */
  async function until(what: string, condition: () => boolean): Promise<void> {
    for (let tries = 0; tries < 1_000; tries += 1) {
      if (condition()) return;
      await clock.advance(1_000);
      await sleep(5);
    }
    throw new Error(`It did not come to that: ${what}. ${notices.join(' ')}`);
  }

  it('has a staining sealed, and the log told of it', async () => {
    await repository.append(events);
    watch.stained('c1');
    await until('the log is told', () => asked.length > 0);
    const [id = ''] = await listIncidents(folder);
    const record = await readIncident(folder, id);
    expect(verifySealed(record).flaws).to.deep.equal([]);
    expect(record.incident.cassette.name).to.equal('ATM 3, cassette 1');
    expect(asked).to.have.length(1);
    expect(asked[0]).to.deep.include({ do: 'incident', cassette: 'c1' });
    expect(asked[0]).to.have.nested.property('sealed.toSeq', stainedSeq);
    expect(notices).to.deep.equal([]);
  });

  it('waits for events that are still on their way to the store', async () => {
    await repository.append(events.filter(({ seq }) => seq < stainedSeq));
    watch.stained('c1');
    await clock.advance(10_000);
    expect(asked).to.deep.equal([]);
    await repository.append(events.filter(({ seq }) => seq >= stainedSeq));
    await until('the log is told', () => asked.length > 0);
    expect(await listIncidents(folder)).to.have.length(1);
  });

  it('looks after what happened before a start, and not after what is sealed', async () => {
    await repository.append(events);
    watch.start();
    await until('the log is told', () => asked.length > 0);
    const [told] = asked;
    if (told?.do !== 'incident') throw new Error('It was asked for something else.');
    const last = events.at(-1) as LoggedEvent;
    const sealed = { type: 'incident-sealed', actor: last.actor, data: told.sealed };
    await repository.append([seal(last.stream, last, sealed, Date.parse(last.at) + 1_000)]);
    await watch.stop();
    watch = watching();
    watch.start();
    await clock.advance(10_000);
    await watch.stop();
    expect(asked).to.have.length(1);
  });

  it('tells once that there is no record, and goes on trying', async () => {
    await repository.append(events.slice(3));
    watch.stained('c1');
    await until('somebody is told', () => notices.length > 0);
    await clock.advance(20_000);
    expect(notices).to.have.length(1);
    expect(notices[0]).to.contain('cassette c1').and.to.contain('no sealed record yet');
    await repository.append(events.slice(0, 3));
    await until('the log is told', () => asked.length > 0);
  });

  it('tries again where the cassettes do not run', async () => {
    answer = { ok: false, refusal: { code: 'cassettes-not-running', values: {} } };
    await repository.append(events);
    watch.stained('c1');
    await until('it is asked', () => asked.length > 0);
    answer = { ok: true };
    await until('it is asked again', () => asked.length > 1);
    expect(asked[0]).to.deep.equal(asked[1]);
    expect(await listIncidents(folder)).to.have.length(1);
  });
});
