/** Reads and method calls: as many a second as of the bare server, and what one takes of the server's processor. */
import {
  COMPARTMENTS,
  inTurns,
  median,
  type Pair,
  type Rounds,
  ratio,
  type Side,
  VALUE_COUNT,
} from './opcua-pair.ts';
import type { Row } from './statistics.ts';

/** Values that a request reads, requests of a round, and rounds of each server, after one that warms up. */
const VALUES_AT_ONCE = 1_000;
const READS = 60;
const ROUNDS = 9;
/** Calls of a round, one after the other; and in all where many are under way at a time. */
const CALLS = 200;
const CALLS_AT_ONCE = 32;
const MANY_CALLS = 800;

interface Measured {
  readonly perSecond: number;
  /** Processor time of the server's thread for one request. Microseconds. */
  readonly each: number;
}

/** Measures and returns the rows of the report. */
export async function measureRequests(pair: Pair): Promise<Row[]> {
  const reading = (side: Side): (() => Promise<void>) => {
    const nodes = side.client.values(VALUE_COUNT, COMPARTMENTS);
    // Requests of different values by turns: what is read twice in a row may be in the processor's caches.
    const requests = Array.from({ length: VALUE_COUNT / VALUES_AT_ONCE }, (_, part) =>
      side.client.reading(nodes.slice(part * VALUES_AT_ONCE, (part + 1) * VALUES_AT_ONCE)),
    );
    let next = 0;
    return async () => {
      await requests[next % requests.length]?.();
      next += 1;
    };
  };
  const reads = { sezam: reading(pair.sezam), bare: reading(pair.bare) };
  return [
    ...rows(`reads of ${VALUES_AT_ONCE} values`, await measure(pair, READS, 1, (side) => reads[side.kind]())),
    ...rows('method calls, one by one', await measure(pair, CALLS, 1, (side) => side.client.call())),
    ...rows(
      `method calls, ${CALLS_AT_ONCE} at a time`,
      await measure(pair, MANY_CALLS, CALLS_AT_ONCE, (side) => side.client.call()),
    ),
  ];
}

async function measure(
  pair: Pair,
  requests: number,
  atOnce: number,
  make: (side: Side) => Promise<void>,
): Promise<Rounds<Measured>> {
  const round = async (side: Side): Promise<Measured> => {
    const { seconds, thread } = await side.server.during(async () => {
      let left = requests;
      const one = async (): Promise<void> => {
        for (; left > 0; ) {
          left -= 1;
          await make(side);
        }
      };
      await Promise.all(Array.from({ length: atOnce }, one));
    });
    return { perSecond: requests / seconds, each: (thread * seconds * 1_000_000) / requests };
  };
  await inTurns(pair, 1, round);
  return inTurns(pair, ROUNDS, round);
}

function rows(name: string, measured: Rounds<Measured>): Row[] {
  const rate = (side: readonly Measured[]): string =>
    `${median(side, ({ perSecond }) => perSecond).toFixed(0)} a second`;
  const each = (side: readonly Measured[]): string => `${median(side, (one) => one.each).toFixed(0)} µs`;
  const row: Row = {
    name,
    measured: rate(measured.sezam),
    baseline: `bare ${rate(measured.bare)}`,
    figure: ratio(measured, ({ perSecond }) => perSecond),
    bound: { at: 'least', value: 0.9 },
  };
  console.error(`  ${name}: ${row.measured}, ${row.baseline}`);
  return [
    row,
    {
      name: `${name}, processor time of one`,
      measured: each(measured.sezam),
      baseline: `bare ${each(measured.bare)}`,
      figure: ratio(measured, (one) => one.each),
    },
  ];
}
