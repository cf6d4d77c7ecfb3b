/**
 * From the sample that confirms an attack to the order to fire: one cassette alone; 64 on a gateway whose cabinets decide
 * without a pause; and the same with the store taken away. Against a thread that does nothing else, in the same run.
 */
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import { pairingKey } from '../gateway/cassettes/open-cassettes.ts';
import { type StartedGateway, startGateway } from '../gateway/start.ts';
import { connect } from '../models/connection.ts';
import type { UserDocument } from '../models/users.ts';
import { CONTROLLERS_PER_BUS, cassetteAt, withCassettes } from './cassette-site.ts';
import { Controllers } from './controllers-process.ts';
import { GuardedCassettes, type Round } from './guarded-cassettes.ts';
import { benchSite, COMPARTMENTS, OWN_WIRES } from './site.ts';
import { milliseconds, percentile, type Row } from './statistics.ts';
import { type BenchStore, openBenchStore } from './store.ts';
import { addVisitors, Visitors } from './visitors.ts';

const CASSETTES = 64;
/** Cabinets that decide meanwhile: with as many, the main thread hardly rests. */
const CABINETS = 48;
/** Attacks in a round; rounds with one cassette, and with many in each situation; attacks before them. */
const ATTACKS = 70;
const ROUNDS_ALONE = 3;
const ROUNDS_LOADED = 5;
const WARM_UP = 20;
/** How long the cabinets are at work before anything is measured. Milliseconds. */
const SETTLES = 3_000;
/** What a site may rely on, from the confirming sample to the order to fire. Milliseconds, p99. */
const FIRES_WITHIN = { at: 'most', value: 25 } as const;
/** Boards take the next frame at once: the rate is to end with the computer, not with the wires. */
const NO_PAUSE = { pauseAfterUnlockMilliseconds: 0 } as const;
/** One cassette alone is ready again sooner where it is asked more often; from sample to fire that makes no difference. */
const SOONEST = { pollMilliseconds: 50 } as const;
const ADMINISTRATOR = 'bench-administrator';

type Undo = (() => Promise<unknown>)[];

interface AtWork {
  readonly store: BenchStore;
  readonly gateway: StartedGateway['gateway'];
  readonly guarded: GuardedCassettes;
}

/** Measures and returns the rows of the report. */
export async function benchCassettes(): Promise<Row[]> {
  const alone = await inFolder(measureAlone);
  const { loaded, without } = await inFolder(measureLoaded);
  const situation = `${CASSETTES} cassettes, ${CABINETS} cabinets at full rate`;
  return [
    row('one cassette alone, sample to fire, p50', alone, 0.5),
    row('one cassette alone, sample to fire, p99', alone, 0.99),
    row(`${situation}, sample to fire, p50`, loaded, 0.5),
    row(`${situation}, sample to fire, p99`, loaded, 0.99),
    boundRow(`${situation}, p99, ms`, loaded, 'alone', alone),
    boundRow('the same without its store, p99, ms', without, 'with it', loaded),
    attackRow(`${situation}, drill to fire, p50`, loaded),
  ];
}

async function inFolder<Result>(work: (folder: string, undo: Undo) => Promise<Result>): Promise<Result> {
  const folder = await mkdtemp(join(tmpdir(), 'sezam-bench-'));
  const undo: Undo = [];
  try {
    return await work(folder, undo);
  } finally {
    for (const step of undo) await step();
    await rm(folder, { recursive: true, force: true });
  }
}

async function measureAlone(folder: string, undo: Undo): Promise<readonly Round[]> {
  const { guarded } = await start(folder, undo, 1, 0);
  return rounds('one cassette alone', guarded, ROUNDS_ALONE);
}

async function measureLoaded(
  folder: string,
  undo: Undo,
): Promise<{ readonly loaded: readonly Round[]; readonly without: readonly Round[] }> {
  const { store, gateway, guarded } = await start(folder, undo, CASSETTES, CABINETS);
  const visitors = new Visitors(gateway, CABINETS);
  await visitors.attach(true);
  const load = new Load(visitors);
  undo.unshift(() => load.stop());
  const loaded = await underLoad('with the store', load, guarded);
  await store.close();
  const without = await underLoad('without the store', load, guarded);
  return { loaded, without };
}

async function underLoad(name: string, load: Load, guarded: GuardedCassettes): Promise<readonly Round[]> {
  await sleep(SETTLES);
  const before = load.decisions;
  const idle = performance.eventLoopUtilization();
  const began = performance.now();
  const measured = await Promise.race([rounds(name, guarded, ROUNDS_LOADED), load.failure]);
  const rate = ((load.decisions - before) / (performance.now() - began)) * 1_000;
  const busy = performance.eventLoopUtilization(idle).utilization;
  console.error(`  ${rate.toFixed(0)} decisions a second; main thread ${(100 * busy).toFixed(0)} % busy`);
  return measured;
}

async function rounds(name: string, guarded: GuardedCassettes, count: number): Promise<readonly Round[]> {
  console.error(`  ${name}: ${count} rounds of ${ATTACKS} attacks …`);
  await guarded.allReady();
  await guarded.round(WARM_UP);
  const measured: Round[] = [];
  for (let round = 0; round < count; round += 1) {
    const one = await guarded.round(ATTACKS);
    const inWords = (values: readonly number[]): string =>
      [0.5, 0.99, 1].map((at) => milliseconds(percentile(values, at))).join(', ');
    console.error(`  fire ${inWords(toFire(one))}; bare thread ${inWords(bareOf(one))} (p50, p99, worst)`);
    measured.push(one);
  }
  return measured;
}

/** Somebody at every cabinet at every moment: the next card as soon as the pulse for the last one is out. */
class Load {
  decisions = 0;
  /** Rejects where a cabinet gives no pulse any more: what is measured then is not measured under load. */
  readonly failure: Promise<never>;
  #stopped = false;
  readonly #serving: Promise<unknown>;

  constructor(visitors: Visitors) {
    const serve = async (cabinet: number): Promise<void> => {
      for (let turn = 0; !this.#stopped; turn += 1) {
        await visitors.present(cabinet, turn % COMPARTMENTS);
        this.decisions += 1;
      }
    };
    this.#serving = Promise.all(Array.from({ length: CABINETS }, (_, cabinet) => serve(cabinet)));
    this.failure = this.#serving.then(() => new Promise<never>(() => {}));
    // It may fail while nobody waits for it; whoever measures next is told.
    this.failure.catch(() => {});
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    await this.#serving.catch(() => {});
  }
}

/** A gateway with cassettes and cabinets on an embedded store, and controllers in a process of their own. */
async function start(folder: string, undo: Undo, cassettes: number, cabinets: number): Promise<AtWork> {
  const store = await openBenchStore(undefined, folder, 'cassettes');
  undo.unshift(() => store.close());
  await addPeople(store.uri, folder, cabinets);
  const controllers = new Controllers();
  undo.unshift(() => controllers.close());
  const { ports, pingPort } = await controllers.serve(await keysByBus(folder, cassettes));
  const bare = new Worker(new URL('./bare-reactor.ts', import.meta.url), { workerData: { port: pingPort } });
  undo.unshift(() => bare.terminate());
  const [first] = (await once(bare, 'message')) as [boolean];
  console.error(
    `  threads that guard cassettes go ${first ? 'before others' : 'like any other: see LimitNICE'}`,
  );
  const { boards, ...site } = benchSite(
    Array.from({ length: cabinets }, () => OWN_WIRES),
    false,
  );
  const started = await startGateway({
    siteFile: 'benchmark',
    site: withCassettes(
      { ...site, boards: boards.map((board) => ({ ...board, settings: NO_PAUSE })) },
      cassettes,
      ports,
      cassettes === 1 ? SOONEST : {},
    ),
    dataFolder: folder,
    mongodbUri: store.uri,
    // Without its store a gateway says much, and over and over; what is measured is told by rows.
    notice: () => {},
  });
  undo.unshift(() => started.close());
  const { gateway } = started;
  while (gateway.cassettes.list().length < cassettes) await sleep(20);
  const guarded = new GuardedCassettes(gateway.cassettes, controllers, ADMINISTRATOR);
  undo.unshift(() => Promise.resolve(guarded.stop()));
  return { store, gateway, guarded };
}

async function addPeople(uri: string, folder: string, cabinets: number): Promise<void> {
  if (cabinets > 0) await addVisitors(uri, folder, cabinets);
  const connection = await connect(uri);
  await connection.collection<UserDocument>('users').insertOne({
    _id: ADMINISTRATOR,
    name: ADMINISTRATOR,
    roles: ['administrator'],
    groups: [],
    blocked: false,
    updatedAt: new Date(),
  });
  await connection.close();
}

async function keysByBus(folder: string, cassettes: number): Promise<readonly (readonly string[])[]> {
  const buses: string[][] = [];
  for (let cassette = 0; cassette < cassettes; cassette += 1) {
    const key = await pairingKey(folder, cassetteAt(cassette));
    if (cassette % CONTROLLERS_PER_BUS === 0) buses.push([]);
    buses.at(-1)?.push(key);
  }
  return buses;
}

/** The median of the rounds: a machine that was busy with something else for a moment spoils one of them. */
function share(measured: readonly Round[], of: (round: Round) => readonly number[], at: number): number {
  return percentile(
    measured.map((round) => percentile(of(round), at)),
    0.5,
  );
}

const toFire = ({ reactions }: Round): readonly number[] => reactions.map((reaction) => reaction.toFire);
const toPrepare = ({ reactions }: Round): readonly number[] =>
  reactions.map((reaction) => reaction.toPrepare);
const sinceAttack = ({ reactions }: Round): readonly number[] =>
  reactions.map((reaction) => reaction.sinceAttack);
const bareOf = ({ bare }: Round): readonly number[] => bare;

function row(name: string, measured: readonly Round[], at: number): Row {
  const fire = share(measured, toFire, at);
  const bare = share(measured, bareOf, at);
  return {
    name,
    measured: `${milliseconds(fire)}, prepare ${milliseconds(share(measured, toPrepare, at))}`,
    baseline: `bare thread ${milliseconds(bare)}`,
    figure: fire / bare,
  };
}

function boundRow(name: string, measured: readonly Round[], otherName: string, other: readonly Round[]): Row {
  const fire = share(measured, toFire, 0.99);
  const others = share(other, toFire, 0.99);
  const worst = Math.max(...measured.flatMap(toFire));
  return {
    name,
    measured: `${milliseconds(fire)}, worst of ${measured.length * ATTACKS} ${milliseconds(worst)}`,
    baseline: `${otherName} ${milliseconds(others)}: × ${(fire / others).toFixed(2)}`,
    figure: fire,
    bound: FIRES_WITHIN,
  };
}

function attackRow(name: string, measured: readonly Round[]): Row {
  const half = share(measured, sinceAttack, 0.5);
  const slow = share(measured, sinceAttack, 0.99);
  return {
    name,
    measured: milliseconds(half),
    baseline: `p99 ${milliseconds(slow)}`,
    figure: slow / half,
  };
}
