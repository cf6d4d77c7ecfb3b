/** An OPC UA client of a site: it is a stranger at first, and an administrator of Sezam trusts its certificate. */
import { readdir, rename } from 'node:fs/promises';
import { join } from 'node:path';
import type { OPCUACertificateManager } from 'node-opcua';
import { DOOR_NUMBERS, STATE_NUMBERS } from '../../../opcua-server/enumerations.ts';
import { failureOf, person, TestClient } from '../../opcua-server/support/client.ts';

/** What a client sees of a compartment. */
export interface SeenCompartment {
  readonly state: keyof typeof STATE_NUMBERS | undefined;
  readonly door: keyof typeof DOOR_NUMBERS | undefined;
  readonly occupant: string;
  readonly occupiedSince: Date;
}

/** How long the server may take to see that a certificate was moved. Milliseconds. */
const TRUSTED_WITHIN = 60_000;

/**
 * Knocks once, so that the server keeps the certificate, and moves it to the trusted ones as the operator does.
 * Resolves with what the server said to the stranger, once it is one no more.
 */
export async function trustClient(
  endpointUrl: string,
  certificates: OPCUACertificateManager,
  dataFolder: string,
): Promise<string> {
  const knock = (): Promise<string> => failureOf(TestClient.connect(endpointUrl, certificates));
  const refused = await knock();
  const applications = join(dataFolder, 'opcua', 'applications');
  for (const name of await readdir(join(applications, 'rejected'))) {
    await rename(join(applications, 'rejected', name), join(applications, 'trusted', 'certs', name));
  }
  const until = performance.now() + TRUSTED_WITHIN;
  // Trusted, it is still told that it must log in: that is another refusal.
  while ((await knock()) === refused) {
    if (performance.now() > until) throw new Error('The server does not see the trusted certificate.');
    await new Promise((wake) => setTimeout(wake, 50));
  }
  return refused;
}

export class ScadaClient {
  readonly #client: TestClient;

  private constructor(client: TestClient) {
    this.#client = client;
  }

  static async connect(
    endpointUrl: string,
    certificates: OPCUACertificateManager,
    login: string,
    password: string,
  ): Promise<ScadaClient> {
    return new ScadaClient(await TestClient.connect(endpointUrl, certificates, person(login, password)));
  }

  async compartment(cabinet: string, number: number): Promise<SeenCompartment> {
    const at = `cabinet/${cabinet}/compartment/${number}`;
    const names = ['State', 'Door', 'Occupant', 'OccupiedSince'];
    const values = await Promise.all(
      names.map(async (name) => (await this.#client.read(`${at}/${name}`)).value.value as unknown),
    );
    return {
      state: nameOf(STATE_NUMBERS, values[0]),
      door: nameOf(DOOR_NUMBERS, values[1]),
      occupant: String(values[2]),
      occupiedSince: values[3] as Date,
    };
  }

  close(): Promise<void> {
    return this.#client.close();
  }
}

function nameOf<Name extends string>(
  numbers: Readonly<Record<Name, number>>,
  value: unknown,
): Name | undefined {
  return (Object.keys(numbers) as Name[]).find((name) => numbers[name] === value);
}
