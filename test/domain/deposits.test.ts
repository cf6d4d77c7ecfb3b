import { expect } from 'chai';
import { FIRST_LOCKOUT, FREE_TRIES } from '../../domain/attempts.ts';
import { codeLockout, dueNext } from '../../domain/cabinet/deposits.ts';
import { CabinetUnderTest, setting } from './support/cabinet.ts';
import { leave, master, outcomeOf, PanelUnderTest } from './support/panel.ts';

const HOUR = 3_600_000;

function scene(schema: string, overdueAfter?: number): [CabinetUnderTest, PanelUnderTest] {
  const change = overdueAfter === undefined ? {} : { overdueAfter };
  const cabinet = CabinetUnderTest.ready(setting(schema, change));
  return [cabinet, new PanelUnderTest(cabinet)];
}

/** A deposit of mia's for rita in compartment 1. */
function mailed(): [CabinetUnderTest, PanelUnderTest] {
  const [cabinet, hall] = scene('6.1');
  hall.identify(master('mia'));
  cabinet.opens(1);
  cabinet.closes(1);
  hall.recipient('rita');
  hall.code('pin-1');
  return [cabinet, hall];
}

function mail(cabinet: CabinetUnderTest, outcome: 'sent' | 'deferred' | 'refused', deposit?: string) {
  return cabinet.put({
    input: 'mail-outcome',
    compartment: 1,
    deposit: deposit ?? cabinet.compartment(1).deposit?.id ?? '',
    outcome,
    session: 'asked-again',
  });
}

describe('the mail about a deposit', () => {
  it('that is sent is noted, once', () => {
    const [cabinet, hall] = mailed();
    expect(outcomeOf(mail(cabinet, 'sent'))).to.equal('deposit-mail');
    expect(cabinet.compartment(1).deposit).to.include({ mail: 'sent', stage: 'stored' });
    expect(outcomeOf(mail(cabinet, 'sent'))).to.equal('nothing');
    expect(hall.session).to.equal(undefined);
  });

  it('that is deferred and then sent keeps its PIN all the while', () => {
    const [cabinet, hall] = mailed();
    expect(outcomeOf(mail(cabinet, 'deferred'))).to.equal('deposit-mail');
    expect(outcomeOf(mail(cabinet, 'deferred')), 'still').to.equal('nothing');
    expect(outcomeOf(mail(cabinet, 'sent'))).to.equal('deposit-mail');
    expect(hall.collect(1, 'pin-1')).to.equal(1);
  });

  it('that is refused at once asks the master again, at the panel where it was left', () => {
    const [cabinet, hall] = mailed();
    const { event } = mail(cabinet, 'refused');
    expect(event?.data).to.have.nested.property('session.panel', 'hall');
    expect(event?.data).to.have.nested.property('session.person.user', 'mia');
    expect(hall.session).to.deep.include({
      id: 'asked-again',
      step: { step: 'choose-recipient', compartment: 1 },
    });
    expect(cabinet.compartment(1)).to.deep.include({ codes: [] });
    expect(hall.cancel(), 'or takes it back').to.equal(1);
  });

  it('that is refused later is for the administrator: the master has gone, and the PIN stays', () => {
    for (const earlier of ['deferred', 'sent'] as const) {
      const [cabinet, hall] = mailed();
      mail(cabinet, earlier);
      expect(mail(cabinet, 'refused').event?.data, earlier).to.not.have.property('session');
      expect(cabinet.compartment(1).deposit, earlier).to.include({ mail: 'refused', stage: 'stored' });
      expect(hall.session, earlier).to.equal(undefined);
      expect(hall.collect(1, 'pin-1'), earlier).to.equal(1);
    }
  });

  it('that is refused while somebody collects takes nothing out of their hands', () => {
    const [cabinet, hall] = mailed();
    hall.collect(1, 'pin-1');
    expect(mail(cabinet, 'refused').event?.data).to.not.have.property('session');
    cabinet.opens(1);
    cabinet.closes(1);
    expect(cabinet.compartment(1).deposit).to.equal(undefined);
  });

  it('that is refused while the panel asks the next master lets that one finish', () => {
    const [cabinet, hall] = mailed();
    hall.identify(master('max'));
    cabinet.opens(2);
    cabinet.closes(2);
    const asked = hall.session?.id;
    mail(cabinet, 'refused');
    expect(hall.session?.id).to.equal(asked);
    hall.recipient('rolf');
    hall.code('pin-2');
    expect(hall.session?.id).to.equal('asked-again');
  });

  it('of a deposit that is not there any more, or was never mailed, says nothing', () => {
    const [cabinet, hall] = mailed();
    expect(outcomeOf(mail(cabinet, 'refused', 'another'))).to.equal('nothing');
    hall.collect(1, 'pin-1');
    cabinet.opens(1);
    cabinet.closes(1);
    expect(outcomeOf(mail(cabinet, 'refused', 'grant-hall-1'))).to.equal('nothing');
    const [guests, panel] = scene('4.3');
    leave(guests, panel);
    expect(outcomeOf(mail(guests, 'sent'))).to.equal('nothing');
  });

  it('about another recipient is asked about anew, as often as it is refused', () => {
    const [cabinet, hall] = mailed();
    for (const recipient of ['rolf', 'rosa']) {
      mail(cabinet, 'refused');
      expect(hall.recipient(recipient)).to.equal('set-pin');
      expect(hall.code(`pin-for-${recipient}`)).to.equal('deposit-stored');
    }
    expect(hall.collect(1, 'pin-for-rolf')).to.equal('wrong-code');
    expect(hall.collect(1, 'pin-for-rosa')).to.equal(1);
  });
});

describe('overdue', () => {
  const check = (cabinet: CabinetUnderTest) => outcomeOf(cabinet.put({ input: 'overdue-check' }));

  it('is a deposit that nobody collected in time; it is said once', () => {
    const [cabinet, hall] = scene('4.3', HOUR);
    leave(cabinet, hall);
    const since = cabinet.compartment(1).deposit?.since ?? 0;
    expect(dueNext(cabinet.state)).to.include({ at: since + HOUR, compartment: 1 });
    cabinet.now = since + HOUR - 2_000;
    expect(check(cabinet), 'a second early').to.equal('nothing');
    expect(check(cabinet)).to.equal('overdue');
    expect(cabinet.log.at(-1)?.event.data).to.deep.equal({ compartment: 1, deposit: 'grant-hall-2' });
    expect(cabinet.compartment(1).deposit).to.include({ overdue: true });
    expect(check(cabinet)).to.equal('nothing');
    expect(dueNext(cabinet.state)).to.equal(undefined);
  });

  it('is an item that was not returned in time, and who has it; the earliest comes first', () => {
    const [cabinet] = scene('3.1', HOUR);
    for (const compartment of [1, 2])
      cabinet.administer({ input: 'stock', compartment, item: `i${compartment}` });
    cabinet.uses('anna');
    cabinet.uses('bert');
    expect(dueNext(cabinet.state)).to.include({ user: 'anna', item: 'i1' });
    cabinet.now += 2 * HOUR;
    expect(check(cabinet)).to.equal('overdue');
    expect(cabinet.log.at(-1)?.event.data).to.deep.equal({ compartment: 1, user: 'anna', item: 'i1' });
    expect(check(cabinet)).to.equal('overdue');
    expect(cabinet.log.at(-1)?.event.data).to.include({ user: 'bert' });
    expect(check(cabinet)).to.equal('nothing');
    expect(cabinet.state.loans.map(({ overdue }) => overdue)).to.deep.equal([true, true]);
  });

  it('names the recipient of a deposit', () => {
    const [cabinet] = mailed();
    cabinet.put({ input: 'configure', setting: setting('6.1', { overdueAfter: HOUR }) });
    cabinet.now += 2 * HOUR;
    check(cabinet);
    expect(cabinet.log.at(-1)?.event.data).to.include({ user: 'rita' });
  });

  it('is nothing that is still being left, nothing where no time is set, nothing after a clock that was set back', () => {
    const [cabinet, hall] = scene('4.3', HOUR);
    hall.deposit();
    expect(dueNext(cabinet.state)).to.equal(undefined);
    const [never, yard] = scene('4.3');
    leave(never, yard);
    never.now += 1_000 * HOUR;
    expect(check(never)).to.equal('nothing');
    const [back, gate] = scene('4.3', HOUR);
    leave(back, gate);
    back.now -= HOUR;
    expect(check(back)).to.equal('nothing');
  });
});

describe('wrong codes', () => {
  /** Wrong codes for a compartment, each at a panel of its own where `panel` is left out. */
  function wrong(
    cabinet: CabinetUnderTest,
    times: number,
    compartment: number,
    panel?: PanelUnderTest,
  ): void {
    for (let time = 1; time <= times; time += 1) {
      const where = panel ?? new PanelUnderTest(cabinet, `panel-${time}`);
      expect(where.collect(compartment), `wrong code ${time}`).to.equal('wrong-code');
    }
  }

  it('at one reader make it wait, whatever the compartment, and no other reader', () => {
    const [cabinet, hall] = scene('4.3');
    leave(cabinet, hall);
    for (const compartment of [2, 3, 4, 99]) wrong(cabinet, 1, compartment, hall);
    wrong(cabinet, FREE_TRIES - 4, 2, hall);
    expect(hall.collect(1, 'pin'), 'the right one').to.equal('too-many-attempts');
    expect(new PanelUnderTest(cabinet, 'yard').collect(1, 'pin')).to.equal(1);
  });

  it('for one compartment make it wait, whatever the reader, and no other compartment', () => {
    const [cabinet, hall] = scene('4.3');
    leave(cabinet, hall, 'pin-1');
    leave(cabinet, hall, 'pin-2');
    wrong(cabinet, FREE_TRIES, 1);
    const yard = new PanelUnderTest(cabinet, 'yard');
    expect(yard.collect(1, 'pin-1')).to.equal('too-many-attempts');
    expect(cabinet.log.at(-1)?.event.data).to.deep.include({ reason: 'too-many-attempts', compartment: 1 });
    expect(yard.collect(2, 'pin-2')).to.equal(2);
  });

  it('wait longer with each further one, are told in seconds, and do not count while they wait', () => {
    const [cabinet, hall] = scene('4.3');
    leave(cabinet, hall);
    wrong(cabinet, FREE_TRIES, 1, hall);
    const last = cabinet.now;
    expect(codeLockout(cabinet.state, 'hall', 1, last)).to.deep.equal({
      code: 'too-many-attempts',
      values: { seconds: FIRST_LOCKOUT / 1_000 },
    });
    expect(hall.collect(1)).to.equal('too-many-attempts');
    expect(cabinet.compartment(1).wrongCodes).to.include({ count: FREE_TRIES });
    cabinet.now = last + FIRST_LOCKOUT - 1_000;
    expect(hall.collect(1), 'to the second').to.equal('wrong-code');
    expect(codeLockout(cabinet.state, 'hall', 1, cabinet.now)?.values).to.deep.equal({
      seconds: (2 * FIRST_LOCKOUT) / 1_000,
    });
  });

  it('for a compartment that is not there are on record without it', () => {
    const [cabinet, hall] = scene('4.3');
    hall.collect(99);
    expect(cabinet.log.at(-1)?.event.data).to.deep.equal({
      reason: 'wrong-code',
      reader: 'hall',
      panel: 'hall',
    });
  });

  it('are forgotten for the compartment once the right one opened, and one of them at the panel', () => {
    const [cabinet, hall] = scene('4.3');
    leave(cabinet, hall);
    wrong(cabinet, FREE_TRIES - 1, 1, hall);
    expect(hall.collect(1, 'pin')).to.equal(1);
    expect(cabinet.compartment(1).wrongCodes).to.equal(undefined);
    expect(cabinet.state.wrongTries.get('hall')).to.include({ count: FREE_TRIES - 2 });
  });

  it('of one deposit do not keep the next one waiting', () => {
    const [cabinet, hall] = scene('4.3');
    leave(cabinet, hall);
    wrong(cabinet, FREE_TRIES, 1);
    cabinet.administer({ input: 'release', compartment: 1 });
    leave(cabinet, hall, 'pin-2');
    expect(hall.collect(1, 'pin-2')).to.equal(1);
  });

  it('for a compartment that was empty do not keep the code waiting that a master gives it', () => {
    const [cabinet, hall] = scene('6.3');
    wrong(cabinet, FREE_TRIES, 1);
    hall.identify(master('mia'));
    hall.code('qr-1', 'qr');
    hall.pick(1);
    cabinet.opens(1);
    cabinet.closes(1);
    expect(hall.collect(1, 'qr-1')).to.equal(1);
  });

  it('while a deposit is being left do not keep its PIN waiting', () => {
    const [cabinet, hall] = scene('4.3');
    hall.deposit();
    cabinet.opens(1);
    wrong(cabinet, FREE_TRIES, 1);
    cabinet.closes(1);
    hall.code('pin');
    expect(hall.collect(1, 'pin')).to.equal(1);
  });

  it('do not keep the common code waiting that an administrator gives', () => {
    const [cabinet, hall] = scene('5.2');
    wrong(cabinet, FREE_TRIES, 1);
    cabinet.administer({
      input: 'assign-code',
      compartment: 1,
      code: { id: 'shared', kind: 'pin', verifier: 'd' },
    });
    expect(hall.collect(1, 'shared')).to.equal(1);
  });

  it('lock nobody out after a clock that was set back an hour, and count from there', () => {
    const [cabinet, hall] = scene('4.3');
    leave(cabinet, hall);
    wrong(cabinet, FREE_TRIES, 1, hall);
    cabinet.now -= HOUR;
    expect(hall.collect(1), 'one more try').to.equal('wrong-code');
    expect(hall.collect(1, 'pin'), 'and that one counts').to.equal('too-many-attempts');
  });
});

describe('a fault', () => {
  it('is on record, from whom and where, and changes nothing by itself', () => {
    const [cabinet] = scene('4.3');
    const before = cabinet.state;
    const fault = { input: 'report-fault', compartment: 1, fault: 'dirty', panel: 'hall' } as const;
    expect(cabinet.put(fault).event).to.deep.equal({
      type: 'fault-reported',
      actor: { kind: 'guest', id: 'hall' },
      data: { compartment: 1, fault: 'dirty', panel: 'hall' },
    });
    cabinet.put({ ...fault, user: 'anna' });
    expect(cabinet.log.at(-1)?.event).to.deep.include({ actor: { kind: 'user', id: 'anna' } });
    expect(outcomeOf(cabinet.put({ ...fault, compartment: 99 }))).to.equal('compartment-unknown');
    expect(cabinet.state).to.equal(before);
  });
});
