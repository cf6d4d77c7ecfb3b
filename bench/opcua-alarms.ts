/** Alarms as events: how many a second arrive, and how long a client waits for all that are there. */
import { setTimeout as sleep } from 'node:timers/promises';
import { CABINETS, COMPARTMENTS, inTurns, median, type Pair, type Side } from './opcua-pair.ts';
import { ALARMS } from './opcua-protocol.ts';
import { milliseconds, percentile, type Row } from './statistics.ts';

/** Alarms there are, and how often each of them changes in a round. */
const COUNT = CABINETS * COMPARTMENTS * ALARMS.length;
const TIMES = 2;
const ROUNDS = 3;
/** More a second than are promised: what arrives is what the server can do. */
const RAISED_PER_SECOND = 6_000;
const REFRESHES = 5;
/** How long nothing may arrive before nothing more is waited for. Milliseconds. */
const SILENCE = 2_000;

interface Measured {
  readonly perSecond: number;
  readonly arrived: number;
}

/** Measures and returns the rows of the report. */
export async function measureAlarms(pair: Pair): Promise<Row[]> {
  console.error(`  ${COUNT} alarms, ${ROUNDS} rounds …`);
  // Each has come up once and nobody has seen any: the refresh tells of all of them, and of nothing earlier.
  for (const { server } of [pair.bare, pair.sezam]) await server.change('alarms', COUNT, RAISED_PER_SECOND);
  const refreshes = await refresh(pair.sezam);
  const rounds = await inTurns(pair, ROUNDS, measure);
  const rate = (side: readonly Measured[]): string =>
    `${median(side, ({ perSecond }) => perSecond).toFixed(0)} (${side.map(({ arrived }) => arrived).join(', ')} arrived)`;
  return [
    {
      name: `${COUNT * TIMES} changes of alarms as events, a second`,
      measured: rate(rounds.sezam),
      baseline: `bare ${rate(rounds.bare)}`,
      figure: median(rounds.sezam, ({ perSecond }) => perSecond),
      bound: { at: 'least', value: 4_000 },
    },
    {
      name: `ConditionRefresh of ${COUNT} alarms, seconds`,
      measured: refreshes.map((each) => milliseconds(each, 0)).join(', '),
      baseline: '',
      figure: percentile(refreshes, 0.5) / 1_000,
      bound: { at: 'most', value: 1 },
    },
  ];
}

async function measure({ client, server }: Side): Promise<Measured> {
  await client.listen();
  const began = performance.now();
  await server.change('alarms', COUNT * TIMES, RAISED_PER_SECOND);
  let arrived = -1;
  let last = performance.now();
  while (client.events.length < COUNT * TIMES && performance.now() - last < SILENCE) {
    if (client.events.length > arrived) {
      arrived = client.events.length;
      last = performance.now();
    }
    await sleep(10);
  }
  const end = client.events.at(-1) ?? performance.now();
  const count = client.events.length;
  await client.stopMonitoring();
  return { perSecond: (count / (end - began)) * 1_000, arrived: count };
}

/** How long the client waits from its call until it is told that it has heard of all of them. Milliseconds. */
async function refresh({ client }: Side): Promise<number[]> {
  await client.listen();
  await sleep(SILENCE);
  const took: number[] = [];
  for (let time = 0; time < REFRESHES; time += 1) {
    const began = performance.now();
    const heard = await client.refresh();
    took.push(performance.now() - began);
    if (heard !== COUNT) throw new Error(`A refresh told of ${heard} alarms instead of ${COUNT}.`);
  }
  await client.stopMonitoring();
  return took;
}
