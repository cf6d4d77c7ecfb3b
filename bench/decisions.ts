/** Decisions per second and their latency, against the bare durable insert of the same store in the same run. */
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import { type Collection, MongoClient } from 'mongodb';
import { startEmbeddedMongo } from '../embedded-mongo/index.ts';
import { digestKey, digestOf, installationKey } from '../gateway/secrets.ts';
import { type StartedGateway, startGateway } from '../gateway/start.ts';
import { connect } from '../models/connection.ts';
import type { CredentialDocument } from '../models/credentials.ts';
import type { UserDocument } from '../models/users.ts';
import type { HardwareAnswer, HardwareCommand } from './hardware.ts';
import { benchSite, type CabinetPorts, COMPARTMENTS, cardOf } from './site.ts';
import { milliseconds, percentile, type Row } from './statistics.ts';

/** Cabinets that work at once; one more serves the measurement of a single one. */
const CABINETS = 16;
/** Pairs of one insert and one decision. */
const PAIRS = 300;
/** Rounds of 16 clients and 16 cabinets in turn, and what each does in a round. */
const ROUNDS = 4;
const PER_ROUND = 100;
/** Pairs before anything is measured. */
const WARM_UP = 40;

class Hardware {
  readonly #worker: Worker;
  #answer = Promise.withResolvers<HardwareAnswer>();

  constructor(cabinets: number) {
    this.#worker = new Worker(new URL('./hardware.ts', import.meta.url), { workerData: { cabinets } });
    this.#worker.on('message', (answer: HardwareAnswer) => this.#answer.resolve(answer));
    this.#worker.on('error', (error) => this.#answer.reject(error));
  }

  async ready(): Promise<readonly CabinetPorts[]> {
    const answer = await this.#answer.promise;
    if (!('ready' in answer)) throw new Error('The hardware did not start.');
    return answer.ready;
  }

  async ask(
    command: HardwareCommand,
  ): Promise<{ readonly times: readonly number[]; readonly elapsed: number }> {
    this.#answer = Promise.withResolvers<HardwareAnswer>();
    this.#worker.postMessage(command);
    const answer = await this.#answer.promise;
    if (!('times' in answer)) throw new Error('The hardware gave no times.');
    return answer;
  }

  async close(): Promise<void> {
    await this.#worker.terminate();
  }
}

/** Measures and returns the rows of the report. */
export async function benchDecisions(mongodbUri: string | undefined): Promise<Row[]> {
  const folder = await mkdtemp(join(tmpdir(), 'sezam-bench-'));
  const database = `bench-${process.pid}`;
  const hardware = new Hardware(CABINETS + 1);
  const undo: (() => Promise<unknown>)[] = [() => hardware.close()];
  try {
    const ports = await hardware.ready();
    const store =
      mongodbUri === undefined
        ? await startEmbeddedMongo({ folder: join(folder, 'bench-store') })
        : undefined;
    if (store) undo.unshift(() => store.close());
    const uri = `${mongodbUri ?? store?.uri}/${database}`;
    await addPeople(uri, folder);
    const started = await startGateway({
      siteFile: 'benchmark',
      site: benchSite(ports, true),
      dataFolder: folder,
      mongodbUri: uri,
      notice: (message) => console.error(`  ! ${message}`),
    });
    undo.unshift(() => started.close());
    await untilHeard(started);
    const client = await MongoClient.connect(uri, {
      maxPoolSize: CABINETS,
      writeConcern: { w: 'majority', journal: true },
    });
    undo.unshift(async () => {
      await client.db().dropDatabase();
      await client.close();
    });
    return await measure(hardware, client.db().collection('plain'));
  } finally {
    for (const step of undo) await step();
    await rm(folder, { recursive: true, force: true });
  }
}

/** One pair after the other: an insert, then a decision; the machine's moods strike both alike. */
async function measureLatency(
  hardware: Hardware,
  plain: Collection,
): Promise<{ readonly inserts: readonly number[]; readonly decisions: readonly number[] }> {
  const inserts: number[] = [];
  const decisions: number[] = [];
  for (let pair = 0; pair < WARM_UP + PAIRS; pair += 1) {
    const insert = await insertOne(plain, pair);
    await sleep(1);
    const { times } = await hardware.ask({ do: 'present', cabinets: [CABINETS], from: pair, count: 1 });
    await sleep(1);
    if (pair < WARM_UP) continue;
    inserts.push(insert);
    decisions.push(...times);
  }
  return { inserts, decisions };
}

/** Rounds in turn: 16 clients that insert, 16 cabinets that decide. Rates are per second. */
async function measureThroughput(
  hardware: Hardware,
  plain: Collection,
): Promise<{ readonly insertRates: number[]; readonly decisionRates: number[]; readonly times: number[] }> {
  const cabinets = Array.from({ length: CABINETS }, (_, cabinet) => cabinet);
  const insertRates: number[] = [];
  const decisionRates: number[] = [];
  const times: number[] = [];
  const work = CABINETS * PER_ROUND * 1_000;
  for (let round = 0; round <= ROUNDS; round += 1) {
    const started = performance.now();
    await Promise.all(
      cabinets.map(async () => {
        for (let turn = 0; turn < PER_ROUND; turn += 1) await insertOne(plain, turn);
      }),
    );
    const insertRate = work / (performance.now() - started);
    const answer = await hardware.ask({ do: 'present', cabinets, from: round * PER_ROUND, count: PER_ROUND });
    // The first round warms up.
    if (round === 0) continue;
    insertRates.push(insertRate);
    decisionRates.push(work / answer.elapsed);
    times.push(...answer.times);
  }
  return { insertRates, decisionRates, times };
}

async function measure(hardware: Hardware, plain: Collection): Promise<Row[]> {
  const wire = percentile(await measureWire(hardware), 0.5);
  console.error(`  ${PAIRS} inserts and decisions in turn …`);
  const { inserts, decisions } = await measureLatency(hardware, plain);
  console.error(`  ${ROUNDS} rounds of ${CABINETS} clients and ${CABINETS} cabinets …`);
  const { insertRates, decisionRates, times } = await measureThroughput(hardware, plain);
  const perSecond = (rates: readonly number[]): string => `${Math.round(percentile(rates, 0.5))} /s`;
  return [
    {
      name: 'one cabinet, card to pulse, p50',
      measured: milliseconds(percentile(decisions, 0.5)),
      baseline: `insert ${milliseconds(percentile(inserts, 0.5))}, wire ${milliseconds(wire)}`,
      figure: (percentile(decisions, 0.5) - wire) / percentile(inserts, 0.5),
      bound: { at: 'most', value: 1.5 },
    },
    {
      name: 'one cabinet, card to pulse, p99',
      measured: milliseconds(percentile(decisions, 0.99)),
      baseline: `insert ${milliseconds(percentile(inserts, 0.99))}`,
      figure: (percentile(decisions, 0.99) - wire) / percentile(inserts, 0.99),
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

/** What the way over the wires takes by itself: as many bytes to a server in this thread and back. */
async function measureWire(hardware: Hardware): Promise<readonly number[]> {
  const server = createServer({ noDelay: true }, (socket) => socket.pipe(socket));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const port = typeof address === 'object' && address ? address.port : 0;
  const { times } = await hardware.ask({ do: 'echo', port, count: WARM_UP + PAIRS });
  server.close();
  return times.slice(WARM_UP);
}

/** A document as long as the event of a decision, durably, in a collection without an index of its own. */
async function insertOne(plain: Collection, number: number): Promise<number> {
  const document = {
    stream: 'cabinet/C0',
    seq: number,
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

/** One person with one card for each compartment, written as the administration would. */
async function addPeople(uri: string, dataFolder: string): Promise<void> {
  console.error(`  adding ${(CABINETS + 1) * COMPARTMENTS} people …`);
  const key = digestKey(await installationKey(dataFolder, 'credential-key'));
  const connection = await connect(uri);
  const updatedAt = new Date();
  for (let cabinet = 0; cabinet <= CABINETS; cabinet += 1) {
    const users: UserDocument[] = [];
    const credentials: CredentialDocument[] = [];
    for (let person = 0; person < COMPARTMENTS; person += 1) {
      const id = `user-${cabinet}-${person}`;
      users.push({ _id: id, name: id, roles: ['defined'], groups: [], blocked: false, updatedAt });
      credentials.push({
        _id: `credential-${cabinet}-${person}`,
        user: id,
        kind: 'card',
        digest: digestOf(key, 'card', cardOf(cabinet, person)),
        blocked: false,
        updatedAt,
      });
    }
    await connection.collection<UserDocument>('users').insertMany(users);
    await connection.collection<CredentialDocument>('credentials').insertMany(credentials);
  }
  await connection.close();
}

/** Waits until every board has told its doors. */
async function untilHeard({ gateway }: StartedGateway): Promise<void> {
  const end = performance.now() + 30_000;
  const heard = (): boolean =>
    gateway.cabinets().every(({ compartments }) => compartments.every(({ door }) => door !== 'unknown'));
  while (!heard()) {
    if (performance.now() > end) throw new Error('Not every board was heard.');
    await sleep(20);
  }
}
