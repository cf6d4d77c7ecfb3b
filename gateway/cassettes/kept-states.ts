/** The states of streams in files of their own, so that a start needs no store. */
import { mkdir, open, readdir, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { KeptState } from './protocol.ts';

const VERSION = 1;

/** What lies in a folder, by stream. A file that cannot be read is left out and told. */
export async function readKeptStates(
  folder: string,
  trouble: (text: string) => void,
): Promise<ReadonlyMap<string, KeptState>> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const states = new Map<string, KeptState>();
  for (const name of await readdir(folder)) {
    if (!name.endsWith('.json')) continue;
    try {
      const kept = asKept(JSON.parse(await readFile(join(folder, name), 'utf8')), name);
      states.set(kept.stream, kept);
    } catch (error) {
      trouble(
        `The kept state in ${join(folder, name)} cannot be used (${(error as Error).message}); the log is read instead.`,
      );
    }
  }
  return states;
}

/** Writes states durably in place of those before: after a crash there is the one or the other of each. */
export async function keepStates(folder: string, states: readonly KeptState[]): Promise<void> {
  for (const state of states) await keepState(folder, state);
  if (states.length === 0) return;
  // A rename is on the disk when its folder is.
  const names = await open(folder, 'r');
  try {
    await names.sync();
  } finally {
    await names.close();
  }
}

async function keepState(folder: string, kept: KeptState): Promise<void> {
  const path = join(folder, nameOf(kept.stream));
  const draft = `${path}.new`;
  const file = await open(draft, 'w', 0o600);
  try {
    await file.writeFile(JSON.stringify(kept));
    await file.sync();
  } catch (error) {
    await rm(draft, { force: true });
    throw error;
  } finally {
    await file.close();
  }
  await rename(draft, path);
}

function nameOf(stream: string): string {
  return `${encodeURIComponent(stream)}.json`;
}

function asKept(content: unknown, name: string): KeptState {
  const { version, stream, seq, hash, state } = content as Partial<Record<keyof KeptState, unknown>>;
  if (version !== VERSION) throw new Error(`it is of version ${String(version)}`);
  const whole =
    typeof stream === 'string' &&
    nameOf(stream) === name &&
    Number.isSafeInteger(seq) &&
    typeof hash === 'string' &&
    typeof state === 'object' &&
    state !== null;
  if (!whole) throw new Error('it is not whole');
  return content as KeptState;
}
