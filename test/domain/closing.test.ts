import { expect } from 'chai';
import type { Decision } from '../../domain/cabinet/inputs.ts';
import { CabinetUnderTest, setting } from './support/cabinet.ts';
import { leave, master, PanelUnderTest } from './support/panel.ts';

/** A cabinet of which compartments 1 to 4 have item readers, or none. */
function ready(schema: string, watched: boolean): [CabinetUnderTest, PanelUnderTest] {
  const { compartments } = setting(schema);
  const cabinet = CabinetUnderTest.ready(
    setting(schema, { compartments: compartments.map((each) => ({ ...each, itemReader: watched })) }),
  );
  return [cabinet, new PanelUnderTest(cabinet)];
}

/** Opens compartment 1 for each purpose. */
const OPENED = {
  own: (watched: boolean) => {
    const [cabinet] = ready('2.2', watched);
    cabinet.ask('anna');
    return cabinet;
  },
  once: (watched: boolean) => {
    const [cabinet] = ready('5.2', watched);
    cabinet.assign(1, 'anna');
    cabinet.assign(1, 'bert');
    cabinet.ask('anna');
    return cabinet;
  },
  take: (watched: boolean) => {
    const [cabinet] = ready('3.1', watched);
    cabinet.administer({ input: 'stock', compartment: 1, item: 'drill' });
    cabinet.ask('anna');
    return cabinet;
  },
  return: (watched: boolean) => {
    const [cabinet] = ready('3.1', watched);
    cabinet.administer({ input: 'stock', compartment: 1, item: 'drill' });
    cabinet.ask('anna');
    cabinet.opens(1);
    cabinet.closes(1);
    if (watched) cabinet.put({ input: 'item-seen', compartment: 1, item: 'drill', present: false });
    cabinet.put({ input: 'settle', compartment: 1, answered: true });
    cabinet.ask('anna');
    return cabinet;
  },
  'deposit of a guest': (watched: boolean) => {
    const [cabinet, hall] = ready('4.3', watched);
    hall.deposit();
    return cabinet;
  },
  'deposit for a recipient': (watched: boolean) => {
    const [cabinet, hall] = ready('6.1', watched);
    hall.identify(master('mia'));
    return cabinet;
  },
  'deposit under a code': (watched: boolean) => {
    const [cabinet, hall] = ready('6.3', watched);
    hall.identify(master('mia'));
    hall.code('qr-1', 'qr');
    hall.pick(1);
    return cabinet;
  },
  collect: (watched: boolean) => {
    const [cabinet, hall] = ready('4.3', watched);
    leave(cabinet, hall);
    hall.collect(1, 'pin');
    return cabinet;
  },
  service: (watched: boolean) => {
    const [cabinet] = ready('2.2', watched);
    cabinet.administer({ input: 'service-open', compartment: 1 });
    return cabinet;
  },
} as const;

/** What the closing says, and whether compartment 1 is taken afterwards. */
interface Row {
  readonly purpose: keyof typeof OPENED;
  readonly watched: boolean;
  readonly outcome: string | undefined;
  readonly next?: string;
  readonly user?: string;
  readonly item?: string;
  readonly taken: boolean;
}

const TABLE: readonly Row[] = [
  { purpose: 'own', watched: false, outcome: undefined, user: 'anna', taken: true },
  { purpose: 'own', watched: true, outcome: 'unsettled', user: 'anna', taken: true },
  { purpose: 'once', watched: false, outcome: 'ended', user: 'anna', taken: false },
  { purpose: 'once', watched: true, outcome: 'ended', user: 'anna', taken: false },
  { purpose: 'take', watched: false, outcome: 'taken', user: 'anna', item: 'drill', taken: false },
  { purpose: 'take', watched: true, outcome: 'unsettled', user: 'anna', taken: true },
  { purpose: 'return', watched: false, outcome: 'returned', user: 'anna', item: 'drill', taken: true },
  { purpose: 'return', watched: true, outcome: 'unsettled', user: 'anna', taken: false },
  { purpose: 'deposit of a guest', watched: false, outcome: 'deposited', next: 'set-pin', taken: true },
  { purpose: 'deposit of a guest', watched: true, outcome: 'deposited', next: 'set-pin', taken: true },
  {
    purpose: 'deposit for a recipient',
    watched: false,
    outcome: 'deposited',
    next: 'choose-recipient',
    user: 'mia',
    taken: true,
  },
  { purpose: 'deposit under a code', watched: false, outcome: 'deposited', user: 'mia', taken: true },
  { purpose: 'collect', watched: false, outcome: 'collected', taken: false },
  { purpose: 'collect', watched: true, outcome: 'collected', taken: false },
  { purpose: 'service', watched: false, outcome: undefined, taken: false },
  { purpose: 'service', watched: true, outcome: 'unsettled', taken: false },
];

function closing({ event }: Decision): Omit<Row, 'purpose' | 'watched' | 'taken'> {
  if (event?.type !== 'door-closed') return expect.fail(`${event?.type} instead of a closed door`);
  const { outcome, next, user, item } = event.data;
  return {
    outcome,
    ...(next && { next: next.step }),
    ...(user !== undefined && { user }),
    ...(item !== undefined && { item }),
  };
}

describe('the closing of a door', () => {
  for (const { purpose, watched, taken, ...told } of TABLE) {
    const reader = watched ? 'with an item reader' : 'where nobody looks inside';
    it(`ends ${told.outcome ?? 'nothing'} after ${purpose}, ${reader}`, () => {
      const cabinet = OPENED[purpose](watched);
      cabinet.opens(1);
      const decision = cabinet.closes(1);
      expect(closing(decision)).to.deep.equal(told);
      expect(cabinet.compartment(1)).to.include({ door: 'closed', use: undefined, opening: undefined });
      expect(cabinet.compartment(1).occupiedSince !== undefined, 'taken').to.equal(taken);
      expect(decision.effects.map(({ effect }) => effect)).to.deep.equal(
        watched ? ['door-closed', 'take-inventory'] : ['door-closed'],
      );
    });
  }

  it('ends what it was opened for, whatever an administrator opened it for meanwhile', () => {
    for (const purpose of ['once', 'take', 'collect', 'deposit of a guest'] as const) {
      const cabinet = OPENED[purpose](false);
      cabinet.opens(1);
      const { use } = cabinet.compartment(1);
      cabinet.administer({ input: 'service-open', compartment: 1 });
      cabinet.opens(1);
      expect(cabinet.compartment(1).use, purpose).to.deep.equal(use);
      expect(closing(cabinet.closes(1)).outcome, purpose).to.not.equal(undefined);
    }
  });

  it('of a door that was forced ends nothing', () => {
    const [cabinet] = ready('4.3', false);
    leave(cabinet, new PanelUnderTest(cabinet));
    cabinet.put({ input: 'door', compartment: 1, open: true, expected: false, afterAbsence: false });
    expect(closing(cabinet.closes(1))).to.deep.equal({ outcome: undefined });
    expect(cabinet.compartment(1).deposit).to.include({ stage: 'stored' });
  });

  it('ends nothing once the deposit was released with the door open', () => {
    const cabinet = OPENED['deposit of a guest'](false);
    cabinet.opens(1);
    cabinet.administer({ input: 'release', compartment: 1 });
    expect(cabinet.state.sessions.size, 'nobody is asked for its PIN').to.equal(0);
    expect(closing(cabinet.closes(1)).outcome).to.equal(undefined);
    expect(cabinet.compartment(1).occupiedSince).to.equal(undefined);
  });
});
