/** `npm run demo:card -- 62E3086CED`: holds a card to the simulated reader of the demo site and tells what happens. */
import { readSettings } from '../config/settings.ts';
import { presentAtDemo } from './demo-presentation.ts';

const card = process.argv[2] ?? '';
if (!/^[0-9A-Fa-f]{10}$/.test(card)) {
  console.error('Usage: npm run demo:card -- CARD     (10 hex digits; the demo person has 62E3086CED)');
  process.exit(2);
}
const { dataFolder } = readSettings(process.env);
process.exitCode = await presentAtDemo(
  dataFolder,
  { do: 'present-card', card },
  `Card ${card.toUpperCase()} is held to the reader.`,
);
