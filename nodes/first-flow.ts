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

/**
 * The shipped flow for another site: one reader node for each reader whose presentations flows decide, in place of
 * those of the demo site, and the doors of every cabinet.
 *
 * @param shipped the content of `flows/flows.json`
 */
export function flowForSite(shipped: readonly FlowItem[], site: SiteView): FlowItem[] {
  const readers = site.readers.filter(({ decide }) => decide === 'flow').map(({ id }) => id);
  const pattern = shipped.filter(({ type }) => type === 'sezam-reader');
  const [first] = pattern;
  if (!first) return [...shipped];
  const replaced = new Set(pattern.map(({ id }) => id));
  const nodes = readers.map((reader, index) => ({
    ...first,
    id: `first-flow-reader-${reader}`,
    reader,
    y: Number(first['y']) + index * READER_STEP,
  }));
  // The group grows with its readers, and what stands below it moves down.
  const grown = Math.max(0, readers.length - pattern.length) * READER_STEP;
  const group = shipped.find(({ id }) => id === first['g']);
  const below = Number(group?.['y'] ?? 0) + Number(group?.['h'] ?? 0);
  return shipped.flatMap((item): FlowItem[] => {
    if (item === first) return nodes;
    if (replaced.has(item.id)) return [];
    if (item === group) {
      const kept = (item['nodes'] as string[]).filter((id) => !replaced.has(id));
      return [{ ...item, nodes: [...kept, ...nodes.map(({ id }) => id)], h: Number(item['h']) + grown }];
    }
    if (item.type === 'tab') return [{ ...item, info: '' }];
    const moved = typeof item['y'] === 'number' && item['y'] > below ? { y: item['y'] + grown } : {};
    return [{ ...item, ...moved, ...(typeof item['cabinet'] === 'string' && { cabinet: '' }) }];
  });
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
