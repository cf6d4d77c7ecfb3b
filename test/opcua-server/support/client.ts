/** A real OPC UA client with a certificate of its own, for tests of the server. */
import { join } from 'node:path';
import {
  AttributeIds,
  type ClientSession,
  type DataValue,
  MessageSecurityMode,
  OPCUACertificateManager,
  OPCUAClient,
  type OPCUAClientOptions,
  SecurityPolicy,
  type UserIdentityInfo,
  UserTokenType,
} from 'node-opcua';
import { NAMESPACE_URI } from '../../../opcua-server/names.ts';

/** The certificate of a client, kept in a folder of the test. */
export async function clientCertificates(folder: string): Promise<OPCUACertificateManager> {
  const manager = new OPCUACertificateManager({
    rootFolder: join(folder, 'client'),
    automaticallyAcceptUnknownCertificate: true,
    disableFileWatchers: true,
  });
  await manager.initialize();
  return manager;
}

export const ADMINISTRATOR: UserIdentityInfo = {
  type: UserTokenType.UserName,
  userName: 'admin',
  password: 'correct horse',
};
export const OPERATOR: UserIdentityInfo = {
  type: UserTokenType.UserName,
  userName: 'operator',
  password: 'battery staple',
};

export class TestClient {
  readonly client: OPCUAClient;
  readonly session: ClientSession;
  readonly #namespace: number;

  private constructor(client: OPCUAClient, session: ClientSession, namespace: number) {
    this.client = client;
    this.session = session;
    this.#namespace = namespace;
  }

  /** Connects and opens a session; without `user` an anonymous one. Rejects with what the server said. */
  static async connect(
    endpointUrl: string,
    certificates: OPCUACertificateManager,
    user?: UserIdentityInfo,
    options: OPCUAClientOptions = {},
  ): Promise<TestClient> {
    const client = OPCUAClient.create({
      applicationName: 'SezamTest',
      clientCertificateManager: certificates,
      securityMode: MessageSecurityMode.SignAndEncrypt,
      securityPolicy: SecurityPolicy.Basic256Sha256,
      connectionStrategy: { maxRetry: 0 },
      endpointMustExist: false,
      ...options,
    });
    try {
      await client.connect(endpointUrl);
      const session = await client.createSession(user);
      const namespaces = await session.readNamespaceArray();
      return new TestClient(client, session, namespaces.indexOf(NAMESPACE_URI));
    } catch (error) {
      await client.disconnect();
      throw error;
    }
  }

  /** The node id of a name in the lockers' namespace. */
  id(name: string): string {
    return `ns=${this.#namespace};s=${name}`;
  }

  read(name: string, attributeId: AttributeIds = AttributeIds.Value): Promise<DataValue> {
    return this.session.read({ nodeId: this.id(name), attributeId });
  }

  async close(): Promise<void> {
    await this.session.close(true);
    await this.client.disconnect();
  }
}
