import { join } from 'node:path';
import { expect } from 'chai';
import {
  AttributeIds,
  ClientSubscription,
  type DataValue,
  type OPCUACertificateManager,
  StatusCodes,
  TimestampsToReturn,
  type VariantOptions,
} from 'node-opcua';
import type { Role } from '../../gateway/api.ts';
import { CASSETTE_VARIABLES } from '../../opcua-server/cassette-variables.ts';
import { type OpcUaServer, startOpcUaServer } from '../../opcua-server/host.ts';
import { CassettesAtWork, ROMS } from '../gateway/cassettes/support/cassettes-at-work.ts';
import { eventually } from '../support/eventually.ts';
import { clientCertificates, person, TestClient } from './support/client.ts';

const CASSETTE = 'cassette/C1';
const PASSWORD = 'correct horse battery staple';
/** A key of its own kind: used under duress, with the rights of K1. */
const DURESS_ROM = ROMS.K;
const TESTER = { kind: 'machine', id: 'test' } as const;

/** A slow machine may take so long for anything. Milliseconds. */
const PATIENCE = 30_000;

const STATES = ['service', 'rest', 'transit', 'grace', 'full', 'stained'];

const text = (value: string): VariantOptions => ({ dataType: 'String', value });
const NOBODY = [text(''), text('')];

/** The gateway, the controller with its protocol, and the server: nothing here stands in for another. */
describe('OPC UA cassettes on a gateway at work', function () {
  this.timeout(240_000);
  let work: CassettesAtWork;
  let certificates: OPCUACertificateManager;
  let server: OpcUaServer;
  let administrator: TestClient;
  let operator: TestClient;
  let subscription: ClientSubscription;
  /** What the subscription was told, by path, in order. */
  const told = new Map<string, DataValue[]>();

  before(async () => {
    const contact = { againAfterSeconds: 0.5 };
    work = await CassettesAtWork.start([{ id: 'C1', mode: 'outsourced', contact }]);
    await work.register('K1', 'counting-room');
    await work.register('K2', 'machine');
    const duress = {
      id: 'counting-room-2',
      rom: DURESS_ROM,
      role: 'K1',
      cassettes: [],
      duress: true,
    } as const;
    await work.started.administration.cassetteKeys.register(duress, TESTER);
    await add('anna', 'administrator');
    await add('bruno', 'administrator');
    await add('olga', 'operator');
    server = await startOpcUaServer({
      gateway: work.gateway,
      bind: '127.0.0.1',
      port: 0,
      folder: join(work.folder, 'opcua'),
      allowAnonymous: false,
      trustUnknownClients: true,
      siteName: 'Works',
    });
    certificates = await clientCertificates(work.folder);
    administrator = await TestClient.connect(server.endpointUrl, certificates, person('anna', PASSWORD));
    operator = await TestClient.connect(server.endpointUrl, certificates, person('olga', PASSWORD));
    subscription = ClientSubscription.create(operator.session, {
      requestedPublishingInterval: 20,
      requestedLifetimeCount: 1000,
      requestedMaxKeepAliveCount: 100,
      publishingEnabled: true,
    });
    for (const path of [
      'State',
      'Signal/Pattern',
      'LastKey/Accepted',
      'Sensors/Position/Live',
      'BanknoteNeutralization/State/Mode',
      'Supervision/Stainer',
      'Linked',
      'Supervision/Temperature',
    ]) {
      await follow(path);
    }
  });

  after(async () => {
    await subscription?.terminate();
    await operator?.close();
    await administrator?.close();
    await server?.close();
    await certificates?.dispose();
    await work?.close();
  });

  async function add(login: string, role: Role): Promise<void> {
    const { administration } = work.started;
    const user = await administration.addUser({ name: login, login, roles: [role], groups: [] }, TESTER);
    const issued = await administration.issueOneTimePassword(user, TESTER);
    await administration.changePassword(login, issued, PASSWORD);
  }

  async function follow(path: string): Promise<void> {
    const values: DataValue[] = [];
    told.set(path, values);
    const item = await subscription.monitor(
      { nodeId: operator.id(`${CASSETTE}/${path}`), attributeId: AttributeIds.Value },
      { samplingInterval: 0, queueSize: 100, discardOldest: true },
      TimestampsToReturn.Both,
    );
    item.on('changed', (value: DataValue) => values.push(value));
    await eventually(`the first value of ${path}`, () => values.length > 0, PATIENCE);
  }

  const valuesOf = (path: string): unknown[] => (told.get(path) ?? []).map(({ value }) => value.value);

  /** Without a repetition: a status that changes tells a value again. */
  const runOf = (path: string): unknown[] =>
    valuesOf(path).filter((value, index, all) => index === 0 || value !== all[index - 1]);

  async function called(method: string, ...inputs: readonly VariantOptions[]): Promise<unknown> {
    const { statusCode, outputArguments } = await administrator.call(CASSETTE, method, ...inputs);
    return outputArguments?.[0]?.value ?? statusCode.name;
  }

  const becomes = (path: string, expected: unknown): Promise<DataValue> =>
    operator.becomes(`${CASSETTE}/${path}`, expected);

  /** Holds a key to the reader until the machine has answered, and takes it away until another one may come. */
  async function touch(rom: string, type: 'key-used' | 'key-refused'): Promise<void> {
    const simulator = work.simulator('C1');
    const before = work.notices.length;
    simulator.touchKey(rom);
    await work.noticed('C1', [type], before);
    simulator.leaveKey();
    const left = performance.now();
    const last = simulator.requests.at(-1);
    await eventually(
      'the key has left',
      () => {
        const since = simulator.requests.length - (last ? simulator.requests.indexOf(last) : 0);
        return since > 4 && performance.now() - left > 1_000;
      },
      PATIENCE,
    );
  }

  /** One stage down without a key, by two persons. */
  async function disarm(): Promise<void> {
    expect(await called('OverrideKey', text('lost'), text('bruno'), text(PASSWORD))).to.equal('ok');
    await becomes('State', STATES.indexOf('rest'));
  }

  /** Every value of the cassette that an operator can read. */
  async function everything(): Promise<Record<string, unknown>> {
    const values: Record<string, unknown> = {};
    for (const { path } of CASSETTE_VARIABLES) {
      const { value, statusCode } = await operator.read(`${CASSETTE}/${path}`);
      values[path] = [statusCode.name, JSON.stringify(value.value)];
    }
    return values;
  }

  it('loads it in service, asked for by methods', async () => {
    await becomes('State', STATES.indexOf('rest'));
    expect(await called('EnterService', text(' '), { dataType: 'UInt16', value: 10 }, ...NOBODY)).to.equal(
      'reason-missing',
    );
    expect(await called('FinishService', text('loaded'), { dataType: 'Boolean', value: true })).to.equal(
      'not-in-service',
    );
    expect(
      await called('EnterService', text('loading'), { dataType: 'UInt16', value: 10 }, ...NOBODY),
    ).to.equal('ok');
    await becomes('State', STATES.indexOf('service'));
    await becomes('Supervision/Stainer', 0);
    const left = (await operator.read(`${CASSETTE}/ServiceTimeLeft`)).value.value;
    expect(left).to.be.within(1_000, 600_000);
    expect(left % 1_000).to.equal(0);
    expect(await called('BeginTest', text('yearly'))).to.equal('ok');
    work.simulator('C1').openLid();
    await eventually('the lid is proved', () => work.view('C1').proved.includes('lid'), PATIENCE);
    await becomes('SubState', 4);
    expect((await operator.read(`${CASSETTE}/ProvedSensors`)).value.value).to.deep.equal(['lid']);
    expect(await called('EndTest', text('done'))).to.equal('ok');
    work.simulator('C1').closeLid();
    await becomes('Sensors/Lid/Active', false);
    expect(await called('FinishService', text('loaded'), { dataType: 'Boolean', value: true })).to.equal(
      'ok',
    );
    await becomes('State', STATES.indexOf('rest'));
    expect(await called('SelfTest', text('routine'))).to.equal('ok');
    expect(work.simulator('C1').firings).to.equal(0);
  });

  it('lets nobody command it who may not, and nobody without the second person', async () => {
    const { statusCode } = await operator.call(CASSETTE, 'SelfTest', text('routine'));
    expect(statusCode).to.equal(StatusCodes.BadUserAccessDenied);
    expect(await called('OverrideKey', text('lost'), ...NOBODY)).to.equal('second-person-missing');
    const second = (login: string, password: string): VariantOptions[] => [text(login), text(password)];
    expect(await called('OverrideKey', text('lost'), ...second('anna', PASSWORD))).to.equal(
      'second-person-same',
    );
    expect(await called('OverrideKey', text('lost'), ...second('bruno', 'a guess'))).to.equal(
      'second-person-not-known',
    );
    expect(await called('OverrideKey', text('lost'), ...second('olga', PASSWORD))).to.equal('not-permitted');
    expect(await called('OverrideKey', text('lost'), ...second('bruno', PASSWORD))).to.equal('not-armed');
  });

  it('shows nothing that tells a key used under duress from any other', async () => {
    await touch(ROMS.K1, 'key-used');
    await becomes('LastKey/Key', 'counting-room');
    const usual = await everything();
    await disarm();
    const before = work.notices.length;
    await touch(DURESS_ROM, 'key-used');
    await becomes('LastKey/Key', 'counting-room-2');
    expect(work.notices.slice(before).some(({ alarm }) => alarm?.silent)).to.equal(true);
    const forced = await everything();
    const different = Object.keys(usual).filter(
      (path) => JSON.stringify(usual[path]) !== JSON.stringify(forced[path]),
    );
    expect(different).to.have.members(['LastKey/Key', 'LastKey/Time']);
    await disarm();
  });

  it('keeps its state while the controller does not answer, and says of everything measured that it is not known', async () => {
    const simulator = work.simulator('C1');
    simulator.setTemperature(31);
    await becomes('Supervision/Temperature', 31);
    const before = Date.now();
    simulator.setSilent(true);
    await becomes('Linked', false);
    const { statusCode, sourceTimestamp, value } = await operator.read(`${CASSETTE}/Supervision/Temperature`);
    expect([statusCode, value.value]).to.deep.equal([StatusCodes.BadNoCommunication, 31]);
    expect(sourceTimestamp?.getTime()).to.be.within(before, Date.now());
    expect((await operator.read(`${CASSETTE}/Sensors/Lid/Active`)).statusCode).to.equal(
      StatusCodes.BadNoCommunication,
    );
    expect((await operator.read(`${CASSETTE}/State`)).statusCode).to.equal(StatusCodes.Good);
    simulator.setSilent(false);
    await becomes('Linked', true);
    await eventually(
      'the subscriber knows',
      () => {
        const statuses = (told.get('Supervision/Temperature') ?? []).map(
          ({ statusCode: status }) => status.name,
        );
        return statuses.at(-1) === 'Good' && statuses.includes('BadNoCommunication');
      },
      PATIENCE,
    );
  });

  it('is followed by a subscription through a whole journey, from the counting room to the attack', async () => {
    for (const values of told.values()) values.splice(0, values.length - 1);
    const simulator = work.simulator('C1');
    await touch(ROMS.K1, 'key-used');
    await touch(ROMS.K2, 'key-refused');
    simulator.insert();
    await becomes('InMachine', true);
    await touch(ROMS.K2, 'key-used');
    await becomes('State', STATES.indexOf('full'));
    expect(simulator.firings).to.equal(0);
    simulator.displace();
    await becomes('State', STATES.indexOf('stained'));
    await becomes('Supervision/Stainer', 3);
    await becomes('BanknoteNeutralization/StorageUnit/NeutralizationTrigger', 'disabled');
    expect(simulator.firings).to.equal(1);
    expect((await operator.read(`${CASSETTE}/StainCause`)).value.value).to.equal(4);
    await eventually('the subscriber was told', () => valuesOf('Supervision/Stainer').at(-1) === 3, PATIENCE);
    expect(runOf('State').map((state) => STATES[state as number])).to.deep.equal([
      'rest',
      'transit',
      'full',
      'stained',
    ]);
    expect(runOf('Signal/Pattern')).to.deep.equal(['rest', 'transit', 'full', 'stained']);
    expect(runOf('LastKey/Accepted')).to.deep.equal([true, false, true]);
    expect(runOf('Sensors/Position/Live')).to.deep.equal([false, true, false]);
    expect(runOf('BanknoteNeutralization/State/Mode')).to.deep.equal([
      'disarmed',
      'armed',
      'neutralizationTriggered',
    ]);
  });

  it('leaves stained only by two persons', async () => {
    expect(await called('ResetStained', text('new ink'), ...NOBODY)).to.equal('second-person-missing');
    expect(
      await called('EnterService', text('new ink'), { dataType: 'UInt16', value: 0 }, ...NOBODY),
    ).to.equal('not-at-rest');
    expect(await called('ResetStained', text('new ink'), text('bruno'), text(PASSWORD))).to.equal('ok');
    await becomes('State', STATES.indexOf('service'));
    await becomes('StainCause', 0);
    expect(work.troubles).to.deep.equal([]);
  });
});
