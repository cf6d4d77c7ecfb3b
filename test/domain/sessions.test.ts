import { expect } from 'chai';
import { CabinetUnderTest, person, setting } from './support/cabinet.ts';
import { leave, master, outcomeOf, PanelUnderTest } from './support/panel.ts';

interface Scene {
  readonly cabinet: CabinetUnderTest;
  readonly hall: PanelUnderTest;
}

function scene(...configured: Parameters<typeof setting>): Scene {
  const cabinet = CabinetUnderTest.ready(setting(...configured));
  return { cabinet, hall: new PanelUnderTest(cabinet) };
}

/** Compartment 1 is opened and closed. */
function closed({ cabinet, hall }: Scene): Scene {
  cabinet.opens(1);
  cabinet.closes(1);
  return { cabinet, hall };
}

/** How a session comes to each of its steps. */
const SCENES = {
  'nobody there': () => scene('4.2'),
  'a guest picks': () => {
    const at = scene('4.2');
    at.hall.deposit();
    return at;
  },
  'a master picks': () => {
    const at = scene('6.2');
    at.hall.identify(master('mia'));
    return at;
  },
  'a second person is awaited': () => {
    const at = scene('2.2', { twoPersons: { userGroups: ['night'] } });
    at.hall.identify(person('anna'));
    return at;
  },
  'a code is asked for': () => {
    const at = scene('6.3');
    at.hall.identify(master('mia'));
    return at;
  },
  'the lock is opening': () => {
    const at = scene('4.3');
    at.hall.deposit();
    return at;
  },
  'the door is open': () => {
    const at = scene('4.3');
    at.hall.deposit();
    at.cabinet.opens(1);
    return at;
  },
  'a recipient is asked for': () => {
    const at = scene('6.1');
    at.hall.identify(master('mia'));
    return closed(at);
  },
  'a PIN is asked for': () => {
    const at = scene('4.3');
    at.hall.deposit();
    return closed(at);
  },
  'a guest takes it back': () => {
    const at = scene('4.3');
    at.hall.deposit();
    closed(at).hall.cancel();
    return at;
  },
  'a guest has it open to take it back': () => {
    const at = scene('4.3');
    at.hall.deposit();
    closed(at).hall.cancel();
    at.cabinet.opens(1);
    return at;
  },
} as const;

/** What may be put to a panel. */
const INPUTS = {
  'pick 2': ({ hall }: Scene) => hall.pick(2),
  'pick 9': ({ hall }: Scene) => hall.pick(9),
  'a PIN': ({ hall }: Scene) => hall.code('pin-1'),
  'a barcode': ({ hall }: Scene) => hall.code('code-1', 'barcode'),
  'a recipient': ({ hall }: Scene) => hall.recipient('rita'),
  cancel: ({ hall }: Scene) => hall.cancel(),
  'time-out': ({ hall }: Scene) => hall.timesOut(),
  'door closes': ({ cabinet }: Scene) => outcomeOf(cabinet.closes(1)),
  'the next one comes': ({ cabinet }: Scene) => {
    const next = new PanelUnderTest(cabinet);
    return cabinet.schema.deposits?.by === 'anybody'
      ? next.deposit()
      : next.identify(master('next', 'night'));
  },
} as const;

type Row = readonly [
  scene: keyof typeof SCENES,
  input: keyof typeof INPUTS,
  outcome: string | number,
  step: string,
];

const UNMOVED = 'answer-unexpected';

/** Each step and each input: what comes of it, and at which step the panel is then. */
const TABLE: readonly Row[] = [
  ['nobody there', 'pick 2', 'session-over', 'none'],
  ['nobody there', 'a PIN', 'session-over', 'none'],
  ['nobody there', 'a recipient', 'session-over', 'none'],
  ['nobody there', 'cancel', 'session-over', 'none'],
  ['nobody there', 'time-out', 'nothing', 'none'],
  ['nobody there', 'the next one comes', 'choose-compartment', 'choose-compartment'],

  ['a guest picks', 'pick 2', 2, 'deposit'],
  ['a guest picks', 'pick 9', 'compartment-taken', 'choose-compartment'],
  ['a guest picks', 'a PIN', UNMOVED, 'choose-compartment'],
  ['a guest picks', 'a recipient', UNMOVED, 'choose-compartment'],
  ['a guest picks', 'cancel', 'session-ended', 'none'],
  ['a guest picks', 'time-out', 'session-ended', 'none'],
  ['a guest picks', 'the next one comes', 'choose-compartment', 'choose-compartment'],

  ['a master picks', 'pick 2', 2, 'deposit'],
  ['a master picks', 'a PIN', UNMOVED, 'choose-compartment'],
  ['a master picks', 'cancel', 'session-ended', 'none'],
  ['a master picks', 'the next one comes', 'choose-compartment', 'choose-compartment'],

  ['a second person is awaited', 'the next one comes', 'second-person', 'second-person'],
  ['a second person is awaited', 'pick 2', UNMOVED, 'second-person'],
  ['a second person is awaited', 'a recipient', UNMOVED, 'second-person'],
  ['a second person is awaited', 'cancel', 'session-ended', 'none'],
  ['a second person is awaited', 'time-out', 'session-ended', 'none'],

  ['a code is asked for', 'a PIN', 'choose-compartment', 'choose-compartment'],
  ['a code is asked for', 'a barcode', 'choose-compartment', 'choose-compartment'],
  ['a code is asked for', 'pick 2', UNMOVED, 'set-code'],
  ['a code is asked for', 'cancel', 'session-ended', 'none'],
  ['a code is asked for', 'time-out', 'session-ended', 'none'],
  ['a code is asked for', 'the next one comes', 'set-code', 'set-code'],

  ['the lock is opening', 'pick 2', UNMOVED, 'deposit'],
  ['the lock is opening', 'a PIN', UNMOVED, 'deposit'],
  ['the lock is opening', 'cancel', 'close-first', 'deposit'],
  ['the lock is opening', 'time-out', 'nothing', 'deposit'],
  ['the lock is opening', 'the next one comes', 2, 'deposit'],

  ['the door is open', 'a PIN', UNMOVED, 'deposit'],
  ['the door is open', 'cancel', 'close-first', 'deposit'],
  ['the door is open', 'door closes', 'door-closed', 'set-pin'],
  ['the door is open', 'time-out', 'deposit-abandoned', 'none'],
  ['the door is open', 'the next one comes', 2, 'deposit'],

  ['a recipient is asked for', 'a recipient', 'set-pin', 'set-pin'],
  ['a recipient is asked for', 'a PIN', UNMOVED, 'choose-recipient'],
  ['a recipient is asked for', 'pick 2', UNMOVED, 'choose-recipient'],
  ['a recipient is asked for', 'cancel', 1, 'deposit'],
  ['a recipient is asked for', 'time-out', 'deposit-abandoned', 'none'],
  ['a recipient is asked for', 'the next one comes', 'panel-busy', 'choose-recipient'],

  ['a PIN is asked for', 'a PIN', 'deposit-stored', 'none'],
  ['a PIN is asked for', 'a barcode', UNMOVED, 'set-pin'],
  ['a PIN is asked for', 'a recipient', UNMOVED, 'set-pin'],
  ['a PIN is asked for', 'pick 2', UNMOVED, 'set-pin'],
  ['a PIN is asked for', 'cancel', 1, 'deposit'],
  ['a PIN is asked for', 'time-out', 'deposit-abandoned', 'none'],
  ['a PIN is asked for', 'the next one comes', 'panel-busy', 'set-pin'],

  ['a guest takes it back', 'a PIN', UNMOVED, 'deposit'],
  ['a guest takes it back', 'cancel', 'close-first', 'deposit'],
  ['a guest takes it back', 'time-out', 'nothing', 'deposit'],
  ['a guest has it open to take it back', 'door closes', 'door-closed', 'none'],
  ['a guest has it open to take it back', 'time-out', 'session-ended', 'none'],
  ['a guest has it open to take it back', 'the next one comes', 2, 'deposit'],
];

describe('a session at a panel', () => {
  for (const [where, input, outcome, step] of TABLE) {
    it(`${where}: ${input} → ${outcome}, then ${step}`, () => {
      const at = SCENES[where]();
      const before = at.cabinet.state;
      expect(INPUTS[input](at)).to.equal(outcome);
      expect(at.hall.session?.step.step ?? 'none').to.equal(step);
      if (outcome === UNMOVED) expect(at.cabinet.state, 'nothing changes').to.equal(before);
    });
  }

  it('is not ended by the time-out of a step that it has left', () => {
    const { cabinet, hall } = SCENES['a guest picks']();
    const { id = '', since = 0 } = hall.session ?? {};
    hall.pick(2);
    cabinet.opens(2);
    cabinet.closes(2);
    expect(outcomeOf(cabinet.put({ input: 'session-expired', session: id, since }))).to.equal('nothing');
    expect(hall.prompt).to.equal('set-pin');
  });

  it('of a person is not answered by another one', () => {
    const { cabinet, hall } = SCENES['a master picks']();
    const session = hall.session?.id ?? '';
    const pick = { input: 'pick', session, compartment: 2, grant: 'g' } as const;
    expect(outcomeOf(cabinet.put({ ...pick, person: master('max') }))).to.equal('session-over');
    expect(outcomeOf(cabinet.put(pick)), 'nor by nobody').to.equal('session-over');
  });

  it('survives a restart between the grant and the door: what may lie inside is asked about', () => {
    const { cabinet, hall } = SCENES['the lock is opening']();
    cabinet.orphans(1);
    expect(hall.prompt).to.equal('set-pin');
    expect(hall.code('pin-1')).to.equal('deposit-stored');
    expect(hall.collect(1, 'pin-1')).to.equal(1);
  });

  it('that waits for another compartment in vain ends without touching what others left there since', () => {
    const { cabinet, hall } = SCENES['the lock is opening']();
    const { id = '' } = hall.session ?? {};
    cabinet.fails(1, 'no-answer');
    const since = cabinet.state.sessions.get(id)?.since ?? 0;
    cabinet.put({ input: 'board', board: 'left', answers: true });
    const yard = new PanelUnderTest(cabinet, 'yard');
    expect(leave(cabinet, yard)).to.equal(1);
    expect(outcomeOf(cabinet.put({ input: 'session-expired', session: id, since }))).to.equal(
      'session-ended',
    );
    expect(cabinet.compartment(1).deposit).to.include({ stage: 'stored' });
  });
});

describe('two people at two panels', () => {
  it('pick the same compartment: the second picks again', () => {
    const { cabinet, hall } = scene('4.2');
    const yard = new PanelUnderTest(cabinet, 'yard');
    hall.deposit();
    yard.deposit();
    expect(yard.offered).to.deep.equal([1, 2, 3, 4]);
    expect(hall.pick(2)).to.equal(2);
    expect(yard.pick(2)).to.equal('compartment-taken');
    expect(yard.offered).to.deep.equal([1, 3, 4]);
    expect(yard.pick(3)).to.equal(3);
  });

  it('deposit at the same time, each with a PIN for their own compartment', () => {
    const { cabinet, hall } = scene('4.3');
    const yard = new PanelUnderTest(cabinet, 'yard');
    expect(hall.deposit()).to.equal(1);
    expect(yard.deposit()).to.equal(2);
    for (const number of [1, 2]) cabinet.opens(number);
    for (const number of [2, 1]) cabinet.closes(number);
    hall.code('pin-hall');
    yard.code('pin-yard');
    expect(cabinet.compartment(1).codes.map(({ id }) => id)).to.deep.equal(['pin-hall']);
    expect(cabinet.compartment(2).codes.map(({ id }) => id)).to.deep.equal(['pin-yard']);
  });

  it('with one card get one compartment', () => {
    const { cabinet, hall } = scene('2.2');
    expect(hall.identify('anna')).to.equal(1);
    expect(new PanelUnderTest(cabinet, 'yard').identify('anna')).to.equal('compartment-in-use');
  });

  it('and one deposit: its PIN opens at one of them', () => {
    const { cabinet, hall } = scene('4.3');
    leave(cabinet, hall);
    expect(hall.collect(1, 'pin')).to.equal(1);
    expect(new PanelUnderTest(cabinet, 'yard').collect(1, 'pin')).to.equal('compartment-in-use');
  });
});

describe('two people at one panel', () => {
  /** Two guests with open doors 1 and 2, and who closed them in which order. */
  function twoOpen(): Scene {
    const at = scene('4.3');
    at.hall.deposit();
    at.cabinet.opens(1);
    at.hall.deposit();
    at.cabinet.opens(2);
    return at;
  }

  it('are asked for their PINs in the order in which they closed their doors', () => {
    const { cabinet, hall } = twoOpen();
    cabinet.closes(2);
    cabinet.closes(1);
    expect(hall.session?.step).to.deep.equal({ step: 'set-pin', compartment: 2 });
    hall.code('pin-2');
    expect(hall.session?.step).to.deep.equal({ step: 'set-pin', compartment: 1 });
    hall.code('pin-1');
    expect(cabinet.compartment(2).codes.map(({ id }) => id)).to.deep.equal(['pin-2']);
  });

  it('have their whole time each: who waits for their turn is not timed out', () => {
    const { cabinet, hall } = twoOpen();
    cabinet.closes(1);
    cabinet.closes(2);
    const [first, second] = [...cabinet.state.sessions.values()];
    const late = { input: 'session-expired', session: second?.id ?? '', since: second?.since ?? 0 } as const;
    expect(outcomeOf(cabinet.put(late))).to.equal('nothing');
    expect(hall.session?.id).to.equal(first?.id);
    expect(hall.timesOut()).to.equal('deposit-abandoned');
    expect(hall.session?.id).to.equal(second?.id);
    expect(hall.timesOut(), 'once it was asked').to.equal('deposit-abandoned');
  });

  it('whoever comes next takes the place of who was asked and has nothing inside', () => {
    const { cabinet, hall } = scene('2.2');
    const picks = { id: 'r', cabinet: 'A', user: 'anna', pick: true };
    expect(hall.identify({ ...person('anna'), rights: [picks] })).to.equal('choose-compartment');
    const replaced = hall.session?.id;
    expect(hall.identify('bert'), 'at once').to.equal(1);
    expect(cabinet.log.at(-1)?.event.data).to.include({ replaces: replaced });
    expect(hall.session).to.equal(undefined);
    hall.identify({ ...person('anna'), rights: [picks] });
    hall.identify({ ...person('carl'), rights: [{ ...picks, user: 'carl' }] });
    expect(hall.session?.person?.user).to.equal('carl');
    expect(cabinet.state.sessions.size).to.equal(1);
  });

  it('are not put out by somebody who is refused', () => {
    const { hall } = scene('6.2');
    hall.identify(master('mia'));
    const asked = hall.session?.id;
    expect(hall.identify('anna')).to.equal('collect-with-code');
    expect(hall.session?.id).to.equal(asked);
  });

  it('who has something inside comes before who has not begun', () => {
    const { cabinet, hall } = scene('4.2');
    hall.deposit();
    hall.pick(1);
    cabinet.opens(1);
    hall.deposit();
    expect(hall.prompt).to.equal('choose-compartment');
    cabinet.closes(1);
    expect(hall.prompt).to.equal('set-pin');
    hall.code('pin-1');
    expect(hall.prompt, 'the other one is asked again').to.equal('choose-compartment');
    expect(hall.pick(2)).to.equal(2);
  });

  it('who picked a compartment whose lock fails does not interrupt who is asked by now', () => {
    const { cabinet, hall } = scene('4.2');
    hall.deposit();
    hall.pick(1);
    hall.deposit();
    const asked = hall.session?.id;
    cabinet.fails(1);
    expect([...cabinet.state.sessions.keys()]).to.deep.equal([asked]);
  });
});
