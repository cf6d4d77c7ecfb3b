import { expect } from 'chai';
import { UNCONFIGURED } from '../../../domain/cabinet/evolve.ts';
import type { CabinetState, CompartmentState, Loan } from '../../../domain/cabinet/state.ts';
import { systemClock } from '../../../gateway/clock.ts';
import type { EventSearch } from '../../../gateway/event-log/event-store.ts';
import { GatewayQueries } from '../../../gateway/query/gateway-queries.ts';
import type { Possession } from '../../../gateway/query/queries.ts';

const NOW = Date.UTC(2026, 5, 1, 12);
const HOUR = 3_600_000;

/** A search that these tests do not come to. */
const NO_EVENTS: EventSearch = { find: () => Promise.reject(new Error('events were not asked for')) };

function compartment(number: number, known: Partial<CompartmentState> = {}): CompartmentState {
  return {
    number,
    board: 'left',
    door: 'closed',
    doorSince: NOW - HOUR,
    holders: [],
    occupiedSince: undefined,
    opening: undefined,
    use: undefined,
    unsettled: undefined,
    deposit: undefined,
    codes: [],
    contents: [],
    wrongCodes: undefined,
    blocked: undefined,
    outOfOrder: undefined,
    ...known,
  };
}

function cabinet(
  id: string,
  compartments: readonly CompartmentState[],
  loans: readonly Loan[] = [],
): CabinetState {
  return { ...UNCONFIGURED, setting: { ...UNCONFIGURED.setting, id }, compartments, loans };
}

const CODE = { id: 'code-1', kind: 'pin', verifier: 'a proof' } as const;

const CABINETS: readonly CabinetState[] = [
  cabinet('A', [
    compartment(1),
    compartment(2, { holders: ['ada', 'bob'], occupiedSince: NOW - 2 * HOUR, codes: [CODE] }),
    compartment(3, {
      occupiedSince: NOW - 50 * HOUR,
      deposit: {
        id: 'deposit-1',
        by: 'mia',
        recipient: 'ada',
        stage: 'stored',
        since: NOW - 49 * HOUR,
        mail: 'sent',
        overdue: true,
      },
      codes: [CODE],
    }),
    compartment(4, { door: 'left-open', blocked: 'wet paint' }),
  ]),
  cabinet(
    'B',
    [
      compartment(1, { contents: [{ item: 'drill' }], occupiedSince: NOW - HOUR }),
      compartment(2, { contents: [{}], occupiedSince: NOW + HOUR }),
      compartment(3, {
        deposit: { id: 'deposit-2', stage: 'unfinished', since: NOW - HOUR },
        occupiedSince: NOW - HOUR,
      }),
    ],
    [
      { user: 'ada', item: 'saw', compartment: 5, since: NOW - 3 * HOUR, overdue: true },
      { user: 'bob', compartment: 6, since: NOW - HOUR },
    ],
  ),
];

describe('what is held', () => {
  const queries = new GatewayQueries({
    cabinets: () => CABINETS,
    search: NO_EVENTS,
    clock: { ...systemClock, now: () => NOW },
  });

  it('is told compartment by compartment: by what it is taken, by whom, and since when', () => {
    expect(queries.occupancy('A')).to.deep.equal({
      ok: true,
      compartments: [
        {
          cabinet: 'A',
          compartment: 1,
          status: 'free',
          door: 'closed',
          taken: [],
          holders: [],
          items: [],
          overdue: false,
        },
        {
          cabinet: 'A',
          compartment: 2,
          status: 'occupied',
          door: 'closed',
          taken: ['allocation', 'code'],
          holders: ['ada', 'bob'],
          items: [],
          since: NOW - 2 * HOUR,
          age: 2 * HOUR,
          overdue: false,
        },
        {
          cabinet: 'A',
          compartment: 3,
          status: 'occupied',
          door: 'closed',
          taken: ['deposit', 'code'],
          holders: [],
          depositor: 'mia',
          recipient: 'ada',
          items: [],
          since: NOW - 50 * HOUR,
          age: 50 * HOUR,
          overdue: true,
        },
        {
          cabinet: 'A',
          compartment: 4,
          status: 'blocked',
          door: 'left-open',
          taken: [],
          holders: [],
          items: [],
          overdue: false,
          blocked: 'wet paint',
        },
      ],
    });
  });

  it('is told of all cabinets, and never aged less than nothing after the clock was set back', () => {
    const answer = queries.occupancy();
    if (!answer.ok) expect.fail(answer.text.en);
    expect(answer.compartments.map(({ cabinet: id, compartment: number }) => `${id}${number}`)).to.deep.equal(
      ['A1', 'A2', 'A3', 'A4', 'B1', 'B2', 'B3'],
    );
    expect(answer.compartments[4]?.items).to.deep.equal(['drill']);
    expect(answer.compartments[5]).to.include({ since: NOW + HOUR, age: 0 });
  });

  it('of a cabinet that is not here is refused', () => {
    const answer = queries.occupancy('Z');
    if (answer.ok) expect.fail('there is no cabinet Z');
    expect(answer.refusal).to.deep.equal({ code: 'cabinet-unknown', values: { cabinet: 'Z' } });
    expect(answer.text.en).to.contain('Z');
  });

  const ALLOCATION = {
    kind: 'allocation',
    cabinet: 'A',
    compartment: 2,
    user: 'ada',
    since: NOW - 2 * HOUR,
    age: 2 * HOUR,
    overdue: false,
  } as const;
  const DEPOSIT = {
    kind: 'deposit',
    cabinet: 'A',
    compartment: 3,
    deposit: 'deposit-1',
    stage: 'stored',
    depositor: 'mia',
    recipient: 'ada',
    since: NOW - 49 * HOUR,
    age: 49 * HOUR,
    overdue: true,
    mail: 'sent',
  } as const;
  const SAW = {
    kind: 'loan',
    cabinet: 'B',
    compartment: 5,
    user: 'ada',
    item: 'saw',
    since: NOW - 3 * HOUR,
    age: 3 * HOUR,
    overdue: true,
  } as const;
  const DRILL = {
    kind: 'item',
    cabinet: 'B',
    compartment: 1,
    item: 'drill',
    since: NOW - HOUR,
    age: HOUR,
    overdue: false,
  } as const;

  const cases: readonly {
    readonly says: string;
    readonly query: { readonly user?: string; readonly item?: string };
    readonly expected: readonly Possession[];
  }[] = [
    {
      says: 'what a user holds, is to collect, and has borrowed',
      query: { user: 'ada' },
      expected: [ALLOCATION, DEPOSIT, SAW],
    },
    { says: 'what a master has left', query: { user: 'mia' }, expected: [DEPOSIT] },
    { says: 'who has an item', query: { item: 'saw' }, expected: [SAW] },
    { says: 'where an item lies', query: { item: 'drill' }, expected: [DRILL] },
    { says: 'whether a user has an item', query: { user: 'ada', item: 'saw' }, expected: [SAW] },
    { says: 'that a user has not got an item', query: { user: 'bob', item: 'saw' }, expected: [] },
    { says: 'nothing of a user who has nothing', query: { user: 'zoe' }, expected: [] },
  ];
  for (const { says, query, expected } of cases) {
    it(`tells ${says}`, () => {
      expect(queries.whoHasWhat(query)).to.deep.equal({ ok: true, possessions: expected });
    });
  }

  it('is everything where nothing limits it, deposits of undefined users and unnamed items included', () => {
    const answer = queries.whoHasWhat();
    if (!answer.ok) expect.fail(answer.text.en);
    expect(
      answer.possessions.map(({ kind, cabinet: id, compartment: number }) => `${kind} ${id}${number}`),
    ).to.deep.equal([
      'allocation A2',
      'allocation A2',
      'deposit A3',
      'item B1',
      'item B2',
      'deposit B3',
      'loan B5',
      'loan B6',
    ]);
  });

  it('is not told for what is no query', () => {
    for (const [query, field] of [
      [{ user: 7 }, 'user'],
      [{ item: '' }, 'item'],
      [{ person: 'ada' }, 'person'],
      ['ada', 'query'],
      [null, 'query'],
    ] as const) {
      const answer = queries.whoHasWhat(query as object);
      if (answer.ok) expect.fail(`${JSON.stringify(query)} was taken`);
      expect(answer.refusal.code).to.equal('query-malformed');
      expect(answer.refusal.values['field']).to.equal(field);
    }
  });
});
