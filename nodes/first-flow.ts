/** The flow that a new installation starts with. */
import { createCipheriv, createHash, randomBytes } from 'node:crypto';
import { constants } from 'node:fs';
import { copyFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/**
 * Gives Node-RED's user folder its first flow; whoever has one already keeps it. An empty file of credentials comes
 * with it, because Node-RED warns at every start where it finds a flow without one.
 *
 * @param flow path of the flow file to copy
 * @param folder user folder of Node-RED; must exist
 * @param secret `credentialSecret` of the settings
 */
export async function placeFirstFlow(flow: string, folder: string, secret: string): Promise<void> {
  const credentials = JSON.stringify(encryptedCredentials({}, secret));
  await unlessThere(writeFile(join(folder, 'flows_cred.json'), credentials, { flag: 'wx', mode: 0o600 }));
  await unlessThere(copyFile(flow, join(folder, 'flows.json'), constants.COPYFILE_EXCL));
}

/** As Node-RED stores credentials: AES-256-CTR under the secret's SHA-256 (@node-red/runtime/lib/nodes/credentials.js). */
function encryptedCredentials(credentials: object, secret: string): { readonly $: string } {
  const key = createHash('sha256').update(secret).digest();
  const start = randomBytes(16);
  const cipher = createCipheriv('aes-256-ctr', key, start);
  const text = cipher.update(JSON.stringify(credentials), 'utf8', 'base64') + cipher.final('base64');
  return { $: start.toString('hex') + text };
}

async function unlessThere(writing: Promise<void>): Promise<void> {
  try {
    await writing;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
}
