/** The life of an alarm: what signs, people and time make of it. */
import { expect } from 'chai';
import fc from 'fast-check';
import { type Alarm, calls, isRetained } from '../../../domain/alarms/alarm.ts';
import {
  decideCommand,
  decideDue,
  decideSigns,
  LONGEST_COMMENT,
  LONGEST_SHELVING,
  nextShelvingEnd,
} from '../../../domain/alarms/decide.ts';
import type { AlarmCommand, AlarmEvent } from '../../../domain/alarms/events.ts';
import { evolveAlarms } from '../../../domain/alarms/evolve.ts';
import type { AlarmSign } from '../../../domain/alarms/sign.ts';
import { alarmsFromSnapshot, alarmsToSnapshot } from '../../../domain/alarms/snapshot.ts';
import { type AlarmState, NO_ALARMS } from '../../../domain/alarms/state.ts';

const SOMEBODY = { kind: 'user', id: 'olga' } as const;
const SIGNS = {
  /** Ends by a sign, and is not to be confirmed. */
  forced: { kind: 'door-forced', source: { source: 'compartment', cabinet: 'A', compartment: 1 } },
  /** Ends by a sign, and is to be confirmed. */
  stained: { kind: 'stained', source: { source: 'cassette', cassette: 'C1' } },
  /** Is over at once, until somebody has seen it. */
  refused: { kind: 'key-refused', source: { source: 'cassette', cassette: 'C1' } },
  /** The same, and is to be confirmed. */
  duress: { kind: 'duress', source: { source: 'cassette', cassette: 'C1' } },
} as const satisfies Readonly<Record<string, Pick<AlarmSign, 'kind' | 'source'>>>;
type Name = keyof typeof SIGNS;
const IDS: Readonly<Record<Name, string>> = {
  forced: 'door-forced@A/1',
  stained: 'stained@cassette:C1',
  refused: 'key-refused@cassette:C1',
  duress: 'duress@cassette:C1',
};

/** All alarms, and what happens to them. */
class Life {
  state: AlarmState = NO_ALARMS;
  at = 1_000;
  readonly events: AlarmEvent[] = [];

  sign(name: Name, sign: 'raised' | 'over'): void {
    const { event } = decideSigns(this.state, [{ sign, ...SIGNS[name] }], 0);
    if (event) this.#take(event);
  }

  /** @returns the code of the refusal, where it is one */
  command(command: AlarmCommand): string | undefined {
    const decided = decideCommand(this.state, command, SOMEBODY, this.at);
    if ('refusal' in decided) return decided.refusal.code;
    this.#take(decided.event);
    return undefined;
  }

  passes(time: number): void {
    this.at += time;
    for (let due = decideDue(this.state, this.at); due; due = decideDue(this.state, this.at)) this.#take(due);
  }

  alarm(name: Name): Alarm | undefined {
    return this.state.alarms.get(IDS[name]);
  }

  #take(event: AlarmEvent): void {
    this.events.push(event);
    this.state = evolveAlarms(this.state, event, this.at);
  }
}

function inWords(alarm: Alarm | undefined): string {
  if (!alarm) return 'forgotten';
  const { current, earlier, shelving, silenced } = alarm;
  return [
    `${current.number}`,
    current.ended === undefined ? 'active' : 'over',
    current.acknowledged && 'acknowledged',
    current.acknowledged && !current.confirmed && 'unconfirmed',
    shelving && 'shelved',
    alarm.suppressed && 'suppressed',
    alarm.outOfService && 'out',
    !alarm.enabled && 'disabled',
    silenced && 'silenced',
    earlier.length > 0 && `earlier ${earlier.map(({ number }) => number).join()}`,
    !isRetained(alarm) && 'not to be seen',
    isRetained(alarm) && !calls(alarm) && 'quiet',
  ]
    .filter((word) => typeof word === 'string')
    .join(' ');
}

type Step = readonly ['raised' | 'over' | AlarmCommand['do'] | 'passes', expected: string, more?: object];
const LIVES: readonly (readonly [what: string, name: Name, steps: readonly Step[]])[] = [
  [
    'is forgotten once it is acknowledged and over',
    'forced',
    [
      ['raised', '1 active'],
      ['raised', '1 active'],
      ['acknowledge', '1 active acknowledged'],
      ['over', 'forgotten'],
      ['over', 'forgotten'],
    ],
  ],
  [
    'stays, once it is over, until somebody has seen it',
    'forced',
    [
      ['raised', '1 active'],
      ['over', '1 over'],
      ['acknowledge', 'forgotten'],
    ],
  ],
  [
    'keeps occurrences that nobody saw before the next',
    'forced',
    [
      ['raised', '1 active'],
      ['over', '1 over'],
      ['raised', '2 active earlier 1'],
      ['over', '2 over earlier 1'],
      ['raised', '3 active earlier 1,2'],
      ['acknowledge', '3 active acknowledged earlier 1,2'],
      ['acknowledge', '3 active acknowledged earlier 2', { number: 1 }],
      ['over', '3 over acknowledged earlier 2'],
      ['acknowledge', 'forgotten', { number: 2 }],
    ],
  ],
  [
    'is to be confirmed where its kind asks for that',
    'stained',
    [
      ['raised', '1 active'],
      ['acknowledge', '1 active acknowledged unconfirmed'],
      ['over', '1 over acknowledged unconfirmed'],
      ['confirm', 'forgotten'],
    ],
  ],
  [
    'that only tells of something is over at once, and comes anew once it was seen',
    'refused',
    [
      ['raised', '1 over'],
      ['raised', '1 over'],
      ['acknowledge', 'forgotten'],
      ['raised', '2 over'],
    ],
  ],
  [
    'that only tells of something and is not confirmed yet keeps that when it comes anew',
    'duress',
    [
      ['raised', '1 over'],
      ['acknowledge', '1 over acknowledged unconfirmed'],
      ['raised', '2 over earlier 1'],
      ['confirm', '2 over', { number: 1 }],
    ],
  ],
  [
    'is quiet while it is shelved, and calls when the time is over',
    'forced',
    [
      ['raised', '1 active'],
      ['shelve', '1 active shelved quiet', { lasts: 10 }],
      ['passes', '1 active shelved quiet', { time: 9 }],
      ['passes', '1 active', { time: 1 }],
    ],
  ],
  [
    'stays shelved over its end, and is forgotten when the time is over',
    'forced',
    [
      ['raised', '1 active'],
      ['shelve', '1 active shelved quiet', { lasts: 10 }],
      ['acknowledge', '1 active acknowledged shelved quiet'],
      ['over', '1 over acknowledged shelved not to be seen'],
      ['raised', '2 active shelved quiet'],
      ['acknowledge', '2 active acknowledged shelved quiet'],
      ['over', '2 over acknowledged shelved not to be seen'],
      ['passes', 'forgotten', { time: 10 }],
    ],
  ],
  [
    'that is shelved once calls when it comes up again',
    'forced',
    [
      ['raised', '1 active'],
      ['shelve-once', '1 active shelved quiet'],
      ['passes', '1 active shelved quiet', { time: 1e9 }],
      ['over', '1 over shelved quiet'],
      ['raised', '2 active earlier 1'],
    ],
  ],
  [
    'that was shelved once may be shelved for a time instead, and the other way round',
    'forced',
    [
      ['raised', '1 active'],
      ['shelve-once', '1 active shelved quiet'],
      ['shelve', '1 active shelved quiet', { lasts: 10 }],
      ['shelve-once', '1 active shelved quiet'],
      ['passes', '1 active shelved quiet', { time: 1e9 }],
      ['shelve', '1 active shelved quiet', { lasts: 10 }],
      ['passes', '1 active', { time: 10 }],
    ],
  ],
  [
    'calls at once where its shelving is ended',
    'forced',
    [
      ['raised', '1 active'],
      ['shelve-once', '1 active shelved quiet'],
      ['unshelve', '1 active'],
    ],
  ],
  [
    'that was silenced is loud when it comes up again',
    'forced',
    [
      ['raised', '1 active'],
      ['silence', '1 active silenced'],
      ['over', '1 over silenced'],
      ['raised', '2 active earlier 1'],
    ],
  ],
  ...(
    [
      ['suppress', 'release', 'suppressed'],
      ['take-out', 'put-back', 'out'],
    ] as const
  ).map(
    ([out, back, word]) =>
      [
        `goes on quietly after ${out}, also when it comes up again`,
        'forced',
        [
          ['raised', '1 active'],
          [out, `1 active ${word} quiet`],
          ['acknowledge', `1 active acknowledged ${word} quiet`],
          ['over', `1 over acknowledged ${word} not to be seen`],
          ['raised', `2 active ${word} quiet`],
          [back, '2 active'],
        ],
      ] as const,
  ),
  [
    'that is disabled is not to be seen, and shows what is true when it is enabled',
    'forced',
    [
      ['raised', '1 active'],
      ['disable', '1 active disabled not to be seen'],
      ['over', '1 over disabled not to be seen'],
      ['enable', '1 over'],
    ],
  ],
];

describe('An alarm', () => {
  for (const [what, name, steps] of LIVES) {
    it(what, () => {
      const life = new Life();
      for (const [step, expected, more = {}] of steps) {
        if (step === 'raised' || step === 'over') life.sign(name, step);
        else if (step === 'passes') life.passes((more as { time: number }).time);
        else
          expect(life.command({ do: step, alarm: IDS[name], ...more } as AlarmCommand), step).to.equal(
            undefined,
          );
        expect(inWords(life.alarm(name)), step).to.equal(expected);
      }
    });
  }

  const alarm = IDS.forced;
  const REFUSED: readonly (readonly [readonly AlarmCommand[], AlarmCommand, string])[] = [
    [[], { do: 'acknowledge', alarm: 'stained@cassette:C9' }, 'alarm-unknown'],
    [[], { do: 'acknowledge', alarm, number: 7 }, 'occurrence-unknown'],
    [[{ do: 'acknowledge', alarm }], { do: 'acknowledge', alarm }, 'already-acknowledged'],
    [[], { do: 'confirm', alarm }, 'not-acknowledged'],
    [[{ do: 'acknowledge', alarm }], { do: 'confirm', alarm }, 'already-confirmed'],
    [[], { do: 'comment', alarm, comment: ' \n ' }, 'comment-missing'],
    [[], { do: 'shelve', alarm, lasts: 0 }, 'shelving-too-long'],
    [[], { do: 'shelve', alarm, lasts: Number.NaN }, 'shelving-too-long'],
    [[], { do: 'shelve', alarm, lasts: LONGEST_SHELVING + 1 }, 'shelving-too-long'],
    [[{ do: 'shelve', alarm, lasts: 1 }], { do: 'shelve', alarm, lasts: 2 }, 'already-shelved'],
    [[{ do: 'shelve-once', alarm }], { do: 'shelve-once', alarm }, 'already-shelved'],
    [[], { do: 'unshelve', alarm }, 'not-shelved'],
    [[{ do: 'suppress', alarm }], { do: 'suppress', alarm }, 'already-so'],
    [[], { do: 'release', alarm }, 'already-so'],
    [[{ do: 'take-out', alarm }], { do: 'take-out', alarm }, 'already-so'],
    [[], { do: 'put-back', alarm }, 'already-so'],
    [[{ do: 'silence', alarm }], { do: 'silence', alarm }, 'already-so'],
    [[], { do: 'enable', alarm }, 'already-so'],
    [[{ do: 'disable', alarm }], { do: 'disable', alarm }, 'already-so'],
  ];
  for (const [before, command, code] of REFUSED) {
    const after = before.map((each) => each.do).join(', ');
    it(`refuses ${command.do}${after && ` after ${after}`}: ${code}`, () => {
      const life = new Life();
      life.sign('forced', 'raised');
      for (const each of before) expect(life.command(each)).to.equal(undefined);
      const state = life.state;
      expect(life.command(command)).to.equal(code);
      expect(life.state).to.equal(state);
    });
  }

  it('keeps a comment of bounded length, with who said it and when', () => {
    const life = new Life();
    life.sign('forced', 'raised');
    life.command({ do: 'comment', alarm, comment: `${'x'.repeat(LONGEST_COMMENT - 1)}\u{1F512}!` });
    const { comment } = life.alarm('forced') ?? {};
    expect(comment).to.include({ at: 1_000, actor: SOMEBODY });
    expect(comment?.text).to.have.length(LONGEST_COMMENT);
    expect(comment?.text.isWellFormed()).to.equal(true);
  });

  it('keeps at most ten occurrences that nobody saw, the last ones', () => {
    const life = new Life();
    for (let times = 0; times < 20; times += 1) {
      life.sign('forced', 'raised');
      life.sign('forced', 'over');
    }
    expect(life.alarm('forced')?.earlier.map(({ number }) => number)).to.deep.equal([
      10, 11, 12, 13, 14, 15, 16, 17, 18, 19,
    ]);
  });

  it('knows when the next shelving ends', () => {
    const life = new Life();
    expect(nextShelvingEnd(life.state)).to.equal(undefined);
    life.sign('forced', 'raised');
    life.sign('stained', 'raised');
    life.command({ do: 'shelve', alarm, lasts: 500 });
    life.command({ do: 'shelve', alarm: IDS.stained, lasts: 300 });
    expect(nextShelvingEnd(life.state)).to.equal(1_300);
  });
});

describe('Alarms, whatever happens to them', () => {
  const names = Object.keys(SIGNS) as Name[];
  const name = fc.constantFrom(...names);
  const number = fc.option(fc.integer({ min: 1, max: 12 }), { nil: undefined });
  const command = fc
    .record({
      name,
      do: fc.constantFrom<AlarmCommand['do'][]>(
        'acknowledge',
        'confirm',
        'comment',
        'shelve',
        'shelve-once',
        'unshelve',
        'suppress',
        'release',
        'take-out',
        'put-back',
        'silence',
        'enable',
        'disable',
      ),
      number,
      lasts: fc.integer({ min: 1, max: 100 }),
    })
    .map(({ name: of, number: which, ...rest }) => ({
      command: { alarm: IDS[of], comment: 'x', ...rest, ...(which && { number: which }) } as AlarmCommand,
    }));
  const act = fc.oneof(
    fc.record({ name, sign: fc.constantFrom('raised' as const, 'over' as const) }),
    command,
    fc.record({ time: fc.integer({ min: 1, max: 60 }) }),
  );

  /** What has to be known of an alarm, kept in the simplest way. */
  class Observer {
    readonly active = new Set<Name>();
    readonly unseen = new Map<number, Name>();

    follow(events: readonly AlarmEvent[]): void {
      for (const { type, data } of events) {
        if (type === 'alarm-raised') {
          const of = names.find((each) => IDS[each] === data.alarm) as Name;
          if (of === 'forced' || of === 'stained') this.active.add(of);
          this.unseen.set(data.number, of);
        } else if (type === 'alarm-over') {
          this.active.delete(names.find((each) => IDS[each] === data.alarm) as Name);
        } else if (type === 'alarm-acknowledged') this.unseen.delete(data.number);
      }
    }
  }

  it('go on, or wait for somebody, for as long as they are not ended and seen', () => {
    fc.assert(
      fc.property(fc.array(act, { maxLength: 60 }), (acts) => {
        const life = new Life();
        const observer = new Observer();
        for (const each of acts) {
          const before = life.events.length;
          if ('sign' in each) life.sign(each.name, each.sign);
          else if ('command' in each) life.command(each.command);
          else life.passes(each.time);
          observer.follow(life.events.slice(before));
          for (const of of observer.active) {
            expect(life.alarm(of)?.current.ended, of).to.equal(undefined);
            expect(life.alarm(of), of).not.to.equal(undefined);
          }
          for (const [which, of] of observer.unseen) {
            const { current, earlier = [] } = life.alarm(of) ?? {};
            const kept = [current, ...earlier].filter((occurrence) => occurrence !== undefined);
            // Of many that nobody saw, the oldest are in the log only.
            const found = kept.some((occurrence) => occurrence.number === which && !occurrence.acknowledged);
            expect(found || earlier.length === 10, `${of} ${which}`).to.equal(true);
          }
          for (const alarm of life.state.alarms.values()) {
            if (calls(alarm)) expect(isRetained(alarm)).to.equal(true);
            const numbers = [...alarm.earlier, alarm.current].map((occurrence) => occurrence.number);
            expect(numbers).to.deep.equal(numbers.toSorted((a, b) => a - b));
          }
        }
      }),
      { numRuns: 300 },
    );
  });

  it('are the same from a snapshot, and what stands in a cabinet is what goes on there', () => {
    fc.assert(
      fc.property(fc.array(act, { maxLength: 40 }), (acts) => {
        const life = new Life();
        for (const each of acts) {
          if ('sign' in each) life.sign(each.name, each.sign);
          else if ('command' in each) life.command(each.command);
          else life.passes(each.time);
        }
        const snapshot = alarmsToSnapshot(life.state);
        const restored = alarmsFromSnapshot(JSON.parse(JSON.stringify(snapshot)));
        if (!restored) throw new Error('The snapshot was passed over.');
        expect(alarmsToSnapshot(restored)).to.deep.equal(snapshot);
        const standing = [...(restored.standing.get('A')?.values() ?? [])].map(({ id }) => id);
        expect(standing).to.deep.equal(
          [...(life.state.standing.get('A')?.values() ?? [])].map(({ id }) => id),
        );
        expect(standing).to.deep.equal(
          life.alarm('forced') && life.alarm('forced')?.current.ended === undefined ? [IDS.forced] : [],
        );
      }),
      { numRuns: 100 },
    );
  });

  it('pass over a snapshot of another version', () => {
    expect(alarmsFromSnapshot({ ...alarmsToSnapshot(NO_ALARMS), version: 0 })).to.equal(undefined);
  });
});
