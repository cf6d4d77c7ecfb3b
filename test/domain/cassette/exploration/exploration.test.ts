import { expect } from 'chai';
import { MANAGEMENT_MODES } from '../../../../domain/cassette/setting.ts';
import { MOVES } from '../tables.ts';
import { EXPLORATIONS } from './explorations.ts';
import { explore } from './explore.ts';
import { PROPERTIES, type Property } from './properties.ts';

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
