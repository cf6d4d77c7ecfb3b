/** The first page of one user's events among a million, against the bare indexed find of the same store. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Collection, ObjectId } from 'mongodb';
import type { Connection } from 'mongoose';
import { systemClock } from '../gateway/clock.ts';
import { GatewayQueries } from '../gateway/query/gateway-queries.ts';
import { connect } from '../models/connection.ts';
import { SEARCH_INDEXES } from '../models/event-indexes.ts';
import { EventFinder } from '../models/event-search.ts';
import { EventRepository } from '../models/events.ts';
import { milliseconds, percentile, type Row } from './statistics.ts';
import { openBenchStore } from './store.ts';

/** Events in the store, how many are sent at once, and how many of such loads are under way. */
const EVENTS = 1_000_000;
const LOAD = 5_000;
const LOADS_AT_ONCE = 2;
/** Among whom they are spread, and how many cabinets and compartments. */
const USERS = 2_500;
const CABINETS = 32;
const COMPARTMENTS = 512;
const ITEMS = 5_000;
/** Events on a page. */
const PAGE = 100;
/** Pairs of one bare find and one query, after as many again that warm up. */
const PAIRS = 200;

/** Measures and returns the rows of the report. */
export async function benchHistory(mongodbUri: string | undefined): Promise<Row[]> {
  const folder = await mkdtemp(join(tmpdir(), 'sezam-bench-'));
  const undo: (() => Promise<unknown>)[] = [];
  try {
    const store = await openBenchStore(mongodbUri, folder, 'history');
    undo.unshift(() => store.close());
    const connection = await connect(store.uri);
    undo.unshift(() => connection.close());
    await new EventRepository(connection).prepare();
    const events = collectionOf(connection);
    await fill(events);
    const queries = new GatewayQueries({
      cabinets: () => [],
      search: new EventFinder(connection),
      clock: systemClock,
    });
    return await measure(events, queries);
  } finally {
    for (const step of undo) await step();
    await rm(folder, { recursive: true, force: true });
  }
}

function collectionOf(connection: Connection): Collection {
  if (!connection.db) throw new Error('The connection was closed.');
  return connection.db.collection('events');
}

/** Writes the events as they would lie there after months: doors that open and close, in turn in every cabinet. */
async function fill(events: Collection): Promise<void> {
  const began = performance.now();
  let sent = 0;
  const load = async (): Promise<void> => {
    while (sent < EVENTS) {
      const from = sent;
      sent += LOAD;
      const documents = Array.from({ length: LOAD }, (_, index) => eventAt(from + index));
      // Need not outlive this run, so nothing waits for the disk.
      await events.insertMany(documents, { ordered: false, writeConcern: { w: 1, journal: false } });
      if (sent % 100_000 === 0) {
        const rate = Math.round((sent / (performance.now() - began)) * 1_000);
        console.error(`  ${sent} events, ${rate} a second …`);
      }
    }
  };
  await Promise.all(Array.from({ length: LOADS_AT_ONCE }, load));
}

function eventAt(number: number): object {
  const cabinet = number % CABINETS;
  // A step that shares no factor with the number of users visits all of them, far from each other in the log.
  const user = userAt((number * 997) % USERS);
  return {
    _id: new ObjectId(),
    stream: `cabinet/C${cabinet}`,
    seq: Math.floor(number / CABINETS) + 1,
    at: new Date(Date.UTC(2026, 0, 1) + number * 10_000),
    type: number % 2 === 0 ? 'door-opened' : 'door-closed',
    actor: { kind: 'gateway', id: 'gateway' },
    data: {
      compartment: 1 + (Math.floor(number / CABINETS) % COMPARTMENTS),
      grant: 'grant-000000000000000000000000',
      user,
      ...(number % 4 === 0 && { item: `item-${number % ITEMS}` }),
    },
    prev: '0'.repeat(64),
    hash: '0'.repeat(64),
  };
}

function userAt(number: number): string {
  return `user-${String(number).padStart(24, '0')}`;
}

/** One pair after the other: a bare find, then a query, for users in turn; the machine's moods strike both alike. */
async function measure(events: Collection, queries: GatewayQueries): Promise<Row[]> {
  console.error(`  ${PAIRS} finds and queries in turn …`);
  const finds: number[] = [];
  const asked: number[] = [];
  for (let pair = -PAIRS; pair < PAIRS; pair += 1) {
    const at = pair + PAIRS;
    const find = await timed(() => bareFind(events, userAt((at * 13) % USERS)));
    const query = await timed(() => firstPage(queries, userAt((at * 13 + 7) % USERS)));
    if (pair < 0) continue;
    finds.push(find);
    asked.push(query);
  }
  const row = (share: number): Pick<Row, 'measured' | 'baseline' | 'figure'> => ({
    measured: milliseconds(percentile(asked, share)),
    baseline: `find ${milliseconds(percentile(finds, share))}`,
    figure: percentile(asked, share) / percentile(finds, share),
  });
  return [
    {
      name: `first ${PAGE} events of a user among ${EVENTS}, p50`,
      ...row(0.5),
      bound: { at: 'most', value: 3 },
    },
    { name: `first ${PAGE} events of a user among ${EVENTS}, p99`, ...row(0.99) },
  ];
}

async function timed(work: () => Promise<number>): Promise<number> {
  const started = performance.now();
  const found = await work();
  const took = performance.now() - started;
  if (found !== PAGE) throw new Error(`${found} events were found instead of ${PAGE}.`);
  return took;
}

async function bareFind(events: Collection, user: string): Promise<number> {
  const found = await events
    .find({ 'data.user': user }, { hint: SEARCH_INDEXES.user.key })
    .sort({ at: -1, _id: -1 })
    .limit(PAGE)
    .toArray();
  return found.length;
}

async function firstPage(queries: GatewayQueries, user: string): Promise<number> {
  const page = await queries.events({ user, limit: PAGE });
  if (!page.ok) throw new Error(page.text.en);
  return page.events.length;
}
