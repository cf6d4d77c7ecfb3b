/** Writes `docs/administration.openapi.json` from the schemas that requests of the administration API are checked against. */
import { writeFileSync } from 'node:fs';
import { administrationApiDescription } from '../web/administration/openapi.ts';

const file = new URL('../docs/administration.openapi.json', import.meta.url);
writeFileSync(file, `${JSON.stringify(administrationApiDescription(), null, 2)}\n`);
