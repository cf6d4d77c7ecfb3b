import { readFileSync } from 'node:fs';
import { createServer as createHttpServer, type Server } from 'node:http';
import { createServer as createHttpsServer, type Server as HttpsServer } from 'node:https';
import { fileURLToPath } from 'node:url';
import express, { type Express } from 'express';
import helmet from 'helmet';
import { ConfigurationError } from '../config/configuration-error.ts';
import type { Settings } from '../config/settings.ts';
import type { Administration } from '../gateway/administration.ts';
import type { Gateway } from '../gateway/api.ts';
import type { OpcUaAdministration } from '../gateway/opcua-administration.ts';
import { accountApi } from './account.ts';
import { administrationApi } from './administration/api.ts';
import { healthPages } from './health.ts';
import { panelApi } from './panels/api.ts';
import { phoneApi } from './panels/phone.ts';
import { Visits } from './panels/visits.ts';

/** How often key and certificate are read anew. Milliseconds. */
const RENEW_EVERY = 12 * 3_600_000;
/** The server may take this long for one request. Milliseconds. */
const REQUEST_WITHIN = 30_000;

/** The web server cannot listen where it was told to. */
export class WebServerError extends Error {
  readonly code: 'port-taken' | 'address-unusable';

  constructor(code: WebServerError['code'], message: string, cause: unknown) {
    super(message, { cause });
    this.name = 'WebServerError';
    this.code = code;
  }
}

/** The web server of a Sezam process. */
export interface WebServer {
  readonly application: Express;
  readonly server: Server;
  /** Port it listens on. */
  readonly port: number;
  close(): Promise<void>;
}

/**
 * Starts the web server: health pages, the account page and the pages of panels from the first moment on; Node-RED is mounted later.
 *
 * @throws WebServerError where it cannot listen
 * @throws ConfigurationError where key and certificate are not usable
 */
export async function startWebServer(options: {
  readonly settings: Settings;
  readonly gateway: () => Gateway | undefined;
  readonly administration: () => Administration | undefined;
  /** The OPC UA server, once it has been started. */
  readonly opcua: () => OpcUaAdministration | undefined;
  /** Told in words what an operator of this computer should know. */
  readonly notice: (message: string) => void;
}): Promise<WebServer> {
  const { settings } = options;
  const application = express();
  application.disable('x-powered-by');
  // Otherwise an error page shows the program's inside to whoever provoked it.
  application.set('env', 'production');
  const headers = helmet({
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        defaultSrc: ["'none'"],
        scriptSrc: ["'self'"],
        styleSrc: ["'self'"],
        imgSrc: ['data:'],
        connectSrc: ["'self'"],
        formAction: ["'self'"],
        baseUri: ["'none'"],
        frameAncestors: ["'none'"],
      },
    },
    strictTransportSecurity: settings.tls !== undefined,
  });
  application.use('/health', headers, healthPages(options.gateway));
  const pages = fileURLToPath(new URL('./pages/', import.meta.url));
  for (const page of ['account', 'panel', 'open']) {
    application.use(`/${page}`, headers, express.static(pages, { index: `${page}.html` }));
  }
  application.use('/account', accountApi(options.administration));
  const panels = { ...options, visits: new Visits() };
  application.use('/api/panels', headers, panelApi(panels));
  application.use('/api/phone', headers, phoneApi(panels));
  application.use('/api', headers, administrationApi(options));
  application.get('/', (_request, response) => response.redirect('/editor/'));
  const server =
    settings.tls === undefined ? createHttpServer(application) : secure(settings.tls, application);
  const renewing =
    settings.tls && setInterval(() => renew(server, settings.tls, options.notice), RENEW_EVERY);
  renewing?.unref();
  server.requestTimeout = REQUEST_WITHIN;
  const port = await listen(server, settings.httpPort, settings.bind);
  return {
    application,
    server,
    port,
    close: () =>
      new Promise((resolve) => {
        clearInterval(renewing);
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** Takes over a certificate that was replaced on the disk; one that is not usable leaves the old one at work. */
function renew(server: Server, tls: Settings['tls'], notice: (message: string) => void): void {
  if (!tls || !('setSecureContext' in server)) return;
  try {
    (server as HttpsServer).setSecureContext({ key: readFileSync(tls.key), cert: readFileSync(tls.cert) });
  } catch (error) {
    notice(`The certificate could not be renewed: ${(error as Error).message}`);
  }
}

function secure(tls: NonNullable<Settings['tls']>, application: Express): Server {
  const read = (setting: string, path: string): Buffer => {
    try {
      return readFileSync(path);
    } catch (error) {
      const { code = 'unknown error' } = error as NodeJS.ErrnoException;
      throw new ConfigurationError('environment', setting, `${path} cannot be read (${code})`);
    }
  };
  const pair = { key: read('SEZAM_TLS_KEY', tls.key), cert: read('SEZAM_TLS_CERT', tls.cert) };
  try {
    return createHttpsServer(pair, application);
  } catch (error) {
    throw new ConfigurationError(
      'environment',
      'SEZAM_TLS_KEY',
      `${tls.key} and ${tls.cert} are not a key and its certificate in PEM form: ${(error as Error).message}`,
    );
  }
}

function listen(server: Server, port: number, host: string): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => reject(cannotListen(error, port, host)));
    server.listen(port, host, () => {
      server.removeAllListeners('error');
      const address = server.address();
      resolve(typeof address === 'object' && address ? address.port : port);
    });
  });
}

function cannotListen(error: NodeJS.ErrnoException, port: number, host: string): Error {
  if (error.code === 'EADDRINUSE') {
    return new WebServerError(
      'port-taken',
      `Port ${port} of ${host} is taken by another program. Stop it, or choose another port with SEZAM_HTTP_PORT.`,
      error,
    );
  }
  if (error.code === 'EACCES' || error.code === 'EADDRNOTAVAIL') {
    return new WebServerError(
      'address-unusable',
      `${host}, port ${port}, cannot be listened on (${error.code}). Correct SEZAM_BIND or SEZAM_HTTP_PORT.`,
      error,
    );
  }
  return error;
}
