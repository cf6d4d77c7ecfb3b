import { readFileSync } from 'node:fs';
import { createServer as createHttpServer, type Server } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import { fileURLToPath } from 'node:url';
import express, { type Express } from 'express';
import helmet from 'helmet';
import type { Settings } from '../config/settings.ts';
import type { Administration } from '../gateway/administration.ts';
import type { Gateway } from '../gateway/api.ts';
import { accountApi } from './account.ts';
import { healthPages } from './health.ts';

/** The server may take this long for one request. Milliseconds. */
const REQUEST_WITHIN = 30_000;

/** The web server of a Sezam process. */
export interface WebServer {
  readonly application: Express;
  readonly server: Server;
  /** Port it listens on. */
  readonly port: number;
  close(): Promise<void>;
}

/**
 * Starts the web server: health pages and the account page from the first moment on; Node-RED is mounted later.
 * Rejects where the port is taken.
 */
export async function startWebServer(options: {
  readonly settings: Settings;
  readonly gateway: () => Gateway | undefined;
  readonly administration: () => Administration | undefined;
}): Promise<WebServer> {
  const { settings } = options;
  const application = express();
  application.disable('x-powered-by');
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
  application.use('/account', headers);
  application.use(
    '/account',
    express.static(fileURLToPath(new URL('./pages/', import.meta.url)), { index: 'account.html' }),
  );
  application.use('/account', accountApi(options.administration));
  application.get('/', (_request, response) => response.redirect('/editor/'));
  const server =
    settings.tls === undefined
      ? createHttpServer(application)
      : createHttpsServer(
          { key: readFileSync(settings.tls.key), cert: readFileSync(settings.tls.cert) },
          application,
        );
  server.requestTimeout = REQUEST_WITHIN;
  const port = await listen(server, settings.httpPort, settings.bind);
  return {
    application,
    server,
    port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function listen(server: Server, port: number, host: string): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      server.off('error', reject);
      const address = server.address();
      resolve(typeof address === 'object' && address ? address.port : port);
    });
  });
}
