/** Sezam and the bare server side by side, each in a process of its own, with a client of this process. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type UserIdentityInfo, UserTokenType } from 'node-opcua';
import { BenchClient } from './opcua-client.ts';
import { VALUES } from './opcua-protocol.ts';
import { type ServerKind, ServerProcess } from './opcua-server-process.ts';
import { percentile } from './statistics.ts';

/** Cabinets and compartments of each: 10,000 values. */
export const CABINETS = 5;
export const COMPARTMENTS = 500;
export const VALUE_COUNT = CABINETS * COMPARTMENTS * VALUES.length;

/** The administrator of the gateway in memory. */
const ADMINISTRATOR: UserIdentityInfo = {
  type: UserTokenType.UserName,
  userName: 'admin',
  password: 'correct horse',
};

export interface Side {
  readonly kind: ServerKind;
  readonly server: ServerProcess;
  readonly client: BenchClient;
}

export interface Pair {
  readonly sezam: Side;
  readonly bare: Side;
}

/** Starts both, and closes them when the work is done. */
export async function withPair<Result>(work: (pair: Pair) => Promise<Result>): Promise<Result> {
  const folder = await mkdtemp(join(tmpdir(), 'sezam-bench-'));
  const undo: (() => Promise<unknown>)[] = [];
  const open = async (kind: ServerKind, user?: UserIdentityInfo): Promise<Side> => {
    const { server, endpointUrl } = await ServerProcess.start(kind, {
      folder: join(folder, kind),
      cabinets: CABINETS,
      compartments: COMPARTMENTS,
    });
    undo.unshift(() => server.close());
    const client = await BenchClient.connect(endpointUrl, folder, user);
    undo.unshift(() => client.close());
    return { kind, server, client };
  };
  try {
    const bare = await open('bare');
    const sezam = await open('sezam', ADMINISTRATOR);
    return await work({ bare, sezam });
  } finally {
    for (const step of undo) await step();
    await rm(folder, { recursive: true, force: true });
  }
}

/** What is measured of both in turns, one round after the other: the moods of the machine strike both. */
export interface Rounds<Measured> {
  readonly sezam: readonly Measured[];
  readonly bare: readonly Measured[];
}

/** Measures both by turns; each round begins with the other one. */
export async function inTurns<Measured>(
  pair: Pair,
  rounds: number,
  measure: (side: Side) => Promise<Measured>,
): Promise<Rounds<Measured>> {
  const measured: Record<ServerKind, Measured[]> = { sezam: [], bare: [] };
  for (let round = 0; round < rounds; round += 1) {
    const order: readonly ServerKind[] = round % 2 === 0 ? ['bare', 'sezam'] : ['sezam', 'bare'];
    for (const kind of order) measured[kind].push(await measure(pair[kind]));
  }
  return measured;
}

/** The median of a figure over the rounds. */
export function median<Measured>(measured: readonly Measured[], figure: (each: Measured) => number): number {
  return percentile(measured.map(figure), 0.5);
}

/** The median, over the rounds, of how many times as much Sezam has as the bare server had in the same round. */
export function ratio<Measured>(
  { sezam, bare }: Rounds<Measured>,
  figure: (each: Measured) => number,
): number {
  const ratios = sezam.map((each, round) => {
    const other = bare[round];
    return other === undefined ? Number.NaN : figure(each) / figure(other);
  });
  return percentile(ratios, 0.5);
}
