/** `npm run demo:card -- 62E3086CED`: holds a card to a simulated reader of the demo site and tells what happens. */
import { readSettings } from '../config/settings.ts';
import { demoReader, presentAtDemo } from './demo-presentation.ts';

const [card = '', cabinet = 'A'] = process.argv.slice(2);
const reader = demoReader(cabinet, 'rdm6300');
if (!/^[0-9A-Fa-f]{10}$/.test(card) || reader === undefined) {
  console.error(
    'Usage: npm run demo:card -- CARD [CABINET]     (10 hex digits; Anna of the demo has 62E3086CED)',
  );
  if (reader === undefined) console.error(`Cabinet ${cabinet} of the demo has no card reader.`);
  process.exit(2);
}
const { dataFolder } = readSettings(process.env);
process.exitCode = await presentAtDemo(
  dataFolder,
  cabinet,
  { do: 'present-card', card, reader },
  `Card ${card.toUpperCase()} is held to the reader.`,
);
