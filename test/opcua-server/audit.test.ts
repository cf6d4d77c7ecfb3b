import { expect } from 'chai';
import {
  AttributeIds,
  type ClientSubscription,
  constructEventFilter,
  type DataValue,
  ObjectTypeIds,
  StatusCodes,
  type Variant,
} from 'node-opcua';
import { eventually } from '../support/eventually.ts';
import { ADMINISTRATOR, failureOf, OPERATOR, person, type TestClient } from './support/client.ts';
import { clientCertificate, SecuredServer } from './support/secured-server.ts';

/** Fields of audit events that are looked at. */
const FIELDS = [
  'EventType',
  'SourceName',
  'Status',
  'ClientUserId',
  'Message',
  'ServerId',
  'MethodId',
  'InputArguments',
  'AttributeId',
] as const;
type Seen = Readonly<Record<(typeof FIELDS)[number], unknown>>;

type AuditType =
  | 'AuditCreateSession'
  | 'AuditActivateSession'
  | 'AuditCertificateUntrusted'
  | 'AuditUpdateMethod'
  | 'AuditWriteUpdate';

describe('OPC UA auditing', () => {
  let server: SecuredServer;
  let administrator: TestClient;
  let seen: Seen[];

  before(async () => {
    server = await SecuredServer.start({ trustUnknownClients: false });
    const scada = clientCertificate();
    const as = await server.as(scada);
    await failureOf(server.connect(ADMINISTRATOR, as));
    await server.asked({ do: 'trust-opcua-client', thumbprint: scada.certificate.fingerprint });
    connect = (user) => server.connect(user, as);
    administrator = await connect(ADMINISTRATOR);
    ({ events: seen } = await watch(administrator));
  });

  after(() => server.close());

  let connect: (user: typeof ADMINISTRATOR) => Promise<TestClient>;

  /** Everything that the Server object tells a client from now on. */
  async function watch(client: TestClient): Promise<{ events: Seen[]; subscription: ClientSubscription }> {
    const events: Seen[] = [];
    const subscription = await client.session.createSubscription2({
      requestedPublishingInterval: 20,
      requestedLifetimeCount: 1_000,
      requestedMaxKeepAliveCount: 10,
      publishingEnabled: true,
    });
    const item = await subscription.monitor(
      { nodeId: 'ns=0;i=2253', attributeId: AttributeIds.EventNotifier },
      {
        samplingInterval: 0,
        queueSize: 1_000,
        discardOldest: true,
        filter: constructEventFilter([...FIELDS]),
      },
      2,
    );
    item.on('changed', (values: Variant[]) => {
      const event = Object.fromEntries(FIELDS.map((name, index) => [name, values[index]?.value]));
      events.push(event as Seen);
    });
    return { events, subscription };
  }

  /** The next event of a type, from number `from` on. */
  async function next(type: AuditType, from: number): Promise<Seen> {
    const id = `ns=0;i=${ObjectTypeIds[`${type}EventType`]}`;
    const find = () => seen.slice(from).find(({ EventType }) => String(EventType) === id);
    await eventually(`an event ${type}`, () => find() !== undefined);
    return find() as Seen;
  }

  it('tells an administrator who opens a session, and puts it on record', async () => {
    const [events, records] = [seen.length, server.records.length];
    const client = await connect(OPERATOR);
    expect(await next('AuditCreateSession', events)).to.include({
      SourceName: 'Session/CreateSession',
      Status: true,
      ClientUserId: 'System/CreateSession',
    });
    expect(await next('AuditActivateSession', events)).to.include({
      SourceName: 'Session/ActivateSession',
      Status: true,
      ClientUserId: 'operator',
    });
    const opened = await server.recorded('opcua-session-opened', records);
    expect(opened).to.include({
      by: 'password',
      user: 'u-operator',
      address: '127.0.0.1',
      application: 'urn:sezam:test:client',
    });
    await client.session.close(true);
    expect(await server.recorded('opcua-session-closed', records)).to.deep.equal({
      session: (opened as { session: string }).session,
      reason: 'CloseSession',
    });
  });

  it('tells of a log-in that was refused, and puts on record whose name was tried, never what was typed', async () => {
    const [events, records] = [seen.length, server.records.length];
    await failureOf(connect(person('operator', 'hunter2')));
    expect(await next('AuditActivateSession', events)).to.include({
      Status: false,
      ClientUserId: 'operator',
    });
    expect(await server.recorded('opcua-login-refused', records)).to.include({
      reason: 'wrong-password',
      user: 'u-operator',
    });
    const after = server.records.length;
    // Somebody typed their password in the wrong field.
    await failureOf(connect(person('my secret passphrase', 'x')));
    expect(await server.recorded('opcua-login-refused', after)).to.not.have.property('user');
    const long = server.records.length;
    await failureOf(connect(person('x'.repeat(10_000), 'x')));
    expect(await server.recorded('opcua-login-refused', long)).to.include({ reason: 'malformed' });
    expect(JSON.stringify(server.records)).to.not.match(/hunter2|passphrase|battery|horse|xxx/);
  });

  it('says that a name is locked', async () => {
    for (let count = 0; count < 4; count += 1) await failureOf(connect(person('Master', `guess ${count}`)));
    const records = server.records.length;
    // In another case it is the same name.
    await failureOf(connect(person('mASTER', 'paper clip')));
    expect(await server.recorded('opcua-login-refused', records)).to.include({ reason: 'name-locked' });
  });

  it('tells of a client whose certificate is not taken', async () => {
    const [events, records] = [seen.length, server.records.length];
    const stranger = clientCertificate('Stranger');
    await failureOf(server.connect(ADMINISTRATOR, await server.as(stranger)));
    expect(await next('AuditCertificateUntrusted', events)).to.include({
      SourceName: 'Security/Certificate',
      Status: false,
    });
    expect(await server.recorded('opcua-certificate-rejected', records)).to.deep.equal({
      of: 'client',
      thumbprint: stranger.certificate.fingerprint.replaceAll(':', '').toLowerCase(),
      status: 'BadCertificateUntrusted',
    });
  });

  it('tells of every call, by whom and with which outcome', async () => {
    const [events, records] = [seen.length, server.records.length];
    await administrator.command('A', 'Open', 1, 'lost card');
    const event = await next('AuditUpdateMethod', events);
    expect(event).to.include({ SourceName: 'Attribute/Call', Status: true, ClientUserId: 'admin' });
    expect(String(event.MethodId)).to.contain('cabinet/A/Open');
    expect((event.InputArguments as Variant[]).map(({ value }) => value)).to.deep.equal([1, 'lost card']);
    expect(await server.recorded('opcua-method-called', records)).to.include({
      method: 'Open',
      status: 'Good',
      result: 'ok',
      user: 'u-admin',
    });
  });

  it('shows no password that is the argument of a method', async () => {
    const events = seen.length;
    await administrator.call(
      'cassette/C%2F1',
      'OverrideKey',
      { dataType: 'String', value: 'key lost' },
      { dataType: 'String', value: 'operator' },
      { dataType: 'String', value: 'battery staple' },
    );
    const event = await next('AuditUpdateMethod', events);
    expect((event.InputArguments as Variant[]).map(({ value }) => value)).to.deep.equal([
      'key lost',
      'operator',
      null,
    ]);
    expect(JSON.stringify(server.records)).to.not.contain('battery staple');
  });

  it('tells of calls that are refused: for want of a right, wrong arguments, too long ones, unknown methods', async () => {
    const operator = await connect(OPERATOR);
    const reason = { dataType: 'String', value: 'why' } as const;
    const long = { dataType: 'String', value: 'x'.repeat(501) } as const;
    const compartment = { dataType: 'UInt16', value: 1 } as const;
    const asked = server.gateway.requests.length;
    for (const [client, method, args, status] of [
      [operator, 'Open', [compartment, reason], StatusCodes.BadUserAccessDenied],
      [administrator, 'Open', [reason, reason], StatusCodes.BadInvalidArgument],
      [administrator, 'Open', [compartment, long], StatusCodes.BadInvalidArgument],
      [administrator, 'Open', [compartment], StatusCodes.BadArgumentsMissing],
      [administrator, 'Open', [compartment, reason, reason], StatusCodes.BadTooManyArguments],
      [administrator, 'Explode', [], StatusCodes.BadMethodInvalid],
    ] as const) {
      const [events, records] = [seen.length, server.records.length];
      const { statusCode } = await client.call('cabinet/A', method, ...args);
      expect(statusCode, method).to.equal(status);
      expect(await next('AuditUpdateMethod', events)).to.include({ Status: false });
      expect(await server.recorded('opcua-method-called', records)).to.include({
        status: status.name,
        user: client === operator ? 'u-operator' : 'u-admin',
      });
    }
    expect(server.gateway.requests.length).to.equal(asked);
  });

  it('tells of writes, none of which is allowed, and not what was to be written', async () => {
    const [events, records] = [seen.length, server.records.length];
    const status = await administrator.session.write({
      nodeId: administrator.id('cabinet/A/compartment/3/Occupant'),
      attributeId: AttributeIds.Value,
      value: { value: { dataType: 'String', value: 'hunter2' } },
    });
    expect(status.name).to.match(/^Bad(NotWritable|UserAccessDenied)$/);
    expect(await next('AuditWriteUpdate', events)).to.include({
      SourceName: 'Attribute/Write',
      Status: false,
      AttributeId: AttributeIds.Value,
      ClientUserId: 'admin',
    });
    expect(await server.recorded('opcua-write-refused', records)).to.include({
      attribute: 'Value',
      status: status.name,
      user: 'u-admin',
    });
    expect(JSON.stringify([seen, server.records])).to.not.contain('hunter2');
  });

  it('tells nobody but administrators', async () => {
    const operator = await connect(OPERATOR);
    const { events: told, subscription } = await watch(operator);
    const states: unknown[] = [];
    const item = await subscription.monitor(
      { nodeId: operator.id('cabinet/A/compartment/3/State'), attributeId: AttributeIds.Value },
      { samplingInterval: 0, queueSize: 10, discardOldest: true },
      0,
    );
    item.on('changed', ({ value }: DataValue) => void states.push(value.value));
    const events = seen.length;
    await administrator.command('A', 'Open', 1, 'again');
    await next('AuditUpdateMethod', events);
    await administrator.session.write({
      nodeId: administrator.id('site/Name'),
      attributeId: AttributeIds.Value,
      value: { value: { dataType: 'String', value: 'mine' } },
    });
    await next('AuditWriteUpdate', events);
    // What the subscription has to tell of it, it tells before this or with it.
    await administrator.command('A', 'Release', 3, 'moved out');
    await eventually('the new state', () => states.at(-1) === 0);
    // What happens at cabinets is for operators too; audit events are of the standard's own types.
    expect(told.filter(({ EventType }) => String(EventType).startsWith('ns=0;'))).to.deep.equal([]);
  });
});
