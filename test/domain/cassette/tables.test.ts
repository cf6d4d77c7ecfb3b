import { expect } from 'chai';
import { RULES } from '../../../domain/cassette/rules.ts';
import { MANAGEMENT_MODES } from '../../../domain/cassette/setting.ts';
import { mutantsOf } from './mutants.ts';
import { deviations, phasesOf, wrongMove } from './oracle.ts';
import { EVENTS, type Event, MOVES } from './tables.ts';

describe('the machine of a cassette', () => {
  for (const mode of MANAGEMENT_MODES) {
    for (const phase of phasesOf(mode)) {
      const moves = MOVES[mode][phase] ?? {};
      const events = Object.keys(EVENTS) as Event[];
      for (const [event, to] of Object.entries(moves)) {
        it(`${mode}: ${event} leads from ${phase} to ${to}`, () => {
          expect([...wrongMove(mode, phase, event as Event, RULES)]).to.deep.equal([]);
        });
      }
      it(`${mode}: nothing else leads out of ${phase}`, () => {
        const others = events.filter((event) => !(event in moves));
        expect(others.flatMap((event) => [...wrongMove(mode, phase, event, RULES)])).to.deep.equal([]);
      });
    }
  }

  it('agrees with the tables written by hand: moves, refusals, and what each sensor does in each phase', () => {
    expect([...deviations()]).to.deep.equal([]);
  });

  it('is told from every machine with one mistake in its rules', function () {
    this.timeout(240_000);
    const counts = new Map<string, { caught: number; all: number }>();
    const survivors: string[] = [];
    for (const { kind, what, rules } of mutantsOf(RULES)) {
      const count = counts.get(kind) ?? { caught: 0, all: 0 };
      counts.set(kind, count);
      count.all += 1;
      if (deviations(rules).next().done) survivors.push(what);
      else count.caught += 1;
    }
    for (const [kind, { caught, all }] of counts) {
      process.stdout.write(`      ${kind}: ${caught} of ${all} mutants caught\n`);
    }
    expect(survivors).to.deep.equal([]);
    expect(counts.size).to.equal(9);
  });
});
