import { expect } from 'chai';
import fc from 'fast-check';
import {
  AggregateFunction,
  AttributeIds,
  ContentFilter,
  DataType,
  type DataValue,
  EventFilter,
  FilterOperator,
  LiteralOperand,
  makeNodeId,
  type NodeId,
  ReadAtTimeDetails,
  ReadEventDetails,
  ReadProcessedDetails,
  ReadRawModifiedDetails,
  resolveNodeId,
  SimpleAttributeOperand,
} from 'node-opcua';
import type { LoggedEvent } from '../../domain/event.ts';
import { Chain, HistoryServer, readAll, readHistory } from './support/history-server.ts';

const START = Date.UTC(2020, 0, 1);
const HOUR = 3_600_000;
/** A door is opened and closed every hour, for more than half a year; nobody is ever given the compartment. */
const EVENTS = 10_500;

function longLog(): LoggedEvent[] {
  const cabinet = {
    id: 'A',
    kind: 'multi',
    schema: '2.2',
    compartments: [{ number: 1, board: 'b1' }],
    groups: [],
    userGroups: [],
    doors: { opensWithin: 1000, attempts: 2, leftOpenAfter: 60_000, grantValidFor: 10_000 },
  };
  const chain = new Chain('cabinet/A').add(START, 'cabinet-configured', { cabinet });
  for (let number = 1; number < EVENTS; number += 1) {
    const at = START + number * HOUR;
    if (number % 2 === 1) chain.add(at, 'door-opened', { compartment: 1, grant: `g${number}` });
    else chain.add(at, 'door-closed', { compartment: 1 });
  }
  return chain.events;
}

const YEARS = { startTime: new Date(START), endTime: new Date(START + 20 * 365 * 24 * HOUR) };
const DOOR = 'cabinet/A/compartment/1/Door';

describe('OPC UA history of years', () => {
  let site: HistoryServer;

  before(async () => {
    site = await HistoryServer.start(longLog());
  });

  after(() => site?.close());

  it('comes in parts, each after a bounded number of pages', async () => {
    const details = new ReadRawModifiedDetails({ isReadModified: false, ...YEARS });
    const [first] = await readHistory(site.operator, DOOR, details);
    expect(first?.continuationPoint).to.have.lengthOf(16);
    const before = site.pages;
    const { values, parts } = await readAll(site.operator, DOOR, details);
    expect(values).to.have.lengthOf(EVENTS);
    expect(parts).to.equal(Math.ceil(EVENTS / 1_000));
    expect(site.pages - before, 'no event is read twice').to.be.at.most(EVENTS / 200 + 10);
    const backwards = { startTime: YEARS.endTime, endTime: new Date(START - 1) };
    const { values: reversed } = await readAll(
      site.operator,
      DOOR,
      new ReadRawModifiedDetails({ isReadModified: false, ...backwards, numValuesPerNode: 300 }),
    );
    const times = reversed.map(({ sourceTimestamp }) => sourceTimestamp?.getTime());
    expect(times).to.deep.equal(values.map(({ sourceTimestamp }) => sourceTimestamp?.getTime()).reverse());
  });

  it('with a filter that nothing passes is answered with nothing and the way on, not with a long wait', async () => {
    const type = (name: string, namespaceIndex: number) =>
      new SimpleAttributeOperand({
        typeDefinitionId: resolveNodeId('BaseEventType'),
        browsePath: [{ name, namespaceIndex }],
        attributeId: AttributeIds.Value,
      });
    const elements = [
      {
        filterOperator: FilterOperator.GreaterThan,
        filterOperands: [
          type('Severity', 0),
          new LiteralOperand({ value: { dataType: DataType.UInt16, value: 999 } }),
        ],
      },
    ];
    const filter = new EventFilter({
      selectClauses: [type('Time', 0)],
      whereClause: new ContentFilter({ elements }),
    });
    const details = new ReadEventDetails({ ...YEARS, numValuesPerNode: 0, filter });
    const before = site.pages;
    const [first] = await readHistory(site.operator, 'i=2253', details);
    expect(first?.statusCode.name).to.equal('Good');
    expect(first?.continuationPoint).to.have.lengthOf(16);
    expect(site.pages - before).to.be.at.most(51);
    const { events, parts, status } = await readAll(site.operator, 'i=2253', details);
    expect(events).to.deep.equal([]);
    expect(parts).to.be.at.least(2);
    expect(status).to.equal('GoodNoData');
  });

  it('over many intervals reads the log once, forwards and backwards', async () => {
    const end = START + 400 * HOUR;
    const details = (startTime: number, endTime: number): ReadProcessedDetails =>
      new ReadProcessedDetails({
        startTime: new Date(startTime),
        endTime: new Date(endTime),
        processingInterval: 2 * HOUR,
        aggregateType: [makeNodeId(AggregateFunction.Count)],
        aggregateConfiguration: { useServerCapabilitiesDefaults: true },
      });
    const before = site.pages;
    const upwards = await readAll(site.operator, DOOR, details(START, end));
    expect(upwards.values.map(({ value }) => value.value)).to.deep.equal(
      Array.from({ length: 200 }, () => 2),
    );
    expect(upwards.parts).to.equal(1);
    expect(site.pages - before).to.be.at.most(15);
    const downwards = await readAll(site.operator, DOOR, details(end, START));
    const times = (values: readonly DataValue[]) =>
      values.map(({ sourceTimestamp }) => sourceTimestamp?.getTime());
    expect(times(downwards.values)).to.deep.equal(times(upwards.values).reverse());
    expect(downwards.values.every(({ value }) => value.value === 2)).to.equal(true);
  });

  it('says that it is not sure where more lies behind than it looks back', async () => {
    const end = START + EVENTS * HOUR;
    const details = new ReadRawModifiedDetails({
      isReadModified: false,
      startTime: new Date(end),
      endTime: new Date(end + HOUR),
      returnBounds: true,
    });
    const { values } = await readAll(site.operator, 'cabinet/A/compartment/1/State', details);
    expect(values[0]?.statusCode.name).to.equal('UncertainDataSubNormal');
    const door = await readAll(site.operator, DOOR, details);
    expect(door.values[0]?.statusCode.name, 'the last event of a door tells all of it').to.equal('Good');
  });

  it('takes 32 nodes in one request, and few readings at a time', async () => {
    const details = new ReadRawModifiedDetails({ isReadModified: false, ...YEARS, numValuesPerNode: 10 });
    const nodes = (count: number): string[] => Array.from({ length: count }, () => DOOR);
    const results = await readHistory(site.operator, nodes(32), details);
    expect(results.every(({ statusCode }) => statusCode.name === 'Good')).to.equal(true);
    const tooMany = await readHistory(site.operator, nodes(33), details).then(
      () => 'answered',
      (error: Error) => error.message,
    );
    expect(tooMany).to.include('BadTooManyOperations');
    // No page comes until all requests are in: the server takes those of one client in their order.
    const release = site.holdPages();
    const requests = [1, 2, 3, 4].map(() => readHistory(site.operator, nodes(32), details));
    await site.operator.read('site/Name');
    release();
    const crowd = await Promise.all(requests);
    const statuses = new Set(crowd.flat().map(({ statusCode }) => statusCode.name));
    expect([...statuses]).to.have.members(['Good', 'BadTooManyOperations']);
  });

  it('answers whatever is asked, and goes on', async () => {
    const times = fc.constantFrom(
      null,
      new Date(0),
      new Date(START),
      new Date(START + HOUR),
      new Date(253402300799000),
    );
    const numbers = fc.constantFrom(0, 1, 7, 0xffff_ffff);
    const lengths = fc.constantFrom(
      0,
      1,
      0.5,
      -1,
      HOUR,
      Number.NaN,
      Number.POSITIVE_INFINITY,
      Number.MAX_VALUE,
    );
    const aggregates = fc.constantFrom<NodeId[] | null>(
      null,
      [],
      [makeNodeId(AggregateFunction.Count)],
      [makeNodeId(4711, 9)],
    );
    const requests = fc.oneof(
      fc
        .record({ startTime: times, endTime: times, numValuesPerNode: numbers, returnBounds: fc.boolean() })
        .map((options) => new ReadRawModifiedDetails({ isReadModified: false, ...options })),
      fc
        .record({ startTime: times, endTime: times, processingInterval: lengths, aggregateType: aggregates })
        .map(
          (options) =>
            new ReadProcessedDetails({
              ...options,
              aggregateConfiguration: { useServerCapabilitiesDefaults: true },
            }),
        ),
      fc.array(times, { maxLength: 3 }).map((reqTimes) => new ReadAtTimeDetails({ reqTimes })),
      fc
        .record({ startTime: times, endTime: times, numValuesPerNode: numbers })
        .map((options) => new ReadEventDetails({ ...options, filter: new EventFilter({}) })),
    );
    const points = fc.option(fc.uint8Array({ maxLength: 40 }), { nil: undefined });
    const nodes = fc.constantFrom(DOOR, 'cabinet/A', 'i=2253', 'site/Name', 'type/CabinetType', 'i=84');
    const answered = fc.asyncProperty(requests, points, nodes, async (details, point, node) => {
      const continuationPoint = point && { continuationPoint: Buffer.from(point) };
      const [result] = await readHistory(site.operator, node, details, continuationPoint);
      expect(result?.statusCode.name).to.be.a('string').and.not.equal('BadInternalError');
    });
    await fc.assert(answered, { numRuns: 60, endOnFailure: true });
  });

  it('leaves the server at work while the store is away, and says so', async () => {
    const details = new ReadRawModifiedDetails({ isReadModified: false, ...YEARS, numValuesPerNode: 10 });
    await site.store.connection.close();
    const [result] = await readHistory(site.operator, DOOR, details);
    expect(result?.statusCode.name).to.equal('BadDataUnavailable');
    expect((await site.operator.read('site/Name')).value.value).to.equal('Test site');
  });
});
