/**
 * `npm run bench`: measures what was promised, each as a ratio to a baseline of the same run, since machines differ
 * and are noisy. Exit code 1 where a bound is not kept.
 */
import { benchCassettes } from './cassettes.ts';
import { benchDecisions } from './decisions.ts';
import { benchFootprint } from './footprint.ts';
import { benchHistory } from './history.ts';
import { benchOpcua } from './opcua.ts';
import { benchPeople } from './people.ts';
import { keeps, type Row } from './statistics.ts';

const PARTS = {
  decisions: () => benchDecisions(process.env['MONGODB_URI']),
  cassettes: benchCassettes,
  footprint: benchFootprint,
  people: () => benchPeople(process.env['MONGODB_URI']),
  history: () => benchHistory(process.env['MONGODB_URI']),
  opcua: benchOpcua,
} as const;

const wanted = process.argv.slice(2);
const rows: Row[] = [];
for (const [name, measure] of Object.entries(PARTS)) {
  if (wanted.length > 0 && !wanted.includes(name)) continue;
  console.error(`${name}:`);
  rows.push(...(await measure()));
}
console.table(
  rows.map((row) => ({
    what: row.name,
    measured: row.measured,
    baseline: row.baseline,
    figure: Number(row.figure.toFixed(2)),
    bound: row.bound ? `at ${row.bound.at} ${row.bound.value}` : '',
    kept: keeps(row) ?? '',
  })),
);
process.exitCode = rows.some((row) => keeps(row) === false) ? 1 : 0;
