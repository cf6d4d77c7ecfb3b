/**
 * Settings of the Node-RED that runs inside Sezam; every line that is there for safety says against what.
 * The main program passes them to `RED.init`; it reads `uiHost`, `https` and `requireHttps` itself, because an
 * embedded Node-RED leaves the server to its host.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import helmet from 'helmet';
import RED from 'node-red';
import { ConfigurationError } from './config/configuration-error.ts';
import { readSettings } from './config/settings.ts';
import { runningGateway } from './gateway/host.ts';
import { editorLogin } from './nodes/editor-login.ts';

// Refuses an address beyond loopback without key and certificate.
const { bind, dataFolder, tls } = readSettings(process.env);
const credentialSecret = readCredentialSecret(join(dataFolder, 'secrets', 'node-red-credential-secret'));

const login = editorLogin({
  gateway: runningGateway,
  attempts: 10,
  window: 10 * 60 * 1000,
  refused: (from) => auditLog({ event: 'auth.login.fail.credentials', ip: from }),
});

/**
 * Node-RED's own audit log. The published types know only the level of an entry.
 * @param {{ event: string, ip: string | undefined }} entry
 */
function auditLog(entry) {
  RED.log.audit(/** @type {Parameters<typeof RED.log.audit>[0]} */ (/** @type {unknown} */ (entry)));
}

/** What the editor needs of a browser, and nothing else; it works without `unsafe-eval`. */
const headers = helmet({
  contentSecurityPolicy: {
    useDefaults: false,
    directives: {
      defaultSrc: ["'self'"],
      scriptSrc: ["'self'", "'unsafe-inline'"],
      styleSrc: ["'self'", "'unsafe-inline'"],
      imgSrc: ["'self'", 'data:', 'blob:'],
      fontSrc: ["'self'", 'data:'],
      connectSrc: ["'self'", 'ws:', 'wss:'],
      workerSrc: ["'self'", 'blob:'],
      objectSrc: ["'none'"],
      baseUri: ["'self'"],
      formAction: ["'self'"],
      frameAncestors: ["'self'"],
    },
  },
  // A browser that once saw this header would refuse plain HTTP on loopback for as long as it says.
  strictTransportSecurity: tls !== undefined,
});

const settings = {
  userDir: join(dataFolder, 'node-red'),
  flowFile: 'flows.json',
  flowFilePretty: true,
  nodesDir: [join(import.meta.dirname, 'dist')],
  // Encrypts what nodes keep as credentials. Made per installation; without it nothing starts.
  credentialSecret,

  uiHost: bind,
  httpAdminRoot: '/editor',
  httpNodeRoot: '/flow',
  ...(tls === undefined
    ? {}
    : {
        // For Node-RED's own command line; embedded, the web server of Sezam does the same by itself.
        https: () => ({ key: readFileSync(tls.key), cert: readFileSync(tls.cert) }),
        httpsRefreshInterval: 12,
        requireHttps: true,
      }),

  // Whoever edits flows is as good as an operating-system user: administrators only; nobody without a login.
  adminAuth: {
    type: 'credentials',
    sessionExpiryTime: 3600,
    users: login.users,
    authenticate: login.authenticate,
  },
  httpAdminMiddleware: [headers, login.guard],
  httpAdminCookieOptions: { secure: tls !== undefined, httpOnly: true, sameSite: 'strict' },
  apiMaxLength: '5mb',

  // No flow fetches code: neither modules for the palette nor modules for function nodes.
  externalModules: {
    autoInstall: false,
    palette: { allowInstall: false, allowUpdate: false, allowUpload: false },
    modules: { allowInstall: false },
  },
  functionExternalModules: false,
  // No flow runs programs of the operating system.
  nodesExcludes: ['90-exec.js'],
  // What function nodes can reach, and for how long one of them may hold up everything else (seconds).
  functionGlobalContext: {},
  exportGlobalContextKeys: false,
  functionTimeout: 5,
  globalFunctionTimeout: 5,
  // A node that collects messages forgets nobody's memory: at most so many.
  nodeMessageBufferMaxLength: 1000,
  tlsConfigDisableLocalFiles: true,

  // Nothing tells a visitor, or the world, what runs here.
  diagnostics: { enabled: false, ui: false },
  runtimeState: { enabled: false, ui: false },
  telemetry: { enabled: false, updateNotification: false },

  logging: { console: { level: 'warn', metrics: false, audit: true } },
  paletteCategories: ['Sezam', 'subflows', 'common', 'function', 'network', 'sequence', 'parser', 'storage'],
  editorTheme: {
    page: { title: 'Sezam' },
    header: { title: 'Sezam' },
    // No projects; an explicit `enabled: false` would be answered with a warning at every start.
    projects: {},
    tours: false,
    menu: { 'menu-item-help': { label: 'Node-RED', url: 'https://nodered.org/docs' } },
    codeEditor: { lib: 'monaco' },
  },
};

/**
 * The secret of this installation; the main program makes it at the first start.
 * @param {string} file
 * @throws ConfigurationError where it is missing or no secret: nothing starts with a secret that anybody knows.
 */
function readCredentialSecret(file) {
  let secret;
  try {
    secret = readFileSync(file, 'utf8').trim();
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new ConfigurationError(
      file,
      'credentialSecret',
      `cannot be read (${reason}); "npm start" makes it at the first start, and a lost one comes back from the backup`,
    );
  }
  if (secret.length < 32) {
    throw new ConfigurationError(
      file,
      'credentialSecret',
      `has ${secret.length} characters, a secret has at least 32; restore it from the backup`,
    );
  }
  return secret;
}

// Node-RED's own command line loads this file with require().
export { settings as 'module.exports' };
