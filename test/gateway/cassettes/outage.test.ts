import { readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import { streamOf } from '../../../gateway/cassettes/stream-of.ts';
import { eventually } from '../../support/eventually.ts';
import { CassettesAtWork, ROMS } from './support/cassettes-at-work.ts';

const AWAY = ['cut', 'holdUp'] as const;

describe('cassettes whose store is away', () => {
  const works: CassettesAtWork[] = [];
  let work: CassettesAtWork;

  beforeEach(async () => {
    work = await begun();
    await work.register('K');
  });

  afterEach(async () => {
    for (const each of works.splice(0).reverse()) await each.close();
  });

  async function begun(beside?: CassettesAtWork): Promise<CassettesAtWork> {
    const options = beside ? { beside } : {};
    const started = await CassettesAtWork.start([{ id: 'C1', mode: 'internal' }], options);
    works.push(started);
    return started;
  }

  function journal(): Promise<string> {
    return readFile(join(work.folder, 'cassettes', 'journal.log'), 'latin1');
  }

  async function typesStored(): Promise<string[]> {
    return (await work.stored('C1')).map(({ type }) => type);
  }

  for (const away of AWAY) {
    it(`stain at once, and their records follow in order (${away})`, async () => {
      await work.arm('C1');
      await work.shipped();
      const before = await typesStored();
      work.proxy[away]();
      work.simulator('C1').openLid();
      await work.fired('C1');
      await work.phase('C1', 'stained');
      await eventually('the records wait', () => work.gateway.cassettes.records().waiting >= 3);
      expect(await typesStored(), 'the store has nothing of it').to.deep.equal(before);
      const written = await journal();
      const places = ['"attack-confirmed"', '"stained"'].map((type) => written.indexOf(type));
      expect(places[0], 'it is in the journal').to.be.greaterThan(0);
      expect(places[1]).to.be.greaterThan(places[0] ?? 0);
      work.proxy.restore();
      await work.shipped();
      const since = (await typesStored()).slice(before.length);
      expect(since.filter((type) => ['attack-confirmed', 'stained'].includes(type))).to.deep.equal([
        'attack-confirmed',
        'stained',
      ]);
      expect(work.simulator('C1').firings).to.equal(1);
    });

    it(`are guarded from the first moment of a start (${away})`, async () => {
      await work.arm('C1');
      await work.shipped();
      await work.end();
      const troubles = work.troubles.length;
      work.proxy[away]();
      const beginning = work.begin();
      let ready = false;
      const done = beginning.then(() => {
        ready = true;
      });
      try {
        await eventually('its controller is led', () => work.simulator('C1').linked);
        await eventually('it is told', () => work.troubles.length > troubles);
        expect(work.troubles.slice(troubles).join()).to.include('The cassettes are guarded');
        work.simulator('C1').openLid();
        await work.fired('C1');
        expect(ready, 'everything else waits').to.equal(false);
      } finally {
        work.proxy.restore();
        await done;
      }
      await work.phase('C1', 'stained');
      expect(work.view('C1').cause).to.equal('lid');
      await work.shipped();
      expect((await typesStored()).slice(-8)).to.include.members(['cassette-restarted', 'stained']);
    });
  }

  it('are restored from it where nothing is kept any more', async () => {
    await work.arm('C1');
    await work.shipped();
    await work.end();
    await rm(join(work.folder, 'cassettes'), { recursive: true });
    await work.begin();
    expect(work.view('C1').phase).to.equal('full');
    expect(work.started.administration.cassetteKeys.list().map(({ id }) => id)).to.deep.equal(['K']);
    await work.shipped();
    const states = join(work.folder, 'cassettes', 'states');
    let kept: readonly string[] = [];
    await eventually('its state is kept', () => {
      void readdir(states).then((names) => {
        kept = names;
      });
      return kept.includes(`${encodeURIComponent(streamOf('C1'))}.json`);
    });
    // From here on it does without the store again.
    await work.end();
    work.proxy.cut();
    const beginning = work.begin();
    try {
      await eventually('its controller is led', () => work.simulator('C1').linked);
      work.simulator('C1').openLid();
      await work.fired('C1');
    } finally {
      work.proxy.restore();
      await beginning;
    }
    expect((await work.touch('C1', ROMS.K)).data).to.have.nested.property('refusal.code', 'stained-already');
  });

  it('say that they are not guarded where nothing is kept either', async () => {
    await work.arm('C1');
    await work.shipped();
    await work.end();
    await rm(join(work.folder, 'cassettes'), { recursive: true });
    work.proxy.cut();
    const beginning = work.begin();
    try {
      await eventually('it is told', () => work.troubles.some((text) => text.includes('not guarded')));
      expect(work.troubles.at(-1)).to.include('C1');
      await eventually('its controller is left alone', () => !work.simulator('C1').linked);
    } finally {
      work.proxy.restore();
      await beginning;
    }
    expect(work.view('C1').phase).to.equal('full');
  });

  it('tell of another gateway on one of them, set aside what it took the place of, and go on', async () => {
    await work.arm('C1');
    await work.shipped();
    const other = await begun(work);
    expect(other.view('C1').phase, 'the other one read what this one wrote').to.equal('full');
    await other.shipped();
    work.simulator('C1').openLid();
    await work.fired('C1');
    await work.phase('C1', 'stained');
    await work.shipped();
    const told = work.troubles.filter((text) => text.startsWith('Another gateway writes cassette/C1'));
    expect(told).to.have.length(1);
    const aside = await readFile(join(work.folder, 'cassettes', 'conflicts.jsonl'), 'utf8');
    expect(aside).to.include('"stained"');
    // What the other one stored stands, and its chain is whole.
    expect(await typesStored()).not.to.include('stained');
    // Nor is it forgotten here.
    await work.end();
    await work.begin();
    expect(work.view('C1').phase).to.equal('stained');
    expect(work.simulator('C1').firings).to.equal(1);
  });
});
