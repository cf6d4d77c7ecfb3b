/** The records of stainings on the disk: one file each in `<data>/incidents/`, made once and never changed. */
import { mkdir, open, readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { keptFile } from '../kept-file.ts';
import { IncidentError, parseSealed, type SealedIncident } from './incident-seal.ts';

/** Bytes that a file may have to be read. A record at its largest has a few. */
const MOST_BYTES = 32 * 1_024 * 1_024;

/** Ids as `incidentId` makes them; what is anything else names no file. */
const ID = /^[A-Za-z0-9][A-Za-z0-9_-]{0,127}$/;

/**
 * Keeps a sealed record under its id, durably; where one is kept already, that stays.
 *
 * @returns what is kept now
 * @throws IncidentError where the disk does not take it, or does not hold a record there
 */
export async function keepIncident(dataFolder: string, id: string, text: string): Promise<SealedIncident> {
  const folder = folderOf(dataFolder);
  const path = join(folder, fileName(id));
  let kept: string;
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    kept = await keptFile(path, () => text);
    await syncFolder(folder);
  } catch (error) {
    throw new IncidentError(
      'incident-not-kept',
      `The record of staining ${id} cannot be kept in ${folder}: ${(error as Error).message}. Make room there, and check who may write.`,
    );
  }
  return parseSealed(kept, path);
}

/** Ids of all records, oldest name first; none where the folder is not there. */
export async function listIncidents(dataFolder: string): Promise<readonly string[]> {
  try {
    const names = await readdir(folderOf(dataFolder));
    return names
      .filter((name) => name.endsWith('.json'))
      .map((name) => name.slice(0, -'.json'.length))
      .filter((id) => ID.test(id))
      .sort();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}

/** The record of an id. @throws IncidentError where there is none, or it cannot be read */
export async function readIncident(dataFolder: string, id: string): Promise<SealedIncident> {
  return readSealedFile(join(folderOf(dataFolder), fileName(id)));
}

/** The record in a file, wherever it lies. @throws IncidentError where it is none */
export async function readSealedFile(path: string): Promise<SealedIncident> {
  try {
    const { size } = await stat(path);
    if (size > MOST_BYTES) throw new Error(`it has ${size} bytes, and a record has ${MOST_BYTES} at most`);
    return parseSealed(await readFile(path, 'utf8'), path);
  } catch (error) {
    if (error instanceof IncidentError) throw error;
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') throw new IncidentError('incident-unknown', `There is no file ${path}.`);
    throw new IncidentError('incident-unreadable', `${path} cannot be read: ${message}.`);
  }
}

function folderOf(dataFolder: string): string {
  return join(dataFolder, 'incidents');
}

function fileName(id: string): string {
  if (ID.test(id)) return `${id}.json`;
  throw new IncidentError('incident-unknown', `"${id}" is not the id of a record.`);
}

/** A new name in a folder survives a loss of power only once the folder itself is on the disk. */
async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
