import { expect } from 'chai';
import type { AlarmCommand } from '../../../domain/alarms/events.ts';
import { GATEWAY } from '../../../domain/event.ts';
import { LocalStream } from '../../../gateway/cassettes/local-stream.ts';
import { cassetteView, QUIET } from '../../opcua-server/support/cassette-views.ts';
import { eventually } from '../../support/eventually.ts';
import { StoredLog } from '../support/stored-log.ts';
import { ADMINISTRATOR, ALARMS, AlarmsAtWork, FLOW, NOBODY, OPERATOR } from './support/alarms-at-work.ts';

const FORCED = 'door-forced@A/1';

describe('Alarms', () => {
  let stored: StoredLog;
  let work: AlarmsAtWork;

  before(async () => {
    stored = await StoredLog.open();
  });
  beforeEach(() => {
    work = new AlarmsAtWork(stored);
  });
  afterEach(() => stored.renew());
  after(() => stored.remove());

  it('begin with what the state of the cabinet shows, and nothing that was before', async () => {
    await work.openCabinet();
    await work.happens('door-forced', { compartment: 1, whileAway: false });
    await work.happens('door-forced', { compartment: 2, whileAway: false });
    await work.happens('door-closed', { compartment: 2 });
    await work.happens('board-lost', { board: 'right' });
    await work.happens('fault-reported', { compartment: 2, fault: 'dirty', panel: 'p1' });
    await work.start();
    expect(work.listed).to.deep.equal([`${FORCED} active`, 'board-lost@A:right active']);
  });

  it('follow what happens, and tell it with the alarm after it', async () => {
    await work.start();
    await work.happens('door-forced', { compartment: 1, whileAway: false });
    await work.happens('door-closed', { compartment: 1 });
    await work.work();
    expect(work.listed).to.deep.equal([FORCED]);
    expect(
      work.changes.map(({ event, alarm }) => [event.type, alarm.current.ended !== undefined]),
    ).to.deep.equal([
      ['alarm-raised', false],
      ['alarm-over', true],
    ]);
    const [raised] = work.changes;
    expect(raised?.alarm).to.include({ severity: 850, silent: false, retained: true, calls: true });
    expect(raised?.alarm.text.en).to.equal(
      'Compartment 1 of cabinet A: the door was opened without a right to.',
    );
  });

  it('tell the end of an alarm of which nothing is kept, and forget it then', async () => {
    await work.start();
    await work.happens('door-forced', { compartment: 1, whileAway: false });
    await work.work();
    await stored.until(work.desk.command({ do: 'acknowledge', alarm: FORCED }, OPERATOR));
    await work.happens('door-closed', { compartment: 1 });
    await work.work();
    expect(work.listed).to.deep.equal([]);
    expect(work.changes.at(-1)?.event.type).to.equal('alarm-over');
    expect(work.changes.at(-1)?.alarm).to.include({ id: FORCED, retained: false, calls: false });
  });

  it('miss nothing that happened while nobody followed, and nothing is raised twice', async () => {
    await work.start();
    await work.happens('door-forced', { compartment: 1, whileAway: false });
    await work.work();
    await work.crash();
    await work.openCabinet();
    await work.happens('door-forced', { compartment: 2, whileAway: false });
    await work.happens('door-closed', { compartment: 1 });
    await work.happens('door-forced', { compartment: 1, whileAway: false });
    await work.crash();
    await work.start();
    expect(work.listed).to.have.members([`${FORCED} active`, 'door-forced@A/2 active']);
    expect(work.desk.alarm(FORCED)?.earlier).to.have.length(1);
    const before = await work.logged();
    await work.crash();
    await work.start();
    expect(await work.logged()).to.deep.equal(before);
  });

  it('say when it happened, and not when it was read', async () => {
    await work.start();
    await work.crash();
    await work.openCabinet();
    const at = stored.clock.now();
    await work.happens('door-forced', { compartment: 1, whileAway: false });
    await stored.clock.advance(60_000);
    await work.crash();
    await work.start();
    expect(work.desk.alarm(FORCED)?.current.since).to.be.within(at, at + 59_000);
  });

  it('settle the second sign of an event that a crash kept from it, and not the first once more', async () => {
    await work.start();
    const refused = work.takes('key-refused', {
      rom: '01606CBF03000021',
      reader: 'r1',
      duress: true,
      refusal: { code: 'lid-open', values: {} },
    });
    await work.ship(refused);
    await work.work();
    expect(work.listed).to.deep.equal(['duress@cassette:C1', 'key-refused@cassette:C1']);
    const both = await stored.events(ALARMS);
    await work.crash();
    // What the log would hold had the process ended after the first of the two.
    await stored.fresh.connection.collection('events').deleteOne({ stream: ALARMS, seq: both.length });
    await stored.fresh.connection.collection('snapshots').deleteMany({});
    await work.start();
    expect(work.listed).to.deep.equal(['duress@cassette:C1', 'key-refused@cassette:C1']);
    expect((await work.logged()).slice(-2)).to.deep.equal(['alarm-raised', 'alarm-raised']);
    expect(await work.logged()).to.have.length(both.length);
  });

  it('read the rest of an event whose first sign somebody has seen to already', async () => {
    await work.start();
    const refused = work.takes('key-refused', {
      rom: '01606CBF03000021',
      reader: 'r1',
      duress: true,
      refusal: { code: 'lid-open', values: {} },
    });
    await work.ship(refused);
    await work.work();
    const both = await stored.events(ALARMS);
    await work.crash();
    await stored.fresh.connection.collection('events').deleteOne({ stream: ALARMS, seq: both.length });
    await stored.fresh.connection.collection('snapshots').deleteMany({});
    work.cassettes = [];
    await work.start();
    for (const does of ['acknowledge', 'confirm'] as const) {
      await stored.until(work.desk.command({ do: does, alarm: 'duress@cassette:C1' }, OPERATOR));
    }
    await work.crash();
    work.cassettes = ['C1'];
    await work.start();
    expect(work.listed).to.deep.equal(['key-refused@cassette:C1']);
  });

  it('pass over an event of a type that is not known here', async () => {
    await work.start();
    const painted = { type: 'cassette-painted', actor: GATEWAY, data: { colour: 'green' } };
    await work.ship(...work.cassette.place([painted], stored.clock.now()));
    await work.ship(work.takes('link-lost', {}));
    await work.work();
    expect(work.listed).to.deep.equal(['link-lost@cassette:C1 active']);
    expect(work.troubles).to.deep.equal([]);
  });

  it('take what a cassette did before anybody could be told', async () => {
    await work.start();
    await work.crash();
    const restarted = work.takes('cassette-restarted', { phase: 'full', interrupted: 'lid' });
    await work.start();
    await work.ship(restarted);
    await work.work();
    expect(work.listed).to.deep.equal(['firing-interrupted@cassette:C1']);
  });

  it('wait for events of a cassette that were not told and are on their way to the store', async () => {
    await work.start();
    const lost = work.takes('link-lost', {});
    await work.ship(lost);
    await work.work();
    await work.crash();
    const untold = work.cassette.place(
      [{ type: 'link-restored', actor: { kind: 'gateway', id: 'gateway' }, data: {} }],
      stored.clock.now(),
    );
    await work.start();
    const told = work.takes('area-left', { source: 'tracker' });
    await work.work();
    expect(work.listed).to.deep.equal(['link-lost@cassette:C1 active']);
    await work.ship(...untold, told);
    await stored.pass(3_000);
    expect(work.listed).to.have.members(['area-left@cassette:C1 active', 'link-lost@cassette:C1']);
  });

  it('go on without events that never reach the store, and say so', async () => {
    await work.start();
    work.cassette.place(
      [{ type: 'link-lost', actor: { kind: 'gateway', id: 'gateway' }, data: {} }],
      stored.clock.now(),
    );
    work.takes('area-left', { source: 'tracker' });
    await stored.pass(40_000);
    expect(work.listed).to.deep.equal(['area-left@cassette:C1 active']);
    expect(work.troubles.join()).to.contain('events 1 to 1 of cassette/C1');
  });

  it('take events in the place of others that were told and never stored', async () => {
    await work.start();
    const before = { seq: work.cassette.head.seq, hash: work.cassette.head.hash };
    work.takes('link-lost', {});
    work.takes('link-restored', {});
    await work.work();
    await stored.pass(1_000);
    await work.crash();
    work.cassette = new LocalStream('cassette/C1', before);
    await work.ship(work.takes('area-left', { source: 'tracker' }));
    await work.start();
    await work.work();
    expect(work.listed).to.have.members(['link-lost@cassette:C1', 'area-left@cassette:C1 active']);
  });

  it('begin with what a cassette shows', async () => {
    work.views.set(
      'C1',
      cassetteView({
        id: 'C1',
        readings: { ...QUIET, ink: 'ok' },
        phase: 'stained',
        cause: 'lid',
        outsideArea: true,
      }),
    );
    await work.start();
    expect(work.listed).to.deep.equal(['stained@cassette:C1 active', 'area-left@cassette:C1 active']);
    expect(work.desk.alarm('stained@cassette:C1')?.text.en).to.equal(
      'Cassette C1: notes stained. Cause: opening of the lid.',
    );
  });

  it('tell of a controller that has not answered since the start', async () => {
    work.views.set('C1', cassetteView({ id: 'C1', readings: { ...QUIET, ink: 'ok' }, linked: false }));
    await work.start();
    expect(work.listed).to.deep.equal([]);
    await stored.clock.advance(15_000);
    await work.work();
    expect(work.listed).to.deep.equal(['link-lost@cassette:C1 active']);
  });

  it('stay acknowledged and shelved over a restart, until the shelving ends by its time', async () => {
    await work.start();
    await work.happens('door-forced', { compartment: 1, whileAway: false });
    await work.happens('door-forced', { compartment: 2, whileAway: false });
    await work.work();
    await stored.until(
      work.desk.command({ do: 'acknowledge', alarm: FORCED, comment: 'On my way.' }, OPERATOR),
    );
    await stored.until(
      work.desk.command({ do: 'shelve', alarm: 'door-forced@A/2', lasts: 600_000 }, OPERATOR),
    );
    await work.stop();
    await work.start();
    expect(work.listed).to.have.members([
      `${FORCED} active acknowledged`,
      'door-forced@A/2 active shelved quiet',
    ]);
    expect(work.desk.alarm(FORCED)?.comment).to.include({ text: 'On my way.' });
    // Looked at each minute, since the clock of a computer may be set.
    for (let minute = 0; minute < 11; minute += 1) {
      await stored.clock.advance(60_000);
      await stored.work();
    }
    expect(work.listed).to.have.members([`${FORCED} active acknowledged`, 'door-forced@A/2 active']);
    expect(work.changes.at(-1)?.event).to.deep.include({
      type: 'alarm-unshelved',
      data: { alarm: 'door-forced@A/2', by: 'time' },
    });
  });

  it('end a shelving whose time was over while nothing ran', async () => {
    await work.start();
    await work.happens('door-forced', { compartment: 1, whileAway: false });
    await work.work();
    await stored.until(work.desk.command({ do: 'shelve', alarm: FORCED, lasts: 1_000 }, OPERATOR));
    await work.stop();
    await stored.pass(5_000);
    await work.start();
    await stored.pass(100);
    expect(work.listed).to.deep.equal([`${FORCED} active`]);
  });

  it('go on while the store is away', async () => {
    await work.start();
    stored.fault = 'refused';
    await work.happens('door-forced', { compartment: 1, whileAway: false });
    await stored.pass(2_000);
    expect(work.listed).to.deep.equal([`${FORCED} active`]);
    const answer = await stored.until(work.desk.command({ do: 'acknowledge', alarm: FORCED }, OPERATOR));
    expect(answer.ok).to.equal(true);
    await stored.recover();
    expect(await work.logged()).to.include.members(['alarm-raised', 'alarm-acknowledged']);
    await work.crash();
    await work.start();
    expect(work.listed).to.deep.equal([`${FORCED} active acknowledged`]);
  });

  it('put on record now and then how far they have read, so that a start reads little', async () => {
    await work.start();
    for (let times = 0; times < 51; times += 1) {
      const ten = Array.from({ length: 10 }, () =>
        work.happens('compartment-blocked', { compartment: 1, reason: 'test' }),
      );
      await Promise.all(ten);
    }
    await work.work();
    const caughtUp = (await stored.events(ALARMS)).filter(({ type }) => type === 'alarms-caught-up');
    expect(caughtUp).to.have.length(2);
  });

  it('end what a change without an event of its own has ended', async () => {
    await work.start();
    await work.happens('unlock-failed', {
      compartment: 1,
      grant: 'g1',
      cause: 'no-answer',
      attempts: 3,
      outOfOrder: true,
      freed: true,
    });
    await work.happens('board-lost', { board: 'left' });
    await work.work();
    expect(work.listed).to.have.members(['lock-fault@A/1 active', 'board-lost@A:left active']);
    await work.happens('board-found', { board: 'left' });
    await work.work();
    expect(work.listed).to.have.members(['lock-fault@A/1', 'board-lost@A:left']);
  });

  it('end alarms of what is not there any more', async () => {
    await work.start();
    await work.ship(work.takes('link-lost', {}));
    await work.work();
    expect(work.listed).to.deep.equal(['link-lost@cassette:C1 active']);
    await work.stop();
    work.cassettes = [];
    await work.start();
    expect(work.listed).to.deep.equal(['link-lost@cassette:C1']);
  });

  it('tell of a bus that is lost until it is back', async () => {
    await work.start();
    work.bus('lost');
    await work.work();
    expect(work.listed).to.deep.equal(['bus-lost@gateway:locks active']);
    expect(work.desk.alarm('bus-lost@gateway:locks')?.text.en).to.equal(
      'Gateway: the connection to bus locks is lost.',
    );
    work.bus('connected');
    await work.work();
    expect(work.listed).to.deep.equal(['bus-lost@gateway:locks']);
  });

  it('take thousands at once, more than may wait, and store them in batches', async () => {
    await work.start();
    const boards = Array.from({ length: 3_000 }, (_, index) => `board-${index}`);
    await work.happenAll(boards.map((board) => ({ type: 'board-lost', actor: GATEWAY, data: { board } })));
    await eventually('every alarm is there', () => work.desk.state.alarms.size === boards.length);
    const numbers = work.desk.list().map(({ current }) => current.number);
    expect(new Set(numbers).size).to.equal(boards.length);
    const batches = stored.store.appends.filter(([first]) => first?.stream === ALARMS);
    expect(batches.length).to.be.below(100);
  });

  describe('let those who may', () => {
    const COMMANDS: readonly AlarmCommand['do'][] = [
      'acknowledge',
      'confirm',
      'comment',
      'silence',
      'shelve',
      'shelve-once',
      'unshelve',
      'suppress',
      'release',
      'take-out',
      'put-back',
      'disable',
      'enable',
    ];
    const MAY = {
      administrator: COMMANDS,
      operator: COMMANDS.slice(0, 7),
      flow: ['acknowledge', 'confirm', 'comment', 'silence', 'shelve', 'unshelve'],
      somebody: [],
    } as const;
    const WHO = { administrator: ADMINISTRATOR, operator: OPERATOR, flow: FLOW, somebody: NOBODY };

    for (const who of Object.keys(MAY) as (keyof typeof MAY)[]) {
      it(`${who}: ${MAY[who].join(', ') || 'nothing'}`, async () => {
        await work.start();
        const allowed: string[] = [];
        for (const does of COMMANDS) {
          const command = {
            do: does,
            alarm: 'stained@cassette:C1',
            comment: 'x',
            lasts: 1_000,
          } as AlarmCommand;
          const answer = await stored.until(work.desk.command(command, WHO[who]));
          if (!answer.ok && answer.refusal.code === 'alarm-unknown') allowed.push(does);
          else expect(answer).to.have.nested.property('refusal.code', 'not-permitted');
        }
        expect(allowed).to.deep.equal([...MAY[who]]);
      });
    }

    it('and keep on record who it was', async () => {
      await work.start();
      await work.happens('door-forced', { compartment: 1, whileAway: false });
      await work.work();
      for (const [comment, by] of [
        ['a', ADMINISTRATOR],
        ['b', OPERATOR],
        ['c', FLOW],
      ] as const) {
        await stored.until(work.desk.command({ do: 'comment', alarm: FORCED, comment }, by));
      }
      expect(work.changes.slice(1).map(({ event }) => event.actor)).to.deep.equal([
        { kind: 'administrator', id: 'admin' },
        { kind: 'user', id: 'operator' },
        { kind: 'machine', id: 'flow:1' },
      ]);
    });
  });

  it('refuse in words', async () => {
    await work.start();
    const answer = await stored.until(work.desk.command({ do: 'acknowledge', alarm: FORCED }, OPERATOR));
    expect(answer).to.deep.include({ ok: false });
    if (!answer.ok)
      expect(answer.text.en).to.equal(`There is no alarm “${FORCED}”: it may be over and seen to.`);
    await work.stop();
    const late = await stored.until(work.desk.command({ do: 'acknowledge', alarm: FORCED }, OPERATOR));
    expect(late).to.have.nested.property('refusal.code', 'alarms-not-running');
  });
});
