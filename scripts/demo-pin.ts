/** `npm run demo:pin -- 4711`: types a PIN on the simulated keypad of the demo site and tells what happens. */
import { readSettings } from '../config/settings.ts';
import { presentAtDemo } from './demo-presentation.ts';

const pin = process.argv[2] ?? '';
if (!/^\d{4,16}$/.test(pin)) {
  console.error('Usage: npm run demo:pin -- PIN     (4 to 16 digits; the demo person has 4711)');
  process.exit(2);
}
const { dataFolder } = readSettings(process.env);
process.exitCode = await presentAtDemo(
  dataFolder,
  { do: 'enter-pin', pin },
  'The PIN is typed on the keypad.',
);
