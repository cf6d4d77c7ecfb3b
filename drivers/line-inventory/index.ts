import type { ItemReaderDriver } from '../driver.ts';
import { MOST_ANTENNAS } from './constants.ts';
import { LineInventory } from './driver.ts';
import { settingsSchema } from './settings.ts';

export const driver: ItemReaderDriver = {
  id: 'line-inventory',
  kind: 'item-reader',
  title: 'Item reader with several antennas that sends lines of tags',
  line: { baudRate: 19_200, dataBits: 8, parity: 'none', stopBits: 1 },
  settings: settingsSchema,
  antennas: MOST_ANTENNAS,
  create: (options) => new LineInventory(options),
};
