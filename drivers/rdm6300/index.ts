import type { ReaderDriver } from '../driver.ts';
import { Rdm6300Reader } from './driver.ts';

export const driver: ReaderDriver = {
  id: 'rdm6300',
  kind: 'reader',
  title: 'RDM6300, reader of EM4100 cards (125 kHz)',
  line: { baudRate: 9600, dataBits: 8, parity: 'none', stopBits: 1 },
  settings: { type: 'object', additionalProperties: false, properties: {} },
  repeats: true,
  create: (options) => new Rdm6300Reader(options),
};
