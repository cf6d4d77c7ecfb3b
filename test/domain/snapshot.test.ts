import { expect } from 'chai';
import { UNCONFIGURED } from '../../domain/cabinet/evolve.ts';
import { fromSnapshot, toSnapshot } from '../../domain/cabinet/snapshot.ts';
import { sessionAt } from '../../domain/session/prompt.ts';
import { CabinetUnderTest, setting } from './support/cabinet.ts';
import { leave, PanelUnderTest } from './support/panel.ts';

describe('a snapshot', () => {
  it('of another version is passed over', () => {
    expect(fromSnapshot({ ...toSnapshot(UNCONFIGURED), version: 1 })).to.equal(undefined);
  });

  it('holds everything, deposits and sessions in their order included', () => {
    const cabinet = CabinetUnderTest.ready(
      setting('4.2', { antiPassback: { closeFirst: false, waitFor: 60_000 } }),
    );
    const hall = new PanelUnderTest(cabinet);
    leave(cabinet, hall);
    hall.deposit();
    hall.pick(2);
    hall.collect(1);
    cabinet.opens(2);
    hall.deposit();
    cabinet.closes(2);
    cabinet.put({ input: 'board', board: 'right', answers: false });
    const restored = fromSnapshot(JSON.parse(JSON.stringify(toSnapshot(cabinet.state))));
    expect(restored).to.deep.equal(cabinet.state);
    expect(restored && [...restored.sessions.keys()]).to.deep.equal([...cabinet.state.sessions.keys()]);
    expect(restored && sessionAt(restored, 'hall')?.step).to.deep.equal({ step: 'set-pin', compartment: 2 });
  });
});
