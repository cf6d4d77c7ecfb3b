import { chmod, mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import { ConfigurationError } from '../../config/configuration-error.ts';
import type { MailSettings } from '../../config/mail-settings.ts';
import { readMailFiles } from '../../mail/files.ts';
import { temporaryFolder } from '../support/store.ts';
import { makeCertificate } from './support/certificate.ts';

describe('files that the settings of mail name', () => {
  let folder: string;

  beforeEach(async () => {
    folder = await temporaryFolder();
  });

  afterEach(() => rm(folder, { recursive: true }));

  function settings(files: Pick<Partial<MailSettings>, 'ca' | 'login'>): MailSettings {
    const from = { name: '', address: 'lockers@example.com' };
    return {
      host: 'mail.example.com',
      port: 587,
      security: 'starttls',
      login: undefined,
      ca: undefined,
      from,
      ...files,
    };
  }

  async function passwordFile(content: string, mode = 0o600): Promise<MailSettings> {
    const path = join(folder, 'password');
    await writeFile(path, content);
    await chmod(path, mode);
    return settings({ login: { user: 'sezam', passwordFile: path } });
  }

  async function refusal(of: MailSettings): Promise<string> {
    const failure = await readMailFiles(of).catch((error: unknown) => error);
    expect(failure).to.be.instanceOf(ConfigurationError);
    return (failure as Error).message;
  }

  it('are none where none are named', async () => {
    expect(await readMailFiles(settings({}))).to.deep.equal({ password: undefined, ca: undefined });
  });

  for (const [content, password] of [
    ['correct horse', 'correct horse'],
    ['correct horse\n', 'correct horse'],
    ['correct horse\r\n', 'correct horse'],
    [' zażółć ', ' zażółć '],
  ] as const) {
    it(`hold a password: ${JSON.stringify(content)}`, async () => {
      expect(await readMailFiles(await passwordFile(content, 0o400))).to.include({ password });
    });
  }

  for (const [what, content, mode, message] of [
    ['others may read', 'secret', 0o644, /password may be read by others; "chmod 600 .*password" keeps/],
    ['the group may read', 'secret', 0o640, /may be read by others/],
    ['others may write', 'secret', 0o602, /may be read by others/],
    ['is empty', '\n', 0o600, /is empty; it must hold the password/],
    ['has several lines', 'secret\nsecret\n', 0o600, /must hold the password in one line/],
    ['is too long', 'secret'.repeat(500), 0o600, /has 3000 bytes; a password has 1024 at most/],
  ] as const) {
    it(`refuse a password file that ${what}`, async () => {
      expect(await refusal(await passwordFile(content, mode)))
        .to.match(/^environment: SEZAM_SMTP_PASSWORD_FILE: /)
        .and.match(message)
        .and.not.contain('secret');
    });
  }

  it('refuse what is not there or is a folder', async () => {
    const nowhere = join(folder, 'nowhere');
    const inner = join(folder, 'folder');
    await mkdir(inner, { mode: 0o700 });
    const login = (passwordFile: string): Promise<string> =>
      refusal(settings({ login: { user: 'sezam', passwordFile } }));
    const ca = (path: string): Promise<string> => refusal(settings({ ca: path }));
    expect(await login(nowhere)).to.contain(`SEZAM_SMTP_PASSWORD_FILE: ${nowhere} cannot be read (ENOENT)`);
    expect(await login(inner)).to.contain(`SEZAM_SMTP_PASSWORD_FILE: ${inner} is no file`);
    expect(await ca(nowhere)).to.contain(`SEZAM_SMTP_CA: ${nowhere} cannot be read (ENOENT)`);
    expect(await ca(inner)).to.contain(`SEZAM_SMTP_CA: ${inner} cannot be read (EISDIR)`);
  });

  it('hold certificates in PEM, and nothing else', async () => {
    const { key, certificate } = await makeCertificate(folder, 'own');
    const { ca } = await readMailFiles(settings({ ca: certificate }));
    expect(ca).to.contain('-----BEGIN CERTIFICATE-----');
    expect(await refusal(settings({ ca: key }))).to.contain('own.key holds no certificate in PEM');
  });
});
