import { expect } from 'chai';
import fc from 'fast-check';
import { type DataValue, ReadAtTimeDetails, ReadRawModifiedDetails, TimestampsToReturn } from 'node-opcua';
import type { CabinetEvent } from '../../domain/cabinet/events.ts';
import { evolve, UNCONFIGURED } from '../../domain/cabinet/evolve.ts';
import { type CabinetState, compartmentOf, statusOf } from '../../domain/cabinet/state.ts';
import { GATEWAY, type LoggedEvent } from '../../domain/event.ts';
import { CABINET_DEFAULTS } from '../../domain/site.ts';
import { DOOR_NUMBERS, STATE_NUMBERS } from '../../opcua-server/enumerations.ts';
import { compartmentTimeline } from '../../opcua-server/history/compartment-timeline.ts';
import { readAtTimes, readRaw } from '../../opcua-server/history/data-history.ts';
import type { Steps } from '../../opcua-server/history/log.ts';
import type { Timeline } from '../../opcua-server/history/timeline.ts';
import { Chain } from './support/history-server.ts';
import { logOf } from './support/log-in-memory.ts';

const START = Date.UTC(2026, 4, 1);
const SECOND = 1_000;
const SETTING = {
  id: 'A',
  kind: 'multi',
  schema: '2.2',
  compartments: [
    { number: 1, board: 'b1' },
    { number: 2, board: 'b2' },
  ],
  groups: [],
  userGroups: [],
  doors: { opensWithin: 1000, attempts: 2, leftOpenAfter: 60_000, grantValidFor: 10_000 },
  ...CABINET_DEFAULTS,
} as const;

type Draft = Pick<CabinetEvent, 'type' | 'data'>;

/** What may happen to a compartment next; grants come as the gateway gives them. */
function possible(cabinet: CabinetState, number: number): Draft[] {
  const compartment = compartmentOf(cabinet, number);
  if (!compartment) return [];
  const { opening, door, holders, blocked, outOfOrder, board, deposit } = compartment;
  const lost = cabinet.lostBoards.has(board);
  const of = { compartment: number, grant: 'g' };
  const usable = blocked === undefined && outOfOrder === undefined && !lost && !opening;
  const free = holders.length === 0 && !deposit;
  const drafts: (Draft | false)[] = [
    lost && { type: 'board-found', data: { board } },
    !lost && { type: 'board-lost', data: { board } },
    blocked === undefined && { type: 'compartment-blocked', data: { compartment: number, reason: 'r' } },
    blocked !== undefined && { type: 'compartment-unblocked', data: { compartment: number, reason: 'r' } },
    outOfOrder !== undefined && {
      type: 'compartment-returned-to-service',
      data: { compartment: number, reason: 'r' },
    },
    usable && free && { type: 'compartment-granted', data: { ...of, allocation: 'new', user: 'ada' } },
    usable &&
      !free &&
      !deposit && { type: 'compartment-granted', data: { ...of, allocation: 'existing', user: 'ada' } },
    usable &&
      free && {
        type: 'compartment-granted',
        data: { ...of, allocation: 'none', purpose: 'deposit', deposit: 'd' },
      },
    !opening && { type: 'compartment-granted', data: { ...of, allocation: 'none' } },
    opening !== undefined && { type: 'door-opened', data: of },
    opening !== undefined && {
      type: 'unlock-failed',
      data: { ...of, cause: 'no-answer', attempts: 2, outOfOrder: true, freed: opening.allocation === 'new' },
    },
    door !== 'closed' && !opening && { type: 'door-closed', data: { compartment: number } },
    door !== 'closed' &&
      deposit !== undefined &&
      !opening && {
        type: 'door-closed',
        data: { compartment: number, outcome: 'collected' },
      },
    door === 'closed' && !opening && { type: 'door-forced', data: { compartment: number, whileAway: false } },
    holders.length > 0 &&
      !opening && {
        type: 'compartment-released',
        data: { compartment: number, users: ['ada'], reason: 'r' },
      },
  ];
  // People come more often than anything else happens.
  return drafts
    .filter((draft) => draft !== false)
    .flatMap((draft) =>
      Array.from({ length: 'user' in draft.data || draft.type === 'door-opened' ? 8 : 1 }, () => draft),
    );
}

interface Life {
  readonly events: readonly LoggedEvent[];
  /** What State and Door of compartment 1 went through, as `at value status`. */
  readonly State: string[];
  readonly Door: string[];
}

/** A life of two compartments, by choices among what may happen. */
function lifeOf(choices: readonly number[]): Life {
  const chain = new Chain('cabinet/A');
  const life = { events: chain.events, State: [] as string[], Door: [] as string[] };
  let cabinet: CabinetState = UNCONFIGURED;
  let at = START;
  const take = ({ type, data }: Draft): void => {
    chain.add(at, type, data);
    cabinet = evolve(cabinet, { type, data, actor: GATEWAY } as CabinetEvent, at);
    const compartment = compartmentOf(cabinet, 1);
    if (!compartment) return;
    const quality = cabinet.lostBoards.has(compartment.board) ? 'BadNoCommunication' : 'Good';
    note(life.State, at, `${STATE_NUMBERS[statusOf(cabinet, compartment)]} Good`);
    note(life.Door, at, `${DOOR_NUMBERS[compartment.door]} ${quality}`);
  };
  take({ type: 'cabinet-configured', data: { cabinet: SETTING } });
  take({ type: 'doors-found', data: { board: 'b1', open: [], closed: [1] } });
  for (const choice of choices) {
    at += SECOND;
    const drafts = possible(cabinet, choice % 4 === 0 ? 2 : 1);
    const draft = drafts[choice % drafts.length];
    if (draft) take(draft);
  }
  return life;
}

function note(list: string[], at: number, value: string): void {
  const last = list.at(-1);
  if (last?.endsWith(` ${value}`)) return;
  if (last?.startsWith(`${at} `)) list.pop();
  list.push(`${at} ${value}`);
}

async function valuesOf(steps: Steps<DataValue>): Promise<string[]> {
  const values: string[] = [];
  for await (const value of steps) {
    if (!value) continue;
    const { sourceTimestamp, statusCode } = value;
    values.push(`${sourceTimestamp?.getTime()} ${value.value.value} ${statusCode.name.split('#')[0]}`);
  }
  return values;
}

/** Long lives, or hardly anybody is ever given the same compartment twice. */
const choices = fc.array(fc.nat(10_000), { minLength: 100, maxLength: 150, size: 'max' });
const seconds = fc.integer({ min: -5, max: 160 });

describe('timelines of compartments', () => {
  for (const variable of ['State', 'Door'] as const) {
    const timeline = compartmentTimeline('A', 1, variable) as Timeline;
    const raw = (life: Life, start: number, end: number, returnBounds = false) =>
      valuesOf(
        readRaw(
          logOf(life.events),
          timeline,
          new ReadRawModifiedDetails({
            isReadModified: false,
            startTime: new Date(start),
            endTime: new Date(end),
            returnBounds,
          }),
          TimestampsToReturn.Both,
        ),
      );
    const timeOf = (line: string): number => Number(line.split(' ')[0]);

    it(`tell of any range what ${variable} went through, either way round`, async () => {
      await fc.assert(
        fc.asyncProperty(choices, seconds, seconds, async (chosen, one, other) => {
          const life = lifeOf(chosen);
          const from = START + Math.min(one, other) * SECOND;
          const until = START + (Math.max(one, other) + 1) * SECOND;
          const expected = life[variable].filter((line) => timeOf(line) >= from && timeOf(line) < until);
          expect(await raw(life, from, until)).to.deep.equal(expected);
          expect(await raw(life, until - 1, from - 1)).to.deep.equal(expected.toReversed());
        }),
        { numRuns: 150 },
      );
    });

    it(`tell of any time what ${variable} was`, async () => {
      await fc.assert(
        fc.asyncProperty(choices, seconds, async (chosen, second) => {
          const life = lifeOf(chosen);
          const time = START + second * SECOND + 1;
          const last = life[variable].findLast((line) => timeOf(line) <= time);
          const details = new ReadAtTimeDetails({ reqTimes: [new Date(time)] });
          const [shown] = await valuesOf(
            readAtTimes(logOf(life.events), timeline, details, TimestampsToReturn.Both),
          );
          const expected = last === undefined ? 'null BadNoData' : last.slice(last.indexOf(' ') + 1);
          expect(shown).to.equal(`${time} ${expected}`);
        }),
        { numRuns: 150 },
      );
    });
  }
});
