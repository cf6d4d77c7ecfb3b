/**
 * `npm run verify-log`: checks every stream of the event log, whether Sezam runs or not. Exit code 1 for
 * a damage, 2 where it could not be checked. */
import { join } from 'node:path';
import { readSettings } from '../config/settings.ts';
import { verifyLog } from '../gateway/event-log/verify.ts';
import { connect } from '../models/connection.ts';
import { EventRepository } from '../models/events.ts';
import { openEmbeddedStore } from './embedded-store.ts';

/** Verifies and tells; resolves with the number of damaged streams. */
async function verify(): Promise<number> {
  const { dataFolder, mongodbUri } = readSettings(process.env);
  const store = mongodbUri === undefined ? await openEmbeddedStore(join(dataFolder, 'store')) : undefined;
  const connection = await connect(mongodbUri ?? store?.uri ?? '');
  let damaged = 0;
  let events = 0;
  try {
    const progress = (stream: string, seen: number): void => console.error(`  ${stream}: ${seen} …`);
    for await (const { stream, sound, flaw } of verifyLog(new EventRepository(connection), progress)) {
      events += sound;
      if (flaw) damaged += 1;
      console.log(
        flaw
          ? `${stream}: DAMAGED at number ${flaw.seq}: ${flaw.reason} (${sound} events before it are sound)`
          : `${stream}: ${sound} events, sound`,
      );
    }
  } finally {
    await connection.close();
    await store?.close();
  }
  console.log(damaged === 0 ? `The log is sound: ${events} events.` : `${damaged} stream(s) are damaged.`);
  return damaged;
}

try {
  process.exitCode = (await verify()) === 0 ? 0 : 1;
} catch (error) {
  console.error(error instanceof Error ? error.message : String(error));
  process.exitCode = 2;
}
