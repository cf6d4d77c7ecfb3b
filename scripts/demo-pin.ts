/** `npm run demo:pin -- 4711`: types a PIN on a simulated keypad of the demo site and tells what happens. */
import { readSettings } from '../config/settings.ts';
import { demoReader, presentAtDemo } from './demo-presentation.ts';

const [pin = '', cabinet = 'A'] = process.argv.slice(2);
const reader = demoReader(cabinet, 'keypad');
if (!/^\d{4,16}$/.test(pin) || reader === undefined) {
  console.error('Usage: npm run demo:pin -- PIN [CABINET]     (4 to 16 digits; Anna of the demo has 4711)');
  if (reader === undefined) console.error(`Cabinet ${cabinet} of the demo has no keypad.`);
  process.exit(2);
}
const { dataFolder } = readSettings(process.env);
process.exitCode = await presentAtDemo(
  dataFolder,
  cabinet,
  { do: 'enter-pin', pin, reader },
  'The PIN is typed on the keypad.',
);
