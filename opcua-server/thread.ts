/** The worker thread of the OPC UA server: takes messages from the main thread and keeps the server. */
import { parentPort, workerData } from 'node:worker_threads';
import { setErrorLogger, setWarningLogger } from 'node-opcua';
import type { OpcUaOutcome, OpcUaRequest } from '../gateway/opcua-administration.ts';
import { explainStartFailure } from './errors.ts';
import { GatewayCalls } from './gateway-calls.ts';
import { NoticeLimit } from './notice-limit.ts';
import type { FromThread, ThreadStart, ToThread } from './protocol.ts';
import { NOT_RUNNING } from './refused.ts';
import { type RunningServer, startServer } from './server.ts';

const loaded = performance.now();
if (!parentPort)
  throw new Error('This program is the worker thread of the OPC UA server; start it through host.ts.');
const port = parentPort;
const start = workerData as ThreadStart;
const notices = new NoticeLimit((notice) => port.postMessage(notice));
const post = (message: FromThread): void => {
  if (message.kind === 'log') notices.note(message);
  else port.postMessage(message);
};
const calls = new GatewayCalls(post);
let server: RunningServer | undefined;
let stopping = false;

/**
 * How soon after a batch of values the next one may come; what changes meanwhile comes merged in it. A batch for every change
 * costs more than the changes, and no client is told more often than every 50 ms. Milliseconds.
 */
const SHOWS_EVERY = 20;
/** Longest notice of the library handed on, in characters. */
const LONGEST_NOTICE = 500;
/** Notices of the library that are meant for people begin with a code. */
const CODED = /^\[?NODE-OPCUA-[A-Z]\d+/;
/**
 * At each start the library misses the computer's name in every certificate, also in that of a server that listens on another address;
 * and an authority may have left names out as it saw fit. What the certificate has to name, `own-certificate.ts` knows.
 */
const NAMES_OF_THE_COMPUTER = 'Certificate SAN is missing';

/**
 * Hands on what the library reports under a code. The rest is dropped: among it are dumps of what clients sent,
 * which may hold a password.
 */
function handOn(level: 'warn' | 'error') {
  return (_where: unknown, ...parts: unknown[]): void => {
    const text = parts.filter((part) => typeof part === 'string').join(' ');
    if (CODED.test(text) && !text.includes(NAMES_OF_THE_COMPUTER))
      post({ kind: 'log', level, text: text.slice(0, LONGEST_NOTICE) });
  };
}

async function administer(call: number, request: OpcUaRequest): Promise<void> {
  post({ kind: 'administered', call, outcome: await carriedOut(request) });
}

async function carriedOut(request: OpcUaRequest): Promise<OpcUaOutcome> {
  if (!server) return NOT_RUNNING;
  try {
    return await server.administer(request);
  } catch (error) {
    const text = error instanceof Error ? error.message : String(error);
    post({ kind: 'log', level: 'error', text: `${request.do} failed: ${text}` });
    return { ok: false, code: 'opcua-down', message: `The OPC UA server could not do this: ${text}.` };
  }
}

async function stop(): Promise<void> {
  if (stopping) return;
  stopping = true;
  await server?.stop(() => calls.close());
  process.exit(0);
}

setErrorLogger(handOn('error'));
setWarningLogger(handOn('warn'));

port.on('message', (message: ToThread) => {
  server?.heard();
  switch (message.kind) {
    case 'show':
      server?.show(message);
      setTimeout(() => post({ kind: 'shown', batch: message.batch }), SHOWS_EVERY);
      return;
    case 'all-opening':
      server?.showAllOpening(message.value);
      return;
    case 'logged':
      server?.tell(message.events, message.gap);
      post({ kind: 'told' });
      return;
    case 'answer':
      calls.answered(message.call, message.answer);
      return;
    case 'scanned':
      server?.showScan(message.scan);
      return;
    case 'taken-over':
      server?.showTakenOver(message.cabinets);
      return;
    case 'service-level':
      server?.showServiceLevel(message.level);
      return;
    case 'administer':
      void administer(message.call, message.request);
      return;
    case 'stop':
      void stop();
  }
});

try {
  server = await startServer(start, calls, post, loaded);
  const { endpointUrl, port: listening, timings } = server;
  post({ kind: 'ready', endpointUrl, port: listening, timings });
} catch (error) {
  post({ kind: 'failed', ...explainStartFailure(error, start.settings) });
  // Lets the message leave; what the library still holds open must not keep the thread.
  setImmediate(() => process.exit(1));
}
