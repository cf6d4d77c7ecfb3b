import type { ReaderDriver } from '../driver.ts';
import { Keypad } from './driver.ts';
import { settingsSchema } from './settings.ts';

export const driver: ReaderDriver = {
  id: 'keypad',
  kind: 'reader',
  title: 'Keypad that sends ASCII digits',
  line: { baudRate: 9600, dataBits: 8, parity: 'none', stopBits: 1 },
  settings: settingsSchema,
  create: (options) => new Keypad(options),
};
