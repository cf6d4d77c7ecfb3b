import { expect } from 'chai';
import type { CabinetEvents, LockFailure } from '../../domain/cabinet/events.ts';
import type { Decision, Effect } from '../../domain/cabinet/inputs.ts';
import { CabinetUnderTest, person, setting } from './support/cabinet.ts';
import { leave, master, outcomeOf, PanelUnderTest } from './support/panel.ts';

type Scene = readonly [CabinetUnderTest, PanelUnderTest];

function scene(schema: string): Scene {
  const cabinet = CabinetUnderTest.ready(setting(schema));
  return [cabinet, new PanelUnderTest(cabinet)];
}

/** Compartment 1 is being opened, for each purpose and each way to come to it. */
const OPENING = {
  'an own one, held before': () => {
    const [cabinet, hall] = scene('2.2');
    cabinet.uses('anna');
    cabinet.ask('anna');
    return [cabinet, hall] as const;
  },
  'an own one, given with the grant': () => {
    const [cabinet, hall] = scene('2.2');
    hall.identify('anna');
    return [cabinet, hall] as const;
  },
  'an own one, picked': () => {
    const [cabinet, hall] = scene('2.2');
    hall.identify({ ...person('anna'), rights: [{ id: 'r', cabinet: 'A', user: 'anna', pick: true }] });
    hall.pick(1);
    return [cabinet, hall] as const;
  },
  'the one that opens once': () => {
    const [cabinet, hall] = scene('5.2');
    cabinet.assign(1, 'anna');
    cabinet.ask('anna');
    return [cabinet, hall] as const;
  },
  'the first with an item': () => {
    const [cabinet, hall] = scene('3.1');
    for (const compartment of [1, 2, 3])
      cabinet.administer({ input: 'stock', compartment, item: `i${compartment}` });
    hall.identify('anna');
    return [cabinet, hall] as const;
  },
  'the first free one for a return': () => {
    const [cabinet, hall] = scene('3.1');
    cabinet.administer({ input: 'stock', compartment: 4, item: 'i4' });
    cabinet.uses('anna');
    hall.identify('anna');
    return [cabinet, hall] as const;
  },
  'a deposit, chosen by the system': () => {
    const [cabinet, hall] = scene('4.3');
    hall.deposit();
    return [cabinet, hall] as const;
  },
  'a deposit, picked': () => {
    const [cabinet, hall] = scene('4.2');
    hall.deposit();
    hall.pick(1);
    return [cabinet, hall] as const;
  },
  'a deposit of a master, under a code': () => {
    const [cabinet, hall] = scene('6.3');
    hall.identify(master('mia'));
    hall.code('qr-1', 'qr');
    hall.pick(1);
    return [cabinet, hall] as const;
  },
  'a pick-up': () => {
    const [cabinet, hall] = scene('4.3');
    leave(cabinet, hall);
    hall.collect(1, 'pin');
    return [cabinet, hall] as const;
  },
  'what a guest takes back': () => {
    const [cabinet, hall] = scene('4.3');
    hall.deposit();
    cabinet.opens(1);
    cabinet.closes(1);
    hall.cancel();
    return [cabinet, hall] as const;
  },
  'a look inside by an administrator': () => {
    const [cabinet, hall] = scene('2.2');
    cabinet.administer({ input: 'open', compartment: 1 });
    return [cabinet, hall] as const;
  },
} as const;

interface Row {
  readonly opening: keyof typeof OPENING;
  /** Where the lock fails: what comes of it. */
  readonly asksAgain: boolean;
  /** Where the grant expires unused. */
  readonly freed: boolean;
  readonly next: string | undefined;
  /** Where the gateway was started again, and the door is closed. */
  readonly afterRestart: string | undefined;
  /** Whether somebody or something is in it afterwards: after an expiry, and after a restart. */
  readonly taken: readonly [expired: boolean, restarted: boolean];
}

const TABLE: readonly Row[] = [
  {
    opening: 'an own one, held before',
    asksAgain: false,
    freed: false,
    next: undefined,
    afterRestart: undefined,
    taken: [true, true],
  },
  {
    opening: 'an own one, given with the grant',
    asksAgain: true,
    freed: true,
    next: undefined,
    afterRestart: undefined,
    taken: [false, true],
  },
  {
    opening: 'an own one, picked',
    asksAgain: false,
    freed: true,
    next: undefined,
    afterRestart: undefined,
    taken: [false, true],
  },
  {
    opening: 'the one that opens once',
    asksAgain: false,
    freed: false,
    next: undefined,
    afterRestart: undefined,
    taken: [true, true],
  },
  {
    opening: 'the first with an item',
    asksAgain: true,
    freed: false,
    next: undefined,
    afterRestart: undefined,
    taken: [true, true],
  },
  {
    opening: 'the first free one for a return',
    asksAgain: true,
    freed: false,
    next: undefined,
    afterRestart: undefined,
    taken: [false, false],
  },
  {
    opening: 'a deposit, chosen by the system',
    asksAgain: true,
    freed: true,
    next: undefined,
    afterRestart: 'set-pin',
    taken: [false, true],
  },
  {
    opening: 'a deposit, picked',
    asksAgain: false,
    freed: true,
    next: 'choose-compartment',
    afterRestart: 'set-pin',
    taken: [false, true],
  },
  {
    opening: 'a deposit of a master, under a code',
    asksAgain: false,
    freed: true,
    next: 'choose-compartment',
    afterRestart: undefined,
    taken: [false, true],
  },
  {
    opening: 'a pick-up',
    asksAgain: false,
    freed: false,
    next: undefined,
    afterRestart: undefined,
    taken: [true, true],
  },
  {
    opening: 'what a guest takes back',
    asksAgain: false,
    freed: false,
    next: 'set-pin',
    afterRestart: 'set-pin',
    taken: [true, true],
  },
  {
    opening: 'a look inside by an administrator',
    asksAgain: false,
    freed: false,
    next: undefined,
    afterRestart: undefined,
    taken: [false, false],
  },
];

type Ended = CabinetEvents['grant-lapsed'] | CabinetEvents['unlock-failed'];

function end({ event }: Decision): Ended {
  if (event?.type === 'grant-lapsed' || event?.type === 'unlock-failed') return event.data;
  return expect.fail(`${event?.type} instead of the end of a grant`);
}

/** Carries out `ask-again`, as the gateway does. */
function askedAgain(
  cabinet: CabinetUnderTest,
  effects: readonly Effect[],
  grant: string,
): Decision | undefined {
  const again = effects.find((effect) => effect.effect === 'ask-again');
  if (!again) return undefined;
  const { replacing } = again;
  const { user } = replacing;
  const who = user === undefined ? undefined : user === 'mia' ? master(user) : person(user, 'night');
  return cabinet.put({ input: 'access-again', ...(who && { person: who }), grant, replacing });
}

for (const { opening, asksAgain, freed, next, afterRestart, taken } of TABLE) {
  describe(`an opening of ${opening}`, () => {
    for (const cause of ['no-answer', 'door-did-not-open'] satisfies LockFailure[]) {
      it(`that fails (${cause}) goes out of order${asksAgain ? ', and another one is asked for' : ''}`, () => {
        const [cabinet, hall] = OPENING[opening]();
        const decision = cabinet.fails(1, cause);
        expect(end(decision)).to.include({ cause, attempts: 3, outOfOrder: true, freed });
        expect(cabinet.compartment(1)).to.include({ outOfOrder: cause, opening: undefined });
        expect(cabinet.compartment(1).occupiedSince !== undefined, 'taken').to.equal(taken[0]);
        expect(decision.effects.length > 0).to.equal(asksAgain);
        if (asksAgain) {
          const again = askedAgain(cabinet, decision.effects, 'again');
          expect(again?.event?.data).to.include({ insteadOf: 1, replaced: 1 });
        } else {
          expect(hall.session?.step.step).to.equal(next);
        }
      });
    }

    it(`that lapses ${freed ? 'gives back what came with it' : 'leaves everything as it was'}`, () => {
      const [cabinet, hall] = OPENING[opening]();
      expect(end(cabinet.lapses(1))).to.include({ cause: 'expired', freed });
      expect(cabinet.compartment(1)).to.include({ opening: undefined, outOfOrder: undefined });
      expect(cabinet.compartment(1).occupiedSince !== undefined, 'taken').to.equal(taken[0]);
      expect(hall.session?.step.step).to.equal(next);
    });

    it('that a restart interrupted takes nothing from anybody: the door may have been open', () => {
      const [cabinet, hall] = OPENING[opening]();
      expect(end(cabinet.orphans(1))).to.include({ cause: 'restart', freed: false });
      expect(cabinet.compartment(1).occupiedSince !== undefined, 'taken').to.equal(taken[1]);
      expect(hall.session?.step.step).to.equal(afterRestart);
    });
  });
}

describe('a compartment in place of one that failed', () => {
  it('is the next one that the schema chooses, for what the first one was for', () => {
    const expected: Partial<Record<keyof typeof OPENING, number>> = {
      'an own one, given with the grant': 2,
      'the first with an item': 2,
      'the first free one for a return': 2,
      'a deposit, chosen by the system': 2,
    };
    for (const [opening, number] of Object.entries(expected)) {
      const [cabinet] = OPENING[opening as keyof typeof OPENING]();
      const { purpose } = cabinet.compartment(1).opening ?? {};
      const again = askedAgain(cabinet, cabinet.fails(1).effects, 'again');
      expect(again && outcomeOf(again), opening).to.equal(number);
      expect(again?.event?.data, opening).to.include({ purpose });
    }
  });

  it('is on another board where the first one did not answer', () => {
    const [cabinet] = OPENING['a deposit, chosen by the system']();
    const again = askedAgain(cabinet, cabinet.fails(1, 'no-answer').effects, 'again');
    expect(again && outcomeOf(again)).to.equal(3);
  });

  it('goes on with the session of a deposit, at its panel', () => {
    const [cabinet, hall] = OPENING['a deposit, chosen by the system']();
    const id = hall.session?.id;
    askedAgain(cabinet, cabinet.fails(1).effects, 'again');
    expect(hall.session).to.deep.include({ id, step: { step: 'deposit', compartment: 2 } });
    cabinet.opens(2);
    cabinet.closes(2);
    expect(hall.code('pin-1')).to.equal('deposit-stored');
  });

  it('is the next free one for those who may pick, where a flow could not ask them', () => {
    const [cabinet] = scene('2.2');
    const picks = { id: 'r', cabinet: 'A', user: 'anna', pick: true };
    const anna = { ...person('anna'), rights: [picks] };
    cabinet.put({ input: 'access', person: anna, grant: 'g' });
    const [again] = cabinet.fails(1).effects;
    if (again?.effect !== 'ask-again') return expect.fail('no other compartment was asked for');
    const { replacing } = again;
    expect(
      outcomeOf(cabinet.put({ input: 'access-again', person: anna, grant: 'again', replacing })),
    ).to.equal(2);
  });

  it('is still that of the master who began, with the card that they held', () => {
    const [cabinet, hall] = scene('6.1');
    hall.identify(master('mia'));
    askedAgain(cabinet, cabinet.fails(1).effects, 'again');
    expect(hall.session?.person).to.deep.equal({ user: 'mia', credential: 'card-of-mia', reader: 'r1' });
    expect(cabinet.compartment(2).deposit).to.include({ by: 'mia' });
  });

  it('is sought twice; the third failure in a row ends with the session', () => {
    const [cabinet, hall] = OPENING['a deposit, chosen by the system']();
    for (const number of [1, 2]) {
      const again = askedAgain(cabinet, cabinet.fails(number).effects, `again-${number}`);
      expect(again && outcomeOf(again)).to.equal(number + 1);
    }
    expect(cabinet.fails(3).effects).to.deep.equal([]);
    expect(hall.session).to.equal(undefined);
  });

  it('that is not there ends the session with words, on record', () => {
    const [cabinet, hall] = scene('4.3');
    for (const number of [1, 2, 3]) cabinet.administer({ input: 'block', compartment: number });
    expect(hall.deposit()).to.equal(4);
    const again = askedAgain(cabinet, cabinet.fails(4).effects, 'again');
    expect(again?.refusal).to.deep.equal({ code: 'lock-failed', values: { compartment: 4 } });
    expect(again?.event?.data).to.include({ reason: 'lock-failed', compartment: 4, panel: 'hall' });
    expect(hall.session).to.equal(undefined);
  });

  it('is not held back by the wait of anti-passback: nothing has opened yet', () => {
    const antiPassback = { closeFirst: true, waitFor: 600_000 };
    const cabinet = CabinetUnderTest.ready(setting('2.2', { antiPassback }));
    cabinet.ask('anna');
    const again = askedAgain(cabinet, cabinet.fails(1).effects, 'again');
    expect(again && outcomeOf(again)).to.equal(2);
  });

  it('is not given to somebody whose right has ended meanwhile', () => {
    const [cabinet] = OPENING['an own one, given with the grant']();
    const { effects } = cabinet.fails(1);
    const again = effects.find((effect) => effect.effect === 'ask-again');
    if (!again) return expect.fail('no other compartment was asked for');
    const over = { id: 'r', cabinet: 'A', user: 'anna', validUntil: cabinet.now };
    const anna = { ...person('anna'), rights: [over] };
    const decision = cabinet.put({
      input: 'access-again',
      person: anna,
      grant: 'again',
      replacing: again.replacing,
    });
    expect(decision.refusal?.code).to.equal('lock-failed');
  });
});

describe('after a lock failed', () => {
  it('a pick-up may be tried again once the compartment is back in service: its code is worth as much as before', () => {
    const [cabinet, hall] = OPENING['a pick-up']();
    cabinet.fails(1);
    expect(hall.collect(1, 'pin')).to.equal('compartment-out-of-order');
    cabinet.administer({ input: 'return-to-service', compartment: 1 });
    expect(hall.collect(1, 'pin')).to.equal(1);
  });

  it('an item that was picked is picked anew: nothing is lent', () => {
    const [cabinet, hall] = scene('3.2');
    for (const compartment of [3, 4])
      cabinet.administer({ input: 'stock', compartment, item: `i${compartment}` });
    hall.identify(person('anna', 'night'));
    hall.pick(3);
    expect(cabinet.fails(3).effects).to.deep.equal([]);
    expect(cabinet.state.loans).to.deep.equal([]);
    expect(hall.identify(person('anna', 'night'))).to.equal('choose-compartment');
    expect(hall.offered).to.deep.equal([4]);
  });
});
