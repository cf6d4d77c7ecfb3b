import type { ReaderDriver } from '../driver.ts';
import { LineReader } from './driver.ts';
import { settingsSchema } from './settings.ts';

export const driver: ReaderDriver = {
  id: 'line-reader',
  kind: 'reader',
  title: 'Reader that sends lines of text: barcode, QR, card, iButton, phone, biometrics',
  line: { baudRate: 9600, dataBits: 8, parity: 'none', stopBits: 1 },
  settings: settingsSchema,
  create: (options) => new LineReader(options),
};
