import type { ReaderDriver } from '../driver.ts';
import { Ds2480bReader } from './driver.ts';
import { settingsSchema } from './settings.ts';

export const driver: ReaderDriver = {
  id: 'ds2480b',
  kind: 'reader',
  title: 'DS2480B, serial adapter for iButtons (DS9097U)',
  line: { baudRate: 9600, dataBits: 8, parity: 'none', stopBits: 1 },
  settings: settingsSchema,
  repeats: true,
  create: (options) => new Ds2480bReader(options),
};
