import { join } from 'node:path';
import { expect } from 'chai';
import { type OPCUACertificateManager, ReadRawModifiedDetails } from 'node-opcua';
import { type CabinetState, compartmentOf, statusOf } from '../../domain/cabinet/state.ts';
import type { StartedGateway } from '../../gateway/start.ts';
import { DOOR_NUMBERS, STATE_NUMBERS } from '../../opcua-server/enumerations.ts';
import { type OpcUaServer, startOpcUaServer } from '../../opcua-server/host.ts';
import { type RunningGateway, TestSite } from '../gateway/bad-input/support/test-site.ts';
import { CassettesAtWork } from '../gateway/cassettes/support/cassettes-at-work.ts';
import { clientCertificates, person, TestClient } from './support/client.ts';
import { readAll } from './support/history-server.ts';

const PASSWORD = 'a long enough password';

/** A server over a gateway at work, and its administrator as a client. */
class Served {
  readonly client: TestClient;
  readonly #server: OpcUaServer;
  readonly #certificates: OPCUACertificateManager;

  private constructor(client: TestClient, server: OpcUaServer, certificates: OPCUACertificateManager) {
    this.client = client;
    this.#server = server;
    this.#certificates = certificates;
  }

  static async start({ gateway, administration }: StartedGateway, folder: string): Promise<Served> {
    const first = await administration.firstAdministrator();
    if (!first) throw new Error('There is an administrator already.');
    await administration.changePassword(first.login, first.password, PASSWORD);
    const server = await startOpcUaServer({
      gateway,
      bind: '127.0.0.1',
      port: 0,
      folder: join(folder, 'opcua'),
      allowAnonymous: false,
      trustUnknownClients: true,
      siteName: 'Test site',
    });
    const certificates = await clientCertificates(folder);
    const client = await TestClient.connect(server.endpointUrl, certificates, person(first.login, PASSWORD));
    return new Served(client, server, certificates);
  }

  /** All that the history says of a variable, as `value status at`. */
  async historyOf(node: string): Promise<string[]> {
    const details = new ReadRawModifiedDetails({
      isReadModified: false,
      startTime: new Date(Date.UTC(2020, 0, 1)),
      endTime: new Date(Date.now() + 60_000),
    });
    const { values } = await readAll(this.client, node, details);
    return values.map(
      ({ value, statusCode, sourceTimestamp }) =>
        `${value.value} ${statusCode.name} ${sourceTimestamp?.toISOString()}`,
    );
  }

  async close(): Promise<void> {
    await this.client.close();
    await this.#server.close();
    await this.#certificates.dispose();
  }
}

/** What a compartment showed as the gateway went from state to state. */
class Watched {
  readonly states: string[] = [];
  readonly doors: string[] = [];
  readonly #number: number;
  #last = '';

  constructor({ started }: RunningGateway, number: number) {
    this.#number = number;
    started.gateway.onChange(({ event, cabinet }) => this.#take(cabinet, event.at));
  }

  #take(cabinet: CabinetState, at: string): void {
    const compartment = compartmentOf(cabinet, this.#number);
    if (!compartment) return;
    const lost = cabinet.lostBoards.has(compartment.board);
    note(this.states, `${STATE_NUMBERS[statusOf(cabinet, compartment)]} Good`, at);
    note(this.doors, `${DOOR_NUMBERS[compartment.door]} ${lost ? 'BadNoCommunication' : 'Good'}`, at);
    this.#last = at;
  }

  /** Time of the last event. */
  get last(): string {
    return this.#last;
  }
}

/** Adds a value where it differs from the last; of the same moment the last one counts. */
function note(list: string[], value: string, at: string): void {
  const before = list.at(-1);
  if (before?.startsWith(`${value} `)) return;
  if (before?.endsWith(at)) list.pop();
  list.push(`${value} ${at}`);
}

describe('OPC UA history of a gateway at work', function () {
  this.timeout(240_000);

  it('of compartments is what the gateway went through', async () => {
    const site = await TestSite.build({ compartments: 3 });
    let served: Served | undefined;
    try {
      const running = await site.start();
      const { gateway } = running.started;
      served = await Served.start(running.started, site.folder);
      const watched = [1, 2, 3].map((number) => new Watched(running, number));
      await running.addPerson('0000000001');
      const requester = { kind: 'machine', id: 'test' } as const;

      expect(await running.serve('0000000001')).to.equal('opened 1');
      site.board.setDoor(0, false);
      await running.heard('door-closed');
      site.board.setDoor(1, true);
      await running.heard('door-forced');
      site.board.setDoor(1, false);
      await running.heard('door-closed', 2);
      const blocked = { do: 'block', cabinet: 'A', compartment: 2, reason: 'look' } as const;
      expect((await gateway.operate(blocked, requester)).ok).to.equal(true);
      site.board.setSilent(true);
      await running.heard('board-lost');
      site.board.setSilent(false);
      await running.heard('board-found');
      expect((await gateway.operate({ ...blocked, do: 'unblock' }, requester)).ok).to.equal(true);
      expect((await gateway.operate({ ...blocked, do: 'release', compartment: 1 }, requester)).ok).to.equal(
        true,
      );
      site.board.setStuck(2, true);
      await gateway.operate({ ...blocked, do: 'open', compartment: 3 }, requester);
      await running.heard('unlock-failed');

      const page = await gateway.queries.events({ cabinet: 'A', order: 'oldest-first' });
      expect(page.ok && page.events.at(-1)?.at, 'all of it is in the log').to.equal(watched[0]?.last);
      for (const [index, { states, doors }] of watched.entries()) {
        const node = `cabinet/A/compartment/${index + 1}`;
        // What was before somebody watched is one state and one door.
        expect((await served.historyOf(`${node}/State`)).slice(-states.length + 1), node).to.deep.equal(
          states.slice(1),
        );
        expect((await served.historyOf(`${node}/Door`)).slice(-doors.length + 1), node).to.deep.equal(
          doors.slice(1),
        );
      }
      expect(
        watched.map(({ states }) => states.length),
        'enough went on',
      ).to.satisfy((lengths: number[]) => lengths.every((length) => length >= 3));
    } finally {
      await served?.close();
      await site.close();
    }
  });

  it('of a cassette is what its log says, up to what it shows now', async () => {
    const work = await CassettesAtWork.start([{ id: 'C1', mode: 'internal' }]);
    let served: Served | undefined;
    try {
      served = await Served.start(work.started, work.folder);
      await work.register('K');
      await work.arm('C1');
      work.simulator('C1').openLid();
      await work.phase('C1', 'stained');
      await work.shipped();
      const { client } = served;
      const values = async (name: string): Promise<string[]> =>
        (await served?.historyOf(`cassette/C1/${name}`))?.map((line) => line.split(' ')[0] ?? '') ?? [];
      expect(await values('State'), 'rest, full, stained').to.deep.equal(['1', '4', '5']);
      expect((await values('Linked')).at(-1)).to.equal('true');
      expect((await values('InMachine')).at(-1)).to.equal('true');
      await client.becomes('cassette/C1/State', 5);
      const stained = (await work.stored('C1')).find(({ type }) => type === 'stained');
      expect((await served.historyOf('cassette/C1/State')).at(-1)).to.equal(`5 Good ${stained?.at}`);
    } finally {
      await served?.close();
      await work.close();
    }
  });
});
