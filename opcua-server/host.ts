/**
 * The OPC UA server as the main thread has it. The server itself lives in a worker thread of its own, so that
 * neither SCADA traffic nor building its nodes ever delays a decision about a locker.
 */
import type { Milliseconds } from '../domain/site.ts';
import type { AlarmRefused, AllOpening, AllOpeningProgress, Done, Gateway, Refused } from '../gateway/api.ts';
import type { CassetteDone, CassetteRefused } from '../gateway/cassettes/api.ts';
import type { OpcUaAdministration, OpcUaOutcome, OpcUaRequest } from '../gateway/opcua-administration.ts';
import type { Unsubscribe } from '../gateway/ports.ts';
import type { AuditEvent } from './audit-log.ts';
import { SiteFeed } from './feed.ts';
import { LoggedFeed } from './logged-feed.ts';
import type { AllOpeningValue, GatewayAnswer, GatewayCall, ServerSettings } from './protocol.ts';
import { NOT_RUNNING } from './refused.ts';
import { leavesWithin } from './services/leaving.ts';
import { serviceLevelOf } from './services/service-level.ts';
import { ThreadRun, type ThreadRunListener } from './thread-run.ts';

/** Where the server's notices go. */
export interface Logger {
  info(text: string): void;
  warn(text: string): void;
  error(text: string): void;
}

export interface OpcUaServerOptions extends ServerSettings {
  readonly gateway: Gateway;
  readonly logger?: Logger;
  /** Puts on record what happens at the server; the stream of the installation is the place for it. */
  readonly record?: (event: AuditEvent) => Promise<void>;
}

export interface OpcUaServer extends OpcUaAdministration {
  /** Where clients connect, e.g. `opc.tcp://127.0.0.1:4840`. */
  readonly endpointUrl: string;
  /** Disconnects all clients and ends the thread. */
  close(): Promise<void>;
}

/** First and longest wait before a thread that died is started again; the wait doubles in between. */
const FIRST_PAUSE: Milliseconds = 500;
const LONGEST_PAUSE: Milliseconds = 60_000;
/** A thread that has lived this long starts the waits from the beginning. */
const STABLE_AFTER: Milliseconds = 60_000;
/** How often the thread is asked whether it still works, and how long its answer may take. */
const PROBE_EVERY: Milliseconds = 10_000;
const ANSWERS_WITHIN: Milliseconds = 30_000;

/** How often the health of the gateway is looked at. */
const LOOKS_EVERY: Milliseconds = 1_000;

/** How long something that was asked in the administration of the server may take. */
const ADMINISTERS_WITHIN: Milliseconds = 15_000;
/** Most records that may wait for the event log; what comes on top is only counted. */
const MOST_UNRECORDED = 1_000;

const SILENT: Logger = { info: () => {}, warn: () => {}, error: () => {} };

/**
 * Starts the OPC UA server and keeps it running: a thread that dies or no longer answers is replaced, and the gateway's
 * health says so meanwhile.
 * @throws OpcUaStartError where the first start fails, e.g. because the port is taken.
 */
export async function startOpcUaServer(options: OpcUaServerOptions): Promise<OpcUaServer> {
  const keeper = new ServerKeeper(options);
  try {
    await keeper.start();
  } catch (error) {
    await keeper.close();
    options.gateway.reportHealth('opcua', 'down', error instanceof Error ? error.message : String(error));
    throw error;
  }
  return {
    get endpointUrl() {
      return keeper.endpointUrl;
    },
    carryOut: (request) => keeper.carryOut(request),
    close: () => keeper.close(),
  };
}

class ServerKeeper {
  readonly #options: OpcUaServerOptions;
  readonly #gateway: Gateway;
  readonly #logger: Logger;
  readonly #feed: SiteFeed;
  readonly #logged: LoggedFeed;
  readonly #closing = new AbortController();
  readonly #probe: NodeJS.Timeout;
  readonly #leave: readonly Unsubscribe[];
  readonly #look: NodeJS.Timeout;
  /** The service level that the thread has. */
  #level = 0;
  #run: ThreadRun | undefined;
  /** The port in use, so that a restart keeps it where the settings left the choice to the system. */
  #port: number;
  #pause: Milliseconds = FIRST_PAUSE;
  #readySince: Milliseconds = 0;
  #restart: NodeJS.Timeout | undefined;
  #starting: Promise<void> | undefined;
  #unanswered: { batch: number; since: Milliseconds } | undefined;
  readonly #administering = new Map<number, (outcome: OpcUaOutcome) => void>();
  #lastAdministered = 0;
  readonly #recording = new Set<Promise<void>>();
  #lost = 0;
  /** The ids of cabinets that are another gateway's, as they were told. */
  #takenOver = '';
  endpointUrl = '';

  constructor(options: OpcUaServerOptions) {
    this.#options = options;
    this.#gateway = options.gateway;
    this.#logger = options.logger ?? SILENT;
    this.#port = options.port;
    this.#feed = new SiteFeed(options.gateway);
    this.#logged = new LoggedFeed(options.gateway, (batch) => this.#run?.post(batch));
    this.#probe = setInterval(() => this.#check(), PROBE_EVERY);
    this.#probe.unref();
    this.#leave = [
      options.gateway.onAllOpening((progress) => this.#tellAllOpening(progress)),
      options.gateway.onScan((scan) => this.#run?.post({ kind: 'scanned', scan })),
    ];
    this.#look = setInterval(() => this.#showHealth(), LOOKS_EVERY);
    this.#look.unref();
  }

  async start(): Promise<void> {
    const { bind, folder, allowAnonymous, allowUnencrypted, trustUnknownClients, siteName, softwareVersion } =
      this.#options;
    const { reverseConnect, discoveryServer, shutdownNotice } = this.#options;
    this.#gateway.reportHealth('opcua', 'degraded', 'starting');
    this.#level = serviceLevelOf(this.#gateway.health(), this.#gateway.cabinets());
    const { run, ready } = await ThreadRun.begin(
      {
        settings: {
          bind,
          port: this.#port,
          folder,
          allowAnonymous,
          allowUnencrypted,
          trustUnknownClients,
          siteName,
          softwareVersion,
          reverseConnect,
          discoveryServer,
          shutdownNotice,
        },
        serviceLevel: this.#level,
        ...this.#feed.snapshot(),
        cabinetRoles: this.#gateway.cabinetRoles,
        signals: this.#gateway.cassettes.signals,
      },
      { said: (message) => this.#hear(message), died: (reason) => this.#died(reason) },
      this.#closing.signal,
    );
    this.#run = run;
    this.#port = ready.port;
    this.#readySince = performance.now();
    this.#unanswered = undefined;
    this.endpointUrl = ready.endpointUrl;
    this.#feed.connect((batch) => run.post(batch));
    this.#takenOver = '';
    this.#showHealth();
    for (const { id } of this.#gateway.site.cabinets) {
      const progress = this.#gateway.allOpening(id);
      if (progress) this.#tellAllOpening(progress);
    }
    const { loaded, initialized, built, listening } = ready.timings;
    this.#logger.info(
      `OPC UA server ready at ${ready.endpointUrl} after ${listening} ms ` +
        `(loading ${loaded}, standard nodes and certificates ${initialized - loaded}, ` +
        `site ${built - initialized}, listening ${listening - built}).`,
    );
    this.#gateway.reportHealth('opcua', 'ok', ready.endpointUrl);
  }

  /** Asks the server's thread. Never rejects. */
  carryOut(request: OpcUaRequest): Promise<OpcUaOutcome> {
    const run = this.#run;
    if (!run) return Promise.resolve(NOT_RUNNING);
    this.#lastAdministered += 1;
    const call = this.#lastAdministered;
    return new Promise((resolve) => {
      const settle = (outcome: OpcUaOutcome): void => {
        clearTimeout(limit);
        this.#administering.delete(call);
        resolve(outcome);
      };
      const limit = setTimeout(() => settle(NOT_RUNNING), ADMINISTERS_WITHIN);
      this.#administering.set(call, settle);
      run.post({ kind: 'administer', call, request });
    });
  }

  async close(): Promise<void> {
    this.#closing.abort();
    clearInterval(this.#probe);
    for (const leave of this.#leave) leave();
    clearInterval(this.#look);
    clearTimeout(this.#restart);
    await this.#starting;
    // Until the thread has ended it is answered and shown what changes: its clients are told of the stop first.
    await this.#run?.stop(leavesWithin(this.#options));
    this.#run = undefined;
    this.#feed.close();
    this.#logged.close();
    for (const settle of this.#administering.values()) settle(NOT_RUNNING);
    await Promise.all(this.#recording);
    this.#gateway.reportHealth('opcua', 'down', 'stopped');
  }

  /** Tells the thread what has changed of the gateway's health. */
  #showHealth(): void {
    const health = this.#gateway.health();
    const taken = health.cabinets.filter(({ condition }) => condition === 'down').map(({ id }) => id);
    const level = serviceLevelOf(health, this.#gateway.cabinets());
    if (!this.#run) return;
    if (taken.join() !== this.#takenOver) {
      this.#takenOver = taken.join();
      this.#run.post({ kind: 'taken-over', cabinets: taken });
    }
    if (level === this.#level) return;
    this.#level = level;
    this.#run.post({ kind: 'service-level', level });
  }

  #tellAllOpening({ cabinet, compartments, opened, failed, began, ended }: AllOpeningProgress): void {
    const value: AllOpeningValue = {
      cabinet,
      compartments,
      opened: opened.length,
      failed: failed.map(({ compartment, refusal }) => ({ compartment, code: refusal.code })),
      began,
      ended,
      at: ended ?? Date.now(),
    };
    this.#run?.post({ kind: 'all-opening', value });
  }

  #hear(message: Parameters<ThreadRunListener['said']>[0]): void {
    switch (message.kind) {
      case 'administered':
        this.#administering.get(message.call)?.(message.outcome);
        return;
      case 'audit':
        this.#record(message.event);
        return;
      case 'shown':
        this.#feed.shown(message.batch);
        return;
      case 'log':
        this.#logger[message.level](message.text);
        return;
      case 'listening':
        this.#logged.listen(message.listening);
        return;
      case 'told':
        this.#logged.taken();
        return;
      case 'call': {
        // The answer goes to the thread that asked, which may no longer be there.
        const asker = this.#run;
        void answerCall(this.#gateway, message.request, this.#logger).then((answer) => {
          if (asker === this.#run) asker?.post({ kind: 'answer', call: message.call, answer });
        });
      }
    }
  }

  /** A log that takes nothing must neither fill the memory nor go unnoticed. */
  #record(event: AuditEvent): void {
    const { record } = this.#options;
    if (!record) return;
    if (this.#recording.size >= MOST_UNRECORDED) {
      this.#lost += 1;
      return;
    }
    const recording = record(event)
      .catch((error: unknown) => {
        const text = error instanceof Error ? error.message : String(error);
        this.#logger.error(`${event.type} could not be put on record: ${text}`);
      })
      .finally(() => {
        this.#recording.delete(recording);
        if (this.#recording.size > 0 || this.#lost === 0) return;
        this.#logger.warn(`${this.#lost} events of the OPC UA server were too many for the log at once.`);
        this.#lost = 0;
      });
    this.#recording.add(recording);
  }

  #died(reason: string): void {
    this.#run = undefined;
    for (const settle of this.#administering.values()) settle(NOT_RUNNING);
    this.#feed.disconnect();
    this.#logged.close();
    if (this.#closing.signal.aborted) return;
    if (performance.now() - this.#readySince > STABLE_AFTER) this.#pause = FIRST_PAUSE;
    this.#startAgain(`The OPC UA server stopped: ${reason}.`);
  }

  #startAgain(why: string): void {
    const pause = this.#pause;
    this.#pause = Math.min(pause * 2, LONGEST_PAUSE);
    const text = `${why} It is started again in ${pause / 1000} s.`;
    this.#logger.error(text);
    this.#gateway.reportHealth('opcua', 'down', text);
    this.#restart = setTimeout(() => {
      this.#starting = this.start().catch((error: unknown) => {
        if (this.#closing.signal.aborted) return;
        this.#startAgain(error instanceof Error ? error.message : String(error));
      });
    }, pause);
  }

  /** Replaces a thread that has not shown a batch for too long: it hangs. */
  #check(): void {
    const run = this.#run;
    if (!run) return;
    this.#feed.probe();
    const batch = this.#feed.underWay;
    const now = performance.now();
    if (batch === undefined) {
      this.#unanswered = undefined;
    } else if (this.#unanswered?.batch !== batch) {
      this.#unanswered = { batch, since: now };
    } else if (now - this.#unanswered.since > ANSWERS_WITHIN) {
      this.#unanswered = undefined;
      void run.kill(`it did not answer for ${ANSWERS_WITHIN / 1000} s`);
    }
  }
}

function answerOf(outcome: Done | Refused | CassetteDone | CassetteRefused | AlarmRefused): GatewayAnswer {
  return outcome.ok
    ? { answer: 'done' }
    : { answer: 'refused', code: outcome.refusal.code, text: outcome.text };
}

/** Whoever asked is answered at once; how it ended minutes later is for the notices, and for all who look at its progress. */
function begunAnswer(begun: AllOpening | Refused, logger: Logger): GatewayAnswer {
  if (!begun.ok) return answerOf(begun);
  const { cabinet, compartments, ended } = begun;
  ended.then(
    ({ opened, failed }) => {
      const failures = failed
        .map(({ compartment, refusal }) => `${compartment} (${refusal.code})`)
        .join(', ');
      const end = failures === '' ? '' : `; failed: ${failures}`;
      logger.warn(`Cabinet ${cabinet} was opened over OPC UA: ${opened.length} of ${compartments}${end}.`);
    },
    (error: unknown) =>
      logger.error(`The opening of cabinet ${cabinet} over OPC UA failed: ${String(error)}`),
  );
  return { answer: 'begun', compartments };
}

async function answerCall(gateway: Gateway, request: GatewayCall, logger: Logger): Promise<GatewayAnswer> {
  try {
    if (request.do === 'authenticate') {
      return { answer: 'principal', principal: await gateway.authenticate(request.login, request.password) };
    }
    if (request.do === 'look-up')
      return { answer: 'principal', principal: gateway.principalOf(request.login) };
    if (request.do === 'find-certificate')
      return { answer: 'principal', principal: gateway.principalOfCertificate(request.thumbprint) };
    if (request.do === 'cassette') {
      const { principal } = request;
      return answerOf(await gateway.cassettes.command(request.request, { kind: 'administrator', principal }));
    }
    if (request.do === 'alarm') {
      const { principal, command } = request;
      const outcome = await gateway.alarms.command(command, { kind: 'administrator', principal });
      if (!outcome.ok) return answerOf(outcome);
      const { revision, changedAt } = outcome.alarm;
      return { answer: 'alarm-changed', revision, changedAt };
    }
    if (request.do === 'events') {
      const page = await gateway.queries.events(request.query);
      return page.ok ? { answer: 'events', events: page.events, next: page.next } : answerOf(page);
    }
    if (request.do === 'open-all') {
      const { cabinet, reason, principal } = request;
      return begunAnswer(gateway.beginOpenAll(cabinet, reason, { kind: 'administrator', principal }), logger);
    }
    const { cabinet, compartment, reason, principal } = request;
    const outcome = await gateway.operate(
      { do: request.do, cabinet, compartment, reason },
      { kind: 'administrator', principal },
    );
    return answerOf(outcome);
  } catch (error) {
    const text = error instanceof Error ? error.message : String(error);
    logger.error(`A request over OPC UA (${request.do}) failed: ${text}`);
    return { answer: 'failed' };
  }
}
