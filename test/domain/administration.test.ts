import { expect } from 'chai';
import type { AdministrativeInput } from '../../domain/cabinet/inputs.ts';
import { ADMINISTRATOR, CabinetUnderTest, codeOf, setting } from './support/cabinet.ts';
import { leave, master, PanelUnderTest } from './support/panel.ts';

type Scene = CabinetUnderTest;

function scene(schema: string): [Scene, PanelUnderTest] {
  const cabinet = CabinetUnderTest.ready(setting(schema));
  return [cabinet, new PanelUnderTest(cabinet)];
}

/** Compartment 1 in every condition that an administrator may find it in. */
const CONDITIONS = {
  free: () => scene('1.1')[0],
  held: () => {
    const [cabinet] = scene('1.1');
    cabinet.assign(1, 'anna');
    return cabinet;
  },
  opening: () => {
    const [cabinet] = scene('1.1');
    cabinet.assign(1, 'anna');
    cabinet.ask('anna');
    return cabinet;
  },
  blocked: () => {
    const [cabinet] = scene('1.1');
    cabinet.administer({ input: 'block', compartment: 1 });
    return cabinet;
  },
  'out of order': () => {
    const [cabinet] = scene('1.1');
    cabinet.administer({ input: 'open', compartment: 1 });
    cabinet.fails(1);
    return cabinet;
  },
  shared: () => {
    const [cabinet] = scene('5.2');
    cabinet.assign(1, 'anna');
    return cabinet;
  },
  stocked: () => {
    const [cabinet] = scene('3.1');
    cabinet.administer({ input: 'stock', compartment: 1, item: 'drill' });
    return cabinet;
  },
  'being filled': () => {
    const [cabinet, hall] = scene('4.3');
    hall.deposit();
    cabinet.opens(1);
    return cabinet;
  },
  'without a PIN yet': () => {
    const [cabinet, hall] = scene('4.3');
    hall.deposit();
    cabinet.opens(1);
    cabinet.closes(1);
    return cabinet;
  },
  'with a deposit': () => {
    const [cabinet, hall] = scene('4.3');
    leave(cabinet, hall);
    return cabinet;
  },
} as const;
type Condition = keyof typeof CONDITIONS;

const CODE = { id: 'shared', kind: 'pin', verifier: 'digest' } as const;
const REQUESTS = {
  open: { input: 'open', grant: 'g' },
  'service-open': { input: 'service-open', grant: 'g' },
  release: { input: 'release' },
  assign: { input: 'assign', user: 'zoe' },
  withdraw: { input: 'withdraw', user: 'anna' },
  block: { input: 'block' },
  unblock: { input: 'unblock' },
  'return-to-service': { input: 'return-to-service' },
  'assign-code': { input: 'assign-code', code: CODE },
  stock: { input: 'stock', item: 'saw' },
  empty: { input: 'empty' },
} as const;
type Request = keyof typeof REQUESTS;

function request(name: Request, reason = 'asked for', compartment = 1): AdministrativeInput {
  return { ...REQUESTS[name], actor: ADMINISTRATOR, reason, compartment };
}

const N = 'not-assignable';
const FREE = 'compartment-free';
const USED = 'compartment-in-use';
const FULL = 'compartment-occupied';
const EMPTY = 'compartment-empty';
const BLOCKED = 'compartment-blocked';
const OPEN = 'compartment-not-blocked';
const SERVES = 'compartment-in-service';
const ANOTHER = 'compartment-assigned-to-another';

/** What an administrator is answered, in the order of `REQUESTS`. */
const TABLE: Readonly<Record<Condition, readonly string[]>> = {
  free: ['done', 'done', FREE, 'done', FREE, 'done', OPEN, SERVES, N, N, EMPTY],
  held: ['done', 'done', 'done', ANOTHER, 'done', 'done', OPEN, SERVES, N, N, EMPTY],
  opening: [USED, USED, USED, ANOTHER, 'done', 'done', OPEN, SERVES, N, N, EMPTY],
  blocked: ['done', 'done', FREE, 'done', FREE, BLOCKED, 'done', SERVES, N, N, EMPTY],
  'out of order': ['done', 'done', FREE, 'done', FREE, 'done', OPEN, 'done', N, N, EMPTY],
  shared: ['done', 'done', 'done', 'done', 'done', 'done', OPEN, SERVES, 'done', N, EMPTY],
  stocked: ['done', 'done', FREE, N, FREE, 'done', OPEN, SERVES, N, FULL, 'done'],
  'being filled': ['done', 'done', 'done', N, FREE, 'done', OPEN, SERVES, N, N, EMPTY],
  'without a PIN yet': ['done', 'done', 'done', N, FREE, 'done', OPEN, SERVES, N, N, EMPTY],
  'with a deposit': ['done', 'done', 'done', N, FREE, 'done', OPEN, SERVES, N, N, EMPTY],
};

describe('an administrator', () => {
  for (const [condition, answers] of Object.entries(TABLE)) {
    for (const [place, name] of (Object.keys(REQUESTS) as Request[]).entries()) {
      const answer = answers[place] ?? '';
      it(`who asks to ${name} a compartment that is ${condition} is answered: ${answer}`, () => {
        const cabinet = CONDITIONS[condition as Condition]();
        const before = cabinet.state;
        const decision = cabinet.put(request(name));
        expect(codeOf(decision)).to.equal(answer);
        if (answer !== 'done') expect(cabinet.state, 'nothing changes').to.equal(before);
        else expect(decision.event?.actor).to.deep.equal(ADMINISTRATOR);
      });
    }
  }

  for (const name of Object.keys(REQUESTS) as Request[]) {
    it(`must give a reason, in words, to ${name}, for a compartment that is there`, () => {
      const cabinet = CONDITIONS.free();
      expect(codeOf(cabinet.put(request(name, '  ')))).to.equal('reason-required');
      expect(codeOf(cabinet.put(request(name, 'asked for', 513)))).to.equal('compartment-unknown');
    });
  }
});

describe('an opening by an administrator', () => {
  function opened(condition: Condition, input: 'open' | 'service-open'): [Scene, string | undefined] {
    const cabinet = CONDITIONS[condition]();
    cabinet.administer({ input, compartment: 1 });
    const { purpose } = cabinet.compartment(1).opening ?? {};
    cabinet.opens(1);
    cabinet.closes(1);
    return [cabinet, purpose];
  }

  it('hands over a deposit, with or without a PIN, and the closing ends it and its session', () => {
    for (const condition of ['with a deposit', 'without a PIN yet'] as const) {
      const [cabinet, purpose] = opened(condition, 'open');
      expect(purpose, condition).to.equal('collect');
      expect(cabinet.compartment(1), condition).to.deep.include({ deposit: undefined, codes: [] });
      expect(cabinet.state.sessions.size, condition).to.equal(0);
    }
  });

  it('hands over what opens once', () => {
    const [cabinet, purpose] = opened('shared', 'open');
    expect(purpose).to.equal('once');
    expect(cabinet.compartment(1).holders).to.deep.equal([]);
  });

  it('leaves to its owner what is held for good, and to the guest what is being left', () => {
    const [held, purpose] = opened('held', 'open');
    expect(purpose).to.equal('service');
    expect(held.compartment(1).holders).to.deep.equal(['anna']);
    const [empty] = scene('5.2');
    empty.administer({ input: 'open', compartment: 1 });
    expect(empty.compartment(1).opening, 'nobody has a right to it').to.include({ purpose: 'service' });
    const [filled, filling] = opened('being filled', 'open');
    expect(filling).to.equal('service');
    expect(filled.compartment(1).deposit).to.include({ stage: 'unfinished' });
  });

  it('for service changes nothing for anybody', () => {
    for (const condition of ['held', 'shared', 'stocked', 'with a deposit', 'without a PIN yet'] as const) {
      const before = CONDITIONS[condition]().compartment(1);
      const [cabinet, purpose] = opened(condition, 'service-open');
      expect(purpose, condition).to.equal('service');
      const { holders, deposit, codes, contents } = cabinet.compartment(1);
      expect({ holders, deposit, codes, contents }, condition).to.deep.equal({
        holders: before.holders,
        deposit: before.deposit,
        codes: before.codes,
        contents: before.contents,
      });
    }
  });

  it('that a guest answers meanwhile still hands the deposit over', () => {
    const [cabinet, hall] = scene('4.3');
    hall.deposit();
    cabinet.opens(1);
    cabinet.closes(1);
    cabinet.administer({ input: 'open', compartment: 1 });
    expect(hall.cancel()).to.equal('compartment-in-use');
    expect(hall.code('pin-1')).to.equal('deposit-stored');
    cabinet.opens(1);
    cabinet.closes(1);
    expect(cabinet.compartment(1).occupiedSince).to.equal(undefined);
    expect(hall.collect(1, 'pin-1')).to.equal('wrong-code');
  });

  it('that comes to nothing leaves a fault as it was', () => {
    const cabinet = CONDITIONS['out of order']();
    cabinet.administer({ input: 'open', compartment: 1 });
    cabinet.lapses(1);
    expect(cabinet.compartment(1).outOfOrder).to.equal('door-did-not-open');
  });

  it('that comes to nothing leaves a guest where they were', () => {
    const [cabinet, hall] = scene('4.3');
    hall.deposit();
    cabinet.opens(1);
    cabinet.closes(1);
    cabinet.administer({ input: 'open', compartment: 1 });
    expect(hall.timesOut(), 'an opening under way ends first').to.equal('nothing');
    const { event } = cabinet.lapses(1);
    expect(event?.data).to.not.have.any.keys('next', 'session');
    expect(hall.timesOut()).to.equal('deposit-abandoned');
  });
});

describe('a release', () => {
  it('ends the deposit, its code and its session', () => {
    for (const condition of ['with a deposit', 'without a PIN yet', 'being filled'] as const) {
      const cabinet = CONDITIONS[condition]();
      const deposit = cabinet.compartment(1).deposit?.id;
      const { event } = cabinet.administer({ input: 'release', compartment: 1 });
      expect(event?.data, condition).to.deep.include({ deposit, users: [] });
      expect(cabinet.compartment(1), condition).to.deep.include({ deposit: undefined, codes: [] });
      expect(cabinet.state.sessions.size, condition).to.equal(0);
      expect(cabinet.compartment(1).occupiedSince, condition).to.equal(undefined);
    }
  });

  it('of one compartment leaves the sessions of others', () => {
    const [cabinet, hall] = scene('6.1');
    hall.identify(master('mia'));
    const yard = new PanelUnderTest(cabinet, 'yard');
    yard.identify(master('max'));
    for (const number of [1, 2]) {
      cabinet.opens(number);
      cabinet.closes(number);
    }
    cabinet.administer({ input: 'release', compartment: 1 });
    expect(hall.session).to.equal(undefined);
    expect(yard.prompt).to.equal('choose-recipient');
  });

  it('ends every right and the common code of a shared compartment; a withdrawal ends the code with the last right', () => {
    const released = CONDITIONS.shared();
    released.put(request('assign-code'));
    released.assign(1, 'bert');
    expect(released.administer({ input: 'release', compartment: 1 }).event?.data).to.deep.include({
      users: ['anna', 'bert'],
    });
    expect(released.compartment(1)).to.deep.include({ holders: [], codes: [] });

    const withdrawn = CONDITIONS.shared();
    withdrawn.put(request('assign-code'));
    withdrawn.assign(1, 'bert');
    withdrawn.administer({ input: 'withdraw', compartment: 1, user: 'anna' });
    expect(withdrawn.compartment(1).codes).to.deep.equal([CODE]);
    withdrawn.administer({ input: 'withdraw', compartment: 1, user: 'bert' });
    expect(withdrawn.compartment(1)).to.deep.include({ codes: [], occupiedSince: undefined });
  });

  it('ends a common code that nobody in particular was given', () => {
    const cabinet = CONDITIONS.shared();
    cabinet.administer({ input: 'withdraw', compartment: 1, user: 'anna' });
    cabinet.put(request('assign-code'));
    expect(cabinet.compartment(1).occupiedSince).to.equal(cabinet.now);
    expect(codeOf(cabinet.administer({ input: 'release', compartment: 1 }))).to.equal('done');
    expect(cabinet.compartment(1).occupiedSince).to.equal(undefined);
  });
});
