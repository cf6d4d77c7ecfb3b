/** `npm run demo:door -- 7`: breaks a simulated door of the demo site open and tells what happens. */
import demoSite from '../config/demo-site.json' with { type: 'json' };
import { readSettings } from '../config/settings.ts';
import { presentAtDemo } from './demo-presentation.ts';

const [typed = '', cabinet = 'A'] = process.argv.slice(2);
const known = demoSite.cabinets.some(({ id }) => id === cabinet);
if (!/^\d{1,3}$/.test(typed) || !known) {
  console.error(
    'Usage: npm run demo:door -- COMPARTMENT [CABINET]     (a door of cabinet A where none is named)',
  );
  if (!known) console.error(`The demo has no cabinet ${cabinet}.`);
  process.exit(2);
}
const { dataFolder } = readSettings(process.env);
const compartment = Number(typed);
process.exitCode = await presentAtDemo(
  dataFolder,
  cabinet,
  { do: 'door', open: true, compartment, cabinet },
  `Compartment ${typed} of cabinet ${cabinet} is broken open.`,
);
