import { expect } from 'chai';
import { listIncidents, readIncident } from '../../../gateway/cassettes/incident-files.ts';
import { eventually } from '../../support/eventually.ts';
import { CassettesAtWork, ROMS } from './support/cassettes-at-work.ts';

describe('Cassettes at work', () => {
  let work: CassettesAtWork;

  afterEach(() => work.close());

  it('are armed, carried, armed in the machine, attacked and stained', async () => {
    work = await CassettesAtWork.start([
      { id: 'C1', mode: 'outsourced', contact: { againAfterSeconds: 0.5 } },
    ]);
    await work.register('K1');
    await work.register('K2');
    const simulator = work.simulator('C1');
    await eventually('the trigger is connected', () => simulator.stainer === 'ready');
    await work.touch('C1', ROMS.K1);
    await work.phase('C1', 'transit');
    await eventually('amber', () => JSON.stringify(simulator.signalled).includes('amber'));
    expect((await work.touch('C1', ROMS.K2)).type).to.equal('key-refused');
    simulator.insert();
    await eventually('it is in the machine', () => work.view('C1').readings?.inMachine === true);
    await work.touch('C1', ROMS.K2);
    await work.phase('C1', 'full');
    expect(simulator.firings).to.equal(0);
    simulator.openLid();
    await work.phase('C1', 'stained');
    expect(simulator.firings).to.equal(1);
    expect(work.view('C1').cause).to.equal('lid');
    const sealed = await work.noticed('C1', ['incident-sealed']);
    expect(await listIncidents(work.folder)).to.deep.equal([sealed.data['incident']]);
    const { incident } = await readIncident(work.folder, String(sealed.data['incident']));
    expect(incident.stained).to.include({ cause: 'lid', phase: 'full' });
    expect(work.troubles).to.deep.equal([]);
  });
});
