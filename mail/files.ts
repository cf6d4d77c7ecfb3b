import { X509Certificate } from 'node:crypto';
import { type FileHandle, open, readFile } from 'node:fs/promises';
import { ConfigurationError } from '../config/configuration-error.ts';
import type { MailSettings } from '../config/mail-settings.ts';

/** Most bytes of a password; a file that is longer is another file. */
const MOST_PASSWORD_BYTES = 1_024;
/** Permission bits of a file that others than its owner may read, write or run. */
const OTHERS = 0o077;

/** What the files say that the settings of mail name. */
export interface MailFiles {
  readonly password: string | undefined;
  /** PEM. */
  readonly ca: string | undefined;
}

/**
 * Reads the password and the certificates.
 * @throws ConfigurationError that names the setting, the file and what to do
 */
export async function readMailFiles({ login, ca }: MailSettings): Promise<MailFiles> {
  return {
    password: login && (await readPassword(login.passwordFile)),
    ca: ca === undefined ? undefined : await readCertificates(ca),
  };
}

async function readPassword(path: string): Promise<string> {
  const wrong = (reason: string): ConfigurationError =>
    new ConfigurationError('environment', 'SEZAM_SMTP_PASSWORD_FILE', reason);
  let file: FileHandle | undefined;
  try {
    file = await open(path, 'r');
    const found = await file.stat();
    const { mode, size } = found;
    if (!found.isFile()) throw wrong(`${path} is no file`);
    if ((mode & OTHERS) !== 0) {
      throw wrong(`${path} may be read by others; "chmod 600 ${path}" keeps the password to its owner`);
    }
    if (size > MOST_PASSWORD_BYTES) {
      throw wrong(`${path} has ${size} bytes; a password has ${MOST_PASSWORD_BYTES} at most`);
    }
    const password = (await file.readFile('utf8')).replace(/\r?\n$/, '');
    if (password === '') throw wrong(`${path} is empty; it must hold the password`);
    if (/\p{Cc}/u.test(password)) throw wrong(`${path} must hold the password in one line`);
    return password;
  } catch (error) {
    if (error instanceof ConfigurationError) throw error;
    throw wrong(`${path} cannot be read (${(error as NodeJS.ErrnoException).code ?? 'no reason given'})`);
  } finally {
    await file?.close();
  }
}

async function readCertificates(path: string): Promise<string> {
  const wrong = (reason: string): ConfigurationError =>
    new ConfigurationError('environment', 'SEZAM_SMTP_CA', reason);
  let pem: string;
  try {
    pem = await readFile(path, 'utf8');
  } catch (error) {
    throw wrong(`${path} cannot be read (${(error as NodeJS.ErrnoException).code ?? 'no reason given'})`);
  }
  try {
    new X509Certificate(pem);
  } catch {
    throw wrong(`${path} holds no certificate in PEM`);
  }
  return pem;
}
