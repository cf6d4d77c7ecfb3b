import { readdir } from 'node:fs/promises';
import { Ajv } from 'ajv';
import type { Schema } from '../domain/schemas/schema.ts';
import { ConfigurationError, wrongField } from './configuration-error.ts';
import table from './modes.json' with { type: 'json' };
import tableSchema from './schemas/modes.schema.json' with { type: 'json' };
import type { SiteFile } from './site.ts';

/** A row of the modes table: a schema's number in its mode, and the flow block that it is. */
export interface ModeRow {
  readonly schema: string;
  readonly mode: number;
  readonly block: string;
}

const FILE = 'config/modes.json';

/**
 * The schemas that may be chosen, by number: each row of the table with the flow block of `domain/schemas/` that
 * it names. Every file of that folder is loaded; none is listed.
 * @throws ConfigurationError where the table is wrong or names a block that nobody wrote
 */
export async function loadSchemas(rows: unknown = table): Promise<ReadonlyMap<string, Schema>> {
  const validate = new Ajv().compile<readonly ModeRow[]>(tableSchema);
  if (!validate(rows)) throw wrongField(FILE, validate.errors);
  const blocks = await loadBlocks();
  const schemas = new Map<string, Schema>();
  for (const [index, row] of rows.entries()) {
    const schema = blocks.get(row.block);
    if (!schema)
      throw new ConfigurationError(FILE, `[${index}].block`, `there is no flow block ${row.block}`);
    if (schemas.has(row.schema)) {
      throw new ConfigurationError(FILE, `[${index}].schema`, `schema ${row.schema} stands twice`);
    }
    schemas.set(row.schema, schema);
  }
  return schemas;
}

/**
 * Checks that there is the schema that each cabinet of a site is to work under.
 * @throws ConfigurationError that names the file and the field
 */
export function checkSchemas(
  file: string,
  site: Pick<SiteFile, 'cabinets'>,
  schemas: ReadonlyMap<string, Schema>,
): void {
  site.cabinets.forEach(({ schema }, index) => {
    if (schemas.has(schema)) return;
    const known = [...schemas.keys()].join(', ');
    throw new ConfigurationError(file, `cabinets[${index}].schema`, `must be one of ${known}`);
  });
}

async function loadBlocks(): Promise<ReadonlyMap<string, Schema>> {
  const folder = new URL('../domain/schemas/', import.meta.url);
  const ending = import.meta.url.endsWith('.ts') ? '.ts' : '.js';
  const blocks = new Map<string, Schema>();
  for (const file of (await readdir(folder)).sort()) {
    if (!file.endsWith(ending)) continue;
    const { schema } = (await import(new URL(file, folder).href)) as { schema?: Schema };
    if (!schema) continue;
    if (blocks.has(schema.block)) throw new Error(`Two files of domain/schemas/ are block ${schema.block}.`);
    blocks.set(schema.block, schema);
  }
  return blocks;
}
