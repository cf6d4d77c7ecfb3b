/**
 * Identification among 10,000 people against the same among 100, and the occupancy of every compartment of a site
 * of 32 cabinets of 512.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type CabinetState, statusOf } from '../domain/cabinet/state.ts';
import type { Gateway } from '../gateway/api.ts';
import { systemClock } from '../gateway/clock.ts';
import { Keyring, makeKey } from '../gateway/keyring.ts';
import { GatewayQueries } from '../gateway/query/gateway-queries.ts';
import { startGateway } from '../gateway/start.ts';
import { connect } from '../models/connection.ts';
import type { CredentialDocument } from '../models/credentials.ts';
import type { UserDocument } from '../models/users.ts';
import { rdm6300Frame } from '../simulators/rdm6300.ts';
import { benchSite, OWN_WIRES, readerBus } from './site.ts';
import { milliseconds, percentile, type Row } from './statistics.ts';
import { openBenchStore } from './store.ts';
import { attachWires } from './wires.ts';

const CABINETS = 32;
const MANY = 10_000;
const FEW = 100;
/** Rounds, each compared by itself, and the identifications of one at each of the two gateways. */
const ROUNDS = 12;
const CARDS_PER_ROUND = 200;
const PINS_PER_ROUND = 20;
/** People of each gateway whose PINs are typed: hashing a PIN takes as long as typing a digit. */
const TYPISTS = 40;
/** Identifications before anything is measured. */
const WARM_UP = 500;
/** Bytes of the other work that is done between two identifications, and of a line of a processor's cache. */
const OTHER_WORK = 32 * 1_024 * 1_024;
const CACHE_LINE = 64;
/** How often a report on occupancy, and a plain loop, are measured. */
const REPORTS = 60;

/** A gateway with so many people, each with a card and a PIN. */
interface Crowd {
  readonly gateway: Gateway;
  readonly people: number;
}

/** Measures and returns the rows of the report. */
export async function benchPeople(mongodbUri: string | undefined): Promise<Row[]> {
  const folder = await mkdtemp(join(tmpdir(), 'sezam-bench-'));
  const undo: (() => Promise<unknown>)[] = [];
  try {
    const many = await gather(mongodbUri, folder, MANY, undo);
    const few = await gather(mongodbUri, folder, FEW, undo);
    return [...(await measureIdentification(many, few)), measureOccupancy(many.gateway)];
  } finally {
    for (const step of undo) await step();
    await rm(folder, { recursive: true, force: true });
  }
}

async function gather(
  mongodbUri: string | undefined,
  folder: string,
  people: number,
  undo: (() => Promise<unknown>)[],
): Promise<Crowd> {
  console.error(`  ${people} people with ${2 * people} credentials, ${CABINETS} cabinets of 512 …`);
  const dataFolder = join(folder, `data-${people}`);
  const store = await openBenchStore(mongodbUri, folder, `people-${people}`);
  undo.unshift(() => store.close());
  await addPeople(store.uri, dataFolder, people);
  const wires = Array.from({ length: CABINETS }, () => OWN_WIRES);
  const site = benchSite(wires, true);
  const started = await startGateway({
    siteFile: 'benchmark',
    site: { ...site, readers: site.readers.map((reader) => ({ ...reader, decide: 'flow' })) },
    dataFolder,
    mongodbUri: store.uri,
    notice: (message) => console.error(`  ! ${message}`),
  });
  undo.unshift(() => started.close());
  await attachWires(started.gateway, CABINETS);
  return { gateway: started.gateway, people };
}

/** Everybody, as the administration would write them; but only PINs that are going to be typed have their own hash. */
async function addPeople(uri: string, dataFolder: string, people: number): Promise<void> {
  const ring = new Keyring([await makeKey(dataFolder, 1)]);
  const hashes = new Map<number, string>();
  for (let typist = 0; typist < TYPISTS; typist += 1) {
    const person = typistAt(typist, people);
    hashes.set(person, await ring.hash(pinOf(person)));
  }
  const anyHash = hashes.get(typistAt(0, people)) ?? '';
  // Known for an hour: what was changed a moment ago is looked for again and again.
  const updatedAt = new Date(Date.now() - 3_600_000);
  const users: UserDocument[] = [];
  const credentials: CredentialDocument[] = [];
  for (let person = 0; person < people; person += 1) {
    const user = `user-${person}`;
    const common = { user, blocked: false, updatedAt };
    users.push({
      _id: user,
      name: `Person ${person}`,
      roles: ['defined'],
      groups: [],
      blocked: false,
      updatedAt,
    });
    credentials.push(
      { _id: `card-${person}`, ...common, kind: 'card', ...ring.digest('card', cardOf(person)) },
      {
        _id: `pin-${person}`,
        ...common,
        kind: 'pin',
        ...ring.digest('pin', pinOf(person)),
        hash: hashes.get(person) ?? anyHash,
      },
    );
  }
  const connection = await connect(uri);
  await connection.collection<UserDocument>('users').insertMany(users);
  await connection.collection<CredentialDocument>('credentials').insertMany(credentials);
  await connection.close();
}

/** Identifications by card and by PIN, at both gateways in turn. */
async function measureIdentification(many: Crowd, few: Crowd): Promise<Row[]> {
  // A step that shares no factor with the number of people visits all of them, far from each other.
  const byCard = ({ gateway, people }: Crowd, turn: number): Promise<number> =>
    holdCard(gateway, turn % CABINETS, cardOf((turn * 7_919) % people));
  const byPin = ({ gateway, people }: Crowd, turn: number): Promise<number> =>
    typePin(gateway, turn % CABINETS, pinOf(typistAt(turn % TYPISTS, people)));
  console.error(`  ${ROUNDS} rounds of identifications by card and by PIN at both …`);
  await inTurn(0, WARM_UP, many, few, byCard);
  const cards: Times[] = [];
  const pins: Times[] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    cards.push(await inTurn(round * CARDS_PER_ROUND, CARDS_PER_ROUND, many, few, byCard));
    pins.push(await inTurn(round * PINS_PER_ROUND, PINS_PER_ROUND, many, few, byPin));
  }
  return [...compared('card', cards), ...compared('PIN', pins)];
}

/** What both gateways took in a round, in milliseconds. */
interface Times {
  readonly many: number[];
  readonly few: number[];
}

/** The round in the middle counts: a moment in which the machine is busy with something else spoils one only. */
function compared(kind: string, rounds: readonly Times[]): Row[] {
  return (['p50', 'p99'] as const).map((label) => {
    const share = label === 'p50' ? 0.5 : 0.99;
    const many = rounds.map((times) => percentile(times.many, share));
    const few = rounds.map((times) => percentile(times.few, share));
    return {
      name: `identification by ${kind} among ${MANY} people, ${label}`,
      measured: milliseconds(percentile(many, 0.5), 3),
      baseline: `among ${FEW} ${milliseconds(percentile(few, 0.5), 3)}`,
      figure: percentile(
        many.map((time, round) => time / (few[round] ?? Number.NaN)),
        0.5,
      ),
      bound: { at: 'most', value: 1.2 },
    };
  });
}

/**
 * The same work at both gateways in pairs. Between people at a reader lie seconds, in which a processor does much
 * else and keeps nothing of them at hand; so other work comes before each identification.
 */
async function inTurn(
  first: number,
  turns: number,
  many: Crowd,
  few: Crowd,
  work: (crowd: Crowd, turn: number) => Promise<number>,
): Promise<Times> {
  const times: Times = { many: [], few: [] };
  const otherWork = Buffer.alloc(OTHER_WORK);
  for (let turn = first; turn < first + turns; turn += 1) {
    // By chance, so that nothing that comes round regularly strikes one of them more often.
    const order = Math.random() < 0.5 ? [many, few] : [few, many];
    for (const crowd of order) {
      for (let at = 0; at < OTHER_WORK; at += CACHE_LINE) otherWork[at] = turn;
      times[crowd === many ? 'many' : 'few'].push(await work(crowd, turn));
    }
  }
  return times;
}

/** From the bytes of a card entering the gateway until it is known whose it is: milliseconds. */
async function holdCard(gateway: Gateway, cabinet: number, card: string): Promise<number> {
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  const stopListening = gateway.onPresentation(readerBus(cabinet), ({ presentation }) => {
    identified(gateway, presentation).then(resolve, reject);
  });
  const frame = rdm6300Frame(card);
  const port = gateway.flowPort(readerBus(cabinet));
  const started = performance.now();
  port.receive(frame);
  const ended = await promise;
  stopListening();
  return ended - started;
}

/** From the last digit of a PIN until it is known whose it is: milliseconds. */
async function typePin(gateway: Gateway, cabinet: number, value: string): Promise<number> {
  const started = performance.now();
  const presentation = gateway.present(readerBus(cabinet), { kind: 'pin', value });
  return (await identified(gateway, presentation)) - started;
}

/** When somebody was identified. */
async function identified(gateway: Gateway, presentation: string): Promise<number> {
  const answer = await gateway.identify(presentation);
  const ended = performance.now();
  if (!answer.ok) throw new Error(`Somebody was refused: ${answer.text.en}`);
  return ended;
}

/** A report on every compartment of the site, every second one held, against a plain loop that makes the same rows. */
function measureOccupancy(gateway: Gateway): Row {
  console.error(`  ${REPORTS} reports on occupancy …`);
  const since = Date.now() - 3_600_000;
  const cabinets = gateway.cabinets().map((cabinet) => ({
    ...cabinet,
    compartments: cabinet.compartments.map((compartment) =>
      compartment.number % 2 === 0
        ? { ...compartment, holders: [`user-${compartment.number}`], occupiedSince: since }
        : compartment,
    ),
  }));
  const queries = new GatewayQueries({
    cabinets: () => cabinets,
    search: { find: () => Promise.resolve([]) },
    clock: systemClock,
  });
  const compartments = cabinets.reduce((sum, cabinet) => sum + cabinet.compartments.length, 0);
  const reports: number[] = [];
  const loops: number[] = [];
  for (let report = -REPORTS; report < REPORTS; report += 1) {
    const took = timed(compartments, () => {
      const answer = queries.occupancy();
      return answer.ok ? answer.compartments.length : 0;
    });
    const loop = timed(compartments, () => plainLoop(cabinets).length);
    if (report < 0) continue;
    reports.push(took);
    loops.push(loop);
  }
  return {
    name: `occupancy of ${compartments} compartments, p50`,
    measured: milliseconds(percentile(reports, 0.5)),
    baseline: `plain loop ${milliseconds(percentile(loops, 0.5))}`,
    figure: percentile(reports, 0.5) / percentile(loops, 0.5),
    bound: { at: 'most', value: 2 },
  };
}

function timed(expected: number, work: () => number): number {
  const started = performance.now();
  const found = work();
  const took = performance.now() - started;
  if (found !== expected) throw new Error(`${found} compartments instead of ${expected}.`);
  return took;
}

function plainLoop(cabinets: readonly CabinetState[]): object[] {
  const now = Date.now();
  const rows: object[] = [];
  for (const cabinet of cabinets) {
    for (const compartment of cabinet.compartments) {
      const { number, door, holders, occupiedSince } = compartment;
      rows.push({
        cabinet: cabinet.setting.id,
        compartment: number,
        status: statusOf(cabinet, compartment),
        door,
        taken: holders.length > 0 ? ['allocation'] : [],
        holders,
        items: [],
        since: occupiedSince,
        age: occupiedSince === undefined ? undefined : now - occupiedSince,
        overdue: false,
      });
    }
  }
  return rows;
}

/** People whose PINs are typed, spread over all of them. */
function typistAt(typist: number, people: number): number {
  return Math.floor((typist * people) / TYPISTS);
}

/** The card of a person: 10 hex digits. */
function cardOf(person: number): string {
  return `5E${person.toString(16).padStart(8, '0')}`.toUpperCase();
}

/** The PIN of a person: 8 digits, nobody else's. */
function pinOf(person: number): string {
  return String(10_000_000 + person * 8_641);
}
