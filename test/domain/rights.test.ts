import { expect } from 'chai';
import fc from 'fast-check';
import type { Refusal } from '../../domain/refusals.ts';
import {
  type Claimant,
  holdsAt,
  isWithin,
  type Reach,
  type Right,
  reachOf,
  type Weekday,
  type WeeklyWindow,
} from '../../domain/rights.ts';
import { CABINET_DEFAULTS, type CabinetSetting } from '../../domain/site.ts';

const WARSAW = 'Europe/Warsaw';
const EVERY_DAY: readonly Weekday[] = [1, 2, 3, 4, 5, 6, 7];

/** Milliseconds of a moment in UTC. */
function utc(moment: string): number {
  return Date.parse(`${moment}Z`);
}

function daily(from: string, to: string, days: readonly Weekday[] = EVERY_DAY): WeeklyWindow {
  return { days, from, to };
}

describe('weekly windows', () => {
  // 2026-01-05 is a Monday. Warsaw is one hour ahead of UTC in winter and two in summer.
  const cases: readonly {
    readonly says: string;
    readonly window: WeeklyWindow;
    readonly zone: string;
    readonly open: readonly string[];
    readonly closed: readonly string[];
  }[] = [
    {
      says: 'includes its beginning and excludes its end',
      window: daily('08:00', '16:00'),
      zone: WARSAW,
      open: ['2026-01-05T07:00:00.000', '2026-01-05T14:59:59.999'],
      closed: ['2026-01-05T06:59:59.999', '2026-01-05T15:00:00.000'],
    },
    {
      says: 'is open on its days only, as the days are on the clocks of the site',
      window: daily('00:00', '23:59', [2]),
      zone: WARSAW,
      open: ['2026-01-05T23:00:00', '2026-01-06T22:58:59.999'],
      closed: ['2026-01-05T22:59:59.999', '2026-01-06T22:59:00', '2026-01-06T23:00:00'],
    },
    {
      says: 'over midnight belongs to the day on which it begins',
      window: daily('22:00', '06:00', [5]),
      zone: WARSAW,
      open: ['2026-01-09T21:00:00', '2026-01-09T23:00:00', '2026-01-10T04:59:59.999'],
      closed: [
        '2026-01-09T04:00:00',
        '2026-01-09T20:59:59.999',
        '2026-01-10T05:00:00',
        '2026-01-10T21:30:00',
      ],
    },
    {
      says: 'over midnight runs from Sunday into Monday',
      window: daily('20:00', '02:00', [7]),
      zone: WARSAW,
      open: ['2026-01-11T19:00:00', '2026-01-12T00:30:00'],
      closed: ['2026-01-06T00:30:00', '2026-01-12T01:00:00', '2026-01-12T19:30:00'],
    },
    {
      says: 'that ends at 00:00 ends with its day',
      window: daily('23:59', '00:00', [1]),
      zone: WARSAW,
      open: ['2026-01-05T22:59:00', '2026-01-05T22:59:59.999'],
      closed: ['2026-01-05T22:58:59.999', '2026-01-05T23:00:00', '2026-01-04T22:59:30'],
    },
    {
      says: 'that ends where it begins lasts until the same time of the next day',
      window: daily('12:00', '12:00', [1]),
      zone: WARSAW,
      open: ['2026-01-05T11:00:00', '2026-01-05T23:30:00', '2026-01-06T10:59:59.999'],
      closed: ['2026-01-05T10:59:59.999', '2026-01-06T11:00:00'],
    },
    {
      says: 'without a day is never open',
      window: daily('00:00', '23:59', []),
      zone: WARSAW,
      open: [],
      closed: ['2026-01-05T11:00:00'],
    },
    {
      says: 'misses the hour that is skipped in spring, 29 March 2026',
      window: daily('02:00', '03:00', [7]),
      zone: WARSAW,
      open: [],
      closed: ['2026-03-29T00:59:59.999', '2026-03-29T01:00:00', '2026-03-29T01:30:00'],
    },
    {
      says: 'that begins in the skipped hour opens when the clocks have jumped',
      window: daily('02:30', '04:00', [7]),
      zone: WARSAW,
      open: ['2026-03-29T01:00:00', '2026-03-29T01:59:59.999'],
      closed: ['2026-03-29T00:59:59.999', '2026-03-29T02:00:00'],
    },
    {
      says: 'that ends in the skipped hour closes when the clocks jump',
      window: daily('01:00', '02:30', [7]),
      zone: WARSAW,
      open: ['2026-03-29T00:00:00', '2026-03-29T00:59:59.999'],
      closed: ['2026-03-29T01:00:00'],
    },
    {
      says: 'has the hour that comes twice in autumn twice, 25 October 2026',
      window: daily('02:15', '02:45', [7]),
      zone: WARSAW,
      open: ['2026-10-25T00:15:00', '2026-10-25T00:30:00', '2026-10-25T01:15:00', '2026-10-25T01:44:59.999'],
      closed: [
        '2026-10-25T00:14:59.999',
        '2026-10-25T00:45:00',
        '2026-10-25T01:00:00',
        '2026-10-25T01:45:00',
      ],
    },
    {
      says: 'over the midnight before the clocks change lasts by the clocks',
      window: daily('22:00', '06:00', [6]),
      zone: WARSAW,
      open: [
        '2026-03-28T21:00:00',
        '2026-03-29T03:59:59.999',
        '2026-10-24T20:00:00',
        '2026-10-25T04:59:59.999',
      ],
      closed: [
        '2026-03-28T20:59:59.999',
        '2026-03-29T04:00:00',
        '2026-10-24T19:59:59.999',
        '2026-10-25T05:00:00',
      ],
    },
    {
      says: 'follows the southern summer: Sydney goes back on 5 April 2026',
      window: daily('02:30', '03:00', [7]),
      zone: 'Australia/Sydney',
      open: ['2026-04-04T15:30:00', '2026-04-04T16:30:00'],
      closed: ['2026-04-04T15:29:59.999', '2026-04-04T16:00:00', '2026-04-04T17:00:00'],
    },
    {
      says: 'is open on a day that has begun there and not yet in UTC: Kathmandu, a quarter past five and a half',
      window: daily('00:00', '00:45', [1]),
      zone: 'Asia/Kathmandu',
      open: ['2026-01-04T18:15:00', '2026-01-04T18:59:59.999'],
      closed: ['2026-01-04T18:14:59.999', '2026-01-04T19:00:00', '2026-01-05T18:15:00'],
    },
    {
      says: 'works before 1970',
      window: daily('08:00', '16:00', [3]),
      zone: 'UTC',
      open: ['1969-12-31T08:00:00'],
      closed: ['1969-12-31T16:00:00', '1969-12-30T08:00:00'],
    },
  ];
  for (const { says, window, zone, open, closed } of cases) {
    it(says, () => {
      for (const moment of open) {
        expect(isWithin(window, utc(moment), zone), `${moment} UTC`).to.equal(true);
      }
      for (const moment of closed) {
        expect(isWithin(window, utc(moment), zone), `${moment} UTC`).to.equal(false);
      }
    });
  }

  it('names a time zone that does not exist', () => {
    expect(() => isWithin(daily('08:00', '16:00'), 0, 'Europe/Atlantis')).to.throw(RangeError, 'Atlantis');
  });

  it('agrees with a calendar of the week that is filled in minute by minute', () => {
    const zones = [
      WARSAW,
      'Australia/Lord_Howe',
      'America/St_Johns',
      'Asia/Kathmandu',
      'America/Santiago',
      'UTC',
    ];
    const minute = fc.integer({ min: 0, max: 1_439 });
    const anyWindow = fc.record({
      days: fc.uniqueArray(fc.constantFrom(...EVERY_DAY), { maxLength: 7 }),
      from: minute.map(clock),
      to: minute.map(clock),
    });
    // Around the days on which clocks change in one of these zones, and anywhere else.
    const changes = [
      '2026-03-08',
      '2026-03-29',
      '2026-04-05',
      '2026-09-06',
      '2026-10-04',
      '2026-10-25',
      '2026-11-01',
    ];
    const nearChange = fc
      .tuple(fc.constantFrom(...changes), fc.integer({ min: -129_600_000, max: 129_600_000 }))
      .map(([day, offset]) => utc(`${day}T01:00:00`) + offset);
    const anyTime = fc.integer({ min: utc('1975-01-01T00:00:00'), max: utc('2060-01-01T00:00:00') });
    fc.assert(
      fc.property(
        anyWindow,
        fc.constantFrom(...zones),
        fc.array(fc.oneof(nearChange, anyTime), { minLength: 1, maxLength: 20 }),
        (window, zone, times) => {
          const calendar = calendarOf(window);
          for (const at of times) {
            expect(isWithin(window, at, zone), `${new Date(at).toISOString()} ${zone}`).to.equal(
              calendar.has(minuteOfWeek(at, zone)),
            );
          }
        },
      ),
      { numRuns: 300 },
    );
  });
});

/** `HH:MM` of a minute of the day. */
function clock(minute: number): string {
  const two = (value: number) => String(value).padStart(2, '0');
  return `${two(Math.floor(minute / 60))}:${two(minute % 60)}`;
}

function minutes(time: string): number {
  const [hour = '', minute = ''] = time.split(':');
  return Number(hour) * 60 + Number(minute);
}

/** Every minute of the week, counted from Monday 00:00, in which a window is open: walked from each beginning to its end. */
function calendarOf({ days, from, to }: WeeklyWindow): ReadonlySet<number> {
  const open = new Set<number>();
  for (const day of days) {
    let minute = minutes(from);
    do {
      open.add(((day - 1) * 1_440 + minute) % 10_080);
      minute += 1;
    } while (minute % 1_440 !== minutes(to));
  }
  return open;
}

/** The minute of the week, counted from Monday 00:00, that clocks show: read off a Swedish date, which is ISO 8601. */
function minuteOfWeek(at: number, timeZone: string): number {
  const [date = '', time = ''] = new Date(at).toLocaleString('sv-SE', { timeZone }).split(' ');
  const sundayFirst = new Date(`${date}T00:00:00Z`).getUTCDay();
  return ((sundayFirst + 6) % 7) * 1_440 + minutes(time);
}

describe('rights', () => {
  const NOON = utc('2026-01-05T11:00:00');
  const OFFICE_HOURS = [daily('08:00', '16:00', [1, 2, 3, 4, 5])];
  const NIGHT = [daily('22:00', '06:00')];
  const EARLIER = NOON - 1;
  const LATER = NOON + 1;

  const setting: CabinetSetting = {
    ...CABINET_DEFAULTS,
    id: 'A',
    kind: 'multi',
    schema: '2.2',
    compartments: [1, 2, 3, 4, 5, 6].map((number) => ({ number, board: 'left' })),
    groups: [
      { id: 'low', compartments: [1, 2], userGroups: [] },
      { id: 'middle', compartments: [2, 3, 4], userGroups: ['night'] },
      { id: 'high', compartments: [5, 6], userGroups: [] },
    ],
    userGroups: [],
    doors: { opensWithin: 3_000, attempts: 3, leftOpenAfter: 60_000, grantValidFor: 10_000 },
    timeZone: WARSAW,
  };
  const members = { ...setting, userGroups: ['staff'] };

  function right(change: Partial<Right>): Right {
    return { id: 'r', cabinet: 'A', user: 'ada', ...change };
  }

  it('hold from their beginning to before their end, in their hours', () => {
    expect(holdsAt(right({}), NOON, WARSAW)).to.equal(true);
    expect(holdsAt(right({ validFrom: NOON, validUntil: LATER }), NOON, WARSAW)).to.equal(true);
    expect(holdsAt(right({ validFrom: LATER }), NOON, WARSAW)).to.equal(false);
    expect(holdsAt(right({ validUntil: NOON }), NOON, WARSAW)).to.equal(false);
    expect(holdsAt(right({ weekly: OFFICE_HOURS }), NOON, WARSAW)).to.equal(true);
    expect(holdsAt(right({ weekly: NIGHT }), NOON, WARSAW)).to.equal(false);
    expect(holdsAt(right({ weekly: [...NIGHT, ...OFFICE_HOURS] }), NOON, WARSAW)).to.equal(true);
    expect(holdsAt(right({ weekly: [] }), NOON, WARSAW)).to.equal(false);
  });

  const everywhere: Reached = { given: [], picks: false };
  const cases: readonly {
    readonly says: string;
    readonly who?: Partial<Claimant>;
    /** Nobody stands at a reader. */
    readonly away?: true;
    readonly rights: readonly Right[];
    readonly cabinet?: CabinetSetting;
    readonly expected: Reached | string;
  }[] = [
    { says: 'everybody where the cabinet names nobody', rights: [], expected: everywhere },
    {
      says: 'nobody where the cabinet names groups that are not theirs',
      rights: [],
      cabinet: members,
      expected: 'no-right-to-cabinet',
    },
    {
      says: 'a member of a group that the cabinet names',
      who: { groups: ['guests', 'staff'] },
      rights: [],
      cabinet: members,
      expected: everywhere,
    },
    {
      says: 'what was given to their group',
      who: { groups: ['night'] },
      rights: [],
      expected: { given: [2, 3, 4], picks: false },
    },
    {
      says: 'nobody else by the right of another person, cabinet or group',
      rights: [right({ user: 'bob' }), right({ cabinet: 'B' }), onlyGroup('cleaners')],
      cabinet: members,
      expected: 'no-right-to-cabinet',
    },
    {
      says: 'everywhere still, where rights name only others',
      rights: [right({ user: 'bob', compartmentGroups: ['low'] })],
      expected: everywhere,
    },
    { says: 'a person by their own right', rights: [right({})], cabinet: members, expected: everywhere },
    {
      says: 'a person by the right of their group',
      who: { groups: ['night'] },
      rights: [onlyGroup('night')],
      cabinet: members,
      expected: { given: [2, 3, 4], picks: false },
    },
    {
      says: 'only into the groups of a right, where the cabinet admits everybody without one',
      rights: [right({ compartmentGroups: ['low'] })],
      expected: { among: [1, 2], given: [1, 2], picks: false },
    },
    {
      says: 'into all the groups that overlapping rights name together',
      who: { groups: ['night'] },
      rights: [
        right({ compartmentGroups: ['low'] }),
        { ...onlyGroup('night'), compartmentGroups: ['middle', 'low'], pick: true },
      ],
      expected: { among: [1, 2, 3, 4], given: [1, 2, 3, 4], picks: true },
    },
    {
      says: 'everywhere, where one of several rights is without limits',
      rights: [right({ compartmentGroups: ['high'] }), right({ weekly: OFFICE_HOURS })],
      expected: { given: [5, 6], picks: false },
    },
    {
      says: 'into what a right names, while a wider one rests',
      rights: [right({ compartmentGroups: ['high'] }), right({ weekly: NIGHT, pick: true })],
      expected: { among: [5, 6], given: [5, 6], picks: false },
    },
    {
      says: 'a member everywhere, whatever their other rights say; those add to what is given',
      who: { groups: ['staff'] },
      rights: [right({ compartmentGroups: ['low'], pick: true }), right({ validUntil: EARLIER })],
      cabinet: members,
      expected: { given: [1, 2], picks: true },
    },
    {
      says: 'not outside the hours of their right',
      rights: [right({ weekly: NIGHT })],
      expected: 'outside-hours',
    },
    { says: 'not before it is valid', rights: [right({ validFrom: LATER })], expected: 'not-valid-yet' },
    { says: 'not any longer', rights: [right({ validUntil: NOON })], expected: 'no-longer-valid' },
    {
      says: 'not at a reader where the right does not count',
      rights: [right({ readers: ['r2', 'r3'] })],
      expected: 'wrong-reader',
    },
    {
      says: 'at a reader where one of the rights counts',
      rights: [right({ readers: ['r2'] }), right({ readers: ['r1'], compartmentGroups: ['low'] })],
      expected: { among: [1, 2], given: [1, 2], picks: false },
    },
    {
      says: 'where nobody stands at a reader, by a right that is bound to one',
      away: true,
      rights: [right({ readers: ['r2'] })],
      expected: everywhere,
    },
    {
      says: 'not, and says which of several obstacles is mended first: the hours',
      rights: [right({ validUntil: EARLIER }), right({ readers: ['r2'] }), right({ weekly: NIGHT })],
      expected: 'outside-hours',
    },
    {
      says: 'not, and names the reader before validity',
      rights: [right({ validFrom: LATER }), right({ readers: ['r2'] })],
      expected: 'wrong-reader',
    },
    {
      says: 'not, and names the right that is still to come before the one that is over',
      rights: [right({ validUntil: EARLIER }), right({ validFrom: LATER })],
      expected: 'not-valid-yet',
    },
    {
      says: 'not, and does not speak of hours where the right is over as well',
      rights: [right({ validUntil: EARLIER, weekly: NIGHT, readers: ['r2'] })],
      expected: 'no-longer-valid',
    },
    {
      says: 'not by a right to groups that the cabinet has not',
      rights: [right({ compartmentGroups: ['gone'] }), right({ compartmentGroups: [], pick: true })],
      expected: 'no-right-to-cabinet',
    },
  ];

  describe('admit', () => {
    for (const { says, who, away, rights, cabinet = setting, expected } of cases) {
      it(says, () => {
        const claimant = { user: 'ada', groups: [], ...(away ? {} : { reader: 'r1' }), ...who, rights };
        expect(plain(reachOf(claimant, cabinet, NOON))).to.deep.equal(expected);
      });
    }
  });

  it('never reach less with one right more', () => {
    const anyRight = fc.record(
      {
        id: fc.constant('r'),
        cabinet: fc.constant('A'),
        user: fc.constant('ada'),
        compartmentGroups: fc.subarray(['low', 'middle', 'high'], { minLength: 1 }),
        readers: fc.subarray(['r1', 'r2'], { minLength: 1 }),
        pick: fc.boolean(),
        validFrom: fc.constantFrom(EARLIER, LATER),
        validUntil: fc.constantFrom(EARLIER, LATER),
        weekly: fc.constantFrom(OFFICE_HOURS, NIGHT),
      },
      { requiredKeys: ['id', 'cabinet', 'user'] },
    );
    fc.assert(
      fc.property(
        fc.array(anyRight, { minLength: 1, maxLength: 6 }),
        anyRight,
        fc.constantFrom(setting, members),
        fc.constantFrom([], ['staff'], ['night']),
        (rights, more, cabinet, groups) => {
          const fewer = reachOf({ user: 'ada', groups, reader: 'r1', rights }, cabinet, NOON);
          const all = reachOf(
            { user: 'ada', groups, reader: 'r1', rights: [...rights, more] },
            cabinet,
            NOON,
          );
          if ('code' in fewer) return;
          if ('code' in all) expect.fail(`refused with ${all.code} for one right more`);
          expect([...all.given]).to.include.members([...fewer.given]);
          if (fewer.picks) expect(all.picks).to.equal(true);
          if (all.among) expect([...all.among]).to.include.members([...(fewer.among ?? [NaN])]);
        },
      ),
    );
  });

  function onlyGroup(userGroup: string): Right {
    return { id: 'r', cabinet: 'A', userGroup };
  }
});

/** A reach with its sets as lists. */
interface Reached {
  readonly among?: readonly number[];
  readonly given: readonly number[];
  readonly picks: boolean;
}

/** A reach with its sets as sorted lists; of a refusal its code. */
function plain(answer: Reach | Refusal): Reached | string {
  if ('code' in answer) return answer.code;
  const { among, given, picks } = answer;
  const sorted = (numbers: ReadonlySet<number>) => [...numbers].sort((one, other) => one - other);
  return { ...(among && { among: sorted(among) }), given: sorted(given), picks };
}
