import { connect } from 'node:net';
import { expect } from 'chai';
import {
  AttributeIds,
  CallRequest,
  CancelRequest,
  constructEventFilter,
  HistoryReadRequest,
  MessageSecurityMode,
  ObjectTypeIds,
  ReadRawModifiedDetails,
  SecurityPolicy,
  SecurityTokenRequestType,
  TimestampsToReturn,
  type Variant,
} from 'node-opcua';
import type { Done } from '../../../gateway/api.ts';
import { eventually } from '../../support/eventually.ts';
import { ADMINISTRATOR, failureOf, OPERATOR, type TestClient } from '../support/client.ts';
import { clientCertificate, SecuredServer } from '../support/secured-server.ts';
import { send, subscribe } from './support.ts';

const FIELDS = [
  'EventType',
  'SourceName',
  'Status',
  'ClientUserId',
  'SecurityPolicyUri',
  'SecurityMode',
  'RequestType',
  'ClientCertificateThumbprint',
  'RequestHandle',
  'ClientAuditEntryId',
] as const;
type Seen = Readonly<Record<(typeof FIELDS)[number], unknown>>;

describe('OPC UA auditing of channels, cancellations and histories', () => {
  let server: SecuredServer;
  let administrator: TestClient;
  const scada = clientCertificate('SCADA');
  const seen: Seen[] = [];

  before(async () => {
    server = await SecuredServer.start({ trustUnknownClients: false });
    const as = await server.as(scada);
    await failureOf(server.connect(ADMINISTRATOR, as));
    await server.asked({ do: 'trust-opcua-client', thumbprint: scada.certificate.fingerprint });
    administrator = await server.connect(ADMINISTRATOR, as);
    const subscription = await subscribe(administrator);
    const item = await subscription.monitor(
      { nodeId: 'ns=0;i=2253', attributeId: AttributeIds.EventNotifier },
      {
        samplingInterval: 0,
        queueSize: 1_000,
        discardOldest: true,
        filter: constructEventFilter([...FIELDS]),
      },
      TimestampsToReturn.Both,
    );
    item.on('changed', (values: unknown) => {
      const fields = FIELDS.map((name, index) => [name, (values as Variant[])[index]?.value]);
      seen.push(Object.fromEntries(fields) as Seen);
    });
  });
  after(() => server.close());

  /** The next event of a type, of those after number `from` that are looked for. */
  async function next(
    type: 'AuditOpenSecureChannel' | 'AuditCancel',
    from: number,
    wanted: (event: Seen) => boolean = () => true,
  ): Promise<Seen> {
    const id = `ns=0;i=${ObjectTypeIds[`${type}EventType`]}`;
    const find = (): Seen | undefined =>
      seen.slice(from).find((event) => String(event.EventType) === id && wanted(event));
    await eventually(`an event ${type}`, () => find() !== undefined);
    return find() as Seen;
  }

  it('tells of a channel that is opened: by which application, with which policy', async () => {
    const from = seen.length;
    await server.connect(OPERATOR, await server.as(scada));
    // Before it, the client asks for the endpoints, which may be done in clear.
    const encrypted = ({ SecurityMode }: Seen): boolean =>
      SecurityMode === MessageSecurityMode.SignAndEncrypt;
    const event = await next('AuditOpenSecureChannel', from, encrypted);
    expect(event).to.include({
      SourceName: 'SecureChannel/OpenSecureChannel',
      ClientUserId: 'System/OpenSecureChannel',
      Status: true,
      SecurityPolicyUri: SecurityPolicy.Basic256Sha256,
      SecurityMode: MessageSecurityMode.SignAndEncrypt,
      RequestType: SecurityTokenRequestType.Issue,
    });
    expect(String(event.ClientCertificateThumbprint).toUpperCase()).to.equal(
      scada.certificate.fingerprint.replaceAll(':', ''),
    );
  });

  it('tells of a channel that is refused, and puts on record to which address', async () => {
    const [events, records] = [seen.length, server.records.length];
    const stranger = clientCertificate('stranger');
    await failureOf(server.connect(OPERATOR, await server.as(stranger)));
    const refused = await next('AuditOpenSecureChannel', events, ({ Status }) => Status === false);
    expect(refused).to.include({ SecurityPolicyUri: SecurityPolicy.Basic256Sha256 });
    expect(await server.recorded('opcua-channel-refused', records)).to.deep.include({
      status: 'BadSecurityChecksFailed',
      address: '127.0.0.1',
    });
  });

  it('puts on record who says something that is no OPC UA, and not who only looks whether the port is open', async () => {
    const records = server.records.length;
    const port = Number(new URL(server.endpointUrl.replace('opc.tcp', 'http')).port);
    const looks = connect(port, '127.0.0.1');
    await new Promise((resolve) => looks.once('connect', resolve));
    looks.destroy();
    const talks = connect(port, '127.0.0.1');
    talks.on('error', () => {});
    talks.write('GET / HTTP/1.1\r\nHost: sezam\r\n\r\n');
    // The library refuses what is no message, the limits of connections what is too long for one.
    const refusals = () =>
      server.records
        .slice(records)
        .filter(({ type }) => type === 'opcua-channel-refused' || type === 'opcua-connection-ended');
    await eventually('a record', () => refusals().length > 0);
    talks.destroy();
    expect(refusals()).to.have.length(1);
    expect(refusals()[0]?.data).to.include({ address: '127.0.0.1' });
  });

  it('tells of a Cancel, with what the client calls it', async () => {
    let finish: (done: Done) => void = () => {};
    let opening = false;
    server.gateway.operate = () => {
      opening = true;
      return new Promise<Done>((resolve) => {
        finish = resolve;
      });
    };
    const call = new CallRequest({
      methodsToCall: [
        {
          objectId: administrator.id('cabinet/A'),
          methodId: administrator.id('cabinet/A/Open'),
          inputArguments: [
            { dataType: 'UInt16', value: 1 },
            { dataType: 'String', value: 'test' },
          ],
        },
      ],
    });
    const answer = send(administrator.session, call);
    await eventually('the opening', () => opening);
    const from = seen.length;
    const { requestHandle } = call.requestHeader;
    const cancel = new CancelRequest({ requestHandle });
    cancel.requestHeader.auditEntryId = 'shift 2';
    await send(administrator.session, cancel);
    await answer;
    finish({ ok: true, cabinet: 'A', compartment: 1 });
    expect(await next('AuditCancel', from)).to.include({
      SourceName: 'Session/Cancel',
      Status: true,
      ClientUserId: 'admin',
      RequestHandle: requestHandle,
      ClientAuditEntryId: 'shift 2',
    });
  });

  it('puts on record which readings of history are refused, and none that only find nothing', async () => {
    const operator = await server.connect(OPERATOR, await server.as(scada));
    Object.assign(server.gateway.queries, {
      events: async () => ({ ok: true, events: [], next: undefined }),
    });
    const records = server.records.length;
    const read = (name: string, options: object = {}) =>
      send(
        operator.session,
        new HistoryReadRequest({
          historyReadDetails: new ReadRawModifiedDetails({
            startTime: new Date('2026-01-01'),
            endTime: new Date('2026-01-02'),
            numValuesPerNode: 10,
            ...options,
          }),
          nodesToRead: [{ nodeId: operator.id(name) }],
        }),
      );
    await read('cabinet/A/compartment/1/State');
    await read('cabinet/A/Name');
    expect(await server.recorded('opcua-history-refused', records)).to.deep.include({
      node: operator.id('cabinet/A/Name'),
      status: 'BadHistoryOperationUnsupported',
      user: 'u-operator',
    });
    const refused = server.records.slice(records).filter(({ type }) => type === 'opcua-history-refused');
    expect(refused).to.have.length(1);
  });
});
