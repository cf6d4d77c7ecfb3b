import type { LockBoardDriver } from '../driver.ts';
import { HIGHEST_ADDRESS, LOCKS } from './codec.ts';
import { KerongCu48Board } from './driver.ts';
import { settingsSchema } from './settings.ts';

export const driver: LockBoardDriver = {
  id: 'kerong-cu48',
  kind: 'lock-board',
  title: 'Kerong CU48, controller of 48 locks',
  line: { baudRate: 19_200, dataBits: 8, parity: 'none', stopBits: 1 },
  settings: settingsSchema,
  locks: LOCKS,
  addresses: { from: 0, to: HIGHEST_ADDRESS },
  create: (options) => new KerongCu48Board(options),
};
