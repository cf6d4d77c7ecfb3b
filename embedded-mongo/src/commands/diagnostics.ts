/** Commands that say something of the server itself. */
import { Int32 } from 'bson';
import type { Command } from './command.ts';
import { serverVersion } from './hello.ts';

export const ping: Command = () => ({});

export const buildInfo: Command = () => ({
  version: serverVersion.slice(0, 3).join('.'),
  versionArray: serverVersion.map((part) => new Int32(part)),
  gitVersion: 'embedded',
  modules: [],
  storageEngines: ['sqlite'],
  bits: new Int32(64),
  debug: false,
  maxBsonObjectSize: new Int32(16 * 1024 * 1024),
});

/** Sessions only group commands here, so there is nothing to end. */
export const endSessions: Command = () => ({});
