import { expect } from 'chai';
import { FREE_TRIES } from '../../domain/attempts.ts';
import type { GrantToken, PresentationNotice, Requester } from '../../gateway/api.ts';
import { newToken } from '../../gateway/secrets.ts';
import { card, codeOf, FIRST_LOCK, GatewayAtWork } from './support/gateway-at-work.ts';
import { StoredLog } from './support/stored-log.ts';

const MACHINE: Requester = { kind: 'machine', id: 'command-line' };
const PIN = { kind: 'pin', value: '73519' } as const;
const WRONG = { kind: 'pin', value: '00000' } as const;

describe('the gateway', () => {
  let stored: StoredLog;
  let work: GatewayAtWork;
  let anna: string;

  before(async () => {
    stored = await StoredLog.open();
  });

  after(() => stored.remove());

  beforeEach(async () => {
    work = await GatewayAtWork.start(stored);
    anna = await work.person('Anna', card(1), PIN);
  });

  afterEach(async () => {
    stored.fault = 'none';
    await work.stop();
    await stored.renew();
  });

  describe('on the way from a card to an open door', () => {
    it('records the decision before the pulse and the door after it', async () => {
      const opened = await work.serve(card(1));
      expect(opened).to.deep.include({ ok: true, cabinet: 'A', compartment: 1 });
      expect(work.board.pulses).to.deep.equal([FIRST_LOCK]);
      expect(work.compartment(1)).to.deep.include({ door: 'open', holders: [anna], opening: undefined });
      await work.closeDoor(1);
      expect(await work.types()).to.deep.equal(['compartment-granted', 'door-opened', 'door-closed']);
      expect(work.status(1)).to.equal('occupied');
      expect(await work.serve(card(1))).to.include({ compartment: 1 });
    });

    it('needs no flow where the reader is the gateway’s own', async () => {
      work.reader('own-reader').scan(card(1));
      await stored.pass(500);
      expect(work.compartment(1).door).to.equal('open');
      work.reader('own-reader').scan(card(99));
      await stored.pass(500);
      expect(await work.last()).to.deep.equal({
        reason: 'unknown-credential',
        kind: 'card',
        reader: 'own-reader',
      });
    });

    it('takes a card that is held for one presentation, and two cards at once for none', async () => {
      const notices: PresentationNotice[] = [];
      work.gateway.onPresentation('flow-reader', (notice) => notices.push(notice));
      for (let frame = 0; frame < 5; frame += 1) {
        work.reader('flow-reader').scan(card(1));
        await stored.pass(100);
      }
      expect(notices).to.have.length(1);
      expect(notices[0]).to.deep.include({ reader: 'flow-reader', cabinet: 'A', kind: 'card' });
      work.reader('flow-reader').scan(card(2));
      work.reader('flow-reader').scan(card(1));
      await stored.pass(100);
      expect(notices).to.have.length(1);
      expect(await work.last()).to.deep.equal({ reason: 'two-cards', kind: 'card', reader: 'flow-reader' });
    });

    it('takes a key that is held for one presentation too, and two keys at once for none', async () => {
      const key = { kind: 'ibutton', value: '01606CBF03000021' } as const;
      const notices: PresentationNotice[] = [];
      work.gateway.onPresentation('flow-reader', (notice) => notices.push(notice));
      for (let scan = 0; scan < 5; scan += 1) {
        work.reader('flow-reader').scan(key);
        await stored.pass(100);
      }
      expect(notices.map(({ kind }) => kind)).to.deep.equal(['ibutton']);
      work.reader('flow-reader').scan({ ...key, value: '016060CF030000A8' });
      await stored.pass(100);
      expect(notices).to.have.length(1);
      expect(await work.last()).to.deep.equal({
        reason: 'two-cards',
        kind: 'ibutton',
        reader: 'flow-reader',
      });
    });

    it('hands a secret to nobody', async () => {
      const notices: unknown[] = [];
      work.gateway.onPresentation('flow-reader', (notice) => notices.push(notice));
      work.reader('flow-reader').scan(PIN);
      const answers = [
        notices,
        await work.identify(PIN),
        await work.serve(card(1)),
        await stored.events('cabinet/A'),
      ];
      const told = JSON.stringify(answers);
      for (const secret of [PIN.value, card(1).value]) expect(told).to.not.contain(secret);
    });

    it('takes every reference once, and none that was made up', async () => {
      const { gateway } = work;
      const presentation = gateway.present('flow-reader', card(1));
      const identified = await gateway.identify(presentation);
      if (!identified.ok) throw new Error('not identified');
      expect(codeOf(await gateway.identify(presentation))).to.equal('identification-expired');
      const granted = await stored.until(gateway.allocate(identified.identity));
      if (!granted.ok) throw new Error('not granted');
      expect(codeOf(await gateway.allocate(identified.identity))).to.equal('identification-expired');
      const forged: GrantToken[] = [
        newToken(),
        '',
        // What the log, a screen or another message tells is no grant.
        granted.grantId,
        identified.identity,
        presentation,
        granted.grant.slice(0, -1),
      ];
      for (const token of forged) expect(codeOf(await gateway.unlock(token))).to.equal('grant-expired');
      expect(work.board.pulses).to.deep.equal([]);
      expect(codeOf(await stored.until(gateway.unlock(granted.grant)))).to.equal('ok');
      expect(codeOf(await gateway.unlock(granted.grant))).to.equal('grant-expired');
      expect(work.board.pulses).to.have.length(1);
    });

    it('opens once for a grant that is used twice at the same time', async () => {
      const granted = await work.allocate(card(1));
      if (!granted.ok) throw new Error('not granted');
      const ends = await stored.until(
        Promise.all([work.gateway.unlock(granted.grant), work.gateway.unlock(granted.grant)]),
      );
      expect(ends.map(codeOf)).to.deep.equal(['ok', 'grant-expired']);
      expect(work.board.pulses).to.have.length(1);
    });

    it('forgets who identified after 15 seconds', async () => {
      const identified = await work.identify(card(1));
      if (!identified.ok) throw new Error('not identified');
      const presentation = work.gateway.present('flow-reader', card(1));
      await stored.clock.advance(15_000);
      expect(codeOf(await work.gateway.allocate(identified.identity))).to.equal('identification-expired');
      expect(codeOf(await work.gateway.identify(presentation))).to.equal('identification-expired');
    });

    it('lets a grant lapse that is not used in time, and gives the compartment free', async () => {
      const granted = await work.allocate(card(1));
      if (!granted.ok) throw new Error('not granted');
      expect(work.status(1)).to.equal('opening');
      await stored.clock.advance(granted.validUntil - stored.clock.now());
      await stored.work();
      expect(codeOf(await work.gateway.unlock(granted.grant))).to.equal('grant-expired');
      await stored.pass(100);
      expect(work.board.pulses).to.deep.equal([]);
      expect(work.status(1)).to.equal('free');
      expect(await work.last()).to.deep.equal({
        compartment: 1,
        grant: granted.grantId,
        cause: 'expired',
        freed: true,
      });
    });
  });

  describe('with several people at once', () => {
    it('gives everybody a compartment of their own, and nobody one too many', async () => {
      for (let number = 2; number <= 10; number += 1) await work.person(`Person ${number}`, card(number));
      const answers = await Promise.all(
        Array.from({ length: 10 }, (_, index) => work.serve(card(index + 1))),
      );
      const opened = answers.flatMap((answer) => (answer.ok ? [answer.compartment] : []));
      expect(opened).to.have.members([1, 2, 3, 4]);
      const refused = answers.flatMap((answer) => (answer.ok ? [] : [answer.refusal.code]));
      expect(refused).to.deep.equal(Array(6).fill('no-free-compartment'));
      expect(new Set(work.cabinet.compartments.flatMap(({ holders }) => holders)).size).to.equal(4);
      expect(work.board.pulses).to.have.members([4, 5, 6, 7]);
    });

    it('opens one door for somebody who presents twice', async () => {
      const answers = await Promise.all([work.allocate(card(1)), work.allocate(PIN)]);
      expect(answers.map(codeOf).sort()).to.deep.equal(['compartment-in-use', 'ok']);
      expect(work.cabinet.compartments.filter(({ holders }) => holders.includes(anna))).to.have.length(1);
    });
  });

  describe('where a lock fails', () => {
    it('pulses three times, puts it out of order and opens the next free one', async () => {
      work.board.habits.set(FIRST_LOCK, 'stuck');
      expect(await work.serve(card(1))).to.deep.include({ ok: true, compartment: 2 });
      expect(work.board.pulses).to.deep.equal([FIRST_LOCK, FIRST_LOCK, FIRST_LOCK, FIRST_LOCK + 1]);
      expect(await work.types()).to.deep.equal([
        'compartment-granted',
        'unlock-failed',
        'compartment-granted',
        'door-opened',
      ]);
      expect(work.status(1)).to.equal('out-of-order');
      expect(work.compartment(1).holders).to.deep.equal([]);
      expect(work.compartment(2).holders).to.deep.equal([anna]);
    });

    it('opens it where only the first pulse failed', async () => {
      work.board.habits.set(FIRST_LOCK, 'stuck');
      const serving = work.serve(card(1));
      await stored.pass(1_000);
      work.board.habits.set(FIRST_LOCK, 'opens');
      expect(await serving).to.include({ compartment: 1 });
      expect(work.board.pulses).to.deep.equal([FIRST_LOCK, FIRST_LOCK]);
    });

    it('leaves somebody the compartment in which their things are', async () => {
      await work.serve(card(1));
      await work.closeDoor(1);
      work.board.habits.set(FIRST_LOCK, 'silent');
      const refused = await work.serve(card(1));
      expect(refused).to.have.nested.property('refusal.code', 'compartment-not-answering');
      expect(work.compartment(1).holders).to.deep.equal([anna]);
      expect(work.status(1)).to.equal('out-of-order');
      work.board.habits.delete(FIRST_LOCK);
      work.board.answering(true);
      await stored.pass(100);
      expect(await work.serve(card(1))).to.include({ compartment: 1 });
    });

    it('says so after three in a row, without trying any twice, and leaves the fourth in service', async () => {
      for (let lock = FIRST_LOCK; lock < FIRST_LOCK + 4; lock += 1) work.board.habits.set(lock, 'stuck');
      const refused = await work.serve(card(1));
      expect(refused).to.have.nested.property('refusal.code', 'lock-failed');
      expect(refused).to.have.nested.property('text.en').that.is.a('string');
      expect(work.board.pulses).to.have.length(9);
      expect(work.status(4)).to.equal('free');
      expect(work.cabinet.compartments.flatMap(({ holders }) => holders)).to.deep.equal([]);
    });
  });

  describe('watching doors', () => {
    it('tells a forced door from one that was opened', async () => {
      work.board.move(FIRST_LOCK + 2, 'open');
      await stored.pass(100);
      expect(work.compartment(3).door).to.equal('forced');
      expect(await work.last()).to.deep.equal({ compartment: 3, whileAway: false });
      await work.report();
      expect(await work.types()).to.deep.equal(['door-forced']);
    });

    it('tells a door that was left open, once, also after a restart', async () => {
      await work.serve(card(1));
      await stored.clock.advance(15_000);
      await work.restart();
      await work.report();
      await stored.clock.advance(4_800);
      await stored.work();
      expect(work.compartment(1).door).to.equal('open');
      await stored.pass(200);
      expect(work.compartment(1).door).to.equal('left-open');
      await stored.clock.advance(60_000);
      await work.closeDoor(1);
      expect((await work.types()).slice(2)).to.deep.equal(['door-left-open', 'door-closed']);
    });

    it('tells no alarm for a door that was closed in time', async () => {
      await work.serve(card(1));
      await work.closeDoor(1);
      await stored.clock.advance(60_000);
      await stored.work();
      expect(await work.types()).to.not.include('door-left-open');
    });

    it('gives nobody a compartment of a board that fell silent', async () => {
      work.board.answering(false);
      work.board.answering(false);
      await stored.pass(100);
      expect(codeOf(await work.serve(card(1)))).to.equal('cabinet-not-answering');
      work.board.answering(true);
      await stored.pass(100);
      expect(codeOf(await work.serve(card(1)))).to.equal('ok');
      expect((await work.types()).filter((type) => type.startsWith('board'))).to.deep.equal([
        'board-lost',
        'board-found',
      ]);
    });
  });

  describe('after a loss of power between pulse and door', () => {
    for (const pulsed of [false, true]) {
      const when = pulsed ? 'after' : 'before';
      it(`takes the open door for the one that was granted (${when} the pulse)`, async () => {
        const granted = await interrupted(pulsed);
        await work.crash((board) => board.moveUnseen(FIRST_LOCK, 'open'));
        await work.report();
        expect(await work.last()).to.deep.equal({ compartment: 1, grant: granted, user: anna });
        expect((await work.types()).at(-1)).to.equal('door-opened');
        expect(work.status(1)).to.equal('occupied');
      });

      it(`ends the grant where the door is closed, and leaves the compartment (${when} the pulse)`, async () => {
        const granted = await interrupted(pulsed);
        await work.crash();
        await work.report();
        expect(await work.last()).to.deep.equal({
          compartment: 1,
          grant: granted,
          cause: 'restart',
          freed: false,
        });
        expect(work.status(1)).to.equal('occupied');
        expect(work.board.pulses).to.deep.equal([]);
        expect(await work.serve(card(1))).to.include({ compartment: 1 });
      });
    }

    /** Is granted compartment 1 and, maybe, pulsed; the door has not moved yet. */
    async function interrupted(pulsed: boolean): Promise<string> {
      const granted = await work.allocate(card(1));
      if (!granted.ok) throw new Error('not granted');
      if (pulsed) {
        void work.gateway.unlock(granted.grant);
        expect(work.board.pulses).to.have.length(1);
      }
      return granted.grantId;
    }
  });

  describe('with a flow', () => {
    it('lets a presentation wait for it, then turns the person away on record', async () => {
      work.reader('flow-reader').scan(card(1));
      await stored.pass(3_100);
      expect(await work.last()).to.deep.equal({ reason: 'not-handled', kind: 'card', reader: 'flow-reader' });
      const late: PresentationNotice[] = [];
      work.gateway.onPresentation('flow-reader', (notice) => late.push(notice));
      expect(late).to.deep.equal([]);
    });

    it('hands a presentation to the flow that comes in time', async () => {
      work.reader('flow-reader').scan(card(1));
      await stored.pass(2_000);
      const notices: PresentationNotice[] = [];
      work.gateway.onPresentation('flow-reader', (notice) => notices.push(notice));
      expect(codeOf(await work.gateway.identify(notices[0]?.presentation ?? ''))).to.equal('ok');
    });

    it('knows only the readers of the site', () => {
      expect(() => work.gateway.onPresentation('r9', () => {})).to.throw('The site has no reader "r9".');
      expect(() => work.gateway.present('r9', card(1))).to.throw('The site has no reader "r9".');
    });
  });

  describe('with PINs', () => {
    async function wrong(times: number): Promise<void> {
      for (let time = 0; time < times; time += 1) {
        expect(codeOf(await work.identify(WRONG))).to.equal('unknown-credential');
      }
    }

    it('takes none for a while after five wrong ones, also after a restart, and none of a card', async () => {
      await wrong(5);
      const refused = await work.identify(PIN);
      expect(refused).to.have.nested.property('refusal.code', 'too-many-attempts');
      expect(refused).to.have.nested.property('refusal.values.seconds').that.is.within(29, 30);
      await work.restart();
      await work.report();
      expect(codeOf(await work.identify(PIN))).to.equal('too-many-attempts');
      expect(codeOf(await work.identify(card(1)))).to.equal('ok');
      await stored.clock.advance(30_000);
      expect(codeOf(await work.identify(PIN))).to.equal('ok');
    });

    it('makes people wait twice as long after each further wrong one', async () => {
      await wrong(5);
      await stored.clock.advance(30_000);
      await wrong(1);
      await stored.clock.advance(30_000);
      expect(codeOf(await work.identify(PIN))).to.equal('too-many-attempts');
      await stored.clock.advance(30_000);
      expect(codeOf(await work.identify(PIN))).to.equal('ok');
    });

    it('takes back one wrong one for each time that somebody is let in, so that nobody guesses between their own', async () => {
      await wrong(4);
      expect(codeOf(await work.serve(PIN))).to.equal('ok');
      await wrong(1);
      expect(codeOf(await work.identify(PIN))).to.equal('ok');
      await wrong(1);
      expect(codeOf(await work.identify(PIN))).to.equal('too-many-attempts');
    });

    it('counts barcodes that nobody knows, which are often numbered one after the other', async () => {
      for (let number = 0; number < FREE_TRIES; number += 1) {
        await work.identify({ kind: 'barcode', value: `BADGE-${number}` });
      }
      expect(codeOf(await work.identify({ kind: 'barcode', value: 'BADGE-6' }))).to.equal(
        'too-many-attempts',
      );
    });

    it('does not take more wrong ones because they come at once', async () => {
      const answers = await Promise.all(Array.from({ length: 20 }, () => work.identify(WRONG)));
      const codes = answers.map(codeOf);
      expect(codes.filter((code) => code === 'unknown-credential')).to.have.length(5);
      expect(codes.filter((code) => code === 'too-many-attempts')).to.have.length(15);
    });
  });

  it('turns blocked people away on record, with their ids', async () => {
    await work.people.administration.setUserBlocked(anna, true, { kind: 'machine', id: 'test' });
    expect(codeOf(await work.serve(card(1)))).to.equal('user-blocked');
    expect(await work.last()).to.deep.include({ reason: 'user-blocked', user: anna });
  });

  describe('without its store', () => {
    it('serves people all the same; what was decided is shipped in order later', async () => {
      stored.fault = 'refused';
      expect(await work.serve(card(1))).to.include({ compartment: 1 });
      await work.closeDoor(1);
      expect(work.gateway.health()).to.deep.include({ condition: 'degraded' });
      expect(work.gateway.health().journal).to.include({ condition: 'degraded', waiting: 3 });
      expect(await work.types()).to.deep.equal([]);
      await stored.recover();
      expect(await work.types()).to.deep.equal(['compartment-granted', 'door-opened', 'door-closed']);
      expect(work.gateway.health().store.condition).to.equal('ok');
    });

    for (const fault of ['hangs', 'mute', 'answer-lost'] as const) {
      it(`opens within a second where the store ${fault === 'hangs' ? 'hangs' : `is ${fault}`}`, async () => {
        const identified = await work.identify(card(1));
        if (!identified.ok) throw new Error('not identified');
        stored.fault = fault;
        const from = stored.clock.now();
        const granted = await stored.until(work.gateway.allocate(identified.identity));
        expect(codeOf(granted)).to.equal('ok');
        expect(stored.clock.now() - from).to.be.at.most(1_000);
        await stored.recover();
      });
    }

    it('finds after a loss of power what the journal alone had', async () => {
      stored.fault = 'refused';
      await work.serve(card(1));
      stored.fault = 'none';
      await work.crash();
      await work.report();
      expect(work.compartment(1)).to.deep.include({ door: 'open', holders: [anna] });
      expect(await work.types()).to.deep.equal(['compartment-granted', 'door-opened']);
    });
  });

  describe('for administrators', () => {
    const open = { do: 'open', cabinet: 'A', compartment: 2, reason: 'lost card' } as const;

    it('opens a compartment, on record with the reason and who asked', async () => {
      expect(await stored.until(work.gateway.operate(open, MACHINE))).to.include({
        ok: true,
        cabinet: 'A',
        compartment: 2,
      });
      const granted = (await stored.events('cabinet/A')).find(({ type }) => type === 'compartment-granted');
      expect(granted).to.deep.include({ actor: { kind: 'machine', id: 'command-line' } });
      expect(granted?.data).to.include({ allocation: 'none', reason: 'lost card' });
      expect(work.compartment(2).holders).to.deep.equal([]);
    });

    it('opens no other one where that lock fails', async () => {
      work.board.habits.set(FIRST_LOCK + 1, 'stuck');
      expect(codeOf(await stored.until(work.gateway.operate(open, MACHINE)))).to.equal('lock-failed');
      expect(new Set(work.board.pulses)).to.deep.equal(new Set([FIRST_LOCK + 1]));
    });

    it('does what only they may ask, by the right that they have now', async () => {
      const { administration } = work.people;
      const actor = { kind: 'machine', id: 'test' } as const;
      const eva = await administration.addUser(
        { name: 'Eva', login: 'eva', roles: ['administrator'], groups: [] },
        actor,
      );
      const block = { ...open, do: 'block' } as const;
      const asked = (user: string): Requester => ({
        kind: 'administrator',
        principal: { user, login: 'x', roles: ['administrator'] },
      });
      expect(codeOf(await work.gateway.operate(block, asked(anna)))).to.equal('not-permitted');
      expect(codeOf(await work.gateway.operate(block, asked(eva)))).to.equal('ok');
      expect(work.status(2)).to.equal('blocked');
      await administration.setUserBlocked(eva, true, actor);
      expect(codeOf(await work.gateway.operate({ ...block, do: 'unblock' }, asked(eva)))).to.equal(
        'not-permitted',
      );
    });

    it('releases, blocks and refuses what makes no sense', async () => {
      await work.serve(card(1));
      const ask = async (request: object): Promise<string> =>
        codeOf(await work.gateway.operate({ ...open, compartment: 1, ...request }, MACHINE));
      expect(await ask({ do: 'release', reason: ' ' })).to.equal('reason-required');
      expect(await ask({ do: 'release', cabinet: 'Z' })).to.equal('cabinet-unknown');
      expect(await ask({ do: 'release', compartment: 9 })).to.equal('compartment-unknown');
      expect(await ask({ do: 'assign', user: 'user-0' })).to.equal('user-unknown');
      expect(await ask({ do: 'assign', user: anna })).to.equal('not-assignable');
      expect(await ask({ do: 'unblock' })).to.equal('compartment-not-blocked');
      expect(await ask({ do: 'return-to-service' })).to.equal('compartment-in-service');
      expect(await ask({ do: 'release' })).to.equal('ok');
      expect(await ask({ do: 'release' })).to.equal('compartment-free');
      expect(work.compartment(1).holders).to.deep.equal([]);
    });
  });

  it('tells every event of a cabinet in order, once it is on record', async () => {
    const told: number[] = [];
    const first = work.cabinet.compartments.length;
    expect(first).to.equal(4);
    const unsubscribe = work.gateway.onChange(({ event }) => told.push(event.seq));
    await work.serve(card(1));
    await work.closeDoor(1);
    unsubscribe();
    await work.serve(card(1));
    expect(told).to.deep.equal([3, 4, 5]);
  });

  describe('when it stops', () => {
    it('ends what is under way with words, and leaves no timer behind', async () => {
      work.board.habits.set(FIRST_LOCK, 'stuck');
      const granted = await work.allocate(card(1));
      if (!granted.ok) throw new Error('not granted');
      const opening = work.gateway.unlock(granted.grant);
      await work.stop();
      expect(codeOf(await opening)).to.equal('gateway-stopping');
      expect(work.gateway.health().condition).to.equal('down');
      expect(stored.clock.pending).to.equal(0);
      await work.crash();
      await work.report();
      expect(await work.last()).to.deep.include({ cause: 'restart', freed: false });
    });

    it('leaves no timer for what was decided in its last moment', async () => {
      const identified = await work.identify(card(1));
      if (!identified.ok) throw new Error('not identified');
      stored.fault = 'slow';
      const granted = work.gateway.allocate(identified.identity);
      await work.stop();
      expect(codeOf(await granted)).to.equal('gateway-stopping');
      expect(stored.clock.pending).to.equal(0);
      await work.crash();
    });

    it('decides nothing more', async () => {
      const identified = await work.identify(card(1));
      if (!identified.ok) throw new Error('not identified');
      await work.stop();
      expect(codeOf(await work.gateway.allocate(identified.identity))).to.equal('gateway-stopping');
      await work.crash();
    });
  });
});

describe('the gateway with neither store nor journal', () => {
  it('opens nothing, says why, and serves again when it can record', async () => {
    const stored = await StoredLog.open(100);
    const work = await GatewayAtWork.start(stored);
    const anna = await work.person('Anna', card(1));
    stored.fault = 'refused';
    const refused = await work.serve(card(1));
    expect(refused).to.have.nested.property('refusal.code', 'store-unavailable');
    expect(refused).to.have.nested.property('text.pl').that.is.a('string');
    expect(work.board.pulses).to.deep.equal([]);
    expect(work.compartment(1)).to.deep.include({ holders: [], opening: undefined });
    expect(work.gateway.health().condition).to.equal('down');
    // What the sensors say meanwhile is not forgotten.
    work.board.move(FIRST_LOCK + 3, 'open');
    await stored.pass(100);
    expect(work.compartment(4).door).to.equal('closed');
    expect(work.troubles.at(-1)).to.contain('could not be recorded');
    await stored.recover();
    await work.report();
    expect(work.compartment(4).door).to.equal('forced');
    expect(await work.serve(card(1))).to.include({ compartment: 1 });
    expect(work.compartment(1).holders).to.deep.equal([anna]);
    await work.stop();
    await stored.remove();
  });
});
