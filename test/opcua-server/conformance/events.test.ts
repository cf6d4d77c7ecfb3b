import { expect } from 'chai';
import {
  AttributeIds,
  ContentFilter,
  type ContentFilterElementOptions,
  DataType,
  ElementOperand,
  EventFilter,
  FilterOperator,
  LiteralOperand,
  resolveNodeId,
  SimpleAttributeOperand,
  TimestampsToReturn,
  type Variant,
} from 'node-opcua';
import { GATEWAY } from '../../../domain/event.ts';
import { eventually } from '../../support/eventually.ts';
import { ADMINISTRATOR, OPERATOR, type TestClient } from '../support/client.ts';
import { SecuredServer } from '../support/secured-server.ts';
import { subscribe } from './support.ts';

const SERVER = 'ns=0;i=2253';
const {
  And,
  Between,
  BitwiseAnd,
  BitwiseOr,
  Cast,
  Equals,
  GreaterThan,
  GreaterThanOrEqual,
  InList,
  IsNull,
  LessThan,
  LessThanOrEqual,
  Like,
  Not,
  OfType,
  Or,
} = FilterOperator;

const field = (name: string): SimpleAttributeOperand =>
  new SimpleAttributeOperand({
    typeDefinitionId: 'ns=0;i=2041',
    browsePath: [{ namespaceIndex: 0, name }],
    attributeId: AttributeIds.Value,
  });
const literal = (dataType: DataType, value: unknown): LiteralOperand =>
  new LiteralOperand({ value: { dataType, value } });
const element = (index: number): ElementOperand => new ElementOperand({ index });
const number = (value: number): LiteralOperand => literal(DataType.UInt16, value);
const type = (id: string): LiteralOperand => literal(DataType.NodeId, resolveNodeId(id));
const where = (filterOperator: FilterOperator, ...filterOperands: object[]): ContentFilterElementOptions =>
  ({ filterOperator, filterOperands }) as ContentFilterElementOptions;

/** Operators with conditions that the event of the test fulfils, and ones that it does not. */
const OPERATORS: readonly {
  readonly operator: string;
  readonly fits: ContentFilterElementOptions[];
  readonly fitsNot: ContentFilterElementOptions[];
}[] = [
  {
    operator: 'Equals',
    fits: [where(Equals, field('Severity'), number(100))],
    fitsNot: [where(Equals, field('Severity'), number(1))],
  },
  {
    operator: 'IsNull',
    fits: [where(IsNull, field('NoSuchField'))],
    fitsNot: [where(IsNull, field('Severity'))],
  },
  {
    operator: 'GreaterThan',
    fits: [where(GreaterThan, field('Severity'), number(99))],
    fitsNot: [where(GreaterThan, field('Severity'), number(100))],
  },
  {
    operator: 'LessThan',
    fits: [where(LessThan, field('Severity'), number(101))],
    fitsNot: [where(LessThan, field('Severity'), number(100))],
  },
  {
    operator: 'GreaterThanOrEqual',
    fits: [where(GreaterThanOrEqual, field('Severity'), number(100))],
    fitsNot: [where(GreaterThanOrEqual, field('Severity'), number(101))],
  },
  {
    operator: 'LessThanOrEqual',
    fits: [where(LessThanOrEqual, field('Severity'), number(100))],
    fitsNot: [where(LessThanOrEqual, field('Severity'), number(99))],
  },
  {
    operator: 'Like',
    fits: [where(Like, field('SourceName'), literal(DataType.String, 'Attribute/%'))],
    fitsNot: [where(Like, field('SourceName'), literal(DataType.String, 'Session/%'))],
  },
  {
    operator: 'Not',
    fits: [where(Not, element(1)), where(IsNull, field('Severity'))],
    fitsNot: [where(Not, element(1)), where(IsNull, field('NoSuchField'))],
  },
  {
    operator: 'Between',
    fits: [where(Between, field('Severity'), number(50), number(100))],
    fitsNot: [where(Between, field('Severity'), number(1), number(99))],
  },
  {
    operator: 'InList',
    fits: [where(InList, field('Severity'), number(1), number(100))],
    fitsNot: [where(InList, field('Severity'), number(1), number(2))],
  },
  {
    operator: 'And',
    fits: [
      where(And, element(1), element(2)),
      where(Equals, field('Severity'), number(100)),
      where(IsNull, field('NoSuchField')),
    ],
    fitsNot: [
      where(And, element(1), element(2)),
      where(Equals, field('Severity'), number(100)),
      where(IsNull, field('Severity')),
    ],
  },
  {
    operator: 'Or',
    fits: [
      where(Or, element(1), element(2)),
      where(Equals, field('Severity'), number(1)),
      where(IsNull, field('NoSuchField')),
    ],
    fitsNot: [
      where(Or, element(1), element(2)),
      where(Equals, field('Severity'), number(1)),
      where(IsNull, field('Severity')),
    ],
  },
  {
    operator: 'Cast',
    fits: [
      where(Equals, element(1), literal(DataType.String, '100')),
      where(Cast, field('Severity'), type('ns=0;i=12')),
    ],
    fitsNot: [where(Equals, element(1), number(100)), where(Cast, field('Severity'), type('ns=0;i=12'))],
  },
  {
    operator: 'BitwiseAnd',
    // 100 is 0b110_0100.
    fits: [where(Equals, element(1), number(0b100)), where(BitwiseAnd, field('Severity'), number(0b111))],
    fitsNot: [where(Equals, element(1), number(0b111)), where(BitwiseAnd, field('Severity'), number(0b111))],
  },
  {
    operator: 'BitwiseOr',
    fits: [where(Equals, element(1), number(0b110_0111)), where(BitwiseOr, field('Severity'), number(0b011))],
    fitsNot: [where(Equals, element(1), number(100)), where(BitwiseOr, field('Severity'), number(0b011))],
  },
  {
    operator: 'OfType',
    fits: [where(OfType, type('ns=0;i=2127'))],
    fitsNot: [where(OfType, type('ns=0;i=2058'))],
  },
];

describe('OPC UA conformance: events', () => {
  let server: SecuredServer;
  let client: TestClient;

  before(async () => {
    server = await SecuredServer.start();
  });
  beforeEach(async () => {
    client = await server.connect(ADMINISTRATOR);
  });
  afterEach(() => server.disconnect());
  after(() => server.close());

  /** The severities and messages of the events that pass a filter, from now on. */
  async function watch(
    of: TestClient,
    elements: ContentFilterElementOptions[],
    node = SERVER,
  ): Promise<Variant[][]> {
    const seen: Variant[][] = [];
    const subscription = await subscribe(of);
    const item = await subscription.monitor(
      { nodeId: node, attributeId: AttributeIds.EventNotifier },
      {
        queueSize: 100,
        filter: new EventFilter({
          selectClauses: ['EventType', 'SourceName', 'Severity', 'Time', 'Message'].map(field),
          whereClause: new ContentFilter({ elements }),
        }),
      },
      TimestampsToReturn.Both,
    );
    item.on('changed', (fields: unknown) => void seen.push(fields as Variant[]));
    return seen;
  }

  /** Raises an audit event of severity 100. */
  const calls = (): Promise<unknown> => client.command('A', 'Open', 1, 'test');

  it('Monitor Events: an audit event passes each operator that a client may filter with, where it fits', async () => {
    const audits = [where(OfType, type('ns=0;i=2127'))];
    const all = await watch(client, audits);
    const watched: { operator: string; fits: Variant[][]; fitsNot: Variant[][] }[] = [];
    for (const { operator, fits, fitsNot } of OPERATORS)
      watched.push({ operator, fits: await watch(client, fits), fitsNot: await watch(client, fitsNot) });
    await calls();
    await eventually('the audit event', () => all.length === 1);
    const method = (seen: Variant[][]): number =>
      seen.filter(([eventType]) => String(eventType?.value) === 'ns=0;i=2127').length;
    await eventually('it in all subscriptions that want it', () =>
      watched.every(({ fits }) => method(fits) === 1),
    );
    for (const { operator, fitsNot } of watched) expect(method(fitsNot), operator).to.equal(0);
  });

  it('Monitor Events: events of the site pass the same operators', async () => {
    const operator = await server.connect(OPERATOR);
    const even = await watch(operator, [
      where(Equals, element(1), number(0)),
      where(BitwiseAnd, element(2), number(1)),
      where(Cast, field('Severity'), type('ns=0;i=6')),
    ]);
    const odd = await watch(operator, [
      where(Equals, element(1), number(1)),
      where(BitwiseAnd, field('Severity'), number(1)),
    ]);
    server.gateway.append('A', { type: 'door-closed', actor: GATEWAY, data: { compartment: 1 } });
    await eventually('the event', () => even.some(([, name]) => name?.value === 'Cabinet A'));
    expect(odd.filter(([, name]) => name?.value === 'Cabinet A')).to.deep.equal([]);
  });

  it('Address Space Events: the Server object and the objects of the site tell what happens to them', async () => {
    const notifier = async (nodeId: string): Promise<number> =>
      (await client.session.read({ nodeId, attributeId: AttributeIds.EventNotifier })).value.value;
    for (const node of [SERVER, client.id('cabinet/A'), client.id('cassette/C%2F1')])
      expect((await notifier(node)) & 1, node).to.equal(1);
    const atCabinet = await watch(client, [], client.id('cabinet/A'));
    const atCassette = await watch(client, [], client.id('cassette/C%2F1'));
    server.gateway.append('A', { type: 'door-closed', actor: GATEWAY, data: { compartment: 1 } });
    await eventually('the event', () => atCabinet.length > 0);
    const [eventType, , severity, time, message] = atCabinet[0] ?? [];
    expect(String(eventType?.value)).to.match(/^ns=\d+;/);
    expect(severity?.value).to.be.within(1, 1_000);
    expect(time?.value).to.be.an.instanceOf(Date);
    expect(message?.value.text).to.be.a('string').that.is.not.equal('');
    expect(atCassette).to.deep.equal([]);
  });

  it('Monitor QueueSize_ServerMax: whoever asks for the longest queue is told how long it is', async () => {
    const subscription = await subscribe(client);
    const item = await subscription.monitor(
      { nodeId: SERVER, attributeId: AttributeIds.EventNotifier },
      { queueSize: 0xffff_ffff, filter: new EventFilter({ selectClauses: [field('Severity')] }) },
      TimestampsToReturn.Both,
    );
    const { result } = item as unknown as { result: { revisedQueueSize: number } };
    expect(result.revisedQueueSize).to.be.within(1_000, 0xffff_fffe);
  });
});
