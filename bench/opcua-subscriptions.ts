/** Items of a subscription: what they take of the server while nothing changes, and whether every change arrives. */
import { setTimeout as sleep } from 'node:timers/promises';
import { COMPARTMENTS, inTurns, median, type Pair, type Side, VALUE_COUNT } from './opcua-pair.ts';
import type { Used } from './opcua-server-process.ts';
import { milliseconds, percentile, type Row } from './statistics.ts';

/** Of sampling and publishing. Milliseconds. */
const INTERVAL = 100;
const ROUNDS = 3;
/** How long nothing changes, and how long something does. Seconds. */
const IDLE = 5;
const CHANGING = 6;
const CHANGES_PER_SECOND = 1_000;
/** Within which the first values, and the last changes, must have arrived. Milliseconds. */
const ARRIVES_WITHIN = 5_000;
/** How long a subscription settles: some seconds after its items were made, the memory that this took is collected. Milliseconds. */
const SETTLES = 8_000;

interface Measured {
  readonly idle: Used;
  readonly changing: Used;
  /** Of the changes, those that arrived. */
  readonly delivered: number;
  readonly latencies: readonly number[];
}

/** Measures and returns the rows of the report. */
export async function measureSubscriptions(pair: Pair): Promise<Row[]> {
  console.error(`  ${VALUE_COUNT} items at ${INTERVAL} ms, ${ROUNDS} rounds …`);
  const { sezam, bare } = await inTurns(pair, ROUNDS, measure);
  const share = (of: (each: Measured) => Used, side: readonly Measured[]): string =>
    `${percent(median(side, (each) => of(each).thread))} of a core (process ${percent(median(side, (each) => of(each).process))})`;
  const delivered = (side: readonly Measured[]): string =>
    side.map((each) => percent(each.delivered, 2)).join(', ');
  const latency = (side: readonly Measured[]): string =>
    [0.5, 0.99]
      .map((part) =>
        milliseconds(
          percentile(
            side.flatMap(({ latencies }) => latencies),
            part,
          ),
          0,
        ),
      )
      .join(', ');
  const items = `${VALUE_COUNT} items at ${INTERVAL} ms`;
  const changes = `${CHANGES_PER_SECOND} changes a second`;
  return [
    {
      name: `${items}, idle, % of a core`,
      measured: share(({ idle }) => idle, sezam),
      baseline: `bare ${share(({ idle }) => idle, bare)}`,
      figure: 100 * median(sezam, ({ idle }) => idle.thread),
      bound: { at: 'most', value: 2 },
    },
    {
      name: `${items}, ${changes}, delivered, %`,
      measured: delivered(sezam),
      baseline: `bare ${delivered(bare)}`,
      figure: 100 * Math.min(...sezam.map((each) => each.delivered)),
      bound: { at: 'least', value: 100 },
    },
    {
      name: `${items}, ${changes}, % of a core`,
      measured: share(({ changing }) => changing, sezam),
      baseline: `bare ${share(({ changing }) => changing, bare)}`,
      figure: 100 * median(sezam, ({ changing }) => changing.thread),
      bound: { at: 'most', value: 10 },
    },
    {
      name: `${items}, ${changes}, change to client, p50 and p99`,
      measured: latency(sezam),
      baseline: `bare ${latency(bare)}`,
      figure: median(sezam, ({ latencies }) => percentile(latencies, 0.5)),
    },
  ];
}

async function measure({ client, server }: Side): Promise<Measured> {
  client.resetCount();
  await client.monitor(client.values(VALUE_COUNT, COMPARTMENTS), INTERVAL);
  await arrives(() => client.counted.all >= VALUE_COUNT);
  await sleep(SETTLES);
  const idle = await server.during(() => sleep(IDLE * 1_000));
  client.resetCount();
  const changes = CHANGES_PER_SECOND * CHANGING;
  const changing = await server.during(() => server.change('doors', changes, CHANGES_PER_SECOND));
  await arrives(() => client.counted.doors >= changes);
  const { doors, latencies } = client.counted;
  await client.stopMonitoring();
  return { idle, changing, delivered: doors / changes, latencies };
}

/** Waits until everything has arrived, or for so long that it never will. */
async function arrives(all: () => boolean): Promise<void> {
  const end = performance.now() + ARRIVES_WITHIN;
  while (!all() && performance.now() < end) await sleep(20);
}

function percent(share: number, digits = 1): string {
  return `${(100 * share).toFixed(digits)} %`;
}
