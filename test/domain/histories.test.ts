import { expect } from 'chai';
import fc from 'fast-check';
import { evolve, UNCONFIGURED } from '../../domain/cabinet/evolve.ts';
import type { CabinetInput } from '../../domain/cabinet/inputs.ts';
import { fromSnapshot, toSnapshot } from '../../domain/cabinet/snapshot.ts';
import { ADMINISTRATOR, CabinetUnderTest, person, SCHEMAS, setting } from './support/cabinet.ts';

/** How many random histories are played for each schema. */
const RUNS = Number(process.env['SEZAM_TEST_HISTORIES'] ?? 300);

const compartment = fc.constantFrom(1, 2, 3, 4);
const user = fc.constantFrom('anna', 'bert', 'carl', 'dora', 'emma');
const board = fc.constantFrom('left', 'right');
const cause = fc.constantFrom('no-answer' as const, 'door-did-not-open' as const);

/** A step of a history; what concerns an opening means the one under way in that compartment, if any. */
type Step =
  | { readonly step: 'identify'; readonly user: string; readonly groups: string[] }
  | {
      readonly step: 'door';
      readonly compartment: number;
      readonly open: boolean;
      readonly expected: boolean;
    }
  | { readonly step: 'expire' | 'orphan' | 'open-too-long'; readonly compartment: number }
  | { readonly step: 'fail'; readonly compartment: number; readonly cause: 'no-answer' | 'door-did-not-open' }
  | { readonly step: 'board'; readonly board: string; readonly answers: boolean }
  | {
      readonly step: 'open' | 'release' | 'block' | 'unblock' | 'return-to-service';
      readonly compartment: number;
    }
  | { readonly step: 'assign' | 'withdraw'; readonly compartment: number; readonly user: string };

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({ step: fc.constant('identify' as const), user, groups: fc.subarray(['night']) }),
  },
  {
    weight: 6,
    arbitrary: fc.record({
      step: fc.constant('door' as const),
      compartment,
      open: fc.boolean(),
      expected: fc.boolean(),
    }),
  },
  fc.record({
    step: fc.constantFrom('expire' as const, 'orphan' as const, 'open-too-long' as const),
    compartment,
  }),
  fc.record({ step: fc.constant('fail' as const), compartment, cause }),
  fc.record({ step: fc.constant('board' as const), board, answers: fc.boolean() }),
  fc.record({
    step: fc.constantFrom(
      'open' as const,
      'release' as const,
      'block' as const,
      'unblock' as const,
      'return-to-service' as const,
    ),
    compartment,
  }),
  {
    weight: 2,
    arbitrary: fc.record({
      step: fc.constantFrom('assign' as const, 'withdraw' as const),
      compartment,
      user,
    }),
  },
);

function inputFor(cabinet: CabinetUnderTest, step: Step, grant: string): CabinetInput {
  switch (step.step) {
    case 'identify':
      return { input: 'access', person: person(step.user, ...step.groups), grant };
    case 'door':
      return {
        input: 'door',
        compartment: step.compartment,
        open: step.open,
        expected: step.expected,
        afterAbsence: false,
      };
    case 'expire':
      return {
        input: 'grant-expired',
        compartment: step.compartment,
        grant: cabinet.grantOf(step.compartment),
      };
    case 'orphan':
      return {
        input: 'grant-orphaned',
        compartment: step.compartment,
        grant: cabinet.grantOf(step.compartment),
      };
    case 'open-too-long':
      return { input: 'open-too-long', compartment: step.compartment };
    case 'fail':
      return {
        input: 'lock-failed',
        compartment: step.compartment,
        grant: cabinet.grantOf(step.compartment),
        cause: step.cause,
        attempts: 3,
      };
    case 'board':
      return { input: 'board', board: step.board, answers: step.answers };
    case 'open':
      return { input: 'open', actor: ADMINISTRATOR, reason: 'because', compartment: step.compartment, grant };
    case 'assign':
    case 'withdraw':
      return {
        input: step.step,
        actor: ADMINISTRATOR,
        reason: 'because',
        compartment: step.compartment,
        user: step.user,
      };
    case 'release':
    case 'block':
    case 'unblock':
    case 'return-to-service':
      return { input: step.step, actor: ADMINISTRATOR, reason: 'because', compartment: step.compartment };
  }
}

for (const [number, schema] of Object.entries(SCHEMAS)) {
  describe(`any history under schema ${number}`, () => {
    const forEachHistory = (holds: (cabinet: CabinetUnderTest) => void): void => {
      fc.assert(
        fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
          const cabinet = CabinetUnderTest.ready(setting(number));
          steps.forEach((each, index) => {
            const input = inputFor(cabinet, each, `grant-${index}`);
            const answer = cabinet.put(input);
            if (input.input === 'access')
              expect(answer.event, 'an identification is on record').to.not.equal(undefined);
            holds(cabinet);
          });
        }),
        { numRuns: RUNS },
      );
    };

    it('gives no compartment two owners, and no user two compartments', () => {
      forEachHistory(({ state }) => {
        const holders = state.compartments.flatMap((each) => each.holders);
        expect(holders).to.have.length(new Set(holders).size);
        if (schema.assignment === 'several-users') return;
        for (const each of state.compartments) expect(each.holders.length).to.be.at.most(1);
      });
    });

    it('opens nothing without a grant on record, and one grant opens once', () => {
      forEachHistory(({ log }) => {
        const granted = new Set<string>();
        const opened = new Set<string>();
        for (const { event } of log) {
          if (event.type === 'compartment-granted') granted.add(event.data.grant);
          if (event.type !== 'door-opened') continue;
          expect(granted.has(event.data.grant), event.data.grant).to.equal(true);
          expect(opened.has(event.data.grant), event.data.grant).to.equal(false);
          opened.add(event.data.grant);
        }
      });
    });

    it('knows since when a compartment is occupied exactly while somebody holds it', () => {
      forEachHistory(({ state }) => {
        for (const each of state.compartments) {
          expect(each.occupiedSince !== undefined, `${each.number}`).to.equal(each.holders.length > 0);
        }
      });
    });

    it('leads to the same state when its log is replayed, from the start or from a stored snapshot', () => {
      fc.assert(
        fc.property(fc.array(step, { maxLength: 60 }), fc.nat(), (steps, cut) => {
          const cabinet = CabinetUnderTest.ready(setting(number));
          for (const [index, each] of steps.entries()) cabinet.put(inputFor(cabinet, each, `grant-${index}`));
          const fold = (from: typeof UNCONFIGURED, log: typeof cabinet.log) =>
            log.reduce((state, { event, at }) => evolve(state, event, at), from);
          expect(fold(UNCONFIGURED, cabinet.log)).to.deep.equal(cabinet.state);
          const place = cut % (cabinet.log.length + 1);
          const stored = JSON.parse(
            JSON.stringify(toSnapshot(fold(UNCONFIGURED, cabinet.log.slice(0, place)))),
          );
          const restored = fromSnapshot(stored);
          expect(restored && fold(restored, cabinet.log.slice(place))).to.deep.equal(cabinet.state);
        }),
        { numRuns: RUNS },
      );
    });
  });
}

describe('a snapshot of another version', () => {
  it('is passed over', () => {
    expect(fromSnapshot({ ...toSnapshot(UNCONFIGURED), version: 0 })).to.equal(undefined);
  });
});
