import type { CassetteControllerDriver } from '../driver.ts';
import { ADDRESSES } from './constants.ts';
import { PolledCassetteController } from './driver.ts';
import { settingsSchema } from './settings.ts';

export const driver: CassetteControllerDriver = {
  id: 'cassette-controller',
  kind: 'cassette-controller',
  title: 'Controller of a cassette, with sensors, stainer and signals',
  line: { baudRate: 115_200, dataBits: 8, parity: 'none', stopBits: 1 },
  settings: settingsSchema,
  addresses: ADDRESSES,
  create: (options) => new PolledCassetteController(options),
};
