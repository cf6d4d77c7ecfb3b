import { expect } from 'chai';
import { RULES } from '../../../../domain/cassette/rules.ts';
import { MANAGEMENT_MODES } from '../../../../domain/cassette/setting.ts';
import { type Mutant, mutantsOf } from '../mutants.ts';
import { MOVES } from '../tables.ts';
import { EXPLORATIONS } from './explorations.ts';
import { explore } from './explore.ts';
import { PROPERTIES, type Property, Violation } from './properties.ts';

/** Properties that only some settings can put to the test. */
const OF_GRACE: readonly Property[] = ['wakes in time'];

describe('every state that a cassette can come to', () => {
  it('is explored in every mode', () => {
    expect(Object.keys(EXPLORATIONS)).to.include.members([...MANAGEMENT_MODES]);
  });

  for (const [name, exploration] of Object.entries(EXPLORATIONS)) {
    it(`${name}: keeps every property`, function () {
      this.timeout(300_000);
      const { states, steps, checks, phases } = explore(exploration);
      const say = (line: string): boolean => process.stdout.write(`      ${name}: ${line}\n`);
      say(`${states} states, ${steps} steps`);
      for (const [property, count] of checks.counts) say(`${property}: ${count}`);
      const { mode } = exploration.setting;
      expect([...phases.keys()].sort()).to.deep.equal(Object.keys(MOVES[mode]).sort());
      const wanted = PROPERTIES.filter(
        (property) => mode === 'internal-protected-zone' || !OF_GRACE.includes(property),
      );
      expect(wanted.filter((property) => checks.counts.get(property) === 0)).to.deep.equal([]);
    });
  }
});

/** Mistakes in the rules, and what an exploration says of each. A sensor that is off does not even stop the arming. */
const FOUND: Readonly<Record<string, Property>> = {
  'outsourced: K2 in full by any key': PROPERTIES[4],
  'outsourced: K1 in transit by any key': PROPERTIES[4],
  'outsourced: K2 in full leads to rest': PROPERTIES[4],
  'outsourced: K1 in rest leads to full': PROPERTIES[5],
  'outsourced: K1 in rest by K2 instead': PROPERTIES[5],
  'outsourced: K1 in rest leads to service': PROPERTIES[6],
  'outsourced: K1 in rest without not-loaded': PROPERTIES[5],
  'outsourced: K2 in transit without not-in-machine': PROPERTIES[5],
  'outsourced: K2 in transit without self-test-failed': PROPERTIES[5],
  'lid in rest is off': PROPERTIES[1],
  'shock in transit is off': PROPERTIES[5],
  'shock in transit is high': PROPERTIES[0],
  'shock in full is low': PROPERTIES[5],
  'gas in full is report': PROPERTIES[5],
  'position in transit is live': PROPERTIES[0],
  'lid in service is live': PROPERTIES[0],
};

describe('an exploration', () => {
  const mutants = new Map<string, Mutant>([...mutantsOf(RULES)].map((mutant) => [mutant.what, mutant]));

  for (const [what, property] of Object.entries(FOUND)) {
    it(`finds the shortest way to what is wrong: ${what}`, () => {
      const exploration = EXPLORATIONS['outsourced'];
      const rules = mutants.get(what)?.rules;
      if (!exploration || !rules) throw new Error(`There is no mutant "${what}".`);
      expect(() => explore({ ...exploration, rules }))
        .to.throw(Violation, /The shortest way there.*\n +1\. /)
        .with.property('property', property);
    });
  }
});
