/** The flow that a new installation starts with. */
import { createCipheriv, createHash, randomBytes } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { SiteView } from '../gateway/api.ts';

/** A node, group or tab of a flow file, as far as it matters here. */
interface FlowItem {
  readonly id: string;
  readonly type: string;
  readonly [member: string]: unknown;
}

/** Distance between two readers below each other in the editor. */
const READER_STEP = 60;
/** Rows of readers for which the pattern has room. */
const ROOM = 2;

/**
 * The first flow of a site: a reader node for each reader that leaves its decisions to flows, led to a session node for
 * the panel where it stands. So it serves every schema, also one that an administrator chooses later.
 *
 * @param pattern the content of `flows/own-site.json`: one reader, one session, and what stands beside them
 */
export function flowForSite(pattern: readonly FlowItem[], site: SiteView): FlowItem[] {
  const readerPattern = pattern.find(({ type }) => type === 'sezam-reader');
  const sessionPattern = pattern.find(({ type }) => type === 'sezam-session');
  if (!readerPattern || !sessionPattern) return [...pattern];
  const readers = site.readers
    .filter(({ decide }) => decide === 'flow')
    .toSorted((one, other) => one.panel.localeCompare(other.panel));
  const rowOf = (row: number): number => Number(readerPattern['y']) + row * READER_STEP;
  const readerNodes = readers.map(({ id, panel }, row) => ({
    ...readerPattern,
    id: `first-flow-reader-${id}`,
    reader: id,
    y: rowOf(row),
    wires: [[sessionId(panel)]],
  }));
  const sessionNodes = [...new Set(readers.map(({ panel }) => panel))].map((panel) => ({
    ...sessionPattern,
    id: sessionId(panel),
    panel,
    y: rowOf(readers.findIndex((reader) => reader.panel === panel)),
  }));
  const placed = [...readerNodes, ...sessionNodes];
  const replaced = new Set([readerPattern.id, sessionPattern.id]);
  // The group grows with its readers, and what stands below it moves down.
  const grown = Math.max(0, readers.length - ROOM) * READER_STEP;
  const group = pattern.find(({ id }) => id === readerPattern['g']);
  const below = Number(group?.['y'] ?? 0) + Number(group?.['h'] ?? 0);
  return pattern.flatMap((item): FlowItem[] => {
    if (item === readerPattern) return placed;
    if (replaced.has(item.id)) return [];
    if (item === group) {
      const kept = (item['nodes'] as string[]).filter((id) => !replaced.has(id));
      return [{ ...item, nodes: [...kept, ...placed.map(({ id }) => id)], h: Number(item['h']) + grown }];
    }
    const moved = typeof item['y'] === 'number' && item['y'] > below ? { y: item['y'] + grown } : {};
    return [{ ...item, ...moved }];
  });
}

function sessionId(panel: string): string {
  return `first-flow-session-${panel}`;
}

/**
 * Gives Node-RED's user folder its first flow; whoever has one already keeps it. An empty file of credentials comes
 * with it, because Node-RED warns at every start where it finds a flow without one.
 *
 * @param flow content of the flow file
 * @param folder user folder of Node-RED; must exist
 * @param secret `credentialSecret` of the settings
 */
export async function placeFirstFlow(
  flow: readonly FlowItem[],
  folder: string,
  secret: string,
): Promise<void> {
  const credentials = JSON.stringify(encryptedCredentials({}, secret));
  await writeUnlessThere(join(folder, 'flows_cred.json'), credentials);
  await writeUnlessThere(join(folder, 'flows.json'), `${JSON.stringify(flow, null, 4)}\n`);
}

/** As Node-RED stores credentials: AES-256-CTR under the secret's SHA-256 (@node-red/runtime/lib/nodes/credentials.js). */
function encryptedCredentials(credentials: object, secret: string): { readonly $: string } {
  const key = createHash('sha256').update(secret).digest();
  const start = randomBytes(16);
  const cipher = createCipheriv('aes-256-ctr', key, start);
  const text = cipher.update(JSON.stringify(credentials), 'utf8', 'base64') + cipher.final('base64');
  return { $: start.toString('hex') + text };
}

async function writeUnlessThere(path: string, content: string): Promise<void> {
  try {
    await writeFile(path, content, { flag: 'wx', mode: 0o600 });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
}
