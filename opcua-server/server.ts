/** The OPC UA server itself, as it runs in its thread. */
import { hostname } from 'node:os';
import {
  type AddressSpace,
  MessageSecurityMode,
  nodesets,
  OPCUAServer,
  SecurityPolicy,
  UserTokenType,
} from 'node-opcua';
import type { Milliseconds } from '../domain/site.ts';
import { CassetteCommands } from './cassette-commands.ts';
import { Commands } from './commands.ts';
import type { GatewayCalls } from './gateway-calls.ts';
import { openIdentity } from './identity.ts';
import { addModel, type Model } from './model.ts';
import { deliverOnChange } from './on-change.ts';
import type { ServerSettings, StartTimings, ThreadStart, ToThread } from './protocol.ts';
import { deliverToReadersOnly } from './right-to-read.ts';
import { SignIns, STANDARD_NODES, sitePermissions } from './security.ts';
import { SiteObject } from './site-object.ts';

/** Most clients at a time; each has a session and a connection, and some are about to reconnect. */
const MOST_SESSIONS = 50;
const MOST_CONNECTIONS = 100;

type Values = Pick<Extract<ToThread, { kind: 'show' }>, 'cabinets' | 'deltas' | 'cassettes'>;

export interface RunningServer {
  readonly endpointUrl: string;
  readonly port: number;
  readonly timings: StartTimings;
  show(values: Values): void;
  stop(): Promise<void>;
}

/** How often the rights of those who are logged in are looked up. */
const REFRESH_EVERY: Milliseconds = 2_000;

/**
 * Starts the server: standard nodes and certificates, the nodes of the site, then the port.
 * @param loaded when the program was loaded, in milliseconds from the birth of the thread
 */
export async function startServer(
  { settings, cabinets, cassettes, signals }: ThreadStart,
  calls: GatewayCalls,
  loaded: number,
): Promise<RunningServer> {
  const identity = await openIdentity(settings.folder, settings.trustUnknownClients);
  const signIns = new SignIns(calls);
  const server = new OPCUAServer({
    host: settings.bind,
    port: settings.port,
    ...endpointNames(settings.bind),
    securityPolicies: [SecurityPolicy.Basic256Sha256],
    securityModes: [MessageSecurityMode.SignAndEncrypt],
    allowAnonymous: settings.allowAnonymous,
    serverCertificateManager: identity.applications,
    userCertificateManager: identity.persons,
    userManager: signIns.userManager(),
    unresolvedPermissionPolicy: 'deny',
    isAuditing: false,
    nodesets: [nodesets.standard],
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
    serverCapabilities: {
      maxSessions: MOST_SESSIONS,
      maxSubscriptionsPerSession: 50,
      maxSubscriptions: 500,
      maxBrowseContinuationPoints: 50,
      minSupportedSampleRate: 0,
      localeIdArray: ['en', 'pl', 'it'],
    },
  });
  await server.initialize();
  offerNoCertificateLogin(server);
  const { addressSpace } = server.engine;
  if (!addressSpace) throw new Error('the standard nodes could not be loaded');
  const initialized = performance.now();

  const model = buildModel(
    addressSpace,
    settings,
    new Commands(calls, signIns),
    new CassetteCommands(calls, signIns),
  );
  deliverOnChange(server, model.namespace.index);
  deliverToReadersOnly(server, model.namespace.index);
  const site = new SiteObject(model, settings.siteName, signals);
  site.replace(cabinets, cassettes);
  const built = performance.now();

  try {
    await server.start();
  } catch (error) {
    await server.shutdown().catch(() => {});
    throw error;
  }
  const refreshing = setInterval(() => void signIns.refresh(), REFRESH_EVERY);
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
      site.replace(values.cabinets, values.cassettes);
      site.show(values.deltas);
    },
    async stop() {
      clearInterval(refreshing);
      identity.close();
      await server.shutdown(0);
    },
  };
}

function buildModel(
  addressSpace: AddressSpace,
  { allowAnonymous }: ServerSettings,
  commands: Commands,
  cassetteCommands: CassetteCommands,
): Model {
  for (const namespace of addressSpace.getNamespaceArray()) {
    namespace.setDefaultRolePermissions(STANDARD_NODES);
  }
  return addModel(addressSpace, sitePermissions(allowAnonymous), commands, cassetteCommands);
}

/**
 * Host names for the endpoint and the certificate. A server that listens on every address is known by the computer's name;
 * any other by the address itself.
 */
function endpointNames(bind: string): { hostname: string; alternateHostname: string[] } {
  const everywhere = bind === '0.0.0.0' || bind === '::';
  const name = everywhere ? hostname() : bind;
  return { hostname: name.includes(':') ? `[${name}]` : name, alternateHostname: [name] };
}

/** Takes the certificate of a person out of the ways to log in: the library offers it on every endpoint. */
function offerNoCertificateLogin(server: OPCUAServer): void {
  for (const endpoint of server.endpoints) {
    for (const description of endpoint.endpointDescriptions()) {
      description.userIdentityTokens =
        description.userIdentityTokens?.filter(({ tokenType }) => tokenType !== UserTokenType.Certificate) ??
        null;
    }
  }
}
