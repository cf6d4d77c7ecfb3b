import { resolve } from 'node:path';
import { expect } from 'chai';
import { ConfigurationError } from '../../config/configuration-error.ts';
import { readSettings } from '../../config/settings.ts';

interface WrongSetting {
  readonly given: Readonly<Record<string, string>>;
  readonly message: RegExp | string;
}

const WRONG: readonly WrongSetting[] = [
  {
    given: { MONGODB_URI: 'localhost:27017' },
    message:
      'environment: MONGODB_URI: must be a connection string that begins with mongodb:// or mongodb+srv://',
  },
  { given: { MONGODB_URI: 'mongodb://' }, message: /^environment: MONGODB_URI: / },
  ...['SEZAM_HTTP_PORT', 'SEZAM_OPCUA_PORT'].flatMap((name) =>
    ['http', '-1', '1.5', '65536', '01880', ' 1880', '0x10'].map((value) => ({
      given: { [name]: value },
      message: `environment: ${name}: must be a port from 0 to 65535`,
    })),
  ),
  ...['locker.example.com', '127.0.0', '127.0.0.1:1880', '[::1]'].map((value) => ({
    given: { SEZAM_BIND: value },
    message: 'environment: SEZAM_BIND: must be an IP address of this computer',
  })),
  {
    given: { SEZAM_BIND: '0.0.0.0' },
    message:
      /^environment: SEZAM_TLS_KEY: is missing; beyond this computer .* \(set SEZAM_TLS_KEY and SEZAM_TLS_CERT, or SEZAM_BIND=127\.0\.0\.1\)$/,
  },
  { given: { SEZAM_BIND: '::' }, message: /^environment: SEZAM_TLS_KEY: is missing/ },
  {
    given: { SEZAM_TLS_KEY: 'key.pem' },
    message: 'environment: SEZAM_TLS_CERT: is missing; key and certificate belong together',
  },
  {
    given: { SEZAM_TLS_CERT: 'cert.pem' },
    message: 'environment: SEZAM_TLS_KEY: is missing; key and certificate belong together',
  },
  ...['yes', '1', 'TRUE'].map((value) => ({
    given: { SEZAM_OPCUA_ANONYMOUS: value },
    message: 'environment: SEZAM_OPCUA_ANONYMOUS: must be one of true, false',
  })),
  {
    given: { SEZAM_HTTPPORT: '1880' },
    message: 'environment: SEZAM_HTTPPORT: is not a known setting; is it misspelt?',
  },
];

describe('Settings from the environment', () => {
  for (const { given, message } of WRONG) {
    it(`refuses ${JSON.stringify(given)}`, () => {
      expect(() => readSettings(given)).to.throw(ConfigurationError, message);
      let error: unknown;
      try {
        readSettings(given);
      } catch (thrown) {
        error = thrown;
      }
      expect((error as ConfigurationError).message, 'one line').to.not.include('\n');
    });
  }

  it('has a default for everything', () => {
    expect(readSettings({})).to.deep.equal({
      mongodbUri: undefined,
      dataFolder: resolve('data'),
      siteFile: undefined,
      httpPort: 1_880,
      opcuaPort: 4_840,
      bind: '127.0.0.1',
      loopback: true,
      opcuaAnonymous: false,
      opcuaUnencrypted: false,
      opcua: { reverseConnect: [], discoveryServer: undefined, stopNotice: 2_000 },
      tls: undefined,
      mail: undefined,
    });
  });

  it('takes an empty variable for one that is left out', () => {
    const names = ['MONGODB_URI', 'SEZAM_DATA', 'SEZAM_SITE', 'SEZAM_HTTP_PORT', 'SEZAM_BIND'];
    const empty = Object.fromEntries(names.map((name) => [name, '']));
    expect(readSettings(empty)).to.deep.equal(readSettings({}));
  });

  it('reads everything that is set, with paths made absolute', () => {
    const settings = readSettings({
      MONGODB_URI: 'mongodb://db.internal:27017/lockers?replicaSet=rs0',
      SEZAM_DATA: 'somewhere',
      SEZAM_SITE: 'site.json',
      SEZAM_HTTP_PORT: '0',
      SEZAM_OPCUA_PORT: '65535',
      SEZAM_BIND: '0.0.0.0',
      SEZAM_OPCUA_ANONYMOUS: 'true',
      SEZAM_OPCUA_UNENCRYPTED: 'true',
      SEZAM_TLS_KEY: 'key.pem',
      SEZAM_TLS_CERT: 'cert.pem',
      UNRELATED: 'x',
    });
    expect(settings).to.deep.equal({
      mongodbUri: 'mongodb://db.internal:27017/lockers?replicaSet=rs0',
      dataFolder: resolve('somewhere'),
      siteFile: resolve('site.json'),
      httpPort: 0,
      opcuaPort: 65_535,
      bind: '0.0.0.0',
      loopback: false,
      opcuaAnonymous: true,
      opcuaUnencrypted: true,
      opcua: { reverseConnect: [], discoveryServer: undefined, stopNotice: 2_000 },
      tls: { key: resolve('key.pem'), cert: resolve('cert.pem') },
      mail: undefined,
    });
  });

  for (const bind of ['localhost', '127.0.0.1', '127.8.8.8', '::1']) {
    it(`needs no certificate on ${bind}, which only this computer reaches`, () => {
      expect(readSettings({ SEZAM_BIND: bind })).to.deep.include({ bind, loopback: true, tls: undefined });
    });
  }
});
