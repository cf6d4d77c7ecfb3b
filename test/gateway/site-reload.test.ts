import { expect } from 'chai';
import { Cu48Simulator } from '../../simulators/kerong-cu48.ts';
import { Rdm6300Simulator } from '../../simulators/rdm6300.ts';
import { eventually } from '../support/eventually.ts';
import { ChangingSite } from './support/changing-site.ts';

describe('A site file that is changed while the gateway runs', function () {
  this.timeout(30_000);

  let site: ChangingSite;
  let boardB: Cu48Simulator;
  let readerB: Rdm6300Simulator;

  beforeEach(async () => {
    boardB = new Cu48Simulator({ openMilliseconds: 30 });
    readerB = new Rdm6300Simulator();
    site = await ChangingSite.start();
  });

  afterEach(() => site?.close());

  it('brings a cabinet that is opened afterwards, while an opening in another goes on', async () => {
    // A door that stays closed however often it is pulsed, as long as the test wants it to.
    site.boardA.setStuck(1, true);
    const opening = site.opening('A', 2);
    await eventually('the first pulse', () => site.boardA.pulses.length > 0);

    const answer = await site.change(await site.withB(boardB, readerB));
    expect(answer.done).to.equal(true);
    expect(answer.difference.cabinets).to.deep.equal({ added: ['B'], removed: [], changed: [] });
    expect(answer.disturbed).to.deep.equal([]);
    await site.doorsKnown();
    expect(await site.opening('B', 3)).to.include({ ok: true, cabinet: 'B', compartment: 3 });
    expect(boardB.pulses.map(({ lock }) => lock)).to.deep.equal([2]);

    site.boardA.setStuck(1, false);
    expect(await opening).to.include({ ok: true, compartment: 2 });
    expect(site.boardA.connections, 'the line of A was never cut').to.equal(1);
  });
});
