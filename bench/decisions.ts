/** Decisions per second and their latency, against the bare durable insert of the same store in the same run. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Collection, MongoClient } from 'mongodb';
import { startGateway } from '../gateway/start.ts';
import { benchSite, OWN_WIRES } from './site.ts';
import { milliseconds, percentile, type Row } from './statistics.ts';
import { openBenchStore } from './store.ts';
import { addVisitors, Visitors } from './visitors.ts';

/** Cabinets that work at once. */
const CABINETS = 16;
/** As many others warm up first, and one more serves the measurement of a single one. */
const SINGLE = 2 * CABINETS;
const ALL_CABINETS = SINGLE + 1;
/** Pairs of one insert and one decision. */
const PAIRS = 300;
/** Rounds of 16 clients and 16 cabinets in turn, and what each does in a round. */
const ROUNDS = 5;
const PER_ROUND = 100;
/** Pairs before anything is measured, and what each client and each cabinet does to warm up. */
const WARM_UP = 100;
const EACH_WARMS_UP = 400;

/** Measures and returns the rows of the report. */
export async function benchDecisions(mongodbUri: string | undefined): Promise<Row[]> {
  const folder = await mkdtemp(join(tmpdir(), 'sezam-bench-'));
  const undo: (() => Promise<unknown>)[] = [];
  try {
    const store = await openBenchStore(mongodbUri, folder, 'decisions');
    undo.unshift(() => store.close());
    const { uri } = store;
    await addVisitors(uri, folder, ALL_CABINETS);
    const started = await startGateway({
      siteFile: 'benchmark',
      site: benchSite(
        Array.from({ length: ALL_CABINETS }, () => OWN_WIRES),
        true,
      ),
      dataFolder: folder,
      mongodbUri: uri,
      notice: (message) => console.error(`  ! ${message}`),
    });
    undo.unshift(() => started.close());
    const visitors = new Visitors(started.gateway, ALL_CABINETS);
    await visitors.attach();
    const client = await MongoClient.connect(uri, {
      maxPoolSize: CABINETS,
      writeConcern: { w: 'majority', journal: true },
    });
    undo.unshift(() => client.close());
    const plain = client.db().collection('plain');
    // The same indexes as the log's: what a program that keeps such a log pays at least.
    const indexes = (await client.db().collection('events').indexes()).filter(({ name }) => name !== '_id_');
    await plain.createIndexes(indexes.map(({ v: _version, ...index }) => index));
    return await measure(visitors, plain);
  } finally {
    for (const step of undo) await step();
    await rm(folder, { recursive: true, force: true });
  }
}

/** One pair after the other: an insert, then a decision; the machine's moods strike both alike. */
async function measureLatency(
  visitors: Visitors,
  plain: Collection,
): Promise<{ readonly inserts: readonly number[]; readonly decisions: readonly number[] }> {
  const inserts: number[] = [];
  const decisions: number[] = [];
  for (let pair = 0; pair < WARM_UP + PAIRS; pair += 1) {
    const insert = await insertOne(plain);
    await sleep(1);
    const decision = await visitors.present(SINGLE, pair);
    await sleep(1);
    if (pair < WARM_UP) continue;
    inserts.push(insert);
    decisions.push(decision);
  }
  return { inserts, decisions };
}

/** Rounds in turn: 16 clients that insert, 16 cabinets that decide. Rates are per second. */
async function measureThroughput(
  visitors: Visitors,
  plain: Collection,
): Promise<{ readonly insertRates: number[]; readonly decisionRates: number[]; readonly times: number[] }> {
  const cabinets = Array.from({ length: CABINETS }, (_, cabinet) => cabinet);
  const others = cabinets.map((cabinet) => cabinet + CABINETS);
  const insertAll = async (each: number): Promise<number> => {
    const started = performance.now();
    const client = async (): Promise<void> => {
      for (let turn = 0; turn < each; turn += 1) await insertOne(plain);
    };
    await Promise.all(cabinets.map(client));
    return performance.now() - started;
  };
  const times: number[] = [];
  const decideAll = async (at: readonly number[], from: number, each: number): Promise<number> => {
    const started = performance.now();
    const serve = async (cabinet: number): Promise<void> => {
      for (let person = from; person < from + each; person += 1)
        times.push(await visitors.present(cabinet, person));
    };
    await Promise.all(at.map(serve));
    return performance.now() - started;
  };
  await insertAll(EACH_WARMS_UP);
  await decideAll(others, 0, EACH_WARMS_UP);
  times.length = 0;
  const insertRates: number[] = [];
  const decisionRates: number[] = [];
  const work = CABINETS * PER_ROUND * 1_000;
  for (let round = 0; round < ROUNDS; round += 1) {
    insertRates.push(work / (await insertAll(PER_ROUND)));
    decisionRates.push(work / (await decideAll(cabinets, round * PER_ROUND, PER_ROUND)));
  }
  return { insertRates, decisionRates, times };
}

async function measure(visitors: Visitors, plain: Collection): Promise<Row[]> {
  // The many first: what is measured last is a gateway that has been at work for a while, as gateways are.
  console.error(`  ${ROUNDS} rounds of ${CABINETS} clients and ${CABINETS} cabinets …`);
  const { insertRates, decisionRates, times } = await measureThroughput(visitors, plain);
  console.error(`  ${PAIRS} inserts and decisions in turn …`);
  const { inserts, decisions } = await measureLatency(visitors, plain);
  const perSecond = (rates: readonly number[]): string => `${Math.round(percentile(rates, 0.5))} /s`;
  return [
    {
      name: 'one cabinet, card to pulse, p50',
      measured: milliseconds(percentile(decisions, 0.5)),
      baseline: `insert ${milliseconds(percentile(inserts, 0.5))}`,
      figure: percentile(decisions, 0.5) / percentile(inserts, 0.5),
      bound: { at: 'most', value: 1.5 },
    },
    {
      name: 'one cabinet, card to pulse, p99',
      measured: milliseconds(percentile(decisions, 0.99)),
      baseline: `insert ${milliseconds(percentile(inserts, 0.99))}`,
      figure: percentile(decisions, 0.99) / percentile(inserts, 0.99),
    },
    {
      name: '16 cabinets at once, decisions a second',
      measured: perSecond(decisionRates),
      baseline: `16 clients insert ${perSecond(insertRates)}`,
      figure: percentile(
        decisionRates.map((rate, round) => rate / (insertRates[round] ?? Number.NaN)),
        0.5,
      ),
      bound: { at: 'least', value: 0.7 },
    },
    {
      name: '16 cabinets at once, card to pulse, p50',
      measured: milliseconds(percentile(times, 0.5)),
      baseline: `p99 ${milliseconds(percentile(times, 0.99))}`,
      figure: percentile(times, 0.99) / percentile(times, 0.5),
    },
  ];
}

let inserted = 0;

/** The event of a decision, durably, into a collection with the indexes of the log. */
async function insertOne(plain: Collection): Promise<number> {
  inserted += 1;
  const document = {
    stream: 'cabinet/C0',
    seq: inserted,
    at: new Date(),
    type: 'compartment-granted',
    actor: { kind: 'user', id: 'user-0000000000000000000000' },
    data: {
      compartment: 1,
      allocation: 'new',
      schema: '2.2',
      grant: 'grant-000000000000000000000000',
      user: 'user-000000000000000000000000',
      credential: 'credential-000000000000000000000000',
      reader: 'reader-0',
    },
    prev: '0'.repeat(64),
    hash: '0'.repeat(64),
  };
  const started = performance.now();
  await plain.insertOne(document);
  return performance.now() - started;
}
