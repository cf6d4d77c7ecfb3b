import { expect } from 'chai';
import fc from 'fast-check';
import type { CabinetEvents } from '../../../domain/cabinet/events.ts';
import { toSnapshot } from '../../../domain/cabinet/snapshot.ts';
import type { LoggedEvent } from '../../../domain/event.ts';
import { verifyLog } from '../../../gateway/event-log/verify.ts';
import { FIRST_LOCK, GatewayAtWork } from '../support/gateway-at-work.ts';
import { StoredLog } from '../support/stored-log.ts';

/** How many random stories are played. */
const STORIES = Number(process.env['SEZAM_TEST_STORIES'] ?? 4);
const MOST_STEPS = 25;
const HOUR = 3_600_000;

const PANELS = [
  { id: 'left', name: 'Left panel', cabinet: 'A' },
  { id: 'right', name: 'Right panel', cabinet: 'A' },
];
const PINS = ['1111', '2222'] as const;

/** Something that happens: at a panel, at a door, to the database, to the clock, or to the whole computer. */
type Step =
  /** The whole way of a guest who knows what to do: up to the PIN, and from the PIN to the closed door. */
  | { readonly do: 'leave'; readonly panel: string; readonly compartment: number; readonly pin: string }
  | { readonly do: 'fetch'; readonly panel: string; readonly which: number; readonly pin: string }
  | { readonly do: 'deposit' | 'cancel'; readonly panel: string }
  | { readonly do: 'pick'; readonly panel: string; readonly compartment: number }
  | { readonly do: 'set'; readonly panel: string; readonly pin: string }
  | { readonly do: 'collect'; readonly panel: string; readonly compartment: number; readonly pin: string }
  | { readonly do: 'type'; readonly keys: string }
  | { readonly do: 'close' | 'stick' | 'mend'; readonly compartment: number }
  | { readonly do: 'wait' | 'set-clock'; readonly for: number }
  | { readonly do: 'lose-store' | 'find-store' | 'crash' };

const panel = fc.constantFrom('left', 'right');
const compartment = fc.integer({ min: 1, max: 4 });
const pin = fc.constantFrom(...PINS);
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 8, arbitrary: fc.record({ do: fc.constant('leave' as const), panel, compartment, pin }) },
  { weight: 8, arbitrary: fc.record({ do: fc.constant('fetch' as const), panel, which: fc.nat(3), pin }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('deposit' as const), panel }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('pick' as const), panel, compartment }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('set' as const), panel, pin }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('collect' as const), panel, compartment, pin }) },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constant('type' as const),
      keys: fc.constantFrom('0', '1', '2', ...PINS),
    }),
  },
  { weight: 4, arbitrary: fc.record({ do: fc.constant('close' as const), compartment }) },
  {
    weight: 2,
    arbitrary: fc.record({ do: fc.constantFrom('stick' as const, 'mend' as const), compartment }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('cancel' as const), panel }) },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant('wait' as const),
      for: fc.constantFrom(1_000, 25_000, 61_000),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constant('set-clock' as const), for: fc.constantFrom(-HOUR, HOUR) }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constantFrom('lose-store' as const, 'find-store' as const, 'crash' as const),
    }),
  },
);

describe('Any guests at two panels and a keypad', function () {
  this.timeout(1_200_000);

  let stored: StoredLog;
  let work: GatewayAtWork;

  before(async () => {
    stored = await StoredLog.open();
  });

  after(() => stored.remove());

  async function carryOut(act: Step): Promise<void> {
    switch (act.do) {
      case 'leave': {
        await work.answer(act.panel, { answer: 'deposit' });
        await work.answer(act.panel, { answer: 'compartment', compartment: act.compartment });
        await stored.pass(500);
        const opened = Number(work.gateway.panel(act.panel)?.prompt.values['compartment'] ?? 0);
        if (opened > 0) await work.closeDoor(opened);
        await work.answer(act.panel, { answer: 'scan', scan: { kind: 'pin', value: act.pin } });
        return;
      }
      case 'fetch': {
        const full = work.cabinet.compartments.filter(({ deposit }) => deposit?.stage === 'stored');
        const number = full[act.which % Math.max(1, full.length)]?.number ?? 1;
        await work.answer(act.panel, { answer: 'collect', compartment: number, pin: act.pin });
        await stored.pass(500);
        await work.closeDoor(number);
        return;
      }
      case 'deposit':
        await work.answer(act.panel, { answer: 'deposit' });
        return;
      case 'cancel':
        await work.answer(act.panel, { answer: 'cancel' });
        return;
      case 'pick':
        await work.answer(act.panel, { answer: 'compartment', compartment: act.compartment });
        return;
      case 'set':
        await work.answer(act.panel, { answer: 'scan', scan: { kind: 'pin', value: act.pin } });
        return;
      case 'collect':
        await work.answer(act.panel, { answer: 'collect', compartment: act.compartment, pin: act.pin });
        return;
      case 'type':
        work.reader('own-reader').scan({ kind: 'pin', value: act.keys });
        await stored.pass(600);
        return;
      case 'close':
        await stored.pass(200);
        await work.closeDoor(act.compartment);
        return;
      case 'stick':
        work.board.habits.set(FIRST_LOCK + act.compartment - 1, 'stuck');
        return;
      case 'mend':
        work.board.habits.delete(FIRST_LOCK + act.compartment - 1);
        return;
      case 'wait':
        await waiting(act.for);
        return;
      case 'set-clock':
        stored.clock.set(act.for);
        return;
      case 'lose-store':
        stored.fault = 'refused';
        return;
      case 'find-store':
        await stored.recover();
        return;
      case 'crash': {
        const before = JSON.stringify(
          toSnapshot(work.cabinet).compartments.map(({ deposit }) => deposit?.id),
        );
        await stored.recover();
        pulsed.push(...work.board.pulses);
        const { habits } = work.board;
        await work.crash();
        for (const [lock, habit] of habits) work.board.habits.set(lock, habit);
        await work.report();
        const after = JSON.stringify(toSnapshot(work.cabinet).compartments.map(({ deposit }) => deposit?.id));
        expect(after, 'no deposit is lost in a crash').to.equal(before);
      }
    }
  }

  /** Pulses before the last crash. */
  let pulsed: number[] = [];

  async function waiting(milliseconds: number): Promise<void> {
    for (let passed = 0; passed < milliseconds; passed += 5_000) {
      await stored.clock.advance(Math.min(5_000, milliseconds - passed));
      await stored.work();
    }
  }

  /** Everybody goes home: doors are closed, and whoever is asked for something says nothing more. */
  async function everybodyLeaves(): Promise<void> {
    await stored.recover();
    for (const number of [1, 2, 3, 4]) work.board.habits.delete(FIRST_LOCK + number - 1);
    for (let round = 0; round < 3; round += 1) {
      await waiting(15_000);
      for (const number of [1, 2, 3, 4]) await work.closeDoor(number);
    }
    // Each of those who are asked at one panel has a minute of their own.
    await waiting(5 * 61_000);
    await stored.recover();
  }

  function of<Type extends keyof CabinetEvents>(
    events: readonly LoggedEvent[],
    type: Type,
  ): CabinetEvents[Type][] {
    return events
      .filter((event) => event.type === type)
      .map(({ data }) => data as unknown as CabinetEvents[Type]);
  }

  function expectEnd(events: readonly LoggedEvent[]): void {
    expect([...work.cabinet.sessions.values()], 'nobody is asked for anything').to.deep.equal([]);
    for (const { number, deposit, opening, use, codes } of work.cabinet.compartments) {
      expect([opening, use], `what goes on at ${number}`).to.deep.equal([undefined, undefined]);
      expect(deposit?.stage ?? 'stored', `what lies in ${number}`).to.equal('stored');
      expect(codes, `codes of ${number}`).to.have.length(deposit ? 1 : 0);
    }
    const abandoned = of(events, 'deposit-abandoned').map((each) => each.compartment);
    for (const number of new Set(abandoned)) expect(work.status(number)).to.equal('blocked');

    // Nothing opens without a grant: each has one pulse, and up to three where its lock did not obey.
    const granted = of(events, 'compartment-granted');
    for (const number of [1, 2, 3, 4]) {
      const lock = FIRST_LOCK + number - 1;
      const pulses = [...pulsed, ...work.board.pulses].filter((each) => each === lock).length;
      const grants = granted.filter((each) => each.compartment === number).length;
      expect(pulses, `pulses of ${number}`).to.be.at.most(grants * (stuck ? 3 : 1));
    }
    // A code opens once.
    const opened = new Set(of(events, 'door-opened').map(({ grant }) => grant));
    const used = granted
      .filter(({ grant, code }) => code !== undefined && opened.has(grant))
      .map(({ code }) => code);
    expect(used, 'codes that opened').to.have.length(new Set(used).size);
    const set = new Set(of(events, 'deposit-stored').map(({ code }) => code.id));
    for (const code of used) expect(set.has(code ?? ''), 'codes that were set').to.equal(true);
    expect(work.troubles, 'what the operator was told').to.deep.equal([]);
  }

  /** Whether any lock was stuck in the story. */
  let stuck = false;

  for (const schema of ['4.2', '4.3']) {
    it(`under ${schema}: nothing is lost, opened twice, or left occupied by nobody`, async () => {
      await fc.assert(
        fc.asyncProperty(fc.noBias(fc.array(step, { maxLength: MOST_STEPS, size: 'max' })), async (steps) => {
          pulsed = [];
          stuck = steps.some((each) => each.do === 'stick');
          work = await GatewayAtWork.start(stored, { cabinet: { schema }, panels: PANELS });
          try {
            for (const each of steps) await carryOut(each);
            await everybodyLeaves();
            const events = await stored.events('cabinet/A');
            expectEnd(events);
            expect(
              (await Array.fromAsync(verifyLog(stored.repository))).filter(({ flaw }) => flaw),
            ).to.deep.equal([]);
          } finally {
            stored.fault = 'none';
            await work.stop();
            await stored.renew();
          }
        }),
        { numRuns: STORIES },
      );
    });
  }
});
