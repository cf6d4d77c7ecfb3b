/**
 * `node scripts/forget-credentials.ts --yes`: the way out where a credential key is lost for good. Takes every
 * credential away from everybody, since nobody can be known by them any more, so that Sezam starts with new keys.
 * Refuses while Sezam runs on the data folder. Exit code 2 where nothing was done.
 */
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { readSettings } from '../config/settings.ts';
import { startEmbeddedMongo } from '../embedded-mongo/index.ts';
import { holdDataFolder } from '../gateway/data-folder.ts';
import { connect } from '../models/connection.ts';
import { CredentialRepository } from '../models/credentials.ts';
import { KeyringRepository } from '../models/keyrings.ts';

const WORDS = `This takes every card, PIN, password and the like away from everybody, and cannot be undone. It is for a
credential key that is lost for good: where a backup has it, restore that. Stop every gateway of the database, move
what is left of secrets/credential-key* aside, and say --yes.`;

/** Resolves with how many credentials there were. */
async function forget(): Promise<number> {
  const { dataFolder, mongodbUri } = readSettings(process.env);
  const held = await holdDataFolder(dataFolder);
  try {
    const folder = join(dataFolder, 'store');
    const store = mongodbUri === undefined ? await startEmbeddedMongo({ folder }) : undefined;
    try {
      const connection = await connect(mongodbUri ?? store?.uri ?? '');
      try {
        const count = await new CredentialRepository(connection).removeAll(new Date());
        await new KeyringRepository(connection).forget();
        return count;
      } finally {
        await connection.close();
      }
    } finally {
      await store?.close();
    }
  } finally {
    held.release();
  }
}

try {
  const { values } = parseArgs({ options: { yes: { type: 'boolean' } } });
  if (values.yes)
    console.log(`${await forget()} credentials were taken away. Sezam makes a new key at its next start.`);
  else {
    console.error(WORDS);
    process.exitCode = 2;
  }
} catch (error) {
  console.error(error instanceof Error ? error.message : String(error));
  process.exitCode = 2;
}
