/** Rotates the credential key of a store and a data folder, and says so when it begins: to be killed meanwhile. */
import { KeyRotation, openKeyring } from '../../../gateway/key-rotation.ts';
import { connect } from '../../../models/connection.ts';
import { CredentialRepository } from '../../../models/credentials.ts';
import { KeyringRepository } from '../../../models/keyrings.ts';

const [uri = '', dataFolder = ''] = process.argv.slice(2);
const connection = await connect(uri);
const parts = {
  dataFolder,
  credentials: new CredentialRepository(connection),
  keyrings: new KeyringRepository(connection),
};
const rotation = new KeyRotation(parts, await openKeyring(parts));
process.stdout.write('rotating\n');
await rotation.advance();
await rotation.finish();
await connection.close();
