import { expect } from 'chai';
import { FIRST_LOCKOUT, FREE_TRIES } from '../../../domain/attempts.ts';
import type { PanelView, Refused } from '../../../gateway/api.ts';
import { eventually } from '../../support/eventually.ts';
import { card, GatewayAtWork, shownCode } from '../support/gateway-at-work.ts';
import { StoredLog } from '../support/stored-log.ts';

const PANELS = [
  { id: 'left', name: 'Left panel', cabinet: 'A' },
  { id: 'right', name: 'Right panel', cabinet: 'A' },
];

describe('undefined users at a panel', () => {
  let stored: StoredLog;
  let work: GatewayAtWork;

  before(async () => {
    stored = await StoredLog.open();
  });

  after(() => stored.remove());

  const start = async (schema: string): Promise<void> => {
    work = await GatewayAtWork.start(stored, { cabinet: { schema }, panels: PANELS });
  };

  afterEach(async () => {
    stored.fault = 'none';
    await work.stop();
    await stored.renew();
  });

  /** Deposits in the compartment that is picked, or the first free one, and sets the PIN. */
  const deposit = async (panel: string, pin: string, compartment?: number): Promise<number> => {
    let view = await work.answer(panel, { answer: 'deposit' });
    if (compartment !== undefined) view = await work.answer(panel, { answer: 'compartment', compartment });
    const opened = 'ok' in view ? 0 : Number(view.prompt.values['compartment']);
    await stored.pass(500);
    await work.closeDoor(opened);
    await work.answer(panel, { answer: 'scan', scan: { kind: 'pin', value: pin } });
    return opened;
  };

  /** What hashes a code first takes as long as this computer needs, whatever the clock of the test says. */
  const doorOpens = (compartment: number): Promise<void> =>
    stored.until(
      eventually(`door ${compartment} is open`, () => work.compartment(compartment).door === 'open'),
    );

  const collect = (panel: string, compartment: number, pin: string): Promise<PanelView | Refused> =>
    work.answer(panel, { answer: 'collect', compartment, pin });

  it('pick a free compartment, set a PIN after closing, and collect once (4.2)', async () => {
    await start('4.2');
    expect(work.prompt('left')).to.equal('deposit-or-collect');
    const asked = (await work.answer('left', { answer: 'deposit' })) as PanelView;
    expect(asked.prompt).to.deep.include({ code: 'choose-compartment', compartments: [1, 2, 3, 4] });
    expect(shownCode(await work.answer('left', { answer: 'compartment', compartment: 3 }))).to.equal(
      'put-in-and-close',
    );
    await stored.pass(500);
    expect(work.compartment(3).door).to.equal('open');
    await work.closeDoor(3);
    const setPin = work.gateway.panel('left');
    expect(setPin?.prompt).to.deep.include({ code: 'set-pin', pin: { least: 4, most: 16 } });
    expect(setPin?.text.pl).to.equal('Ustaw dla skrytki 3 PIN o długości od 4 do 16 cyfr.');
    expect(
      shownCode(await work.answer('left', { answer: 'scan', scan: { kind: 'pin', value: '123' } })),
    ).to.equal('pin-length');
    await work.answer('left', { answer: 'scan', scan: { kind: 'pin', value: '4321' } });
    expect(work.gateway.panel('left')?.notice).to.deep.include({
      code: 'stored',
      values: { compartment: 3 },
    });
    expect(work.status(3)).to.equal('occupied');

    expect(shownCode(await collect('right', 3, '1234'))).to.equal('wrong-code');
    expect(shownCode(await collect('right', 2, '4321'))).to.equal('wrong-code');
    expect(shownCode(await collect('right', 3, '4321'))).to.equal('deposit-or-collect');
    expect(work.gateway.panel('right')?.notice?.code).to.equal('take-out-and-close');
    await stored.pass(500);
    expect(work.compartment(3).door).to.equal('open');
    await work.closeDoor(3);
    expect(work.gateway.panel('right')?.notice?.code).to.equal('collected');
    expect(work.status(3)).to.equal('free');
    expect(shownCode(await collect('right', 3, '4321'))).to.equal('wrong-code');
  });

  it('leave no PIN behind: not in the log, not in a snapshot, not in what a panel shows', async () => {
    await start('4.3');
    await deposit('left', '90817263');
    const shown = JSON.stringify([
      work.gateway.panel('left'),
      await stored.events('cabinet/A'),
      work.cabinet,
    ]);
    expect(shown).to.include('$argon2id$').and.not.include('90817263');
  });

  it('are given the first free one (4.3), or the first free one of their group (4.4)', async () => {
    await start('4.3');
    expect(await deposit('left', '1111')).to.equal(1);
    expect(await deposit('right', '1111')).to.equal(2);
    await work.stop();
    await stored.renew();
    work = await GatewayAtWork.start(stored, {
      cabinet: { schema: '4.4', groups: [{ id: 'guests', compartments: '3-4', userGroups: [] }] },
      panels: PANELS,
    });
    expect(await deposit('left', '1111')).to.equal(3);
    expect(await deposit('left', '1111')).to.equal(4);
    expect(shownCode(await work.answer('left', { answer: 'deposit' }))).to.equal('no-free-compartment');
  });

  it('work at two panels at once without getting into each other’s way', async () => {
    await start('4.2');
    await work.answer('left', { answer: 'deposit' });
    await work.answer('right', { answer: 'deposit' });
    const both = await Promise.all([
      work.gateway.answer('left', { answer: 'compartment', compartment: 2 }),
      work.gateway.answer('right', { answer: 'compartment', compartment: 2 }),
    ]);
    expect(both.filter(({ ok }) => ok)).to.have.length(1);
    expect(both.flatMap((each) => (each.ok ? [] : [each.refusal.code]))).to.deep.equal(['compartment-taken']);
    const loser = both[0]?.ok ? 'right' : 'left';
    expect(work.gateway.panel(loser)?.prompt.compartments).to.deep.equal([1, 3, 4]);
    expect(shownCode(await work.answer(loser, { answer: 'compartment', compartment: 4 }))).to.equal(
      'put-in-and-close',
    );
    await stored.pass(500);
    expect([2, 4].map((number) => work.compartment(number).door)).to.deep.equal(['open', 'open']);
  });

  it('find the panel where they were after a crash in the middle', async () => {
    await start('4.3');
    await work.answer('left', { answer: 'deposit' });
    await stored.pass(500);
    await work.closeDoor(1);
    expect(work.prompt('left')).to.equal('set-pin');
    await work.crash();
    await work.report();
    expect(work.prompt('left')).to.equal('set-pin');
    await work.answer('left', { answer: 'scan', scan: { kind: 'pin', value: '2468' } });
    await collect('right', 1, '2468');
    await stored.pass(500);
    expect(work.compartment(1).door).to.equal('open');
  });

  it('whose door was open when the power failed are asked for the PIN once it is closed', async () => {
    await start('4.3');
    await work.answer('left', { answer: 'deposit' });
    await stored.pass(500);
    expect(work.compartment(1).door).to.equal('open');
    await work.crash((board) => board.moveUnseen(4, 'closed'));
    await work.report();
    expect(work.prompt('left')).to.equal('set-pin');
  });

  it('who walk away with the door open: an alarm, then nobody is given the compartment unseen', async () => {
    await start('4.3');
    await work.answer('left', { answer: 'deposit' });
    await work.reaches(() => work.compartment(1).door === 'left-open', 25_000);
    expect(work.prompt('left')).to.equal('put-in-and-close');
    await work.reaches(() => work.status(1) === 'blocked', 600_000);
    expect((await work.types()).slice(-1)).to.deep.equal(['deposit-abandoned']);
    await work.closeDoor(1);
    expect(work.status(1)).to.equal('blocked');
    expect(work.compartment(1).deposit).to.equal(undefined);
    expect(work.prompt('left')).to.equal('deposit-or-collect');
    expect(await deposit('left', '5555')).to.equal(2);
  });

  it('who never set a PIN: the compartment is blocked until somebody has looked inside', async () => {
    await start('4.3');
    await work.answer('left', { answer: 'deposit' });
    await stored.pass(500);
    await work.closeDoor(1);
    await work.reaches(() => work.status(1) === 'blocked', 65_000);
    expect(await work.last()).to.deep.include({ compartment: 1, cause: 'no-code', panel: 'left' });
    expect(work.status(1)).to.equal('blocked');
    expect(work.gateway.panel('left')?.notice?.code).to.equal('abandoned');
  });

  it('who had to wait for somebody else at the panel have all of their time from when they are asked', async () => {
    await start('4.3');
    await work.answer('left', { answer: 'deposit' });
    await work.answer('left', { answer: 'deposit' });
    await stored.pass(500);
    await work.closeDoor(1);
    await work.closeDoor(2);
    await stored.clock.advance(50_000);
    await work.answer('left', { answer: 'scan', scan: { kind: 'pin', value: '1111' } });
    const { prompt, until } = work.gateway.panel('left') ?? {};
    expect(prompt).to.deep.include({ code: 'set-pin' });
    expect(prompt?.values).to.include({ compartment: 2 });
    expect(until).to.be.closeTo(stored.clock.now() + 60_000, 1_000);
    await stored.clock.advance(50_000);
    expect(work.status(2)).to.equal('occupied');
    expect(
      shownCode(await work.answer('left', { answer: 'scan', scan: { kind: 'pin', value: '2222' } })),
    ).to.equal('deposit-or-collect');
  });

  it('who change their mind take back what they left', async () => {
    await start('4.3');
    await work.answer('left', { answer: 'deposit' });
    await stored.pass(500);
    await work.closeDoor(1);
    expect(shownCode(await work.answer('left', { answer: 'cancel' }))).to.equal('take-out-and-close');
    await stored.pass(500);
    expect(work.compartment(1).door).to.equal('open');
    await work.closeDoor(1);
    expect(work.status(1)).to.equal('free');
    expect(work.prompt('left')).to.equal('deposit-or-collect');
  });

  it('are locked out after wrong codes, at the panel and for the compartment, across a restart', async () => {
    await start('4.3');
    await deposit('left', '7777');
    for (let tries = 0; tries < FREE_TRIES; tries += 1) await collect('left', 1, '0000');
    expect(shownCode(await collect('left', 1, '7777'))).to.equal('too-many-attempts');
    expect(shownCode(await collect('right', 1, '7777'))).to.equal('too-many-attempts');
    await work.restart();
    await work.report();
    expect(shownCode(await collect('right', 1, '7777'))).to.equal('too-many-attempts');
    await stored.clock.advance(FIRST_LOCKOUT);
    expect(shownCode(await collect('right', 1, '7777'))).to.equal('deposit-or-collect');
    await stored.pass(500);
    expect(work.compartment(1).door).to.equal('open');
  });

  it('may use a plain keypad: the number, then the code', async () => {
    await start('4.3');
    await deposit('left', '8642');
    const keypad = work.reader('own-reader');
    keypad.scan({ kind: 'pin', value: '1' });
    await stored.pass(100);
    keypad.scan({ kind: 'pin', value: '8642' });
    await doorOpens(1);
  });

  it('may leave something with a plain keypad: 0, the number under 4.2, and the PIN after closing', async () => {
    await start('4.2');
    const type = async (value: string): Promise<void> => {
      work.reader('own-reader').scan({ kind: 'pin', value });
      await stored.pass(1_000);
    };
    await type('0');
    await type('3');
    expect(work.compartment(3).door).to.equal('open');
    await work.closeDoor(3);
    await type('8642');
    await stored.until(eventually('the deposit is stored', () => work.status(3) === 'occupied'));
    await type('3');
    await type('8642');
    await doorOpens(3);
    await work.closeDoor(3);
    expect(work.status(3)).to.equal('free');
  });

  it('may type faster than the log is written: each entry meets what the one before led to', async () => {
    await start('4.2');
    const keypad = work.reader('own-reader');
    for (const value of ['0', '3']) keypad.scan({ kind: 'pin', value });
    await stored.pass(1_000);
    expect(work.compartment(3).door).to.equal('open');
    await work.closeDoor(3);
    for (const value of ['8642', '3', '8642']) keypad.scan({ kind: 'pin', value });
    await doorOpens(3);
  });

  it('are served while the database is away', async () => {
    await start('4.3');
    stored.fault = 'refused';
    await deposit('left', '1357');
    await collect('left', 1, '1357');
    await doorOpens(1);
    await work.closeDoor(1);
    expect(work.status(1)).to.equal('free');
    await stored.recover();
    expect((await work.types()).slice(-1)).to.deep.equal(['door-closed']);
  });

  it('are told that a card is not needed, and by name of a panel that is not there', async () => {
    await start('4.3');
    await work.person('Anna', card(1));
    expect(shownCode(await work.answer('left', { answer: 'scan', scan: card(1) }))).to.equal('guests-only');
    expect(shownCode(await work.answer('nowhere', { answer: 'deposit' }))).to.equal('panel-unknown');
    expect(shownCode(await work.answer('left', { answer: 'cancel' }))).to.equal('answer-unexpected');
    const stale = await stored.until(work.gateway.answer('left', { answer: 'deposit' }, 'session-1'));
    expect(stale).to.deep.include({ ok: false });
  });

  it('report what is broken', async () => {
    await start('4.3');
    await work.answer('left', { answer: 'fault', compartment: 2, fault: 'dirty' });
    expect(await work.last()).to.deep.equal({ compartment: 2, fault: 'dirty', panel: 'left' });
    expect(work.gateway.panel('left')?.notice?.code).to.equal('fault-noted');
    expect(
      shownCode(await work.answer('left', { answer: 'fault', compartment: 9, fault: 'dirty' })),
    ).to.equal('compartment-unknown');
  });

  it('leave one notice at a time at a panel, however often they are refused', async () => {
    await start('4.3');
    const before = stored.clock.pending;
    for (let tries = 0; tries < 20; tries += 1) await work.answer('left', { answer: 'cancel' });
    expect(stored.clock.pending).to.equal(before + 1);
    await stored.clock.advance(10_000);
    expect(work.gateway.panel('left')?.notice).to.equal(undefined);
  });

  it('tell a newcomer who watches a panel, though whoever watched before says twice that they are gone', async () => {
    await start('4.3');
    const leave = work.gateway.onPanel('left', () => {});
    leave();
    const seen: string[] = [];
    work.gateway.onPanel('left', ({ prompt }) => seen.push(prompt.code));
    leave();
    await work.answer('left', { answer: 'deposit' });
    expect(seen).to.include('put-in-and-close');
  });

  it('tell whoever watches a panel of each change, and of none twice', async () => {
    await start('4.3');
    const seen: string[] = [];
    const unsubscribe = work.gateway.onPanel('left', ({ prompt, notice }) =>
      seen.push(notice ? `${prompt.code}/${notice.code}` : prompt.code),
    );
    await deposit('left', '1234');
    await stored.clock.advance(10_000);
    unsubscribe();
    await deposit('left', '1234');
    expect(seen).to.deep.equal([
      'put-in-and-close',
      'set-pin',
      'deposit-or-collect',
      'deposit-or-collect/stored',
      'deposit-or-collect',
    ]);
  });
});
