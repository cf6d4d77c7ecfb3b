import { expect } from 'chai';
import fc from 'fast-check';
import type { AlarmCommand } from '../../domain/alarms/events.ts';
import type { AlarmKind } from '../../domain/alarms/kinds.ts';
import type { CabinetEvent } from '../../domain/cabinet/events.ts';
import { GATEWAY } from '../../domain/event.ts';
import { CABINET_DEFAULTS } from '../../domain/site.ts';
import type { AlarmView, Requester } from '../../gateway/api.ts';
import { MemoryGateway } from './support/memory-gateway.ts';
import { SiteInMemory } from './support/site-in-memory.ts';

const BOARDS = 3;
const KINDS = [
  'door-forced',
  'door-left-open',
  'lock-fault',
  'duress',
] as const satisfies readonly AlarmKind[];
const ADMINISTRATOR: Requester = {
  kind: 'administrator',
  principal: { user: 'u-admin', login: 'admin', roles: ['administrator'] },
};

/** What may happen, to a compartment by its place among those that there are. */
type Step =
  | { readonly do: 'configure'; readonly numbers: readonly number[] }
  | { readonly do: 'assign' | 'release' | 'open' | 'close' | 'force' | 'block'; readonly place: number }
  | { readonly do: 'lose' | 'find'; readonly board: number }
  | { readonly do: 'raise' | 'over'; readonly kind: (typeof KINDS)[number]; readonly place: number }
  | { readonly do: 'command'; readonly what: Quiet; readonly alarm: number }
  | { readonly do: 'reload' | 'leave-and-return' };
type Quiet =
  | 'suppress'
  | 'release'
  | 'take-out'
  | 'put-back'
  | 'disable'
  | 'enable'
  | 'acknowledge'
  | 'confirm';

const place = fc.nat(511);
const numbers = fc.uniqueArray(fc.integer({ min: 1, max: 512 }), { minLength: 1, maxLength: 80 });
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 1, arbitrary: fc.record({ do: fc.constant('configure' as const), numbers }) },
  {
    weight: 12,
    arbitrary: fc.record({
      do: fc.constantFrom('assign', 'release', 'open', 'close', 'force', 'block'),
      place,
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({ do: fc.constantFrom('lose', 'find'), board: fc.nat(BOARDS - 1) }),
  },
  {
    weight: 6,
    arbitrary: fc.record({ do: fc.constantFrom('raise', 'over'), kind: fc.constantFrom(...KINDS), place }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant('command' as const),
      what: fc.constantFrom<Quiet>(
        'suppress',
        'release',
        'take-out',
        'put-back',
        'disable',
        'enable',
        'acknowledge',
        'confirm',
      ),
      alarm: fc.nat(20),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constantFrom('reload', 'leave-and-return') }) },
);

describe('compact views of OPC UA', () => {
  let gateway: MemoryGateway;
  let site: SiteInMemory;

  before(async () => {
    gateway = new MemoryGateway({ A: 1 });
    site = await SiteInMemory.of(gateway);
  });

  after(() => site?.close());

  it('say what compartments and the book of alarms say, whatever happens', async () => {
    await fc.assert(
      fc.asyncProperty(numbers, fc.array(step, { maxLength: 40 }), async (first, steps) => {
        await clear();
        await take({ do: 'configure', numbers: first });
        for (const each of steps) await take(each);
        await site.turn();
        expectSummary();
        expectAlarms();
      }),
      { numRuns: 60 },
    );
  });

  it('hold for 512 compartments, all of them occupied and open', async () => {
    for (let board = 0; board < BOARDS; board += 1) await take({ do: 'find', board });
    await take({ do: 'configure', numbers: Array.from({ length: 512 }, (_, index) => 512 - index) });
    for (let each = 0; each < 512; each += 1) {
      await take({ do: 'assign', place: each });
      await take({ do: 'open', place: each });
    }
    await site.turn();
    expect(site.value('cabinet/A/Summary/OccupiedSet')).to.deep.equal(Array<number>(16).fill(2 ** 32 - 1));
    expect(site.value('cabinet/A/Summary/Open')).to.equal(512);
    expect(site.read('cabinet/A/Summary/Open').statusCode.name).to.equal('Good');
    expectSummary();
  });

  it('are empty once a cabinet has lost the last of its compartments', async () => {
    await take({ do: 'configure', numbers: [1, 2] });
    await site.turn();
    await take({ do: 'configure', numbers: [] });
    await site.turn();
    expect(site.value('cabinet/A/Summary/Total')).to.equal(0);
    for (const name of ['Numbers', 'States', 'Doors', 'OpenSet', 'AlarmSet'])
      expect(site.value(`cabinet/A/Summary/${name}`), name).to.deep.equal([]);
  });

  it('count what is kept quiet, whether its cause goes on or not, and what nobody has acknowledged', async () => {
    await take({ do: 'configure', numbers: [1, 2] });
    await clear();
    const door = 'door-forced@A/1';
    await take({ do: 'raise', kind: 'door-forced', place: 0 });
    await command({ do: 'suppress', alarm: door });
    await command({ do: 'acknowledge', alarm: door, number: current(door) });
    await site.turn();
    expect(sums('cabinet/A')).to.deep.equal([1, 0, 1, 0]);
    await take({ do: 'over', kind: 'door-forced', place: 0 });
    await command({ do: 'confirm', alarm: door, number: current(door) });
    await site.turn();
    expect(sums('cabinet/A')).to.deep.equal([0, 0, 1, 0]);
    await command({ do: 'release', alarm: door });
    await site.turn();
    expect(sums('cabinet/A')).to.deep.equal([0, 0, 0, 0]);
  });

  it('never go back in time', async () => {
    const at = Date.now() + 60_000;
    await take({ do: 'configure', numbers: [1, 2] });
    append({ type: 'door-closed', actor: GATEWAY, data: { compartment: 1 } }, at);
    await site.turn();
    append({ type: 'door-opened', actor: GATEWAY, data: { compartment: 1, grant: 'g' } }, at - 30_000);
    await site.turn();
    expect(site.value('cabinet/A/Summary/Open')).to.equal(1);
    expect(site.read('cabinet/A/Summary/Open').sourceTimestamp?.getTime()).to.equal(at);
    expect(site.read('cabinet/A/compartment/1/Door').sourceTimestamp?.getTime()).to.equal(at - 30_000);
  });

  /** Active, unacknowledged, shelved, highest severity. */
  function sums(name: string): unknown[] {
    return ['Active', 'Unacknowledged', 'Shelved', 'HighestSeverity'].map((each) =>
      site.value(`${name}/Alarms/${each}`),
    );
  }

  function append(draft: CabinetEvent, at = Date.now()): void {
    gateway.append('A', draft, at);
  }

  async function command(asked: AlarmCommand): Promise<void> {
    await gateway.alarms.command(asked, ADMINISTRATOR);
  }

  function current(id: string): number {
    return gateway.alarms.alarm(id)?.current.number ?? 0;
  }

  /** Ends all alarms and what was done to them. */
  async function clear(): Promise<void> {
    for (const { id, kind, source } of gateway.alarms.list()) {
      await gateway.alarms.record([{ signs: () => [{ sign: 'over', kind, source }] }]);
      for (const what of ['enable', 'release', 'put-back'] as const) await command({ do: what, alarm: id });
      const alarm = gateway.alarms.alarm(id);
      for (const { number } of alarm ? [...alarm.earlier, alarm.current] : []) {
        await command({ do: 'acknowledge', alarm: id, number });
        await command({ do: 'confirm', alarm: id, number });
      }
    }
  }

  async function take(asked: Step): Promise<void> {
    const actor = GATEWAY;
    const { compartments, setting } = gateway.cabinet('A') ?? { compartments: [], setting: undefined };
    const compartment =
      'place' in asked && compartments.length > 0
        ? (compartments[asked.place % compartments.length]?.number ?? 0)
        : 0;
    switch (asked.do) {
      case 'configure':
        return configure(asked.numbers);
      case 'reload':
        return gateway.renameCabinet('A', 'again');
      case 'leave-and-return': {
        gateway.removeCabinet('A');
        if ((setting?.compartments.length ?? 0) % 2 === 0) await site.turn();
        configure(setting?.compartments.map(({ number }) => number) ?? []);
        return gateway.renameCabinet('A', 'back');
      }
      case 'lose':
        return append({ type: 'board-lost', actor, data: { board: `A-${asked.board}` } });
      case 'find':
        return append({ type: 'board-found', actor, data: { board: `A-${asked.board}` } });
      case 'command':
        return quieten(asked.what, asked.alarm);
      case 'raise':
      case 'over': {
        const source = { source: 'compartment', cabinet: 'A', compartment } as const;
        const sign = asked.do === 'raise' ? 'raised' : 'over';
        await gateway.alarms.record([{ signs: () => [{ sign, kind: asked.kind, source }] }]);
        return;
      }
      case 'assign':
        return append({
          type: 'compartment-assigned',
          actor,
          data: { compartment, user: `u-${compartment}`, reason: 'contract' },
        });
      case 'release':
        return append({
          type: 'compartment-released',
          actor,
          data: { compartment, users: [`u-${compartment}`], reason: 'end' },
        });
      case 'open':
        return append({ type: 'door-opened', actor, data: { compartment, grant: 'g' } });
      case 'close':
        return append({ type: 'door-closed', actor, data: { compartment } });
      case 'force':
        return append({ type: 'door-forced', actor, data: { compartment, whileAway: false } });
      case 'block':
        return append({ type: 'compartment-blocked', actor, data: { compartment, reason: 'trial' } });
    }
  }

  function configure(list: readonly number[]): void {
    append({
      type: 'cabinet-configured',
      actor: GATEWAY,
      data: {
        cabinet: {
          id: 'A',
          kind: 'multi',
          schema: '2.2',
          compartments: list.map((number) => ({ number, board: `A-${number % BOARDS}` })),
          groups: [],
          userGroups: [],
          doors: { opensWithin: 1000, attempts: 2, leftOpenAfter: 60_000, grantValidFor: 10_000 },
          ...CABINET_DEFAULTS,
        },
      },
    });
  }

  async function quieten(what: Quiet, index: number): Promise<void> {
    const list = gateway.alarms.list();
    const alarm = list[index % Math.max(1, list.length)];
    if (!alarm) return;
    if (what === 'acknowledge' || what === 'confirm')
      await command({ do: what, alarm: alarm.id, number: alarm.current.number });
    else await command({ do: what, alarm: alarm.id });
  }

  /** Compares the summary with the variables of the compartments, one by one. */
  function expectSummary(): void {
    const found = gateway.cabinet('A')?.compartments.map(({ number }) => number) ?? [];
    const sorted = found.toSorted((a, b) => a - b);
    const calling = new Set(
      alarms().flatMap(({ calls, source }) =>
        calls && source.source === 'compartment' ? [source.compartment] : [],
      ),
    );
    const rows = sorted.map((number) => {
      const path = `cabinet/A/compartment/${number}`;
      const door = site.read(`${path}/Door`);
      const heard = door.statusCode.name === 'Good';
      return {
        state: site.value(`${path}/State`) as number,
        door: heard ? (door.value.value as number) : 0,
        heard,
        occupied: (site.value(`${path}/OccupiedSince`) as Date | null) !== null,
        alarm: calling.has(number),
      };
    });
    const bits = (flags: readonly boolean[]): number[] => {
      const words = Array<number>(Math.ceil(flags.length / 32)).fill(0);
      for (const [index, flag] of flags.entries())
        if (flag) words[Math.floor(index / 32)] = (words[Math.floor(index / 32)] ?? 0) + 2 ** (index % 32);
      return words;
    };
    const expected: Record<string, unknown> = {
      Total: sorted.length,
      Numbers: sorted,
      States: rows.map(({ state }) => state),
      Doors: rows.map(({ door }) => door),
      Free: rows.filter(({ state }) => state === 0).length,
    };
    const flags = {
      Occupied: rows.map(({ occupied }) => occupied),
      Open: rows.map(({ door }) => door >= 2),
      Alarm: rows.map(({ alarm }) => alarm),
      OutOfOrder: rows.map(({ state }) => state >= 4),
    };
    for (const [name, list] of Object.entries(flags)) {
      expected[name] = list.filter(Boolean).length;
      expected[`${name}Set`] = bits(list);
    }
    for (const [name, value] of Object.entries(expected))
      expect(site.value(`cabinet/A/Summary/${name}`), name).to.deep.equal(value);
    const ofDoors = rows.every(({ heard }) => heard) ? 'Good' : 'UncertainSubNormal';
    for (const name of ['Open', 'OpenSet', 'Doors'])
      expect(site.read(`cabinet/A/Summary/${name}`).statusCode.name, name).to.equal(ofDoors);
  }

  function alarms(): readonly AlarmView[] {
    return gateway.alarms.list().filter(({ silent }) => !silent);
  }

  /** Compares the sums with the book. */
  function expectAlarms(): void {
    const all = alarms();
    const retained = all.filter((each) => each.retained);
    const expected = [
      retained.filter(({ current: last }) => last.ended === undefined).length,
      retained.filter(({ current: last, earlier }) => [...earlier, last].some((each) => !each.acknowledged))
        .length,
      all.filter((each) => each.shelving || each.suppressed || each.outOfService).length,
      Math.max(0, ...all.filter((each) => each.calls).map(({ severity }) => severity)),
    ];
    expect(sums('cabinet/A'), 'of the cabinet').to.deep.equal(expected);
    expect(sums('site'), 'of the site').to.deep.equal(expected);
  }
});
