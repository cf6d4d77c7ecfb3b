import { resolve } from 'node:path';
import { expect } from 'chai';
import { ConfigurationError } from '../../config/configuration-error.ts';
import { readSettings } from '../../config/settings.ts';

const HOST = { SEZAM_SMTP_HOST: 'mail.example.com', SEZAM_MAIL_FROM: 'lockers@example.com' };
const FROM = 'an address such as lockers@example.com or Lockers <lockers@example.com>';

interface WrongSetting {
  readonly given: Readonly<Record<string, string>>;
  readonly message: string | RegExp;
}

const WRONG: readonly WrongSetting[] = [
  ...['PORT', 'SECURITY', 'USER', 'PASSWORD_FILE', 'CA'].map((name) => ({
    given: { [`SEZAM_SMTP_${name}`]: name === 'SECURITY' ? 'tls' : '25' },
    message: `environment: SEZAM_SMTP_HOST: is missing; SEZAM_SMTP_${name} has no meaning without it`,
  })),
  {
    given: { SEZAM_MAIL_FROM: 'lockers@example.com' },
    message: 'environment: SEZAM_SMTP_HOST: is missing; SEZAM_MAIL_FROM has no meaning without it',
  },
  {
    given: { SEZAM_SMTP_HOST: 'mail.example.com' },
    message: `environment: SEZAM_MAIL_FROM: is missing; it must be ${FROM}`,
  },
  ...['lockers', 'a@example.com, b@example.com', 'Lockers lockers@example.com'].map((value) => ({
    given: { ...HOST, SEZAM_MAIL_FROM: value },
    message: `environment: SEZAM_MAIL_FROM: must be ${FROM}`,
  })),
  ...['mail.example.com:25', 'smtp://mail.example.com', 'mail example', '-mail', '[::1]'].map((value) => ({
    given: { ...HOST, SEZAM_SMTP_HOST: value },
    message:
      'environment: SEZAM_SMTP_HOST: must be the name or the IP address of a mail server, without a port',
  })),
  ...['0', '65536', '25a', '-1', '025'].map((value) => ({
    given: { ...HOST, SEZAM_SMTP_PORT: value },
    message: 'environment: SEZAM_SMTP_PORT: must be a port from 1 to 65535',
  })),
  {
    given: { ...HOST, SEZAM_SMTP_SECURITY: 'ssl' },
    message: 'environment: SEZAM_SMTP_SECURITY: must be one of starttls, tls, none',
  },
  ...['mail.example.com', '10.0.0.1', '128.0.0.1', '127.example.com', 'localhost.example.com'].map(
    (host) => ({
      given: { ...HOST, SEZAM_SMTP_HOST: host, SEZAM_SMTP_SECURITY: 'none' },
      message: /^environment: SEZAM_SMTP_SECURITY: must be starttls or tls; PINs go in clear to .* only/,
    }),
  ),
  {
    given: { ...HOST, SEZAM_SMTP_HOST: 'localhost', SEZAM_SMTP_SECURITY: 'none', SEZAM_SMTP_CA: 'ca.pem' },
    message: /^environment: SEZAM_SMTP_CA: has no meaning with SEZAM_SMTP_SECURITY=none/,
  },
  {
    given: { ...HOST, SEZAM_SMTP_USER: 'sezam' },
    message: 'environment: SEZAM_SMTP_PASSWORD_FILE: is missing; user and password belong together',
  },
  {
    given: { ...HOST, SEZAM_SMTP_PASSWORD_FILE: 'password' },
    message: 'environment: SEZAM_SMTP_USER: is missing; user and password belong together',
  },
  {
    given: { ...HOST, SEZAM_SMTP_PASSWORD: 'secret' },
    message: 'environment: SEZAM_SMTP_PASSWORD: is not a known setting; is it misspelt?',
  },
];

describe('Settings of mail', () => {
  for (const { given, message } of WRONG) {
    it(`refuses ${JSON.stringify(given)}`, () => {
      expect(() => readSettings(given)).to.throw(ConfigurationError, message);
    });
  }

  it('are left out where nothing is said of mail', () => {
    expect(readSettings({ SEZAM_SMTP_HOST: '' }).mail).to.equal(undefined);
  });

  it('ask for STARTTLS unless told otherwise', () => {
    expect(readSettings(HOST).mail).to.deep.equal({
      host: 'mail.example.com',
      port: 587,
      security: 'starttls',
      login: undefined,
      ca: undefined,
      from: { name: '', address: 'lockers@example.com' },
    });
  });

  it('have the usual port of each kind of security', () => {
    const port = (security: string): number | undefined =>
      readSettings({ ...HOST, SEZAM_SMTP_HOST: '::1', SEZAM_SMTP_SECURITY: security }).mail?.port;
    expect([port('starttls'), port('tls'), port('none')]).to.deep.equal([587, 465, 25]);
  });

  it('are all read, with paths made absolute', () => {
    const { mail } = readSettings({
      SEZAM_SMTP_HOST: '10.0.0.25',
      SEZAM_SMTP_PORT: '2525',
      SEZAM_SMTP_SECURITY: 'tls',
      SEZAM_SMTP_USER: 'sezam',
      SEZAM_SMTP_PASSWORD_FILE: 'password',
      SEZAM_SMTP_CA: 'ca.pem',
      SEZAM_MAIL_FROM: 'Lockers <lockers@example.com>',
    });
    expect(mail).to.deep.equal({
      host: '10.0.0.25',
      port: 2_525,
      security: 'tls',
      login: { user: 'sezam', passwordFile: resolve('password') },
      ca: resolve('ca.pem'),
      from: { name: 'Lockers', address: 'lockers@example.com' },
    });
  });

  for (const host of ['localhost', '127.0.0.1', '127.8.8.8', '::1']) {
    it(`let mail go in clear to ${host}, which is this computer`, () => {
      const { mail } = readSettings({ ...HOST, SEZAM_SMTP_HOST: host, SEZAM_SMTP_SECURITY: 'none' });
      expect(mail).to.include({ host, security: 'none' });
    });
  }
});
