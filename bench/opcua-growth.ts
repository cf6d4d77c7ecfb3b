/** What a cabinet adds to the OPC UA server: until it is ready, and of memory. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { ServerProcess } from './opcua-server-process.ts';
import { milliseconds, percentile, type Row } from './statistics.ts';

const COMPARTMENTS = 512;
/** Pairs of starts, one without and one with a cabinet, after one that makes the certificate. */
const PAIRS = 5;
/** How long memory may settle. Milliseconds. */
const SETTLES = 3_000;

interface Started {
  /** Milliseconds. */
  readonly readyAfter: number;
  /** Megabytes. */
  readonly resident: number;
}

/** Measures and returns the rows of the report. */
export async function measureGrowth(): Promise<Row[]> {
  console.error(`  ${PAIRS} pairs of starts …`);
  const folder = await mkdtemp(join(tmpdir(), 'sezam-bench-'));
  try {
    const empty: Started[] = [];
    const full: Started[] = [];
    await start(folder, 0);
    for (let pair = 0; pair < PAIRS; pair += 1) {
      empty.push(await start(folder, 0));
      full.push(await start(folder, 1));
    }
    // The quickest start of each: whatever else the computer does only makes one longer.
    const quickest = (side: readonly Started[]): number =>
      Math.min(...side.map(({ readyAfter }) => readyAfter));
    const memory = (side: readonly Started[]): number =>
      percentile(
        side.map(({ resident }) => resident),
        0.5,
      );
    return [
      {
        name: `${COMPARTMENTS} compartments ready later than none, seconds`,
        measured: milliseconds(quickest(full), 0),
        baseline: `empty ${milliseconds(quickest(empty), 0)}`,
        figure: (quickest(full) - quickest(empty)) / 1_000,
        bound: { at: 'most', value: 1.5 },
      },
      {
        name: `${COMPARTMENTS} compartments, memory more than with none, MB`,
        measured: `${memory(full).toFixed(0)} MB`,
        baseline: `empty ${memory(empty).toFixed(0)} MB`,
        figure: memory(full) - memory(empty),
        bound: { at: 'most', value: 60 },
      },
    ];
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function start(folder: string, cabinets: number): Promise<Started> {
  const { server, readyAfter } = await ServerProcess.start('sezam', {
    folder: join(folder, 'server'),
    cabinets,
    compartments: COMPARTMENTS,
  });
  try {
    await sleep(SETTLES);
    const { resident } = await server.usage();
    return { readyAfter, resident: resident / 1_048_576 };
  } finally {
    await server.close();
  }
}
