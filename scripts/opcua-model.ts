/** Writes the information model: its NodeSet, which the server loads and clients may import. */
import { writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { MODEL } from '../opcua-server/design/model.ts';
import { nodeSetOf } from '../opcua-server/design/nodeset.ts';

const NODESET = new URL('../opcua-server/nodesets/Sezam.NodeSet2.xml', import.meta.url);

await writeFile(NODESET, nodeSetOf(MODEL));
console.log(
  `${fileURLToPath(NODESET)}: ${MODEL.types.length} types, ${MODEL.enumerations.length} enumerations.`,
);
