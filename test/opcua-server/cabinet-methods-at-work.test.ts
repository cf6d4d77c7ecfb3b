/** The methods of a cabinet over a gateway at work: real locks and doors, simulated at the end of a wire. */
import { join } from 'node:path';
import { expect } from 'chai';
import {
  AttributeIds,
  type CallMethodResult,
  type DataValue,
  type OPCUACertificateManager,
  StatusCodes,
  TimestampsToReturn,
} from 'node-opcua';
import type { SiteFile } from '../../config/site.ts';
import type { LoggedEvent } from '../../domain/event.ts';
import type { Role } from '../../domain/identification.ts';
import { refusal } from '../../domain/refusals.ts';
import { LANGUAGES, textOf } from '../../domain/texts/texts.ts';
import { CABINET_COMMANDS, type CabinetCommandName } from '../../opcua-server/cabinet-command-table.ts';
import { type OpcUaServer, startOpcUaServer } from '../../opcua-server/host.ts';
import {
  type RunningGateway,
  TestSite,
  type TestSiteOptions,
} from '../gateway/bad-input/support/test-site.ts';
import { eventually } from '../support/eventually.ts';
import { clientCertificates, person, TestClient } from './support/client.ts';

const PASSWORD = 'a long enough password';
const MACHINE = { kind: 'machine', id: 'test' } as const;
const PROGRESS = 'cabinet/A/OpenAllProgress';
/** How long a machine that is busy with other things may take. Milliseconds. */
const PATIENCE = 30_000;
/** What `State` of a compartment shows. */
const STATES = { free: 0, blocked: 3, outOfOrder: 4 } as const;

/** A site with its gateway and server, and an administrator who is logged in. */
class Served {
  readonly site: TestSite;
  readonly running: RunningGateway;
  readonly said: string[] = [];
  /** The id of the administrator. */
  administrator = '';
  client!: TestClient;
  readonly #certificates: OPCUACertificateManager;
  readonly #clients: TestClient[] = [];
  #server!: OpcUaServer;

  private constructor(site: TestSite, running: RunningGateway, certificates: OPCUACertificateManager) {
    this.site = site;
    this.running = running;
    this.#certificates = certificates;
  }

  /** @param patient whether a door may take half a minute to open, so that a test can hold an opening */
  static async start({
    patient,
    operators,
    ...options
  }: TestSiteOptions & Pick<SiteFile, 'operators'> & { readonly patient?: true } = {}): Promise<Served> {
    const site = await TestSite.build(options);
    const doors = { opensWithinSeconds: 30, attempts: 1 };
    const cabinets = site.file.cabinets.map((cabinet) => ({ ...cabinet, ...(patient && { doors }) }));
    const running = await site.start({ site: { ...site.file, cabinets, ...(operators && { operators }) } });
    const served = new Served(site, running, await clientCertificates(site.folder));
    await served.listen();
    served.administrator = await served.add('administrator');
    served.client = await served.connect('administrator');
    return served;
  }

  async listen(): Promise<void> {
    const log = (text: string): void => void this.said.push(text);
    this.#server = await startOpcUaServer({
      gateway: this.running.started.gateway,
      bind: '127.0.0.1',
      port: 0,
      folder: join(this.site.folder, 'opcua'),
      allowAnonymous: false,
      trustUnknownClients: true,
      siteName: 'Test site',
      logger: { info: log, warn: log, error: log },
    });
  }

  /** Adds somebody whose login is their role; returns their id. */
  async add(role: Role): Promise<string> {
    const { administration } = this.running.started;
    const user = await administration.addUser(
      { name: role, login: role, roles: [role], groups: [] },
      MACHINE,
    );
    const password = await administration.issueOneTimePassword(user, MACHINE);
    await administration.changePassword(role, password, PASSWORD);
    return user;
  }

  async connect(login: string, language = 'en'): Promise<TestClient> {
    const { endpointUrl } = this.#server;
    const options = { localeIds: [language] };
    const client = await TestClient.connect(
      endpointUrl,
      this.#certificates,
      person(login, PASSWORD),
      options,
    );
    this.#clients.push(client);
    return client;
  }

  async call(
    name: CabinetCommandName,
    compartment: number,
    reason = 'trial',
    client = this.client,
  ): Promise<unknown[]> {
    return answerOf(
      await client.call(
        'cabinet/A',
        name,
        { dataType: 'UInt16', value: compartment },
        { dataType: 'String', value: reason },
      ),
    );
  }

  async openAll(reason = 'fire', client = this.client): Promise<unknown[]> {
    return answerOf(await client.call('cabinet/A', 'OpenAll', { dataType: 'String', value: reason }));
  }

  /** Checks that a call is refused, in each language in the words of the gateway. */
  async refuses(name: CabinetCommandName, why: ReturnType<typeof refusal>): Promise<void> {
    for (const language of LANGUAGES) {
      const client = await this.connect('administrator', language);
      const compartment = Number(why.values['compartment'] ?? 1);
      const answer =
        name === 'OpenAll'
          ? await this.openAll('again', client)
          : await this.call(name, compartment, 'again', client);
      expect(answer.slice(0, 2), `${name}, ${language}`).to.deep.equal([why.code, textOf(why)[language]]);
    }
  }

  state(compartment: number): string {
    return `cabinet/A/compartment/${compartment}/State`;
  }

  /** What `OpenAllProgress` shows. */
  async progress(): Promise<Record<string, unknown>> {
    const shown: Record<string, unknown> = {};
    for (const name of [
      'Running',
      'Compartments',
      'Opened',
      'Failed',
      'FailedCompartments',
      'FailureCodes',
    ]) {
      const { value } = await this.client.read(`${PROGRESS}/${name}`);
      shown[name] = ArrayBuffer.isView(value.value) ? Array.from(value.value as Uint16Array) : value.value;
    }
    return shown;
  }

  /** Ends the server, and starts it again over the same gateway. */
  async restartServer(): Promise<void> {
    await this.#disconnect();
    await this.#server.close();
    await this.listen();
    this.client = await this.connect('administrator');
  }

  async #disconnect(): Promise<void> {
    for (const client of this.#clients.splice(0)) await client.close();
  }

  async close(): Promise<void> {
    await this.#disconnect();
    await this.#server.close();
    await this.#certificates.dispose();
    await this.site.close();
  }
}

function answerOf({ statusCode, outputArguments }: CallMethodResult): unknown[] {
  if (statusCode !== StatusCodes.Good) return [statusCode.name];
  return (outputArguments ?? []).map(({ value }) => value?.text ?? value);
}

/** All values that a variable is said to have, from now on. */
async function follow(client: TestClient, name: string): Promise<unknown[]> {
  const values: unknown[] = [];
  const subscription = await client.session.createSubscription2({
    requestedPublishingInterval: 20,
    requestedLifetimeCount: 1_000,
    requestedMaxKeepAliveCount: 10,
    publishingEnabled: true,
  });
  const item = await subscription.monitor(
    { nodeId: client.id(name), attributeId: AttributeIds.Value },
    { samplingInterval: 0, queueSize: 100, discardOldest: true },
    TimestampsToReturn.Both,
  );
  item.on('changed', ({ value }: DataValue) => values.push(value.value));
  await eventually('the first value', () => values.length > 0, PATIENCE);
  return values;
}

/** What was put on record under a reason. */
function under(events: readonly LoggedEvent[], reason: string): LoggedEvent[] {
  return events.filter(({ data }) => (data as { readonly reason?: string }).reason === reason);
}

describe('OPC UA methods of a cabinet at work', function () {
  this.timeout(240_000);
  let served: Served;

  const done = (name: CabinetCommandName) => ['ok', CABINET_COMMANDS[name].done.en];

  describe('where people have compartments of their own', () => {
    before(async () => {
      served = await Served.start();
    });

    after(() => served.close());

    it('open a door, with administrator and reason on record; nothing changes hands', async () => {
      const { site, running } = served;
      expect(await served.call('ServiceOpen', 1, 'a smell')).to.deep.equal(done('ServiceOpen'));
      expect(await served.call('Open', 2, 'lost card')).to.deep.equal(done('Open'));
      expect(site.pulses).to.deep.equal([1, 2]);
      const actor = { kind: 'administrator', id: served.administrator };
      for (const [reason, compartment] of [
        ['a smell', 1],
        ['lost card', 2],
      ] as const) {
        const [event, ...others] = under(running.events, reason);
        expect(others).to.deep.equal([]);
        expect(event).to.deep.include({ type: 'compartment-granted', actor });
        expect(event?.data).to.include({ compartment });
      }
      await served.client.becomes(served.state(1), STATES.free, PATIENCE);
    });

    it('block a compartment and unblock it, each once', async () => {
      await served.refuses('Unblock', refusal('compartment-not-blocked', { compartment: 1 }));
      expect(await served.call('Block', 1, 'hinge broken')).to.deep.equal(done('Block'));
      await served.client.becomes(served.state(1), STATES.blocked, PATIENCE);
      await served.refuses('Block', refusal('compartment-blocked', { compartment: 1 }));
      expect(await served.call('Unblock', 1, 'repaired')).to.deep.equal(done('Unblock'));
      await served.client.becomes(served.state(1), STATES.free, PATIENCE);
      const { events } = served.running;
      expect(under(events, 'hinge broken').map(({ type }) => type)).to.deep.equal(['compartment-blocked']);
      expect(under(events, 'repaired').map(({ type }) => type)).to.deep.equal(['compartment-unblocked']);
    });

    it('say that a lock failed, and return it to service once', async () => {
      const { site } = served;
      site.board.setDoor(3, false);
      site.board.setStuck(3, true);
      await served.refuses('ReturnToService', refusal('compartment-in-service', { compartment: 4 }));
      expect((await served.call('ServiceOpen', 4))[0]).to.equal('lock-failed');
      await served.client.becomes(served.state(4), STATES.outOfOrder, PATIENCE);
      site.board.setStuck(3, false);
      expect(await served.call('ReturnToService', 4, 'new lock')).to.deep.equal(done('ReturnToService'));
      await served.client.becomes(served.state(4), STATES.free, PATIENCE);
      await served.refuses('ReturnToService', refusal('compartment-in-service', { compartment: 4 }));
    });

    it('release a compartment once', async () => {
      const { running } = served;
      await running.addPerson('0000000007');
      expect(await running.serve('0000000007')).to.match(/^opened \d$/);
      const compartment = Number(
        running.cabinet.compartments.find(({ holders }) => holders.length > 0)?.number,
      );
      expect(await served.call('Release', compartment, 'moved out')).to.deep.equal(done('Release'));
      expect(running.holdersOf(compartment)).to.deep.equal([]);
      await served.refuses('Release', refusal('compartment-free', { compartment }));
    });
  });

  it('record once that nothing lies in a compartment any more', async () => {
    served = await Served.start({ schema: '3.1', compartments: 2 });
    try {
      const { gateway } = served.running.started;
      await served.refuses('Empty', refusal('compartment-empty', { compartment: 1 }));
      await gateway.operate({ do: 'stock', cabinet: 'A', compartment: 1, reason: 'new' }, MACHINE);
      expect(await served.call('Empty', 1, 'taken home')).to.deep.equal(done('Empty'));
      expect(served.running.compartment(1).contents).to.deep.equal([]);
      await served.refuses('Empty', refusal('compartment-empty', { compartment: 1 }));
    } finally {
      await served.close();
    }
  });

  describe('while a door takes its time', () => {
    beforeEach(async () => {
      served = await Served.start({ compartments: 3, patient: true });
    });

    afterEach(() => served.close());

    /** Asks for something that begins with a compartment whose lock is stuck; resolves when its pulse is out. */
    const held = async <Answer>(
      compartment: number,
      ask: () => Promise<Answer>,
    ): Promise<() => Promise<Answer>> => {
      const { site } = served;
      site.board.setStuck(compartment - 1, true);
      const before = site.pulses.length;
      const answer = ask();
      await eventually('the pulse', () => site.pulses.slice(before).includes(compartment), PATIENCE);
      return () => {
        site.board.setStuck(compartment - 1, false);
        site.board.setDoor(compartment - 1, true);
        return answer;
      };
    };

    it('refuse to open it at the same time, and open again after it', async () => {
      const { site } = served;
      const open = await held(3, () => served.call('Open', 3));
      await served.refuses('Open', refusal('compartment-in-use', { compartment: 3 }));
      await served.refuses('ServiceOpen', refusal('compartment-in-use', { compartment: 3 }));
      await served.refuses('Release', refusal('compartment-in-use', { compartment: 3 }));
      expect(site.pulses).to.deep.equal([3]);
      expect(await open()).to.deep.equal(done('Open'));
      expect(await served.call('Open', 3), 'an open door gets another pulse').to.deep.equal(done('Open'));
      expect(site.pulses).to.deep.equal([3, 3]);
    });

    it('open all: answered at once, told step by step, refused twice, all of it on record', async () => {
      const { running, client } = served;
      const before = await client.read(`${PROGRESS}/StartTime`);
      expect(before.value.value.getTime(), 'the null time').to.be.below(0);
      const opened = await follow(client, `${PROGRESS}/Opened`);
      const openTwo = await held(2, () => served.call('ServiceOpen', 2));
      const openOne = await held(1, () => served.openAll('fire drill'));
      expect(await served.progress()).to.deep.equal({
        Running: true,
        Compartments: 3,
        Opened: 0,
        Failed: 0,
        FailedCompartments: [],
        FailureCodes: [],
      });
      await served.refuses('OpenAll', refusal('opening-all-already', { cabinet: 'A' }));
      expect((await served.openAll('again'))[2]).to.equal(0);
      expect(await openOne()).to.deep.equal([
        'ok',
        'Opening has begun. Compartments to open, one after the other: 3.',
        3,
      ]);
      await client.becomes(`${PROGRESS}/Running`, false, PATIENCE);
      expect(await served.progress()).to.deep.equal({
        Running: false,
        Compartments: 3,
        Opened: 2,
        Failed: 1,
        FailedCompartments: [2],
        FailureCodes: ['compartment-in-use'],
      });
      await eventually('every step', () => opened.at(-1) === 2, PATIENCE);
      expect(opened).to.deep.equal([0, 1, 2]);
      expect(await openTwo()).to.deep.equal(done('ServiceOpen'));
      const start = await client.read(`${PROGRESS}/StartTime`);
      const end = await client.read(`${PROGRESS}/EndTime`);
      expect(end.value.value.getTime()).to.be.above(start.value.value.getTime());
      expect(end.sourceTimestamp).to.deep.equal(end.value.value);
      const actor = { kind: 'administrator', id: served.administrator };
      expect(
        under(running.events, 'fire drill').map(({ type, actor: by, data }) => [
          type,
          by,
          (data as { readonly compartment: number }).compartment,
        ]),
      ).to.deep.equal([1, 3].map((compartment) => ['compartment-granted', actor, compartment]));
      const words = 'Cabinet A was opened over OPC UA: 2 of 3; failed: 2 (compartment-in-use).';
      await eventually('a word about it', () => served.said.includes(words));
      expect(running.statusOf(1), 'nothing changed hands').to.equal('free');
    });

    it('show an opening of all that somebody else began, also after a restart of the server', async () => {
      const { gateway } = served.running.started;
      const openOne = await held(1, () => gateway.openAll('A', 'drill', MACHINE));
      await served.client.becomes(`${PROGRESS}/Running`, true, PATIENCE);
      await served.refuses('OpenAll', refusal('opening-all-already', { cabinet: 'A' }));
      await served.restartServer();
      await served.client.becomes(`${PROGRESS}/Running`, true, PATIENCE);
      await openOne();
      await served.client.becomes(`${PROGRESS}/Opened`, 3, PATIENCE);
      await served.client.becomes(`${PROGRESS}/Running`, false, PATIENCE);
      await served.restartServer();
      await served.client.becomes(`${PROGRESS}/Opened`, 3, PATIENCE);
      const again = await held(1, () => served.openAll('once more'));
      await served.client.becomes(`${PROGRESS}/Running`, true, PATIENCE);
      expect((await again())[0]).to.equal('ok');
      await served.client.becomes(`${PROGRESS}/Running`, false, PATIENCE);
    });
  });

  it('are the operators’ as far as the site file says', async () => {
    served = await Served.start({ compartments: 2, operators: { may: ['block'] } });
    try {
      const user = await served.add('operator');
      const operator = await served.connect('operator');
      expect(await served.call('Block', 1, 'looks tampered with', operator)).to.deep.equal(done('Block'));
      expect(await served.call('Unblock', 1, 'oh no', operator)).to.deep.equal(['BadUserAccessDenied']);
      expect(await served.openAll('oh no', operator)).to.deep.equal(['BadUserAccessDenied']);
      const [event] = under(served.running.events, 'looks tampered with');
      expect(event?.actor.id).to.equal(user);
      expect(under(served.running.events, 'oh no')).to.deep.equal([]);
    } finally {
      await served.close();
    }
  });
});
