/**
 * Registration with a local discovery server (OPC 10000-12, 4.2.3; OPC 10000-4, 5.5.5 and 5.5.6), so that clients find this
 * server there. The library has this too, but takes a registration that failed for one that succeeded.
 */
import {
  type ApplicationType,
  type EndpointDescription,
  MessageSecurityMode,
  OPCUACertificateManager,
  OPCUAClient,
  type OPCUAServer,
  RegisterServer2Request,
  RegisterServerRequest,
  SecurityPolicy,
  type StatusCode,
  StatusCodes,
} from 'node-opcua';
import type { Milliseconds } from '../../domain/site.ts';
import { UNREGISTERS_WITHIN } from './leaving.ts';

/** A registration is forgotten after ten minutes (OPC 10000-12, 4.2.3). */
const AGAIN_EVERY: Milliseconds = 8 * 60_000;
/** Before a registration that failed is tried again; doubles from one failure to the next. */
const FIRST_PAUSE: Milliseconds = 1_000;
const LONGEST_PAUSE: Milliseconds = 60_000;
/** How long a connection and each request may take. */
const ANSWERS_WITHIN: Milliseconds = 10_000;

const TCP_PROFILE = 'http://opcfoundation.org/UA-Profile/Transport/uatcp-uasc-uabinary';

type Registration = RegisterServer2Request | RegisterServerRequest;
/** How requests outside of sessions are sent; not among the library's types. */
interface Transactions {
  performMessageTransaction(
    request: Registration,
    callback: (
      error: Error | null,
      response?: { readonly responseHeader: { readonly serviceResult: StatusCode } },
    ) => void,
  ): void;
}

interface DiscoveryNotices {
  info(text: string): void;
  warn(text: string): void;
}

export class DiscoveryRegistration {
  readonly #server: OPCUAServer;
  readonly #url: string;
  readonly #notices: DiscoveryNotices;
  /**
   * Keeps nothing but what the library's client insists on. That client takes its own certificate for a stranger's where it is
   * not on its trust list, so it is not to see the one of the server: the certificate of the discovery server is verified
   * there before it is connected to.
   */
  readonly #certificates: OPCUACertificateManager;
  readonly #againEvery: Milliseconds;
  #pause: Milliseconds = FIRST_PAUSE;
  #timer: NodeJS.Timeout | undefined;
  #underWay: Promise<void> = Promise.resolve();
  #state: 'new' | 'registered' | 'failing' = 'new';
  #stopped = false;

  /**
   * @param url of the discovery server, `opc.tcp://host:port`
   * @param folder for what the client of the library keeps
   * @param againEvery from one registration to the next
   */
  constructor(
    server: OPCUAServer,
    url: string,
    folder: string,
    notices: DiscoveryNotices,
    againEvery: Milliseconds = AGAIN_EVERY,
  ) {
    this.#server = server;
    this.#url = url;
    this.#notices = notices;
    this.#againEvery = againEvery;
    this.#certificates = new OPCUACertificateManager({
      rootFolder: folder,
      automaticallyAcceptUnknownCertificate: true,
      disableFileWatchers: true,
    });
  }

  /** Registers the server now, and again and again. */
  start(): void {
    this.#underWay = this.#register();
  }

  /** Takes the entry back, as far as the discovery server answers in time. Never rejects. */
  async stop(): Promise<void> {
    this.#stopped = true;
    clearTimeout(this.#timer);
    const leaving = this.#underWay.then(() =>
      this.#state === 'registered' ? this.#tell(false).catch(() => {}) : undefined,
    );
    let limit: NodeJS.Timeout | undefined;
    const tooLong = new Promise<void>((resolve) => {
      limit = setTimeout(resolve, UNREGISTERS_WITHIN);
    });
    await Promise.race([leaving, tooLong]);
    clearTimeout(limit);
    await this.#certificates.dispose();
  }

  async #register(): Promise<void> {
    let next = this.#againEvery;
    try {
      await this.#tell(true);
      this.#pause = FIRST_PAUSE;
      if (this.#state !== 'registered')
        this.#notices.info(`The OPC UA server is registered with the discovery server ${this.#url}.`);
      this.#state = 'registered';
    } catch (error) {
      next = this.#pause;
      this.#pause = Math.min(this.#pause * 2, LONGEST_PAUSE);
      if (this.#state !== 'failing' && !this.#stopped) {
        const text = error instanceof Error ? error.message : String(error);
        this.#notices.warn(
          `The OPC UA server could not be registered with the discovery server ${this.#url}: ${text}. It is tried again.`,
        );
      }
      this.#state = 'failing';
    }
    if (this.#stopped) return;
    this.#timer = setTimeout(() => {
      this.#underWay = this.#register();
    }, next);
  }

  async #tell(online: boolean): Promise<void> {
    const offered = await this.#ask({}, (client) => client.getEndpoints());
    const endpoint = safest(offered);
    if (!endpoint) throw new Error('it offers no endpoint over opc.tcp');
    const { securityMode, securityPolicyUri, serverCertificate } = endpoint;
    if (serverCertificate && securityMode !== MessageSecurityMode.None) {
      const verdict = await this.#server.serverCertificateManager.checkCertificate(serverCertificate);
      if (!verdict.isGood()) throw new Error(`its certificate is refused with ${verdict.name}`);
    }
    const security = {
      securityMode,
      securityPolicy: securityPolicyUri as SecurityPolicy,
      ...(serverCertificate && { serverCertificate }),
    };
    await this.#ask(security, (client) => this.#send(client as unknown as Transactions, online));
  }

  /** Connects, asks and disconnects. */
  async #ask<Answer>(
    security: Partial<Parameters<typeof OPCUAClient.create>[0]>,
    question: (client: OPCUAClient) => Promise<Answer>,
  ): Promise<Answer> {
    const server = this.#server;
    const client = OPCUAClient.create({
      applicationName: server.serverInfo.applicationName.text ?? 'Sezam',
      applicationUri: server.serverInfo.applicationUri ?? '',
      clientCertificateManager: this.#certificates,
      certificateFile: server.certificateFile,
      privateKeyFile: server.privateKeyFile,
      securityMode: MessageSecurityMode.None,
      securityPolicy: SecurityPolicy.None,
      endpointMustExist: false,
      connectionStrategy: { maxRetry: 0 },
      transportTimeout: ANSWERS_WITHIN,
      ...security,
    });
    try {
      await client.connect(this.#url);
      return await question(client);
    } finally {
      await client.disconnect();
    }
  }

  /** RegisterServer2, or what there was before it where that is not known. */
  async #send(client: Transactions, online: boolean): Promise<void> {
    const server = this.#entry(online);
    try {
      await transact(client, new RegisterServer2Request({ server, discoveryConfiguration: [] }));
    } catch (error) {
      if (!String(error).includes(StatusCodes.BadServiceUnsupported.name)) throw error;
      await transact(client, new RegisterServerRequest({ server }));
    }
  }

  #entry(isOnline: boolean) {
    const { serverInfo } = this.#server;
    return {
      serverUri: serverInfo.applicationUri,
      productUri: serverInfo.productUri,
      serverNames: [{ locale: 'en', text: serverInfo.applicationName.text ?? '' }],
      serverType: serverInfo.applicationType as ApplicationType,
      discoveryUrls: this.#server.getDiscoveryUrls(),
      gatewayServerUri: null,
      semaphoreFilePath: null,
      isOnline,
    };
  }
}

function transact(client: Transactions, request: Registration): Promise<void> {
  return new Promise((resolve, reject) => {
    const limit = setTimeout(() => reject(new Error('it did not answer in time')), ANSWERS_WITHIN);
    client.performMessageTransaction(request, (error, response) => {
      clearTimeout(limit);
      const result = response?.responseHeader.serviceResult;
      if (error) reject(error);
      else if (result && !result.isGood()) reject(new Error(result.name));
      else resolve();
    });
  });
}

/** The endpoint with the best security; of equally good modes the one that the discovery server rates highest. */
function safest(endpoints: readonly EndpointDescription[]): EndpointDescription | undefined {
  return endpoints
    .filter(({ transportProfileUri }) => transportProfileUri === TCP_PROFILE)
    .sort((a, b) => b.securityMode - a.securityMode || b.securityLevel - a.securityLevel)[0];
}
