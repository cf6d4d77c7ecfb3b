import type { Actor } from '../../domain/event.ts';
import type { CredentialKind } from '../../domain/identification.ts';
import type { UserId } from '../../domain/site.ts';
import type { NewCredential } from '../administration/credentials.ts';
import { AdministrationError } from '../administration/errors.ts';
import type { SiteEvent } from '../administration/site-events.ts';
import type { NewUser } from '../administration/users.ts';
import type { Scan } from '../ports.ts';
import { type Line, linesOf, survey } from './lines.ts';
import { LineError, type Row, rowOf, type Table, tableOf } from './rows.ts';

/** What an import asks of the administration. */
export interface ImportTarget {
  checkUser(user: NewUser, credentials: readonly NewCredential[]): Promise<void>;
  addUser(user: NewUser, actor: Actor, credentials: readonly NewCredential[]): Promise<UserId>;
  /** The same for the same credential; nobody can read back which. */
  keyOf(scan: Scan): string;
  record(event: SiteEvent): Promise<void>;
}

/** Lines that are taken at once: hashing a PIN keeps a core busy for tens of milliseconds, and 19 MiB. */
const AT_ONCE = 4;

/** What became of one line, or would become of it. */
export type LineReport =
  | {
      readonly line: number;
      readonly status: 'ok';
      /** Absent in a dry run. */
      readonly user?: UserId;
      readonly credentials: readonly CredentialKind[];
    }
  | { readonly line: number; readonly status: 'error'; readonly code: string; readonly message: string };

/** What is told while an import goes on. */
export interface ImportProgress {
  readonly report: LineReport;
  /** Lines that were dealt with, and lines in all. */
  readonly done: number;
  readonly total: number;
}

/** How an import ended. */
export interface ImportSummary {
  readonly dryRun: boolean;
  readonly total: number;
  readonly added: number;
  readonly refused: number;
}

export interface ImportOptions {
  /** Path of the file. */
  readonly file: string;
  /** Only looks what would become of each line. */
  readonly dryRun: boolean;
  readonly actor: Actor;
  /** IANA name; days are meant in it. */
  readonly timeZone: string;
  /** Told of every line, in their order; the import waits for it. */
  readonly tell: (progress: ImportProgress) => Promise<void> | void;
  /** Ends the import after the lines under way. */
  readonly signal?: AbortSignal;
}

/**
 * Adds people from a CSV file, each line whole or not at all; a line that is refused stops none of the others.
 *
 * @throws AdministrationError `file-unusable` before anything was added
 */
export async function importPeople(
  target: ImportTarget,
  { file, dryRun, actor, timeZone, tell, signal }: ImportOptions,
): Promise<ImportSummary> {
  const { header, lines: total } = await survey(file);
  const table = tableOf(header);
  const claims = new Map<string, Claim>();
  let added = 0;
  let refused = 0;

  const settle = async (outcome: Promise<LineReport>): Promise<void> => {
    const report = await outcome;
    if (report.status === 'ok') added += 1;
    else refused += 1;
    await tell({ report, done: added + refused, total });
  };
  const underWay: Promise<LineReport>[] = [];
  try {
    for await (const line of bodyOf(file)) {
      if (signal?.aborted) break;
      const outcome = take(target, line, { table, timeZone, claims, dryRun, actor });
      // What fails is met when its turn comes; until then it is nobody's.
      outcome.catch(() => {});
      underWay.push(outcome);
      if (underWay.length >= AT_ONCE) await settle(underWay.shift() as Promise<LineReport>);
    }
    for (const outcome of underWay.splice(0)) await settle(outcome);
  } finally {
    await Promise.allSettled(underWay);
    if (!dryRun) {
      await target.record({ type: 'people-imported', actor, data: { added, refused } });
    }
  }
  return { dryRun, total, added, refused };
}

/** A line that has a login or a credential first; whether it was taken, or came to nothing. */
interface Claim {
  readonly line: number;
  readonly taken: Promise<boolean>;
}

interface Way {
  readonly table: Table;
  readonly timeZone: string;
  /** By logins and credentials, which cannot be read back. */
  readonly claims: Map<string, Claim>;
  readonly dryRun: boolean;
  readonly actor: Actor;
}

/** Takes one line. Rejects only where nothing more can be taken, as without a database. */
async function take(target: ImportTarget, line: Line, way: Way): Promise<LineReport> {
  const { promise, resolve } = Promise.withResolvers<boolean>();
  try {
    const row = rowOf(line, way.table, way.timeZone);
    await claim(way.claims, keysOf(target, row), { line: line.number, taken: promise });
    const credentials = row.credentials.map(({ kind }) => kind);
    const user = way.dryRun
      ? await target.checkUser(row.user, row.credentials)
      : await target.addUser(row.user, way.actor, row.credentials);
    resolve(true);
    return { line: line.number, status: 'ok', ...(user && { user }), credentials };
  } catch (error) {
    if (!(error instanceof LineError || error instanceof AdministrationError)) throw error;
    return { line: line.number, status: 'error', code: error.code, message: error.message };
  } finally {
    resolve(false);
  }
}

/** What no two lines may share, by the column in which it stands. */
function keysOf(target: ImportTarget, { user, credentials }: Row): ReadonlyMap<string, string> {
  const keys = new Map(
    credentials.map((credential) => [target.keyOf(credential), credential.kind as string] as const),
  );
  if (user.login !== undefined) keys.set(`login:${user.login.toLowerCase()}`, 'login');
  return keys;
}

/** Refuses a line that repeats what a line before it was taken with; a line that came to nothing is in nobody's way. */
async function claim(
  claims: Map<string, Claim>,
  keys: ReadonlyMap<string, string>,
  own: Claim,
): Promise<void> {
  for (;;) {
    const [key, column] = [...keys].find(([each]) => claims.has(each)) ?? [];
    const before = key === undefined ? undefined : claims.get(key);
    if (key === undefined || !before) break;
    if (await before.taken) {
      throw new LineError('duplicate-in-file', `The same ${column} stands in line ${before.line}.`);
    }
    if (claims.get(key) === before) claims.delete(key);
  }
  for (const key of keys.keys()) claims.set(key, own);
}

/** The lines after the header. */
async function* bodyOf(file: string): AsyncGenerator<Line> {
  let header = true;
  for await (const line of linesOf(file)) {
    if (!header) yield line;
    header = false;
  }
}
