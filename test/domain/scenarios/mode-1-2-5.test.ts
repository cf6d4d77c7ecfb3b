import { expect } from 'chai';
import type { Right } from '../../../domain/rights.ts';
import { CabinetUnderTest, codeOf, person, setting } from '../support/cabinet.ts';
import { PanelUnderTest } from '../support/panel.ts';

/** Blocks B1, B2, B9 and B13 are the same rule in four modes. */
for (const number of ['1.1', '2.1', '4.1', '5.1']) {
  describe(`schema ${number}: one compartment, assigned to one user for good`, () => {
    it('opens the one that the administrator assigned, as often as the user comes, and no other', () => {
      const cabinet = CabinetUnderTest.ready(setting(number));
      expect(cabinet.ask('anna')).to.equal('no-compartment-assigned');
      expect(cabinet.assign(3, 'anna')).to.equal('done');
      for (let visit = 0; visit < 3; visit += 1) expect(cabinet.uses('anna')).to.equal(3);
      expect(cabinet.ask('bert')).to.equal('no-compartment-assigned');
    });

    it('counts as occupied from the assignment on, and is never given to anybody else', () => {
      const cabinet = CabinetUnderTest.ready(setting(number));
      cabinet.assign(3, 'anna');
      expect(cabinet.compartment(3).occupiedSince).to.equal(cabinet.now);
      expect(cabinet.assign(3, 'bert')).to.equal('compartment-assigned-to-another');
      expect(cabinet.assign(2, 'anna')).to.equal('already-assigned');
    });

    it('ends when the administrator withdraws the right', () => {
      const cabinet = CabinetUnderTest.ready(setting(number));
      cabinet.assign(3, 'anna');
      cabinet.uses('anna');
      expect(codeOf(cabinet.administer({ input: 'withdraw', compartment: 3, user: 'anna' }))).to.equal(
        'done',
      );
      expect(cabinet.compartment(3).occupiedSince).to.equal(undefined);
      expect(cabinet.ask('anna')).to.equal('no-compartment-assigned');
      expect(cabinet.assign(3, 'bert')).to.equal('done');
    });
  });
}

describe('schema 2.2: first free of the cabinet, from then on that one', () => {
  it('opens the first free one, then the same one each time, until the right is withdrawn', () => {
    const cabinet = CabinetUnderTest.ready(setting('2.2'));
    expect(cabinet.uses('anna')).to.equal(1);
    expect(cabinet.uses('bert')).to.equal(2);
    expect(cabinet.uses('anna')).to.equal(1);
    cabinet.administer({ input: 'release', compartment: 1 });
    expect(cabinet.compartment(1)).to.deep.include({ holders: [], occupiedSince: undefined });
    expect(cabinet.uses('carl')).to.equal(1);
    expect(cabinet.uses('anna')).to.equal(3);
  });

  it('skips what is blocked, open, out of order or on a silent board', () => {
    const cabinet = CabinetUnderTest.ready(setting('2.2'));
    cabinet.administer({ input: 'block', compartment: 1 });
    cabinet.put({ input: 'door', compartment: 2, open: true, expected: false, afterAbsence: false });
    cabinet.ask('anna');
    cabinet.fails(3);
    expect(cabinet.ask('anna')).to.equal(4);
    cabinet.put({ input: 'board', board: 'right', answers: false });
    expect(cabinet.ask('bert')).to.equal('cabinet-not-answering');
  });

  it('says when all are taken, and gives nothing whose door was never heard of', () => {
    const cabinet = CabinetUnderTest.ready(setting('2.2'));
    for (const user of ['anna', 'bert', 'carl', 'dora']) cabinet.uses(user);
    expect(cabinet.ask('emma')).to.equal('no-free-compartment');
    expect(new CabinetUnderTest(setting('2.2')).ask('anna')).to.equal('cabinet-not-answering');
  });

  it('leaves nothing to be assigned by hand', () => {
    expect(CabinetUnderTest.ready(setting('2.2')).assign(1, 'anna')).to.equal('not-assignable');
  });

  it('asks those who may pick which one they want, at a panel; a flow, which cannot ask, takes the first free one', () => {
    const picks: Right = { id: 'r', cabinet: 'A', user: 'anna', pick: true };
    const cabinet = CabinetUnderTest.ready(setting('2.2'));
    const hall = new PanelUnderTest(cabinet);
    const anna = { ...person('anna'), rights: [picks] };
    expect(hall.identify(anna)).to.equal('choose-compartment');
    expect(hall.offered).to.deep.equal([1, 2, 3, 4]);
    expect(hall.pick(3)).to.equal(3);
    cabinet.opens(3);
    cabinet.closes(3);
    expect(hall.identify(anna), 'it is hers by now').to.equal(3);
    expect(
      codeOf(
        cabinet.put({
          input: 'access',
          person: { ...anna, user: 'bert', rights: [{ ...picks, user: 'bert' }] },
          grant: 'g',
        }),
      ),
    ).to.equal('done');
    expect(cabinet.grantOf(1)).to.equal('g');
  });
});

describe('schema 2.3: first free of the group, from then on that one', () => {
  it('opens the first free one of the groups that the user was given, then that one', () => {
    const cabinet = CabinetUnderTest.ready(setting('2.3'));
    expect(cabinet.uses('anna', 'night')).to.equal(3);
    expect(cabinet.uses('bert', 'night')).to.equal(4);
    expect(cabinet.uses('anna', 'night')).to.equal(3);
    expect(cabinet.ask('carl', 'night')).to.equal('no-free-compartment');
  });

  it('refuses those whom no group was given; a right of their own may give one', () => {
    const cabinet = CabinetUnderTest.ready(setting('2.3'));
    expect(cabinet.ask('anna', 'day')).to.equal('no-group-given');
    const given: Right = { id: 'r', cabinet: 'A', user: 'anna', compartmentGroups: ['late'] };
    const hall = new PanelUnderTest(cabinet);
    expect(hall.identify({ ...person('anna'), rights: [given] })).to.equal(3);
  });

  it('stays within reach of the rights that name the user, whatever was given to their groups', () => {
    const groups = [
      { id: 'late', compartments: [1, 2], userGroups: ['night'] },
      { id: 'early', compartments: [3, 4], userGroups: [] },
    ];
    const cabinet = CabinetUnderTest.ready(setting('2.3', { groups }));
    const right: Right = { id: 'r', cabinet: 'A', user: 'anna', compartmentGroups: ['early'] };
    expect(new PanelUnderTest(cabinet).identify({ ...person('anna', 'night'), rights: [right] })).to.equal(3);
  });

  it('lets those pick within their groups who may', () => {
    const cabinet = CabinetUnderTest.ready(setting('2.3'));
    const hall = new PanelUnderTest(cabinet);
    const right: Right = { id: 'r', cabinet: 'A', user: 'anna', pick: true };
    expect(hall.identify({ ...person('anna', 'night'), rights: [right] })).to.equal('choose-compartment');
    expect(hall.offered).to.deep.equal([3, 4]);
    expect(hall.pick(1)).to.equal('compartment-taken');
    expect(hall.pick(4)).to.equal(4);
  });

  it('leaves a compartment to its user when they leave the group', () => {
    const cabinet = CabinetUnderTest.ready(setting('2.3'));
    cabinet.uses('anna', 'night');
    expect(cabinet.uses('anna')).to.equal(3);
  });
});

describe('schema 2.4: assigned to several, who use it in turn', () => {
  it('opens for each of them, as often as they like, and makes the second wait while it is being opened', () => {
    const cabinet = CabinetUnderTest.ready(setting('2.4'));
    cabinet.assign(2, 'anna');
    cabinet.assign(2, 'bert');
    expect(cabinet.uses('anna')).to.equal(2);
    expect(cabinet.uses('bert')).to.equal(2);
    expect(cabinet.ask('anna')).to.equal(2);
    expect(cabinet.ask('bert')).to.equal('compartment-in-use');
    expect(cabinet.ask('carl')).to.equal('no-compartment-assigned');
  });

  it('stays occupied from the first assignment until the last right is withdrawn', () => {
    const cabinet = CabinetUnderTest.ready(setting('2.4'));
    cabinet.assign(2, 'anna');
    const since = cabinet.now;
    cabinet.assign(2, 'bert');
    cabinet.administer({ input: 'withdraw', compartment: 2, user: 'anna' });
    expect(cabinet.compartment(2)).to.include({ occupiedSince: since });
    expect(cabinet.ask('anna')).to.equal('no-compartment-assigned');
    expect(cabinet.uses('bert')).to.equal(2);
    cabinet.administer({ input: 'withdraw', compartment: 2, user: 'bert' });
    expect(cabinet.compartment(2)).to.include({ occupiedSince: undefined });
  });
});

describe('schema 5.2: assigned to several, opens once', () => {
  function assigned(): CabinetUnderTest {
    const cabinet = CabinetUnderTest.ready(setting('5.2'));
    cabinet.assign(2, 'anna');
    cabinet.assign(2, 'bert');
    return cabinet;
  }

  it('opens for the first who identifies, is recorded as theirs, and closing withdraws every right', () => {
    const cabinet = assigned();
    expect(cabinet.ask('bert')).to.equal(2);
    expect(cabinet.log.at(-1)?.event.data).to.include({
      user: 'bert',
      credential: 'card-of-bert',
      purpose: 'once',
    });
    cabinet.opens(2);
    expect(cabinet.ask('anna'), 'while the door is open').to.equal('compartment-in-use');
    expect(cabinet.ask('bert'), 'once is once').to.equal('compartment-in-use');
    expect(cabinet.closes(2).event?.data).to.deep.include({
      outcome: 'ended',
      user: 'bert',
      users: ['anna', 'bert'],
    });
    expect(cabinet.compartment(2)).to.deep.include({ holders: [], codes: [], occupiedSince: undefined });
    expect(cabinet.ask('anna')).to.equal('no-compartment-assigned');
    expect(cabinet.ask('bert')).to.equal('no-compartment-assigned');
  });

  it('opens by the PIN that all of them share, which PIN opened it is recorded, and it expires with the closing', () => {
    const cabinet = assigned();
    const hall = new PanelUnderTest(cabinet);
    const code = { id: 'shared', kind: 'pin', verifier: 'digest' } as const;
    expect(codeOf(cabinet.administer({ input: 'assign-code', compartment: 2, code }))).to.equal('done');
    expect(hall.collect(2)).to.equal('wrong-code');
    expect(hall.collect(2, 'shared')).to.equal(2);
    expect(cabinet.log.at(-1)?.event.data).to.include({ code: 'shared', purpose: 'once' });
    expect(hall.collect(2, 'shared')).to.equal('compartment-in-use');
    cabinet.opens(2);
    cabinet.closes(2);
    expect(hall.collect(2, 'shared')).to.equal('wrong-code');
    expect(cabinet.compartment(2).occupiedSince).to.equal(undefined);
  });

  it('keeps every right where the door did not open', () => {
    const cabinet = assigned();
    cabinet.ask('anna');
    cabinet.lapses(2);
    expect(cabinet.compartment(2).holders).to.deep.equal(['anna', 'bert']);
    cabinet.ask('anna');
    cabinet.fails(2);
    cabinet.administer({ input: 'return-to-service', compartment: 2 });
    expect(cabinet.ask('bert')).to.equal(2);
  });

  it('takes no further assignment while a closing is about to withdraw every right', () => {
    const cabinet = assigned();
    cabinet.ask('anna');
    expect(cabinet.assign(2, 'carl'), 'while it opens').to.equal('compartment-in-use');
    cabinet.opens(2);
    expect(cabinet.assign(2, 'carl'), 'while it is open').to.equal('compartment-in-use');
    const code = { id: 'late', kind: 'pin', verifier: 'digest' } as const;
    expect(codeOf(cabinet.administer({ input: 'assign-code', compartment: 2, code }))).to.equal(
      'compartment-in-use',
    );
  });
});
