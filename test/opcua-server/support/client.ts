/** A real OPC UA client with a certificate of its own, for tests of the server. */
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  AttributeIds,
  type CallMethodResult,
  type ClientSession,
  type DataValue,
  LogLevel,
  MessageSecurityMode,
  OPCUACertificateManager,
  OPCUAClient,
  type OPCUAClientOptions,
  SecurityPolicy,
  setLogLevel,
  type UserIdentityInfo,
  UserTokenType,
  type VariantOptions,
} from 'node-opcua';
import { NAMESPACE_URI } from '../../../opcua-server/names.ts';

// The client's notices, e.g. that it makes its certificate, are no part of a test's report.
setLogLevel(LogLevel.Emergency);

/** How long an answer may take on a slow and busy computer. Milliseconds. */
const ANSWERED_WITHIN = 60_000;

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

/** The name and password of a person. */
export function person(userName: string, password: string): UserIdentityInfo {
  return { type: UserTokenType.UserName, userName, password };
}

export const ADMINISTRATOR = person('admin', 'correct horse');
export const OPERATOR = person('operator', 'battery staple');
export const MASTER = person('master', 'paper clip');

export class TestClient {
  readonly client: OPCUAClient;
  readonly session: ClientSession;
  /** Index of the namespace of the types. */
  readonly types: number;

  private constructor(client: OPCUAClient, session: ClientSession, types: number) {
    this.client = client;
    this.session = session;
    this.types = types;
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
      defaultTransactionTimeout: ANSWERED_WITHIN,
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

  /** The node id of a name among the nodes of the site, or, where it begins with `type/`, among the types. */
  id(name: string): string {
    return `ns=${name.startsWith('type/') ? this.types : 1};s=${name}`;
  }

  read(name: string, attributeId: AttributeIds = AttributeIds.Value): Promise<DataValue> {
    return this.session.read({ nodeId: this.id(name), attributeId });
  }

  /** Reads until the value is there: it comes from another thread. Fails after `within` milliseconds. */
  async becomes(name: string, expected: unknown, within = 30_000): Promise<DataValue> {
    const end = performance.now() + within;
    for (;;) {
      const read = await this.read(name);
      if (read.value.value === expected) return read;
      if (performance.now() > end) {
        throw new Error(
          `${name} is ${String(read.value.value)}, not ${String(expected)} within ${within} ms`,
        );
      }
      await sleep(5);
    }
  }

  /** The browse names of what a node of the lockers' namespace leads to, with their full node ids. */
  async browse(name: string): Promise<Map<string, string>> {
    const { references } = await this.session.browse(this.id(name));
    return new Map(
      (references ?? []).map(({ browseName, nodeId }) => [browseName.name ?? '', nodeId.toString()]),
    );
  }

  /** Calls a method of a cabinet with arguments of the right types. */
  command(
    cabinet: string,
    method: 'Open' | 'Release',
    compartment: number,
    reason: string,
  ): Promise<CallMethodResult> {
    return this.session.call({
      objectId: this.id(`cabinet/${cabinet}`),
      methodId: this.id(`cabinet/${cabinet}/${method}`),
      inputArguments: [
        { dataType: 'UInt16', value: compartment },
        { dataType: 'String', value: reason },
      ],
    });
  }

  /** Calls a method of any object of the namespace. */
  call(
    object: string,
    method: string,
    ...inputArguments: readonly VariantOptions[]
  ): Promise<CallMethodResult> {
    return this.session.call({
      objectId: this.id(object),
      methodId: this.id(`${object}/${method}`),
      inputArguments: [...inputArguments],
    });
  }

  async close(): Promise<void> {
    await this.session.close(true);
    await this.client.disconnect();
  }
}

/** What went wrong, in the words of the error; fails where nothing did. */
export async function failureOf(action: Promise<unknown>): Promise<string> {
  try {
    await action;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
  throw new Error('That should have failed.');
}
