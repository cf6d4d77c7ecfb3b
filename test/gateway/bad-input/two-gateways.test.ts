import { cp, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import { eventually } from '../../support/eventually.ts';
import { StoreProxy } from './support/store-proxy.ts';
import { type RunningGateway, TestSite, typesOf } from './support/test-site.ts';

const CARDS = ['BB00000000', 'BB00000001', 'BB00000002', 'BB00000003', 'BB00000004', 'BB00000005'] as const;

/** A data folder was copied to a second computer, and both reach the same database and the same board. */
describe('Two gateways for one cabinet', () => {
  let site: TestSite;
  let secondFolder: string;
  /** The second one's own wire to the store. */
  let secondWire: StoreProxy;
  let first: RunningGateway;
  let second: RunningGateway;

  beforeEach(async () => {
    site = await TestSite.build({ proxied: true, compartments: 12 });
    first = await site.start();
    for (const card of CARDS) await first.addPerson(card);
    secondFolder = join(site.folder, 'second');
    await cp(join(site.dataFolder, 'secrets'), join(secondFolder, 'secrets'), { recursive: true });
    secondWire = await StoreProxy.inFrontOf(site.proxy.uri);
    second = await site.start({ dataFolder: secondFolder, mongodbUri: secondWire.uri });
  });

  afterEach(async () => {
    await second.started.close();
    await secondWire.close();
    await site.close();
  });

  it('lets one of them decide, and fences the other off before it opens anything', async () => {
    const outcomes = await Promise.all([first.serve(CARDS[0]), second.serve(CARDS[1])]);
    expect([...outcomes].sort()).to.deep.equal(['cabinet-owned-elsewhere', 'opened 1']);
    expect(site.pulses).to.deep.equal([1]);
    const [winner, loser] = outcomes[0] === 'opened 1' ? [first, second] : [second, first];
    expect(await loser.serve(CARDS[2]), 'it stays fenced').to.equal('cabinet-owned-elsewhere');
    expect(loser.started.gateway.health().condition, 'it serves nobody').to.equal('down');
    expect(winner.started.gateway.health().condition).to.not.equal('down');
    site.board.setDoor(0, false);
    await winner.heard('door-closed');
    await loser.started.close();
    const events = await site.stopAndRead(winner);
    expect(typesOf(events)).to.deep.equal(['compartment-granted', 'door-opened', 'door-closed']);
    expect(site.pulses).to.deep.equal([1]);
  });

  it('gives no compartment to two people, however many are served at both', async () => {
    const outcomes = await Promise.all(
      CARDS.map((card, index) => (index % 2 === 0 ? first : second).serve(card)),
    );
    const opened = outcomes.filter((outcome) => outcome.startsWith('opened'));
    expect(opened).to.have.length.of.at.least(1);
    expect(new Set(opened).size).to.equal(opened.length);
    expect(new Set(outcomes.filter((outcome) => !outcome.startsWith('opened')))).to.deep.equal(
      new Set(['cabinet-owned-elsewhere']),
    );
    const numbers = opened.map((outcome) => Number(outcome.slice('opened '.length)));
    expect(site.pulses).to.have.members(numbers);
    await second.started.close();
    const granted = (await site.stopAndRead(first)).filter(({ type }) => type === 'compartment-granted');
    expect(granted).to.have.length(opened.length);
  });

  it('keeps for a person to look at what one decided while it could not know of the other', async () => {
    secondWire.cut();
    expect(await second.serve(CARDS[0]), 'its journal has the decision').to.equal('opened 1');
    // For the first one this is a door that nobody was granted.
    await first.heard('door-forced');
    secondWire.restore();
    await eventually('the second one tells of the first', () =>
      second.notices.some((notice) => notice.startsWith('Another gateway writes cabinet/A')),
    );
    expect(await second.serve(CARDS[1])).to.equal('cabinet-owned-elsewhere');
    expect(await first.serve(CARDS[1]), 'the first one serves on').to.match(/^opened \d+$/);
    const setAside = await readFile(join(secondFolder, 'journal', 'conflicts.jsonl'), 'utf8');
    const types = setAside
      .trim()
      .split('\n')
      .map((line) => (JSON.parse(line) as { type: string }).type);
    expect(types).to.include.members(['compartment-granted', 'door-opened']);
    await second.started.close();
    const events = await site.stopAndRead(first);
    expect(typesOf(events).slice(0, 1)).to.deep.equal(['door-forced']);
  });
});
