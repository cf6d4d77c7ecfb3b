import { expect } from 'chai';
import type { CabinetEvents } from '../../domain/cabinet/events.ts';
import { CabinetUnderTest, codeOf, setting } from './support/cabinet.ts';

/** A cabinet for lending with item readers, and a drill in compartment 1. */
function stocked(): CabinetUnderTest {
  const { compartments } = setting('3.1');
  const cabinet = CabinetUnderTest.ready(
    setting('3.1', { compartments: compartments.map((each) => ({ ...each, itemReader: true })) }),
  );
  cabinet.administer({ input: 'stock', compartment: 1, item: 'drill' });
  return cabinet;
}

function sees(cabinet: CabinetUnderTest, compartment: number, item: string, present: boolean): void {
  cabinet.put({ input: 'item-seen', compartment, item, present });
}

/** The door of the opening under way opens and is closed; the item reader says what changed, then that this was all. */
function used(
  cabinet: CabinetUnderTest,
  compartment: number,
  changes: Readonly<Record<string, boolean>>,
  answered = true,
): CabinetEvents['use-settled'] {
  cabinet.opens(compartment);
  cabinet.closes(compartment);
  for (const [item, present] of Object.entries(changes)) sees(cabinet, compartment, item, present);
  const { event } = cabinet.put({ input: 'settle', compartment, answered });
  return event?.type === 'use-settled' ? event.data : expect.fail(`${event?.type} instead of a settled use`);
}

/** Anna has taken the drill out of compartment 1. */
function lent(): CabinetUnderTest {
  const cabinet = stocked();
  cabinet.ask('anna');
  used(cabinet, 1, { drill: false });
  return cabinet;
}

function loans({ state }: CabinetUnderTest): string[] {
  return state.loans.map(({ user, item }) => `${user}: ${item}`);
}

describe('an item reader', () => {
  it('sees an item go: the person has it from then on', () => {
    const cabinet = stocked();
    cabinet.ask('anna');
    const settled = used(cabinet, 1, { drill: false });
    expect(settled)
      .to.include({ outcome: 'taken', item: 'drill', user: 'anna' })
      .and.not.have.property('unverified');
    expect(loans(cabinet)).to.deep.equal(['anna: drill']);
    expect(cabinet.compartment(1)).to.deep.include({ contents: [], unsettled: undefined });
  });

  it('sees that nothing was taken: the person has nothing and may come again', () => {
    const cabinet = stocked();
    cabinet.ask('anna');
    expect(used(cabinet, 1, {})).to.include({ outcome: 'nothing-taken' });
    expect(loans(cabinet)).to.deep.equal([]);
    expect(cabinet.ask('anna')).to.equal(1);
  });

  it('sees the item come back', () => {
    const cabinet = lent();
    expect(cabinet.ask('anna')).to.equal(1);
    expect(used(cabinet, 1, { drill: true })).to.include({ outcome: 'returned', item: 'drill' });
    expect(loans(cabinet)).to.deep.equal([]);
  });

  it('sees a wrong item: the person still owes theirs', () => {
    const cabinet = lent();
    cabinet.ask('anna');
    expect(used(cabinet, 1, { brick: true })).to.include({
      outcome: 'wrong-item',
      item: 'brick',
      user: 'anna',
    });
    expect(loans(cabinet)).to.deep.equal(['anna: drill']);
    expect(cabinet.ask('anna'), 'another return').to.equal(2);
    expect(cabinet.log.at(-1)?.event.data).to.include({ purpose: 'return' });
  });

  it('sees that nothing came back', () => {
    const cabinet = lent();
    cabinet.ask('anna');
    expect(used(cabinet, 1, {})).to.include({ outcome: 'nothing-returned' });
    expect(loans(cabinet)).to.deep.equal(['anna: drill']);
  });

  it('sees one of two come back: a return, and the other one is still owed', () => {
    const cabinet = stocked();
    sees(cabinet, 1, 'camera', true);
    cabinet.ask('anna');
    used(cabinet, 1, { drill: false, camera: false });
    expect(loans(cabinet)).to.deep.equal(['anna: drill', 'anna: camera']);
    cabinet.ask('anna');
    expect(used(cabinet, 1, { camera: true })).to.include({ outcome: 'returned', item: 'camera' });
    cabinet.ask('anna');
    expect(used(cabinet, 2, { brick: true })).to.include({ outcome: 'wrong-item' });
    expect(loans(cabinet)).to.deep.equal(['anna: drill']);
  });

  it('misses an item after a use that was not for taking one: an alarm', () => {
    const cabinet = stocked();
    cabinet.administer({ input: 'service-open', compartment: 1 });
    expect(used(cabinet, 1, { drill: false })).to.include({ outcome: 'item-missing', item: 'drill' });
    expect(loans(cabinet), 'nobody in particular has it').to.deep.equal([]);
  });

  it('raises no alarm where people keep things of their own', () => {
    const { compartments } = setting('2.2');
    const cabinet = CabinetUnderTest.ready(
      setting('2.2', { compartments: compartments.map((each) => ({ ...each, itemReader: true })) }),
    );
    cabinet.ask('anna');
    expect(used(cabinet, 1, { bag: true })).to.include({ outcome: 'unchanged' });
    cabinet.ask('anna');
    expect(used(cabinet, 1, { bag: false })).to.include({ outcome: 'unchanged', user: 'anna' });
    expect(loans(cabinet), 'who has it since when').to.deep.equal(['anna: bag']);
  });

  it('that is silent leaves what the door was opened for, and says that nobody saw it', () => {
    const cabinet = stocked();
    cabinet.ask('anna');
    expect(used(cabinet, 1, {}, false)).to.include({ outcome: 'taken', item: 'drill', unverified: true });
    expect(loans(cabinet)).to.deep.equal(['anna: drill']);
    cabinet.ask('anna');
    expect(used(cabinet, 1, {}, false)).to.include({ outcome: 'returned', item: 'drill', unverified: true });
    expect(loans(cabinet)).to.deep.equal([]);
    expect(cabinet.compartment(1).contents).to.deep.equal([{ item: 'drill' }]);
    cabinet.administer({ input: 'service-open', compartment: 1 });
    expect(used(cabinet, 1, {}, false)).to.include({ outcome: 'unchanged', unverified: true });
  });

  it('that falls silent half-way has told what changed hands: there is one loan', () => {
    const cabinet = stocked();
    cabinet.ask('anna');
    expect(used(cabinet, 1, { drill: false }, false)).to.include({ outcome: 'taken', item: 'drill' });
    expect(loans(cabinet)).to.deep.equal(['anna: drill']);
  });

  it('keeps the compartment and the person waiting until it has spoken', () => {
    const cabinet = stocked();
    cabinet.administer({ input: 'stock', compartment: 2, item: 'camera' });
    cabinet.ask('anna');
    cabinet.opens(1);
    cabinet.closes(1);
    expect(cabinet.ask('anna')).to.equal('close-first');
    expect(cabinet.ask('bert')).to.equal(2);
    expect(codeOf(cabinet.administer({ input: 'stock', compartment: 1, item: 'x' }))).to.equal(
      'compartment-in-use',
    );
    expect(codeOf(cabinet.administer({ input: 'empty', compartment: 1 }))).to.equal('compartment-in-use');
  });

  it('says what is known already without an event, and has one word per use', () => {
    const cabinet = stocked();
    const events = cabinet.log.length;
    sees(cabinet, 1, 'drill', true);
    sees(cabinet, 1, 'camera', false);
    sees(cabinet, 99, 'camera', true);
    cabinet.put({ input: 'settle', compartment: 1, answered: true });
    expect(cabinet.log).to.have.length(events);
  });
});

describe('an item', () => {
  it('is in one place: found elsewhere, it is not where it was, and nobody has it', () => {
    const cabinet = stocked();
    sees(cabinet, 3, 'drill', true);
    expect(cabinet.compartment(1).contents).to.deep.equal([]);
    expect(cabinet.compartment(3).contents).to.deep.equal([{ item: 'drill' }]);
    const other = lent();
    sees(other, 4, 'drill', true);
    expect(loans(other)).to.deep.equal([]);
  });

  it('that an administrator puts back is no longer lent', () => {
    const cabinet = lent();
    cabinet.administer({ input: 'stock', compartment: 3, item: 'drill' });
    expect(loans(cabinet)).to.deep.equal([]);
    expect(cabinet.ask('anna'), 'she may take one again').to.equal(3);
    expect(cabinet.log.at(-1)?.event.data).to.include({ purpose: 'take' });
  });

  it('goes with whoever had the door open, while it is open as well', () => {
    const cabinet = stocked();
    cabinet.ask('anna');
    cabinet.opens(1);
    sees(cabinet, 1, 'drill', false);
    expect(cabinet.log.at(-1)?.event).to.deep.include({ actor: { kind: 'user', id: 'anna' } });
    expect(loans(cabinet)).to.deep.equal(['anna: drill']);
  });
});
