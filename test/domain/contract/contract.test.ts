import { expect } from 'chai';
import fc from 'fast-check';
import { SCHEMAS } from '../support/cabinet.ts';
import { everybodyLeaves, type Step } from './acts.ts';
import type { Premises } from './people.ts';
import { TO_BE_REACHED } from './reached.ts';
import { premises, step } from './steps.ts';
import { type Reached, World } from './world.ts';

/** How many random histories are played for each schema. */
const HISTORIES = Number(process.env['SEZAM_TEST_HISTORIES'] ?? 150);
/** From how many histories on everything is reached. */
const ENOUGH = 100;
const MOST_STEPS = 70;

/** Plays a history to its end, with every rule looked at after every input. */
function play(schema: string, given: Premises, steps: readonly Step[], reached: Reached): World {
  const world = new World(schema, given, reached);
  try {
    for (const each of steps) each(world);
    everybodyLeaves(world);
    for (const { number, deposit } of world.state.compartments) {
      expect(deposit?.stage ?? 'stored', `what was left in ${number}`).to.equal('stored');
    }
    world.expectReplay();
  } catch (reason) {
    throw new Error(`${messageOf(reason)}\n${tale(schema, given, world)}`, {
      cause: reason,
    });
  }
  return world;
}

function messageOf(reason: unknown): string {
  return reason instanceof Error ? reason.message : String(reason);
}

function tale(schema: string, given: Premises, { story }: World): string {
  const lines = story.map((line, place) => `${String(place + 1).padStart(3)}. ${line}`);
  return [`Schema ${schema}, ${JSON.stringify(given)}`, ...lines].join('\n');
}

describe('the contract of every schema', () => {
  const reached: Reached = new Map();

  for (const number of Object.keys(SCHEMAS)) {
    it(`${number} keeps every rule in any history`, function () {
      this.timeout(600_000);
      const histories = fc.noBias(fc.array(step, { maxLength: MOST_STEPS, size: 'max' }));
      const property = fc.property(premises, histories, (given, steps) => {
        play(number, given, steps, reached);
      });
      const run = fc.check(property, { numRuns: HISTORIES });
      if (!run.failed) return;
      const { errorInstance, seed, counterexamplePath } = run;
      expect.fail(
        `${messageOf(errorInstance)}\n(seed ${seed}, path ${counterexamplePath}, after ${run.numRuns} histories)`,
      );
    });
  }

  // Fewer histories than these may miss something by chance.
  if (HISTORIES >= ENOUGH) {
    it('was put to the test: histories reach every event, every end and every reason to refuse', () => {
      expect(TO_BE_REACHED.filter((what) => !reached.has(what))).to.deep.equal([]);
    });
  }
});
