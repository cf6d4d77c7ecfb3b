/** Writes the information model: its NodeSet, which the server loads and clients may import, and its documentation. */
import { mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { MODEL } from '../opcua-server/design/model.ts';
import { nodeSetOf } from '../opcua-server/design/nodeset.ts';
import { pagesOf } from '../opcua-server/design/pages.ts';

const NODESET = new URL('../opcua-server/nodesets/Sezam.NodeSet2.xml', import.meta.url);
const PAGES = new URL('../docs/opcua/', import.meta.url);

await writeFile(NODESET, nodeSetOf(MODEL));
const pages = pagesOf(MODEL);
await mkdir(PAGES, { recursive: true });
for (const [name, text] of pages) await writeFile(new URL(name, PAGES), text);
// Pages of types that there are no more.
for (const name of await readdir(PAGES)) if (!pages.has(name)) await rm(new URL(name, PAGES));
console.log(
  `${fileURLToPath(NODESET)}: ${MODEL.types.length} types, ${MODEL.enumerations.length} enumerations; ` +
    `${fileURLToPath(PAGES)}: ${pages.size} files.`,
);
