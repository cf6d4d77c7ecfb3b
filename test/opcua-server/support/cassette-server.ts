/** A server with one cassette, and an administrator and an operator who are logged in to it. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { OPCUACertificateManager, OPCUAClientOptions, UserIdentityInfo } from 'node-opcua';
import type { CassetteView } from '../../../domain/cassette/view.ts';
import { type OpcUaServer, startOpcUaServer } from '../../../opcua-server/host.ts';
import { cassetteView } from './cassette-views.ts';
import { ADMINISTRATOR, clientCertificates, OPERATOR, TestClient } from './client.ts';
import { MemoryGateway } from './memory-gateway.ts';

/** The node of the cassette: its id has a character that node ids encode. */
export const CASSETTE = 'cassette/C%2F1';

export class CassetteServer {
  readonly gateway: MemoryGateway;
  readonly administrator: TestClient;
  readonly operator: TestClient;
  /** Everything that the server logged. */
  readonly logged: readonly string[];
  readonly #folder: string;
  readonly #server: OpcUaServer;
  readonly #certificates: OPCUACertificateManager;

  private constructor(
    parts: Pick<CassetteServer, 'gateway' | 'administrator' | 'operator' | 'logged'>,
    folder: string,
    server: OpcUaServer,
    certificates: OPCUACertificateManager,
  ) {
    this.gateway = parts.gateway;
    this.administrator = parts.administrator;
    this.operator = parts.operator;
    this.logged = parts.logged;
    this.#folder = folder;
    this.#server = server;
    this.#certificates = certificates;
  }

  /** Starts a server that may be read without a log-in, as far as it lets anybody. */
  static async start(): Promise<CassetteServer> {
    const folder = await mkdtemp(join(tmpdir(), 'sezam-opcua-'));
    const gateway = new MemoryGateway({}, [cassetteView()]);
    const logged: string[] = [];
    const log = (line: string): void => void logged.push(line);
    const server = await startOpcUaServer({
      gateway,
      bind: '127.0.0.1',
      port: 0,
      folder: join(folder, 'server'),
      allowAnonymous: true,
      trustUnknownClients: true,
      siteName: 'Test site',
      logger: { info: log, warn: log, error: log },
    });
    const certificates = await clientCertificates(folder);
    const administrator = await TestClient.connect(server.endpointUrl, certificates, ADMINISTRATOR);
    const operator = await TestClient.connect(server.endpointUrl, certificates, OPERATOR);
    return new CassetteServer({ gateway, administrator, operator, logged }, folder, server, certificates);
  }

  connect(user?: UserIdentityInfo, options?: OPCUAClientOptions): Promise<TestClient> {
    return TestClient.connect(this.#server.endpointUrl, this.#certificates, user, options);
  }

  /** Shows the cassette otherwise, and waits until the server does. */
  async show(change: Partial<CassetteView>, path: string, expected: unknown): Promise<void> {
    this.gateway.showCassette(cassetteView(change));
    await this.operator.becomes(`${CASSETTE}/${path}`, expected);
  }

  async close(): Promise<void> {
    await this.operator.close();
    await this.administrator.close();
    await this.#server.close();
    await this.#certificates.dispose();
    await rm(this.#folder, { recursive: true, force: true });
  }
}
