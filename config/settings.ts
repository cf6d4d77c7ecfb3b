import { isIP } from 'node:net';
import { resolve } from 'node:path';
import { Ajv } from 'ajv';
import { ConfigurationError, wrongField } from './configuration-error.ts';
import { MAIL_PROPERTIES, type MailSettings, readMailSettings } from './mail-settings.ts';
import { OPCUA_PROPERTIES, type OpcUaSettings, readOpcUaSettings } from './opcua-settings.ts';

/** What the environment says; `docs/settings.md` lists the variables. */
export interface Settings {
  /** `MONGODB_URI`: a MongoDB server; the embedded store where it is left out. */
  readonly mongodbUri: string | undefined;
  /** `SEZAM_DATA`: folder of everything that is kept, absolute. */
  readonly dataFolder: string;
  /** `SEZAM_SITE`: path of the site file; the demo site with simulated hardware where it is left out. */
  readonly siteFile: string | undefined;
  /** `SEZAM_HTTP_PORT`: editor and health pages; 0 picks a free one. */
  readonly httpPort: number;
  /** `SEZAM_OPCUA_PORT`: OPC UA; 0 picks a free one. */
  readonly opcuaPort: number;
  /** `SEZAM_BIND`: the address to listen on. */
  readonly bind: string;
  /** Whether that address is reachable from this computer only. */
  readonly loopback: boolean;
  /** `SEZAM_OPCUA_ANONYMOUS`: whether OPC UA clients may look without logging in. */
  readonly opcuaAnonymous: boolean;
  /** `SEZAM_OPCUA_UNENCRYPTED`: whether OPC UA clients may connect without encryption. */
  readonly opcuaUnencrypted: boolean;
  /** `SEZAM_OPCUA_REVERSE_CONNECT`, `SEZAM_OPCUA_DISCOVERY`, `SEZAM_OPCUA_STOP_NOTICE`. */
  readonly opcua: OpcUaSettings;
  /** `SEZAM_TLS_KEY` and `SEZAM_TLS_CERT`: PEM files; required beyond loopback. */
  readonly tls: { readonly key: string; readonly cert: string } | undefined;
  /** `SEZAM_SMTP_…`, `SEZAM_MAIL_FROM`: where mail is handed over; no mail is sent where no server is named. */
  readonly mail: MailSettings | undefined;
}

const PORT = {
  type: 'string',
  pattern: '^(0|[1-9][0-9]{0,4})$',
  description: 'a port from 0 to 65535',
} as const;

const validate = new Ajv({ verbose: true }).compile<NodeJS.ProcessEnv>({
  type: 'object',
  properties: {
    MONGODB_URI: {
      type: 'string',
      pattern: '^mongodb(\\+srv)?://.+',
      description: 'a connection string that begins with mongodb:// or mongodb+srv://',
    },
    SEZAM_DATA: { type: 'string', minLength: 1 },
    SEZAM_SITE: { type: 'string', minLength: 1 },
    SEZAM_HTTP_PORT: PORT,
    SEZAM_OPCUA_PORT: PORT,
    SEZAM_BIND: { type: 'string', minLength: 1 },
    SEZAM_OPCUA_ANONYMOUS: { type: 'string', enum: ['true', 'false'] },
    SEZAM_OPCUA_UNENCRYPTED: { type: 'string', enum: ['true', 'false'] },
    SEZAM_TLS_KEY: { type: 'string', minLength: 1 },
    SEZAM_TLS_CERT: { type: 'string', minLength: 1 },
    ...OPCUA_PROPERTIES,
    ...MAIL_PROPERTIES,
  },
});

const KNOWN = new Set([
  'SEZAM_DATA',
  'SEZAM_SITE',
  'SEZAM_HTTP_PORT',
  'SEZAM_OPCUA_PORT',
  'SEZAM_BIND',
  'SEZAM_OPCUA_ANONYMOUS',
  'SEZAM_OPCUA_UNENCRYPTED',
  'SEZAM_TLS_KEY',
  'SEZAM_TLS_CERT',
  ...Object.keys(OPCUA_PROPERTIES),
  ...Object.keys(MAIL_PROPERTIES),
]);

const ENVIRONMENT = 'environment';

/**
 * Reads the settings from the environment. An empty variable counts as left out.
 * @throws ConfigurationError that names the variable and what is wrong with it
 */
export function readSettings(environment: NodeJS.ProcessEnv): Settings {
  const given = Object.fromEntries(Object.entries(environment).filter(([, value]) => value !== ''));
  for (const name of Object.keys(given)) {
    if (name.startsWith('SEZAM_') && !KNOWN.has(name)) {
      throw new ConfigurationError(ENVIRONMENT, name, 'is not a known setting; is it misspelt?');
    }
  }
  if (!validate(given)) throw wrongField(ENVIRONMENT, validate.errors);
  const bind = given['SEZAM_BIND'] ?? '127.0.0.1';
  if (isIP(bind) === 0 && bind !== 'localhost') {
    throw new ConfigurationError(ENVIRONMENT, 'SEZAM_BIND', 'must be an IP address of this computer');
  }
  const loopback = bind === 'localhost' || bind === '::1' || bind.startsWith('127.');
  return {
    mongodbUri: given['MONGODB_URI'],
    dataFolder: resolve(given['SEZAM_DATA'] ?? 'data'),
    siteFile: given['SEZAM_SITE'] === undefined ? undefined : resolve(given['SEZAM_SITE']),
    httpPort: port('SEZAM_HTTP_PORT', given['SEZAM_HTTP_PORT'] ?? '1880'),
    opcuaPort: port('SEZAM_OPCUA_PORT', given['SEZAM_OPCUA_PORT'] ?? '4840'),
    bind,
    loopback,
    opcuaAnonymous: given['SEZAM_OPCUA_ANONYMOUS'] === 'true',
    opcuaUnencrypted: given['SEZAM_OPCUA_UNENCRYPTED'] === 'true',
    opcua: readOpcUaSettings(given),
    tls: readTls(given['SEZAM_TLS_KEY'], given['SEZAM_TLS_CERT'], loopback),
    mail: readMailSettings(given),
  };
}

function port(name: string, text: string): number {
  const value = Number(text);
  if (value > 65_535) throw new ConfigurationError(ENVIRONMENT, name, `must be ${PORT.description}`);
  return value;
}

function readTls(key: string | undefined, cert: string | undefined, loopback: boolean): Settings['tls'] {
  if (key !== undefined && cert !== undefined) return { key: resolve(key), cert: resolve(cert) };
  if (key !== undefined || cert !== undefined) {
    throw new ConfigurationError(
      ENVIRONMENT,
      key === undefined ? 'SEZAM_TLS_KEY' : 'SEZAM_TLS_CERT',
      'is missing; key and certificate belong together',
    );
  }
  if (!loopback) {
    throw new ConfigurationError(
      ENVIRONMENT,
      'SEZAM_TLS_KEY',
      'is missing; beyond this computer the editor is served over https only (set SEZAM_TLS_KEY and SEZAM_TLS_CERT, or SEZAM_BIND=127.0.0.1)',
    );
  }
  return undefined;
}
