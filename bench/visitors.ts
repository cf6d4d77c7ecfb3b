/** People with cards at the cabinets of a gateway. */
import type { Gateway } from '../gateway/api.ts';
import { digestKey, digestOf, installationKey } from '../gateway/secrets.ts';
import { connect } from '../models/connection.ts';
import type { CredentialDocument } from '../models/credentials.ts';
import type { UserDocument } from '../models/users.ts';
import { rdm6300Frame } from '../simulators/rdm6300.ts';
import { COMPARTMENTS, cardOf, readerBus } from './site.ts';
import { attachWires } from './wires.ts';

/** How long a pulse may take. Milliseconds. */
const PULSE_WITHIN = 30_000;

/** People who hold cards to the readers of cabinets, and pulses that come back. */
export class Visitors {
  readonly #gateway: Gateway;
  readonly #cabinets: number;
  readonly #pulsed: ((at: number) => void)[] = [];

  constructor(gateway: Gateway, cabinets: number) {
    this.#gateway = gateway;
    this.#cabinets = cabinets;
  }

  /**
   * Connects everything, and resolves when every board was heard.
   *
   * @param open whether they open the doors, and close them
   */
  async attach(open = false): Promise<void> {
    const pulsed = (cabinet: number, at: number): void => this.#pulsed[cabinet]?.(at);
    await attachWires(this.#gateway, this.#cabinets, pulsed, open);
  }

  /** A person holds a card to a cabinet's reader; resolves with the milliseconds until the pulse left the gateway. */
  async present(cabinet: number, person: number): Promise<number> {
    const frame = rdm6300Frame(cardOf(cabinet, person));
    const { promise, resolve, reject } = Promise.withResolvers<number>();
    const late = setTimeout(
      () => reject(new Error(`Person ${person} of cabinet ${cabinet}: no pulse.`)),
      PULSE_WITHIN,
    );
    this.#pulsed[cabinet] = resolve;
    const started = performance.now();
    this.#gateway.flowPort(readerBus(cabinet)).receive(frame);
    const ended = await promise;
    clearTimeout(late);
    return ended - started;
  }
}

/** Adds one person with one card for each compartment of so many cabinets, written as the administration would. */
export async function addVisitors(uri: string, dataFolder: string, cabinets: number): Promise<void> {
  console.error(`  adding ${cabinets * COMPARTMENTS} people …`);
  const key = digestKey(await installationKey(dataFolder, 'credential-key'));
  const connection = await connect(uri);
  // Known for an hour: what was changed a moment ago is looked for again and again.
  const updatedAt = new Date(Date.now() - 3_600_000);
  for (let cabinet = 0; cabinet < cabinets; cabinet += 1) {
    const users: UserDocument[] = [];
    const credentials: CredentialDocument[] = [];
    for (let person = 0; person < COMPARTMENTS; person += 1) {
      const id = `user-${cabinet}-${person}`;
      users.push({ _id: id, name: id, roles: ['defined'], groups: [], blocked: false, updatedAt });
      credentials.push({
        _id: `credential-${cabinet}-${person}`,
        user: id,
        kind: 'card',
        digest: digestOf(key, 'card', cardOf(cabinet, person)),
        blocked: false,
        updatedAt,
      });
    }
    await connection.collection<UserDocument>('users').insertMany(users);
    await connection.collection<CredentialDocument>('credentials').insertMany(credentials);
  }
  await connection.close();
}
