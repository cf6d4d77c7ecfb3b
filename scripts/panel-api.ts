/** Writes `docs/panels.openapi.json` from the schemas that requests of panels are checked against. */
import { writeFileSync } from 'node:fs';
import { panelApiDescription } from '../web/panels/openapi.ts';

const file = new URL('../docs/panels.openapi.json', import.meta.url);
writeFileSync(file, `${JSON.stringify(panelApiDescription(), null, 2)}\n`);
