import { expect } from 'chai';
import type { Right } from '../../../domain/rights.ts';
import { CabinetUnderTest, codeOf, person, setting } from '../support/cabinet.ts';
import { PanelUnderTest } from '../support/panel.ts';

/** A cabinet for lending with items in some compartments. */
function stocked(schema: string, items: Readonly<Record<number, string | undefined>>): CabinetUnderTest {
  const cabinet = CabinetUnderTest.ready(setting(schema));
  for (const [number, item] of Object.entries(items)) {
    cabinet.administer({ input: 'stock', compartment: Number(number), ...(item !== undefined && { item }) });
  }
  return cabinet;
}

/** Opens and closes; tells what the closing ended. */
function used(cabinet: CabinetUnderTest, compartment: number): unknown {
  cabinet.opens(compartment);
  const { event } = cabinet.closes(compartment);
  return event?.type === 'door-closed' ? event.data.outcome : undefined;
}

describe('schema 3.1: an item is lent, the first one there is', () => {
  it('opens the first with an item to take it, then the first free one for the return; both are recorded per item', () => {
    const cabinet = stocked('3.1', { 2: 'drill', 3: 'camera' });
    expect(cabinet.ask('anna')).to.equal(2);
    expect(used(cabinet, 2)).to.equal('taken');
    expect(cabinet.log.at(-1)?.event.data).to.include({ user: 'anna', item: 'drill' });
    expect(cabinet.state.loans).to.deep.equal([
      { user: 'anna', item: 'drill', compartment: 2, since: cabinet.now },
    ]);
    expect(cabinet.compartment(2)).to.deep.include({ contents: [], occupiedSince: undefined });

    expect(cabinet.ask('bert')).to.equal(3);
    expect(used(cabinet, 3)).to.equal('taken');
    expect(cabinet.ask('carl')).to.equal('no-item-here');

    expect(cabinet.ask('anna'), 'the first free one').to.equal(1);
    expect(used(cabinet, 1)).to.equal('returned');
    expect(cabinet.log.at(-1)?.event.data).to.include({ user: 'anna', item: 'drill' });
    expect(cabinet.compartment(1).contents).to.deep.equal([{ item: 'drill' }]);
    expect(cabinet.state.loans.map(({ user }) => user)).to.deep.equal(['bert']);
    expect(cabinet.ask('carl'), 'what came back is lent again').to.equal(1);
  });

  it('gives nobody a second item: not with the door open, nor before the first one is back', () => {
    const cabinet = stocked('3.1', { 1: 'drill', 2: 'camera' });
    cabinet.ask('anna');
    expect(cabinet.ask('anna'), 'while the first one is opening').to.equal('close-first');
    cabinet.opens(1);
    expect(cabinet.ask('anna'), 'while the door is open').to.equal('close-first');
    expect(cabinet.ask('bert')).to.equal(2);
    cabinet.closes(1);
    expect(cabinet.ask('anna'), 'a return').to.equal(1);
    expect(cabinet.log.at(-1)?.event.data).to.include({ purpose: 'return' });
  });

  it('lends what nobody gave a name as well', () => {
    const cabinet = stocked('3.1', { 4: undefined });
    expect(cabinet.ask('anna')).to.equal(4);
    used(cabinet, 4);
    expect(cabinet.state.loans).to.deep.equal([{ user: 'anna', compartment: 4, since: cabinet.now }]);
    expect(cabinet.ask('anna')).to.equal(1);
    used(cabinet, 1);
    expect(cabinet.compartment(1).contents).to.deep.equal([{}]);
  });

  it('needs a free compartment for the return', () => {
    const cabinet = stocked('3.1', { 1: 'drill', 2: 'a', 3: 'b', 4: 'c' });
    cabinet.ask('anna');
    used(cabinet, 1);
    cabinet.administer({ input: 'stock', compartment: 1, item: 'd' });
    expect(cabinet.ask('anna')).to.equal('no-free-compartment');
  });
});

/** Blocks B7 and B8 differ in how many users a group is given to. */
for (const number of ['3.2', '3.3']) {
  describe(`schema ${number}: an item is picked from the groups that were given`, () => {
    it('asks which one, opens it, and takes the return to the first free one of the groups', () => {
      const cabinet = stocked(number, { 1: 'ladder', 3: 'drill', 4: 'camera' });
      const hall = new PanelUnderTest(cabinet);
      expect(hall.identify(person('anna', 'night'))).to.equal('choose-compartment');
      expect(hall.offered, 'what lies in her groups').to.deep.equal([3, 4]);
      expect(hall.pick(1), 'not hers').to.equal('compartment-taken');
      expect(hall.pick(4)).to.equal(4);
      expect(used(cabinet, 4)).to.equal('taken');
      expect(hall.identify(person('anna', 'night')), 'the return').to.equal(4);
      expect(used(cabinet, 4)).to.equal('returned');
      expect(cabinet.state.loans).to.deep.equal([]);
    });

    it('serves several users of one group, each with their own item', () => {
      const cabinet = stocked(number, { 3: 'drill', 4: 'camera' });
      const hall = new PanelUnderTest(cabinet);
      hall.identify(person('anna', 'night'));
      hall.pick(4);
      used(cabinet, 4);
      hall.identify(person('bert', 'night'));
      expect(hall.offered).to.deep.equal([3]);
      hall.pick(3);
      used(cabinet, 3);
      expect(cabinet.state.loans.map(({ user, item }) => `${user} has the ${item}`)).to.deep.equal([
        'anna has the camera',
        'bert has the drill',
      ]);
    });

    it('refuses those whom no group was given, and a flow, which cannot ask', () => {
      const cabinet = stocked(number, { 3: 'drill' });
      expect(new PanelUnderTest(cabinet).identify('carl')).to.equal('no-group-given');
      expect(cabinet.ask('anna', 'night')).to.equal('panel-needed');
      expect(codeOf(cabinet.administer({ input: 'empty', compartment: 3 }))).to.equal('done');
      expect(new PanelUnderTest(cabinet).identify(person('anna', 'night'))).to.equal('no-item-here');
    });

    it('ends where the group is taken away between the question and the answer', () => {
      const cabinet = stocked(number, { 3: 'drill' });
      const right: Right = { id: 'r', cabinet: 'A', user: 'carl', compartmentGroups: ['late'] };
      const hall = new PanelUnderTest(cabinet);
      const carl = { ...person('carl'), rights: [right] };
      expect(hall.identify(carl)).to.equal('choose-compartment');
      const session = hall.session?.id ?? '';
      const late = { input: 'pick', session, compartment: 3, person: person('carl'), grant: 'g' } as const;
      expect(codeOf(cabinet.put(late))).to.equal('no-group-given');
      expect(hall.session).to.equal(undefined);
    });
  });
}
