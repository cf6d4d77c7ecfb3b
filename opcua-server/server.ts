/** The OPC UA server itself, as it runs in its thread. */
import { join } from 'node:path';
import {
  type AddressSpace,
  invalidateServerCertificateCache,
  MessageSecurityMode,
  OPCUAServer,
  SecurityPolicy,
  type ServerSession,
} from 'node-opcua';
import { GATEWAY, type LoggedEvent } from '../domain/event.ts';
import type { CabinetId, Milliseconds } from '../domain/site.ts';
import type { ScanNotice } from '../gateway/api.ts';
import type { OpcUaOutcome, OpcUaRequest } from '../gateway/opcua-administration.ts';
import { Audit } from './audit.ts';
import { userNameOf } from './audit-fields.ts';
import { AuditLog } from './audit-log.ts';
import { CassetteCommands } from './cassette-commands.ts';
import { introduceStrangers } from './client-certificates.ts';
import { Commands } from './commands.ts';
import { Conditions } from './conditions/conditions.ts';
import { ConnectionGuard } from './connections/guard.ts';
import { recordEndings } from './connections/record.ts';
import { endpointNames, hostsOf } from './endpoint-names.ts';
import { EventItems } from './events/event-items.ts';
import { LoggedEvents } from './events/logged-events.ts';
import { Freshness } from './freshness.ts';
import type { GatewayCalls } from './gateway-calls.ts';
import { hideNodes, hidePaths } from './hidden-nodes.ts';
import { HISTORY_LIMITS } from './history/capabilities.ts';
import { History } from './history/history.ts';
import { openIdentity } from './identity.ts';
import {
  CAPABILITIES,
  CONNECTION_LIMITS,
  limitDecoding,
  MOST_CONNECTIONS,
  MOST_QUEUED,
  OPERATION_LIMITS,
  transportLimitsFor,
} from './limits.ts';
import { addModel, type Model } from './model.ts';
import { deliverOnChange } from './on-change.ts';
import type { Renewal } from './own-certificate.ts';
import type {
  AllOpeningValue,
  FromThread,
  ServerSettings,
  StartTimings,
  ThreadStart,
  ToThread,
} from './protocol.ts';
import { outcomeOf } from './refused.ts';
import { answerFailures } from './requests/failures.ts';
import { mendOverflow } from './requests/overflow.ts';
import { QueuedNotifications } from './requests/queued-notifications.ts';
import { refuseRequests } from './requests/refusals.ts';
import { deliverToReadersOnly } from './right-to-read.ts';
import { SignIns, type SitePermissions, STANDARD_NODES, sitePermissions } from './security.ts';
import { Cancel } from './services/cancel.ts';
import { ChannelAudit } from './services/channel-audit.ts';
import { DiscoveryRegistration } from './services/discovery.ts';
import { claimedProfiles } from './services/profiles.ts';
import { watchResponses } from './services/responses.ts';
import { reverseConnections } from './services/reverse-connect.ts';
import { filterServerEvents } from './services/server-event-filters.ts';
import { ServerStateShown } from './services/server-state.ts';
import { NO_DATA } from './services/service-level.ts';
import { guardDiagnostics } from './services/session-diagnostics.ts';
import { SiteObject } from './site-object.ts';
import { TagLists } from './tag-lists.ts';
import { translate } from './translated-accessor.ts';
import { NODESETS } from './types.ts';
import { closeUntrusted } from './untrusted-channels.ts';

type Values = Omit<Extract<ToThread, { kind: 'show' }>, 'kind' | 'batch'>;

export interface RunningServer {
  readonly endpointUrl: string;
  readonly port: number;
  readonly timings: StartTimings;
  show(values: Values): void;
  /** Shows how far the opening of every compartment of a cabinet is. */
  showAllOpening(value: AllOpeningValue): void;
  /** Carries out what is administered. Rejects where it fails in a way of which nobody can be told more. */
  administer(request: OpcUaRequest): Promise<OpcUaOutcome>;
  /** Tells whoever listens of events of the log; some before them may have been left out. */
  tell(events: readonly LoggedEvent[], gap: boolean): void;
  /** Shows how well the server can do its work, 1 to 255. */
  showServiceLevel(level: number): void;
  /** Something was read at a reader. */
  showScan(scan: ScanNotice): void;
  /** Cabinets of another gateway show what may no longer be so. */
  showTakenOver(cabinets: readonly CabinetId[]): void;
  /** The gateway has said something: it is there. */
  heard(): void;
  /**
   * Tells clients that the server stops, waits as long as the settings give them, and disconnects everybody.
   * @param closeCalls called in between: nobody is to wait for the gateway any more
   */
  stop(closeCalls: () => void): Promise<void>;
}

/** How often the rights of those who are logged in are looked up, and whether their clients are still trusted. */
const REFRESH_EVERY: Milliseconds = 2_000;
/** How often the end of the server's own certificate is looked at. */
const RENEWAL_EVERY: Milliseconds = 12 * 60 * 60_000;

const POLICIES = [
  SecurityPolicy.Basic256Sha256,
  SecurityPolicy.Aes128_Sha256_RsaOaep,
  SecurityPolicy.Aes256_Sha256_RsaPss,
];

/**
 * Starts the server: standard nodes and certificates, the nodes of the site, then the port.
 * @param loaded when the program was loaded, in milliseconds from the birth of the thread
 */
export async function startServer(
  { settings, cabinets, cassettes, alarms, cabinetRoles, signals, serviceLevel }: ThreadStart,
  calls: GatewayCalls,
  post: (message: FromThread) => void,
  loaded: number,
): Promise<RunningServer> {
  const signIns = new SignIns(calls);
  const identity = await openIdentity(
    settings.folder,
    settings.trustUnknownClients,
    { siteName: settings.siteName, hosts: hostsOf(settings.bind) },
    (thumbprint) => signIns.knowsCertificate(thumbprint),
  );
  const warn = (text: string): void => post({ kind: 'log', level: 'warn', text });
  const log = new AuditLog((event) => post({ kind: 'audit', event }));
  const renewal = await identity.own.ensure();
  const { allowUnencrypted = false } = settings;
  const server = new OPCUAServer({
    host: settings.bind,
    port: settings.port,
    ...endpointNames(settings.bind),
    securityPolicies: [...POLICIES, ...(allowUnencrypted ? [SecurityPolicy.None] : [])],
    securityModes: [
      MessageSecurityMode.SignAndEncrypt,
      ...(allowUnencrypted ? [MessageSecurityMode.None] : []),
    ],
    allowAnonymous: settings.allowAnonymous,
    serverCertificateManager: identity.applications,
    userCertificateManager: identity.persons,
    userManager: signIns.userManager(),
    unresolvedPermissionPolicy: 'deny',
    isAuditing: true,
    nodesets: [...NODESETS],
    serverInfo: {
      applicationUri: identity.applicationUri,
      productUri: 'urn:sezam',
      applicationName: { text: `Sezam ${settings.siteName}`, locale: 'en' },
    },
    buildInfo: {
      productName: 'Sezam',
      productUri: 'urn:sezam',
      manufacturerName: 'Sezam',
      softwareVersion: settings.softwareVersion ?? '',
    },
    maxConnectionsPerEndpoint: MOST_CONNECTIONS,
    transportSettings: { adjustTransportLimits: transportLimitsFor },
    ...reverseConnections(settings.reverseConnect ?? []),
    serverCapabilities: {
      ...CAPABILITIES,
      ...HISTORY_LIMITS,
      operationLimits: { ...OPERATION_LIMITS, ...HISTORY_LIMITS.operationLimits },
      localeIdArray: ['en', 'pl', 'it'],
      serverProfileArray: claimedProfiles(settings),
    },
    // Current data, history of data and of events, alarms (OPC 10000-12, Annex D).
    capabilitiesForMDNS: ['DA', 'HD', 'HE', 'AC'],
  });
  limitDecoding();
  await server.initialize();
  const { addressSpace } = server.engine;
  if (!addressSpace) throw new Error('the standard nodes could not be loaded');
  const initialized = performance.now();

  const permissions = sitePermissions(settings.allowAnonymous);
  const commands = new Commands(calls, signIns, (operation) =>
    permissions.commandFor(cabinetRoles[operation]),
  );
  const model = buildModel(addressSpace, permissions, commands, new CassetteCommands(calls, signIns));
  const { engine } = server;
  const findNode = addressSpace.findNode.bind(addressSpace);
  if (engine.addressSpaceAccessor)
    engine.addressSpaceAccessor = hideNodes(translate(engine.addressSpaceAccessor, model.types), findNode);
  deliverOnChange(server, model.namespace.index);
  deliverToReadersOnly(server, model.namespace.index);
  const history = new History(addressSpace, model, calls, warn);
  history.attach(server);
  const principalOf = (session: ServerSession) => signIns.principalOf(session);
  const items = new EventItems({ addressSpace, typesNamespace: model.types.namespace.index, principalOf });
  items.attach(server);
  const { namespace } = model;
  const conditions = new Conditions({ addressSpace, namespace, items, calls, principalOf, alarms });
  conditions.attach(server);
  const logged = new LoggedEvents(namespace, model.types, items);
  items.onListening((listening) => post({ kind: 'listening', listening }));
  const audit = new Audit(server, signIns, log, async (login) => {
    const found = await calls.ask({ do: 'look-up', login });
    return found.answer === 'principal' ? found.principal?.user : undefined;
  });
  audit.watch();
  const cancel = new Cancel((...cancelled) => audit.cancelled(...cancelled));
  cancel.attach(server);
  const channels = new ChannelAudit(server, log);
  channels.attach();
  watchResponses(server, hidePaths(server, findNode), cancel.watch, channels.watch, audit.watchHistory);
  filterServerEvents(server);
  const state = new ServerStateShown(server, serviceLevel);
  signIns.attach(server, audit);
  guardDiagnostics(server, (session) => userNameOf(signIns.principalOf(session)));
  const guard = new ConnectionGuard(CONNECTION_LIMITS, recordEndings(log, signIns));
  guard.attach(server);
  refuseRequests(server);
  answerFailures(server, warn);
  mendOverflow();
  const queued = new QueuedNotifications(server, MOST_QUEUED);
  const introduce = introduceStrangers(warn);
  identity.applications.onRejected = (rejection) => {
    audit.rejected('client', rejection);
    introduce(rejection);
  };
  identity.persons.onRejected = (rejection) => audit.rejected('person', rejection);
  const site = new SiteObject(model, settings.siteName, signals);
  site.replace(cabinets, cassettes);
  site.showAlarms(
    alarms.map((alarm) => ({ alarm, kept: true })),
    Date.now(),
  );
  let level = serviceLevel;
  const freshness = new Freshness((stale) => {
    site.showStale(stale);
    state.show(stale === 'everything' ? NO_DATA : level);
  });
  const built = performance.now();

  try {
    await server.start();
  } catch (error) {
    guard.close();
    await server.shutdown().catch(() => {});
    throw error;
  }
  for (const text of warningsOf(settings)) warn(text);
  const registration = settings.discoveryServer
    ? new DiscoveryRegistration(server, settings.discoveryServer, join(settings.folder, 'discovery'), {
        info: (text) => post({ kind: 'log', level: 'info', text }),
        warn,
      })
    : undefined;
  registration?.start();
  const noteRenewal = async (outcome: Renewal): Promise<void> => {
    if (outcome.is === 'ending') warn(outcome.warning);
    if (outcome.is !== 'renewed') return;
    const { thumbprint } = await identity.own.show();
    warn(
      'The OPC UA certificate was about to end and was renewed. Clients that know the one before have to trust it anew.',
    );
    const data = { thumbprint, why: 'renewed' } as const;
    post({ kind: 'audit', event: { type: 'opcua-certificate-replaced', actor: GATEWAY, data } });
  };
  await noteRenewal(renewal);
  const refreshing = setInterval(() => {
    freshness.check();
    void signIns.refresh();
    closeUntrusted(server, identity.applications).catch((error: unknown) =>
      warn(`The trust list of OPC UA could not be looked at: ${String(error)}.`),
    );
  }, REFRESH_EVERY);
  const renewing = setInterval(() => {
    identity.own
      .ensure()
      .then((outcome) => {
        if (outcome.is === 'renewed') invalidateServerCertificateCache(server);
        return noteRenewal(outcome);
      })
      .catch((error: unknown) => warn(`The OPC UA certificate could not be looked at: ${String(error)}.`));
  }, RENEWAL_EVERY);
  const tagLists = new TagLists(model);
  const administer = async (request: OpcUaRequest): Promise<unknown> => {
    const { applications, own } = identity;
    switch (request.do) {
      case 'list-opcua-clients':
        return applications.list();
      case 'trust-opcua-client':
        return applications.trust(request.thumbprint);
      case 'distrust-opcua-client': {
        const client = await applications.distrust(request.thumbprint);
        await closeUntrusted(server, applications);
        return client;
      }
      case 'show-opcua-certificate':
        return own.show();
      case 'request-opcua-certificate':
        return own.request();
      case 'install-opcua-certificate': {
        const installed = await own.install(request.certificate);
        invalidateServerCertificateCache(server);
        return installed;
      }
      case 'list-opcua-tags':
        return tagLists.page(request);
    }
  };
  const round = Math.round;
  return {
    endpointUrl: server.getEndpointUrl(),
    port: server.endpoints[0]?.port ?? settings.port,
    timings: {
      loaded: round(loaded),
      initialized: round(initialized),
      built: round(built),
      listening: round(performance.now()),
    },
    show(values) {
      site.remove(values.removed);
      site.replace(values.cabinets, values.cassettes);
      site.show(values.deltas);
      conditions.show(values.alarms);
      site.showAlarms(values.alarms, Date.now());
    },
    showAllOpening: (value) => commands.showProgress(value),
    administer: (request) => outcomeOf(administer(request)),
    tell: (events, gap) => logged.raise(events, gap),
    showServiceLevel(now) {
      level = now;
      state.show(now);
    },
    // The library attaches an item for events a turn later than it answers for it: whoever has the answer hears of what follows.
    showScan: (scan) => void setImmediate(() => site.cabinet(scan.cabinet)?.scanned(scan)),
    showTakenOver: (taken) => freshness.takenOver(taken),
    heard: () => freshness.heard(),
    async stop(closeCalls) {
      await Promise.all([state.sayFarewell(settings.shutdownNotice ?? 0), registration?.stop()]);
      closeCalls();
      history.close();
      conditions.close();
      clearInterval(refreshing);
      clearInterval(renewing);
      tagLists.close();
      await server.shutdown(0);
      queued.close();
      guard.close();
      log.close();
    },
  };
}

function buildModel(
  addressSpace: AddressSpace,
  permissions: SitePermissions,
  commands: Commands,
  cassetteCommands: CassetteCommands,
): Model {
  for (const namespace of addressSpace.getNamespaceArray()) {
    namespace.setDefaultRolePermissions(STANDARD_NODES);
  }
  return addModel(addressSpace, permissions, commands, cassetteCommands);
}

/** What the settings let strangers do, in words for whoever starts the server. */
function warningsOf({ allowAnonymous, allowUnencrypted }: ServerSettings): readonly string[] {
  return [
    ...(allowUnencrypted
      ? [
          'OPC UA takes connections without encryption (SEZAM_OPCUA_UNENCRYPTED): whatever they read can be read and changed on its way.',
        ]
      : []),
    ...(allowAnonymous
      ? ['OPC UA shows cabinets to clients that do not log in (SEZAM_OPCUA_ANONYMOUS).']
      : []),
  ];
}
