/** Alarms of a whole gateway over OPC UA: one book with the command line and with flows, over restarts; and events that are its log. */
import { join } from 'node:path';
import { expect } from 'chai';
import {
  AttributeIds,
  ContentFilter,
  EventFilter,
  type OPCUACertificateManager,
  ReadEventDetails,
  resolveNodeId,
  SimpleAttributeOperand,
} from 'node-opcua';
import type { CommandAnswer } from '../../gateway/command-socket.ts';
import { socketPath } from '../../gateway/data-folder.ts';
import { type OpcUaServer, startOpcUaServer } from '../../opcua-server/host.ts';
import { connectLines } from '../../scripts/line-client.ts';
import { DemoAtWork } from '../simulators/demo/support/demo-at-work.ts';
import { eventually } from '../support/eventually.ts';
import { callCondition, comment, conditionNode, eventId } from './support/alarm-server.ts';
import { clientCertificates, person, TestClient } from './support/client.ts';
import { EventWatch, type Received } from './support/event-watch.ts';
import { readAll } from './support/history-server.ts';

const PASSWORD = 'a long enough password';
const ALARM = 'fault-reported@D/1';
const CONDITION = conditionNode(ALARM);

describe('conditions of a gateway at work', () => {
  let demo: DemoAtWork;
  let server: OpcUaServer;
  let certificates: OPCUACertificateManager;
  let login: string;
  let client: TestClient;
  let watch: EventWatch;

  before(async () => {
    demo = await DemoAtWork.prepare();
    await demo.start();
    const first = await demo.administration.firstAdministrator();
    if (!first) throw new Error('There is an administrator already.');
    login = first.login;
    await demo.administration.changePassword(login, first.password, PASSWORD);
    certificates = await clientCertificates(demo.folder);
    await serve();
  });

  after(async () => {
    await leave();
    await certificates.dispose();
    await demo.remove();
  });

  async function serve(): Promise<void> {
    server = await startOpcUaServer({
      gateway: demo.gateway,
      bind: '127.0.0.1',
      port: 0,
      folder: join(demo.folder, 'opcua'),
      allowAnonymous: false,
      trustUnknownClients: true,
      siteName: 'Demo',
    });
    client = await TestClient.connect(server.endpointUrl, certificates, person(login, PASSWORD));
    watch = await EventWatch.on(client);
  }

  async function leave(): Promise<void> {
    await client.close();
    await server.close();
  }

  /** Somebody says at a panel that something is wrong with a compartment. */
  async function report(): Promise<Received> {
    const from = watch.events.length;
    const { panel } = demo.gateway.panels().find(({ cabinet }) => cabinet === 'D') ?? {};
    const answer = await demo.gateway.answer(panel ?? '', {
      answer: 'fault',
      compartment: 1,
      fault: 'dirty',
    });
    expect(answer.ok).to.equal(true);
    return watch.next({ ConditionId: CONDITION, 'AckedState/Id': false }, from);
  }

  /** Asks over the socket of the command line. */
  async function ask(command: object): Promise<CommandAnswer> {
    const lines = await connectLines(await socketPath(demo.folder, 'command'));
    try {
      lines.send(command);
      const { value } = await lines.messages[Symbol.asyncIterator]().next();
      return value as CommandAnswer;
    } finally {
      lines.end();
    }
  }

  it('are seen here when somebody acknowledges at the command line or in a flow', async () => {
    await report();
    const acknowledge = { do: 'acknowledge', alarm: ALARM, comment: 'It is clean.' } as const;
    expect((await ask({ do: 'command-alarm', command: acknowledge })).ok).to.equal(true);
    expect(await watch.next({ ConditionId: CONDITION, 'AckedState/Id': true })).to.deep.include({
      Comment: 'It is clean.',
      ClientUserId: 'command-line',
      Retain: false,
    });
    await report();
    const from = watch.events.length;
    const outcome = await demo.gateway.alarms.command(
      { do: 'acknowledge', alarm: ALARM },
      { kind: 'machine', id: 'flow:1' },
    );
    expect(outcome.ok).to.equal(true);
    await watch.next({ ConditionId: CONDITION, 'AckedState/Id': true }, from);
  });

  it('are seen elsewhere when somebody acknowledges here, by name', async () => {
    const raised = await report();
    const { statusCode } = await callCondition(
      client,
      ALARM,
      'AddComment',
      eventId(raised['EventId']),
      comment('Soon.'),
    );
    expect(statusCode.name).to.equal('Good');
    const user = demo.gateway.principalOf(login)?.user;
    expect(demo.gateway.alarms.alarm(ALARM)?.comment).to.deep.include({
      text: 'Soon.',
      actor: { kind: 'administrator', id: user },
    });
    await callCondition(client, ALARM, 'Acknowledge', eventId(raised['EventId']), comment(''));
    await watch.next({ ConditionId: CONDITION, 'AckedState/Id': true, Comment: 'Soon.' });
    await eventually('nothing is left of it', () => demo.gateway.alarms.alarm(ALARM) === undefined);
    const page = await demo.gateway.queries.events({
      types: ['alarm-acknowledged'],
      order: 'newest-first',
      limit: 1,
    });
    expect(page.ok && page.events[0]?.actor).to.deep.equal({ kind: 'administrator', id: user });
  });

  it('are the same after a restart of the gateway, and can be acknowledged by an id from before', async () => {
    const raised = await report();
    const shelve = { do: 'shelve', alarm: ALARM, lasts: 3_600_000, comment: 'Tomorrow.' } as const;
    await ask({ do: 'command-alarm', command: shelve });
    const shelved = await watch.next({ ConditionId: CONDITION, Comment: 'Tomorrow.' });
    expect(shelved['ShelvingState/UnshelveTime']).to.be.within(3_500_000, 3_600_000);
    await leave();
    await demo.stop();
    await demo.start();
    await serve();
    const [again] = (await watch.refresh()).filter(({ ConditionId }) => ConditionId === CONDITION);
    const { 'ShelvingState/UnshelveTime': _then, ...before } = shelved;
    const { 'ShelvingState/UnshelveTime': left, ...after } = again ?? {};
    expect(after).to.deep.equal(before);
    expect(left).to.be.lessThan(Number(shelved['ShelvingState/UnshelveTime']));
    const { statusCode } = await callCondition(
      client,
      ALARM,
      'Acknowledge',
      eventId(raised['EventId']),
      comment('seen'),
    );
    expect(statusCode.name).to.equal('Good');
    await watch.next({ ConditionId: CONDITION, 'AckedState/Id': true, Comment: 'seen' });
    expect((await callCondition(client, ALARM, 'Unshelve')).statusCode.name).to.equal('Good');
  });

  it('stand beside the events of the log, which the history tells again', async () => {
    const began = new Date();
    await report();
    const live = await watch.next({ Type: 'fault-reported', SourceNode: 'ns=1;s=cabinet/D' });
    const named = (name: string, own = false) =>
      new SimpleAttributeOperand({
        typeDefinitionId: resolveNodeId('BaseEventType'),
        browsePath: [{ name, namespaceIndex: own ? client.types : 0 }],
        attributeId: AttributeIds.Value,
      });
    const { events } = await readAll(
      client,
      'i=2253',
      new ReadEventDetails({
        startTime: new Date(began.getTime() - 60_000),
        endTime: new Date(Date.now() + 60_000),
        numValuesPerNode: 0,
        filter: new EventFilter({
          selectClauses: [
            named('EventId'),
            named('Type', true),
            named('Sequence', true),
            named('SourceNode'),
          ],
          whereClause: new ContentFilter({ elements: [] }),
        }),
      }),
    );
    const stored = new Map(
      events.map(([id, type, sequence, source]) => [
        Buffer.from((id?.value ?? []) as Uint8Array).toString('hex'),
        `${source?.value} ${type?.value} ${sequence?.value}`,
      ]),
    );
    expect(stored.get(String(live['EventId']))).to.equal(
      `ns=1;s=cabinet/D fault-reported ${String(live['Sequence'])}`,
    );
    for (const event of watch.events.filter(({ Type }) => Type !== undefined)) {
      expect(stored.get(String(event['EventId']))).to.equal(
        `${String(event['SourceNode'])} ${String(event['Type'])} ${String(event['Sequence'])}`,
      );
    }
  });
});
