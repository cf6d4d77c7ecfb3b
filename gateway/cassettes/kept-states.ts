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
      const kept = JSON.parse(await readFile(join(folder, name), 'utf8')) as KeptState;
      if (kept.version !== VERSION) throw new Error(`it is of version ${String(kept.version)}`);
      states.set(kept.stream, kept);
    } catch (error) {
      trouble(
        `The kept state in ${join(folder, name)} cannot be used (${(error as Error).message}); the log is read instead.`,
      );
    }
  }
  return states;
}

/** Writes one state durably in place of the one before: after a crash there is the one or the other. */
export async function keepState(folder: string, kept: KeptState): Promise<void> {
  const path = join(folder, `${encodeURIComponent(kept.stream)}.json`);
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
