import type { ReaderDriver } from '../driver.ts';
import { OwserverReader } from './driver.ts';
import { settingsSchema } from './settings.ts';

export const driver: ReaderDriver = {
  id: 'owserver',
  kind: 'reader',
  title: 'iButtons at an owserver of OWFS, over TCP (port 4304)',
  line: { baudRate: 9600, dataBits: 8, parity: 'none', stopBits: 1 },
  settings: settingsSchema,
  repeats: true,
  create: (options) => new OwserverReader(options),
};
