/** A real server in its thread with everything that concerns its security, for tests. */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  MessageSecurityMode,
  type OPCUACertificateManager,
  OPCUAClient,
  type OPCUAClientOptions,
  SecurityPolicy,
  type UserIdentityInfo,
  UserTokenType,
} from 'node-opcua';
import { GATEWAY } from '../../../domain/event.ts';
import type { OpcUaOutcome, OpcUaRequest } from '../../../gateway/opcua-administration.ts';
import type { AuditEvent } from '../../../opcua-server/audit-log.ts';
import { type OpcUaServer, type OpcUaServerOptions, startOpcUaServer } from '../../../opcua-server/host.ts';
import { type Certified, certify } from '../../support/certificates.ts';
import { eventually } from '../../support/eventually.ts';
import { cassetteView } from './cassette-views.ts';
import { clientCertificates, TestClient } from './client.ts';
import { MemoryGateway } from './memory-gateway.ts';

/** What the clients of tests call themselves, unless they say otherwise. */
export const CLIENT_URI = 'urn:sezam:test:client';

export class SecuredServer {
  readonly folder: string;
  readonly gateway: MemoryGateway;
  /** Everything that the server said, and everything that it put on record, oldest first. */
  readonly said: string[] = [];
  readonly records: AuditEvent[] = [];
  readonly #certificates: OPCUACertificateManager;
  readonly #clients: TestClient[] = [];
  #server: OpcUaServer | undefined;
  #files = 0;

  private constructor(folder: string, gateway: MemoryGateway, certificates: OPCUACertificateManager) {
    this.folder = folder;
    this.gateway = gateway;
    this.#certificates = certificates;
  }

  /** Starts a server with one cabinet, `A`, whose compartment 3 somebody holds, and one cassette. */
  static async start(options: Partial<OpcUaServerOptions> = {}): Promise<SecuredServer> {
    const folder = await mkdtemp(join(tmpdir(), 'sezam-opcua-'));
    const gateway = new MemoryGateway({ A: 4 }, [cassetteView()]);
    gateway.append('A', {
      type: 'compartment-assigned',
      actor: GATEWAY,
      data: { compartment: 3, user: 'u-17', reason: 'contract' },
    });
    const started = new SecuredServer(folder, gateway, await clientCertificates(folder));
    await started.restart(options);
    return started;
  }

  /** The folder of the trust list. */
  get applications(): string {
    return join(this.folder, 'server', 'applications');
  }

  get endpointUrl(): string {
    return this.#server?.endpointUrl ?? '';
  }

  /** Ends the server, where it runs, and starts another one in the same folder. */
  async restart(options: Partial<OpcUaServerOptions> = {}): Promise<void> {
    await this.#stop();
    const log = (text: string): void => void this.said.push(text);
    this.#server = await startOpcUaServer({
      gateway: this.gateway,
      bind: '127.0.0.1',
      port: 0,
      folder: join(this.folder, 'server'),
      allowAnonymous: false,
      trustUnknownClients: true,
      siteName: 'Test site',
      logger: { info: log, warn: log, error: log },
      record: async (event) => void this.records.push(event),
      ...options,
    });
  }

  async connect(user?: UserIdentityInfo, options?: OPCUAClientOptions): Promise<TestClient> {
    const client = await TestClient.connect(this.endpointUrl, this.#certificates, user, options);
    this.#clients.push(client);
    return client;
  }

  /** An encrypted connection without a session; the caller ends it. */
  async channel(): Promise<OPCUAClient> {
    const client = OPCUAClient.create({
      clientCertificateManager: this.#certificates,
      securityMode: MessageSecurityMode.SignAndEncrypt,
      securityPolicy: SecurityPolicy.Basic256Sha256,
      connectionStrategy: { maxRetry: 0 },
      endpointMustExist: false,
    });
    await client.connect(this.endpointUrl);
    return client;
  }

  /** Options of a client with a certificate of the test's making. */
  async as({ pem, privateKey }: Certified, applicationUri = CLIENT_URI): Promise<OPCUAClientOptions> {
    this.#files += 1;
    const folder = join(this.folder, `client-${this.#files}`);
    await mkdir(folder);
    const certificateFile = join(folder, 'certificate.pem');
    const privateKeyFile = join(folder, 'key.pem');
    await writeFile(certificateFile, pem);
    await writeFile(privateKeyFile, privateKey.export({ type: 'pkcs8', format: 'pem' }));
    return { certificateFile, privateKeyFile, applicationUri };
  }

  ask(request: OpcUaRequest): Promise<OpcUaOutcome> {
    if (!this.#server) throw new Error('The server does not run.');
    return this.#server.carryOut(request);
  }

  /** The result of a request that is carried out. */
  async asked<Result>(request: OpcUaRequest): Promise<Result> {
    const outcome = await this.ask(request);
    if (!outcome.ok) throw new Error(`${outcome.code}: ${outcome.message}`);
    return outcome.result as Result;
  }

  /** The data of the next record of a type, from number `from` on. */
  async recorded(type: AuditEvent['type'], from = 0): Promise<AuditEvent['data']> {
    const find = (): AuditEvent | undefined => this.records.slice(from).find((event) => event.type === type);
    await eventually(`a record of ${type}`, () => find() !== undefined);
    return find()?.data as AuditEvent['data'];
  }

  async disconnect(): Promise<void> {
    for (const client of this.#clients.splice(0)) await client.close();
  }

  async close(): Promise<void> {
    await this.#stop();
    await this.#certificates.dispose();
    await rm(this.folder, { recursive: true, force: true });
  }

  async #stop(): Promise<void> {
    await this.disconnect();
    const server = this.#server;
    this.#server = undefined;
    await server?.close();
  }
}

/** How somebody logs in with a certificate. */
export function bearer({ certificate, privateKey }: Certified): UserIdentityInfo {
  return {
    type: UserTokenType.Certificate,
    certificateData: certificate.raw,
    privateKey: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
  };
}

/** A client's certificate that signed itself. */
export function clientCertificate(name = 'SCADA'): Certified {
  return certify({ name, applicationUri: CLIENT_URI });
}
