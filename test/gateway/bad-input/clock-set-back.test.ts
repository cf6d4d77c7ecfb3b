import { expect } from 'chai';
import { FIRST_LOCKOUT, FREE_TRIES } from '../../../domain/attempts.ts';
import type { LoggedEvent } from '../../../domain/event.ts';
import { verifyLog } from '../../../gateway/event-log/verify.ts';
import type { Scan } from '../../../gateway/ports.ts';
import { card, codeOf, GatewayAtWork, type SiteChange } from '../support/gateway-at-work.ts';
import { ADMINISTRATOR } from '../support/people.ts';
import { StoredLog } from '../support/stored-log.ts';

const HOUR = 3_600_000;
const MINUTE = 60_000;
const PANELS = [{ id: 'panel', name: 'Panel', cabinet: 'A' }];

/** What the board reports is left out: it comes anew with every start. */
const DOORS = new Set(['cabinet-configured', 'doors-found']);

describe('A clock that is set back an hour', () => {
  let stored: StoredLog;
  let work: GatewayAtWork;

  before(async () => {
    stored = await StoredLog.open();
  });

  after(() => stored.remove());

  const start = async (schema: string, change: SiteChange = {}): Promise<void> => {
    work = await GatewayAtWork.start(stored, {
      ...change,
      cabinet: { schema, ...change.cabinet },
      panels: PANELS,
    });
  };

  afterEach(async () => {
    await work.stop();
    const reports = await Array.fromAsync(verifyLog(stored.repository));
    expect(
      reports.filter(({ flaw }) => flaw),
      'the log is sound, whatever its times',
    ).to.deep.equal([]);
    await stored.renew();
  });

  const setBack = (): void => stored.clock.set(-HOUR);
  const said = async (answer: ReturnType<GatewayAtWork['answer']>): Promise<string> => {
    const answered = await answer;
    return 'ok' in answered ? answered.refusal.code : answered.prompt.code;
  };
  const type = (value: string): Promise<string> =>
    said(work.answer('panel', { answer: 'scan', scan: { kind: 'pin', value } }));
  const collect = (pin: string): Promise<string> =>
    said(work.answer('panel', { answer: 'collect', compartment: 1, pin }));
  const useDoor = async (): Promise<void> => {
    await stored.pass(500);
    expect(work.compartment(1).door).to.equal('open');
    await work.closeDoor(1);
  };
  /** A guest puts something into compartment 1 and closes it. */
  const leave = async (): Promise<void> => {
    await work.answer('panel', { answer: 'deposit' });
    await useDoor();
  };
  const types = async (): Promise<string[]> =>
    (await stored.events('cabinet/A')).map(({ type: name }) => name).filter((name) => !DOORS.has(name));
  const lastOf = async (name: string): Promise<LoggedEvent | undefined> =>
    (await stored.events('cabinet/A')).findLast((event) => event.type === name);

  it('ends no session: the PIN can be set, and opens once', async () => {
    await start('4.3');
    await leave();
    setBack();
    await stored.clock.advance(30_000);
    expect(work.prompt('panel')).to.equal('set-pin');
    await type('2468');
    await collect('2468');
    await useDoor();
    expect(work.status(1)).to.equal('free');
    expect(await collect('2468')).to.equal('wrong-code');
    const events = await stored.events('cabinet/A');
    expect(events.map(({ seq }) => seq)).to.deep.equal(events.map((_, index) => index + 1));
    const times = events.map(({ at }) => Date.parse(at));
    expect(
      times.some((at, index) => at < (times[index - 1] ?? 0)),
      'the log tells the time of day as it was',
    ).to.equal(true);
  });

  for (const restarts of [false, true]) {
    it(`makes no session longer${restarts ? ', over a restart either' : ''}`, async () => {
      await start('4.3');
      await leave();
      setBack();
      if (restarts) {
        await work.restart();
        await work.report();
      }
      await work.reaches(() => work.status(1) === 'blocked', 62_000);
      expect((await types()).at(-1)).to.equal('deposit-abandoned');
    });

    it(`does not put off the alarm for a door that stands open${restarts ? ', over a restart either' : ''}`, async () => {
      await start('4.3');
      await work.answer('panel', { answer: 'deposit' });
      await stored.pass(500);
      setBack();
      if (restarts) {
        await work.restart((board) => board.moveUnseen(4, 'open'));
        await work.report();
      }
      await work.reaches(() => work.compartment(1).door === 'left-open', 22_000);
    });
  }

  it('locks nobody out for longer, and forgets no wrong code', async () => {
    await start('4.3');
    await leave();
    await type('2468');
    for (let tries = 0; tries < FREE_TRIES; tries += 1) await collect('0000');
    expect(await collect('2468')).to.equal('too-many-attempts');
    setBack();
    expect(await collect('0000'), 'the next wrong one counts').to.equal('wrong-code');
    expect(await collect('2468')).to.equal('too-many-attempts');
    await stored.clock.advance(2 * FIRST_LOCKOUT - 1_000);
    expect(await collect('2468'), 'it makes wait twice as long').to.equal('too-many-attempts');
    await stored.clock.advance(1_000);
    expect(await collect('2468')).to.equal('deposit-or-collect');
    await useDoor();
  });

  it('counts for rights: who came too early by the clock waits, and then is served once', async () => {
    await start('2.2');
    const anna = await work.person('Anna', card(1));
    const validFrom = stored.clock.now() + 30 * MINUTE;
    await work.people.administration.addRight({ cabinet: 'A', user: anna, validFrom }, ADMINISTRATOR);
    await stored.clock.advance(40 * MINUTE);
    expect(codeOf(await work.serve(card(1)))).to.equal('ok');
    await work.closeDoor(1);
    setBack();
    expect(codeOf(await work.serve(card(1)))).to.equal('not-valid-yet');
    expect(work.compartment(1).holders, 'what is inside stays theirs').to.deep.equal([anna]);
    await stored.clock.advance(51 * MINUTE);
    expect(codeOf(await work.serve(card(1)))).to.equal('ok');
    expect(work.board.pulses).to.have.length(2);
  });

  it('tells once that a deposit is overdue', async () => {
    await start('4.3', { cabinet: { overdueAfterHours: 3 } });
    await leave();
    await type('2468');
    await stored.clock.advance(2.5 * HOUR);
    setBack();
    await stored.clock.advance(HOUR);
    await stored.work();
    expect(await lastOf('overdue'), 'not before its hours have passed by the clock').to.equal(undefined);
    for (const by of [30, 31, 60]) {
      await stored.clock.advance(by * MINUTE);
      await stored.work();
    }
    expect(await lastOf('overdue')).to.have.nested.property('data.compartment', 1);
    setBack();
    await stored.clock.advance(6 * HOUR);
    await stored.work();
    expect((await types()).filter((name) => name === 'overdue')).to.have.length(1);
    await collect('2468');
    await useDoor();
  });

  it('keeps no grant alive: it opens once in its time, or never', async () => {
    await start('2.2');
    await work.person('Anna', card(1));
    const granted = await work.allocate(card(1));
    if (!granted.ok) throw new Error(granted.refusal.code);
    setBack();
    await work.reaches(() => work.status(1) === 'free', 11_000);
    expect((await types()).at(-1)).to.equal('grant-lapsed');
    expect(codeOf(await stored.until(work.gateway.unlock(granted.grant)))).to.not.equal('ok');
    expect(work.board.pulses).to.deep.equal([]);

    const again = await work.allocate(card(1));
    if (!again.ok) throw new Error(again.refusal.code);
    expect(codeOf(await stored.until(work.gateway.unlock(again.grant)))).to.equal('ok');
    setBack();
    expect(codeOf(await stored.until(work.gateway.unlock(again.grant)))).to.not.equal('ok');
    expect(work.board.pulses).to.have.length(1);
  });

  it('keeps no number of a compartment that was typed before', async () => {
    await start('4.3');
    await leave();
    await type('2468');
    await type('1');
    setBack();
    expect(await type('2468'), 'a PIN without a number is nobody’s').to.equal('unknown-credential');
    await type('1');
    expect(await type('2468')).to.equal('deposit-or-collect');
    await useDoor();
  });

  it('keeps nobody identified for longer', async () => {
    await start('2.2');
    await work.person('Anna', card(1));
    const identified = await work.identify(card(1));
    if (!identified.ok) throw new Error(identified.refusal.code);
    setBack();
    await stored.clock.advance(20_000);
    expect(codeOf(await stored.until(work.gateway.allocate(identified.identity)))).to.equal(
      'identification-expired',
    );
    expect(codeOf(await work.serve(card(1))), 'whoever presents it again is served').to.equal('ok');
  });

  it('takes a card at a reader for a new one, and not for one that is held since', async () => {
    await start('2.2');
    await work.person('Anna', card(1));
    const scan: Scan = card(1);
    work.reader('own-reader').scan(scan);
    await stored.pass(500);
    await work.closeDoor(1);
    await stored.pass(1_000);
    setBack();
    work.reader('own-reader').scan(scan);
    await stored.pass(500);
    expect(work.compartment(1).door).to.equal('open');
    expect(work.board.pulses).to.have.length(2);
  });

  it('makes nobody wait who may open something again after a while', async () => {
    await start('2.2', { cabinet: { antiPassback: { waitSeconds: 60 } } });
    await work.person('Anna', card(1));
    expect(codeOf(await work.serve(card(1)))).to.equal('ok');
    await work.closeDoor(1);
    expect(codeOf(await work.serve(card(1)))).to.equal('wait-first');
    setBack();
    expect(codeOf(await work.serve(card(1)))).to.equal('ok');
  });
});
