import { expect } from 'chai';
import type { CabinetSetting } from '../../../domain/site.ts';
import { CabinetUnderTest, setting } from '../support/cabinet.ts';
import { leave, PanelUnderTest } from '../support/panel.ts';

function ready(schema: string, change: Partial<CabinetSetting> = {}): [CabinetUnderTest, PanelUnderTest] {
  const cabinet = CabinetUnderTest.ready(setting(schema, change));
  return [cabinet, new PanelUnderTest(cabinet)];
}

/** 4.4 gives guests the groups that name no user group. */
const STREET: Partial<CabinetSetting> = {
  groups: [
    { id: 'late', compartments: [1], userGroups: ['night'] },
    { id: 'street', compartments: [2, 4], userGroups: [] },
  ],
};

describe('schema 4.2: a guest picks a free compartment and deposits', () => {
  it('opens the picked one, asks for a PIN after the closing, and counts as occupied', () => {
    const [cabinet, hall] = ready('4.2');
    expect(hall.prompt).to.equal('deposit-or-collect');
    expect(hall.deposit()).to.equal('choose-compartment');
    expect(hall.offered).to.deep.equal([1, 2, 3, 4]);
    expect(hall.pick(3)).to.equal(3);
    expect(cabinet.log.at(-1)?.event.actor).to.deep.equal({ kind: 'guest', id: 'hall' });
    cabinet.opens(3);
    expect(hall.prompt).to.equal('put-in-and-close');
    expect(cabinet.closes(3).event?.data).to.deep.include({
      outcome: 'deposited',
      next: { step: 'set-pin', compartment: 3 },
    });
    expect(hall.prompt).to.equal('set-pin');
    expect(hall.code('pin-1')).to.equal('deposit-stored');
    expect(cabinet.compartment(3).deposit).to.include({ stage: 'stored' });
    expect(cabinet.compartment(3).occupiedSince).to.be.a('number');
    expect(hall.prompt).to.equal('deposit-or-collect');
  });
});

for (const [number, change, first, next] of [
  ['4.3', {}, 1, 2],
  ['4.4', STREET, 2, 4],
] as const) {
  describe(`schema ${number}: the system picks the compartment of a guest`, () => {
    it('opens the first free one without a question, then asks for a PIN', () => {
      const [cabinet, hall] = ready(number, change);
      expect(hall.deposit()).to.equal(first);
      cabinet.opens(first);
      cabinet.closes(first);
      expect(hall.prompt).to.equal('set-pin');
      expect(hall.code('pin-1')).to.equal('deposit-stored');
      expect(hall.deposit()).to.equal(next);
    });
  });
}

describe('schema 4.4: the first free one of a group that the administrator made', () => {
  it('is full when the groups for guests are, whatever else is free', () => {
    const [cabinet, hall] = ready('4.4', STREET);
    leave(cabinet, hall, 'a');
    leave(cabinet, hall, 'b');
    expect(hall.deposit()).to.equal('no-free-compartment');
    expect(cabinet.compartment(1).deposit).to.equal(undefined);
  });

  it('opens nothing where no group was set aside for guests', () => {
    const [, hall] = ready('4.4');
    expect(hall.deposit()).to.equal('no-group-given');
  });
});

for (const [number, change] of [
  ['4.2', {}],
  ['4.3', {}],
  ['4.4', STREET],
] as const) {
  describe(`schema ${number}: the PIN of a guest`, () => {
    it('opens once; the closing after the pick-up expires it and frees the compartment', () => {
      const [cabinet, hall] = ready(number, change);
      const compartment = leave(cabinet, hall, 'pin-1');
      const yard = new PanelUnderTest(cabinet, 'yard');
      expect(yard.collect(compartment), 'a wrong one').to.equal('wrong-code');
      expect(yard.collect(compartment, 'pin-1')).to.equal(compartment);
      expect(yard.collect(compartment, 'pin-1'), 'at once again').to.equal('compartment-in-use');
      cabinet.opens(compartment);
      expect(yard.collect(compartment, 'pin-1'), 'with the door open').to.equal('compartment-in-use');
      expect(cabinet.closes(compartment).event?.data).to.include({ outcome: 'collected' });
      expect(cabinet.compartment(compartment)).to.deep.include({
        deposit: undefined,
        codes: [],
        occupiedSince: undefined,
      });
      expect(yard.collect(compartment, 'pin-1')).to.equal('wrong-code');
    });

    it('answers the same to a wrong PIN, an empty compartment and one that is not there', () => {
      const [cabinet, hall] = ready(number, change);
      const compartment = leave(cabinet, hall, 'pin-1');
      for (const other of [compartment, compartment === 1 ? 2 : 1, 99]) {
        expect(hall.collect(other), `${other}`).to.equal('wrong-code');
      }
      expect(hall.collect(3, 'pin-1'), 'the PIN of another compartment').to.equal('wrong-code');
    });

    it('is mailed to nobody', () => {
      const [cabinet, hall] = ready(number, change);
      const granted = hall.deposit();
      const compartment = typeof granted === 'number' ? granted : Number(hall.pick(1));
      cabinet.opens(compartment);
      cabinet.closes(compartment);
      const code = { id: 'pin-1', kind: 'pin', verifier: 'digest' } as const;
      const { effects } = cabinet.put({ input: 'set-code', session: hall.session?.id ?? '', code });
      expect(effects).to.deep.equal([]);
    });

    it('is a PIN, not something scanned', () => {
      const [cabinet, hall] = ready(number, change);
      const granted = hall.deposit();
      const compartment = typeof granted === 'number' ? granted : Number(hall.pick(1));
      cabinet.opens(compartment);
      cabinet.closes(compartment);
      expect(hall.code('scanned', 'barcode')).to.equal('answer-unexpected');
      expect(hall.code('pin-1')).to.equal('deposit-stored');
    });

    it('is for guests: a defined user gets nothing', () => {
      expect(ready(number, change)[1].identify('anna')).to.equal('guests-only');
    });
  });
}

describe('a guest who has something inside but no PIN yet', () => {
  it('may take it back: the same door opens again, and its closing frees the compartment', () => {
    const [cabinet, hall] = ready('4.3');
    hall.deposit();
    cabinet.opens(1);
    expect(hall.cancel(), 'with the door open there is nothing to cancel').to.equal('close-first');
    cabinet.closes(1);
    expect(hall.cancel()).to.equal(1);
    expect(hall.prompt).to.equal('take-out-and-close');
    cabinet.opens(1);
    expect(cabinet.closes(1).event?.data).to.include({ outcome: 'collected' });
    expect(cabinet.compartment(1)).to.deep.include({ deposit: undefined, occupiedSince: undefined });
    expect(hall.session).to.equal(undefined);
  });

  it('is asked for the PIN again where the door does not open to take it back', () => {
    for (const end of ['lapses', 'fails', 'orphans'] as const) {
      const [cabinet, hall] = ready('4.3');
      hall.deposit();
      cabinet.opens(1);
      cabinet.closes(1);
      hall.cancel();
      cabinet[end](1);
      expect(hall.prompt, end).to.equal('set-pin');
      expect(hall.code('pin-1'), end).to.equal('deposit-stored');
    }
  });

  it('cannot take it back from a compartment that an administrator blocked meanwhile', () => {
    const [cabinet, hall] = ready('4.3');
    hall.deposit();
    cabinet.opens(1);
    cabinet.closes(1);
    cabinet.administer({ input: 'block', compartment: 1 });
    expect(hall.cancel()).to.equal('compartment-blocked');
    expect(hall.code('pin-1'), 'but may leave it there').to.equal('deposit-stored');
  });

  it('who goes away leaves a blocked compartment, which nobody gets before somebody looked inside', () => {
    const [cabinet, hall] = ready('4.3');
    hall.deposit();
    cabinet.opens(1);
    cabinet.closes(1);
    expect(hall.timesOut()).to.equal('deposit-abandoned');
    expect(cabinet.log.at(-1)?.event.data).to.include({ cause: 'no-code', compartment: 1 });
    expect(cabinet.compartment(1)).to.deep.include({ deposit: undefined, codes: [] });
    expect(cabinet.compartment(1).blocked).to.match(/look inside/i);
    expect(hall.deposit()).to.equal(2);
    cabinet.administer({ input: 'service-open', compartment: 1 });
    cabinet.opens(1);
    cabinet.closes(1);
    cabinet.administer({ input: 'unblock', compartment: 1 });
    expect(cabinet.compartment(1).occupiedSince).to.equal(undefined);
  });
});

describe('a guest who walks away with the door open', () => {
  it('ends with a blocked compartment; the closing of the door, whenever it comes, ends nothing more', () => {
    const [cabinet, hall] = ready('4.3');
    hall.deposit();
    cabinet.opens(1);
    cabinet.put({ input: 'open-too-long', compartment: 1 });
    expect(hall.timesOut()).to.equal('deposit-abandoned');
    expect(cabinet.log.at(-1)?.event.data).to.include({ cause: 'door-open' });
    expect(hall.session).to.equal(undefined);
    expect(cabinet.closes(1).event?.data).to.deep.equal({ compartment: 1, grant: 'grant-hall-2' });
    expect(cabinet.compartment(1).blocked).to.be.a('string');
    expect(hall.deposit()).to.equal(2);
  });

  it('keeps the reason for which an administrator had blocked it before', () => {
    const [cabinet, hall] = ready('4.3');
    hall.deposit();
    cabinet.opens(1);
    cabinet.administer({ input: 'block', compartment: 1 });
    hall.timesOut();
    expect(cabinet.compartment(1).blocked).to.equal('asked for');
  });

  it('does not keep others from the panel meanwhile', () => {
    const [cabinet, hall] = ready('4.3');
    hall.deposit();
    cabinet.opens(1);
    expect(hall.deposit()).to.equal(2);
  });

  it('who picks something up leaves the door open, and the PIN expires all the same once it is closed', () => {
    const [cabinet, hall] = ready('4.3');
    const compartment = leave(cabinet, hall, 'pin-1');
    hall.collect(compartment, 'pin-1');
    cabinet.opens(compartment);
    cabinet.put({ input: 'open-too-long', compartment });
    expect(cabinet.closes(compartment).event?.data).to.include({ outcome: 'collected' });
    expect(hall.collect(compartment, 'pin-1')).to.equal('wrong-code');
  });
});
