import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'chai';
import {
  AggregateFunction,
  AttributeIds,
  type DataValue,
  type EventFilter,
  makeNodeId,
  ReadAtTimeDetails,
  ReadProcessedDetails,
  ReadRawModifiedDetails,
} from 'node-opcua';
import { ADMINISTRATOR } from './support/client.ts';
import { Chain, HistoryServer, readAll, readHistory } from './support/history-server.ts';

const START = Date.UTC(2026, 4, 1, 8);
const MINUTE = 60_000;
/** The time so many minutes after the start. */
const at = (minutes: number): Date => new Date(START + minutes * MINUTE);
const time = (minutes: number): number => START + minutes * MINUTE;

const CABINET = {
  id: 'A',
  kind: 'multi',
  schema: '2.2',
  compartments: Array.from({ length: 24 }, (_, index) => ({ number: index + 1, board: 'b1' })),
  groups: [],
  userGroups: [],
  doors: { opensWithin: 1000, attempts: 2, leftOpenAfter: 60_000, grantValidFor: 10_000 },
};
const KEY = { from: 'rest', to: 'rest', armedBy: {}, timers: {} };

/** Compartment 7 is used from minute 10 to 12, its board is lost from 20 to 30, it is forced at 40 and blocked at 50. */
const cabinet = new Chain('cabinet/A')
  .add(time(0), 'cabinet-configured', { cabinet: CABINET })
  .add(time(1), 'doors-found', { board: 'b1', open: [], closed: [7, 8] })
  .add(time(10), 'compartment-granted', { compartment: 7, grant: 'g1', allocation: 'new', user: 'ada' })
  .add(time(11), 'door-opened', { compartment: 7, grant: 'g1', user: 'ada' })
  .add(time(11.5), 'door-opened', { compartment: 8, grant: 'g2', user: 'bob' })
  .add(time(12), 'door-closed', { compartment: 7, grant: 'g1', user: 'ada' })
  .add(time(20), 'board-lost', { board: 'b1' })
  .add(time(30), 'board-found', { board: 'b1' })
  .add(time(40), 'door-forced', { compartment: 7, whileAway: false })
  .add(time(41), 'door-closed', { compartment: 7 })
  .add(time(50), 'compartment-blocked', { compartment: 7, reason: 'inspection' });

const cassette = new Chain('cassette/C/1')
  .add(time(0), 'cassette-configured', { setting: { mode: 'internal' } })
  .add(time(1), 'link-restored')
  .add(time(2), 'part-changed', { part: 'machine', state: 'inserted' })
  .add(time(3), 'part-changed', { part: 'battery', state: 'ok' })
  .add(time(5), 'key-used', { ...KEY, to: 'transit', rom: '016060CF030000A8', reader: 'r' })
  .add(time(6), 'link-lost')
  .add(time(8), 'part-changed', { part: 'machine', state: 'removed' })
  .add(time(9), 'link-restored')
  .add(time(10), 'stained', { ...KEY, from: 'transit', to: 'stained', cause: 'lid' });

const DOOR = 'cabinet/A/compartment/7/Door';
const STATE = 'cabinet/A/compartment/7/State';
const CASSETTE = 'cassette/C%2F1';

/** A value as minutes, number and status. */
function shown(values: readonly DataValue[]): string[] {
  return values.map(({ sourceTimestamp, value, statusCode }) => {
    const minutes = ((sourceTimestamp?.getTime() ?? 0) - START) / MINUTE;
    return `${minutes} ${value.value} ${statusCode.name.split('#')[0]}`;
  });
}

function raw(options: ConstructorParameters<typeof ReadRawModifiedDetails>[0]): ReadRawModifiedDetails {
  return new ReadRawModifiedDetails({ isReadModified: false, ...options });
}

describe('OPC UA history of values', () => {
  let site: HistoryServer;

  before(async () => {
    site = await HistoryServer.start([...cabinet.events, ...cassette.events]);
  });

  after(() => site?.close());

  const read = async (node: string, options: ConstructorParameters<typeof ReadRawModifiedDetails>[0]) =>
    shown((await readAll(site.operator, node, raw(options))).values);

  it('is that of doors, states, and what the log tells of cassettes', async () => {
    const all = { startTime: at(0), endTime: at(60) };
    expect(await read(DOOR, all)).to.deep.equal([
      '0 0 Good',
      '1 1 Good',
      '11 2 Good',
      '12 1 Good',
      '20 1 BadNoCommunication',
      '30 1 Good',
      '40 4 Good',
      '41 1 Good',
    ]);
    expect(await read(STATE, all)).to.deep.equal([
      '0 0 Good',
      '10 2 Good',
      '11 1 Good',
      '20 5 Good',
      '30 1 Good',
      '50 3 Good',
    ]);
    expect(await read(`${CASSETTE}/State`, all)).to.deep.equal(['0 1 Good', '5 2 Good', '10 5 Good']);
    expect(await read(`${CASSETTE}/Linked`, all)).to.deep.equal([
      '0 false Good',
      '1 true Good',
      '6 false Good',
      '9 true Good',
    ]);
    expect(await read(`${CASSETTE}/InMachine`, all)).to.deep.equal([
      '0 null BadNoCommunication',
      '1 null BadNoData',
      '2 true Good',
      '6 true BadNoCommunication',
      '8 false BadNoCommunication',
      '9 false Good',
    ]);
  });

  it('begins with what was before the range, and takes its start in and its end out', async () => {
    expect(await read(STATE, { startTime: at(20), endTime: at(50) })).to.deep.equal([
      '20 5 Good',
      '30 1 Good',
    ]);
    expect(await read(DOOR, { startTime: at(12), endTime: at(12) })).to.deep.equal(['12 1 Good']);
    expect(await read(DOOR, { startTime: at(13), endTime: at(19) })).to.deep.equal([]);
  });

  it('comes the other way round where the end is before the start', async () => {
    expect(await read(DOOR, { startTime: at(41), endTime: at(11) })).to.deep.equal([
      '41 1 Good',
      '40 4 Good',
      '30 1 Good',
      '20 1 BadNoCommunication',
      '12 1 Good',
    ]);
    expect(await read(STATE, { startTime: at(60), endTime: at(0) })).to.deep.equal(
      (await read(STATE, { startTime: at(0.001), endTime: at(60) })).reverse(),
    );
  });

  it('has the values at the bounds where they are asked for', async () => {
    const range = { startTime: at(13), endTime: at(35), returnBounds: true };
    expect(await read(STATE, range)).to.deep.equal(['11 1 Good', '20 5 Good', '30 1 Good', '50 3 Good']);
    expect(await read(DOOR, { startTime: at(42), endTime: at(55), returnBounds: true })).to.deep.equal([
      '41 1 Good',
      '55 null BadBoundNotFound',
    ]);
    expect(await read(DOOR, { startTime: at(-5), endTime: at(0.5), returnBounds: true })).to.deep.equal([
      '-5 null BadBoundNotFound',
      '0 0 Good',
      '1 1 Good',
    ]);
    expect(await read(STATE, { startTime: at(35), endTime: at(13), returnBounds: true })).to.deep.equal([
      '50 3 Good',
      '30 1 Good',
      '20 5 Good',
      '11 1 Good',
    ]);
  });

  it('without a start or an end is as many values as were asked for', async () => {
    expect(await read(DOOR, { startTime: at(20), numValuesPerNode: 2 })).to.deep.equal([
      '20 1 BadNoCommunication',
      '30 1 Good',
    ]);
    expect(await read(DOOR, { endTime: at(30), numValuesPerNode: 3 })).to.deep.equal([
      '30 1 Good',
      '20 1 BadNoCommunication',
      '12 1 Good',
    ]);
  });

  it('comes in parts of the size that was asked for, the same values as at once', async () => {
    const all = { startTime: at(0), endTime: at(60) };
    const { values, parts } = await readAll(site.operator, DOOR, raw({ ...all, numValuesPerNode: 3 }));
    expect(parts).to.equal(3);
    expect(shown(values)).to.deep.equal(await read(DOOR, all));
  });

  it('says what a value was at given times', async () => {
    const reqTimes = [at(11), at(25), at(5), at(-1), new Date(Date.now() + MINUTE)];
    const { values } = await readAll(site.operator, STATE, new ReadAtTimeDetails({ reqTimes }));
    expect(shown(values.slice(0, 4))).to.deep.equal([
      '11 1 Good',
      '25 5 Good',
      '5 0 Good',
      '-1 null BadNoData',
    ]);
    expect(values[4]?.statusCode.name).to.equal('BadNoData');
    const interpolated = values.slice(0, 3).map(({ statusCode }) => (statusCode.value & 3) === 2);
    expect(interpolated, 'of a time between two changes').to.deep.equal([false, true, true]);
  });

  const processed = async (
    node: string,
    aggregate: AggregateFunction,
    start: Date,
    end: Date,
    minutes: number,
  ) => {
    const details = new ReadProcessedDetails({
      startTime: start,
      endTime: end,
      processingInterval: minutes * MINUTE,
      aggregateType: [makeNodeId(aggregate)],
      aggregateConfiguration: { useServerCapabilitiesDefaults: true },
    });
    return shown((await readAll(site.operator, node, details)).values);
  };

  it('is counted and timed over intervals', async () => {
    const over = (aggregate: AggregateFunction, node = STATE) =>
      processed(node, aggregate, at(0), at(60), 20);
    expect(await over(AggregateFunction.Count)).to.deep.equal(['0 3 Good', '20 2 Good', '40 1 Good']);
    expect(await over(AggregateFunction.NumberOfTransitions)).to.deep.equal([
      '0 2 Good',
      '20 2 Good',
      '40 1 Good',
    ]);
    expect(await over(AggregateFunction.DurationInStateZero)).to.deep.equal([
      `0 ${10 * MINUTE} Good`,
      '20 0 Good',
      '40 0 Good',
    ]);
    expect(await over(AggregateFunction.DurationInStateNonZero)).to.deep.equal([
      `0 ${10 * MINUTE} Good`,
      `20 ${20 * MINUTE} Good`,
      `40 ${20 * MINUTE} Good`,
    ]);
    expect(await over(AggregateFunction.PercentGood, DOOR)).to.deep.equal([
      '0 100 Good',
      '20 50 UncertainDataSubNormal',
      '40 100 Good',
    ]);
    expect(await over(AggregateFunction.Start)).to.deep.equal(['0 0 Good', '20 5 Good', '50 3 Good']);
    expect(await over(AggregateFunction.End)).to.deep.equal(['11 1 Good', '30 1 Good', '50 3 Good']);
    expect(await over(AggregateFunction.StartBound)).to.deep.equal([
      '0 null BadNoData',
      '20 1 Good',
      '40 1 Good',
    ]);
    expect(await over(AggregateFunction.EndBound)).to.deep.equal(['20 1 Good', '40 1 Good', '60 3 Good']);
  });

  it('is counted backwards over intervals that begin at the later time', async () => {
    expect(await processed(STATE, AggregateFunction.Count, at(60), at(5), 20)).to.deep.equal([
      '40 1 Good',
      '20 2 Good',
      '5 2 Good',
    ]);
  });

  it('tells what it is: access levels, historizing, the events of objects, aggregates', async () => {
    const { operator } = site;
    for (const node of [DOOR, STATE, `${CASSETTE}/State`, `${CASSETTE}/Linked`, `${CASSETTE}/InMachine`]) {
      expect((await operator.read(node, AttributeIds.AccessLevel)).value.value, node).to.equal(0x05);
      expect((await operator.read(node, AttributeIds.UserAccessLevel)).value.value, node).to.equal(0x05);
      expect((await operator.read(node, AttributeIds.Historizing)).value.value, node).to.equal(true);
    }
    for (const node of ['cabinet/A/Summary/Free', 'cabinet/A/compartment/7/Occupant', `${CASSETTE}/Mode`]) {
      expect((await operator.read(node, AttributeIds.AccessLevel)).value.value, node).to.equal(0x01);
      expect((await operator.read(node, AttributeIds.Historizing)).value.value, node).to.equal(false);
    }
    expect((await operator.read('cabinet/A', AttributeIds.EventNotifier)).value.value).to.equal(5);
    expect((await operator.read(CASSETTE, AttributeIds.EventNotifier)).value.value).to.equal(5);
    const notifier = await operator.session.read({
      nodeId: 'i=2253',
      attributeId: AttributeIds.EventNotifier,
    });
    expect(notifier.value.value).to.equal(5);
    const capability = await operator.session.read({ nodeId: 'i=11193' });
    expect(capability.value.value).to.equal(true);
    const configured = await operator.session.browse({
      nodeId: operator.id(DOOR),
      referenceTypeId: 'HasHistoricalConfiguration',
      resultMask: 63,
    });
    expect(configured.references?.map(({ nodeId }) => nodeId.toString())).to.deep.equal([
      operator.id('history'),
    ]);
    expect((await operator.read('history/Stepped')).value.value).to.equal(true);
    for (const object of ['cabinet/A', CASSETTE]) {
      const filter = (await operator.read(`${object}/HistoricalEventFilter`)).value.value as EventFilter;
      const fields = filter.selectClauses?.map(({ browsePath }) => browsePath?.[0]?.name);
      expect(fields, object).to.include.members(['EventId', 'Message', 'Severity', 'Compartment']);
    }
    const { references } = await operator.session.browse('i=11201');
    expect(references?.map(({ browseName }) => browseName.name)).to.include.members([
      'Count',
      'NumberOfTransitions',
      'DurationInStateNonZero',
      'PercentGood',
    ]);
  });

  it('is refused for what has none, what would change it, and what makes no sense', async () => {
    const status = async (node: string | string[], details: Parameters<typeof readHistory>[2]) =>
      (await readHistory(site.operator, node, details)).map(({ statusCode }) => statusCode.name);
    const range = { startTime: at(0), endTime: at(60) };
    expect(
      await status([STATE, 'cabinet/A/Summary/Free', 'cabinet/A', 'cabinet/Z'], raw(range)),
    ).to.deep.equal([
      'Good',
      'BadHistoryOperationUnsupported',
      'BadHistoryOperationUnsupported',
      'BadNodeIdUnknown',
    ]);
    expect(await status(STATE, raw({ ...range, isReadModified: true }))).to.deep.equal([
      'BadHistoryOperationUnsupported',
    ]);
    expect(await status(STATE, raw({}))).to.deep.equal(['BadHistoryOperationInvalid']);
    expect(await status(STATE, raw({ startTime: at(0) }))).to.deep.equal(['BadHistoryOperationInvalid']);
    expect(await status(STATE, raw({ startTime: at(100), endTime: at(200) }))).to.deep.equal(['GoodNoData']);
    expect(await status(STATE, new ReadAtTimeDetails({ reqTimes: [] }))).to.deep.equal([
      'BadInvalidTimestampArgument',
    ]);
    const tooMany = new ReadAtTimeDetails({ reqTimes: Array.from({ length: 1001 }, () => at(1)) });
    expect(await status(STATE, tooMany)).to.deep.equal(['BadTooManyOperations']);
    const average = (options: object) =>
      new ReadProcessedDetails({
        ...range,
        aggregateType: [makeNodeId(AggregateFunction.Count)],
        aggregateConfiguration: { useServerCapabilitiesDefaults: true },
        ...options,
      });
    expect(
      await status(STATE, average({ aggregateType: [makeNodeId(AggregateFunction.Average)] })),
    ).to.deep.equal(['BadAggregateNotSupported']);
    const otherwise = { aggregateConfiguration: { percentDataGood: 50, percentDataBad: 50 } };
    expect(await status(STATE, average(otherwise))).to.deep.equal(['BadAggregateConfigurationRejected']);
    expect(await status(STATE, average({ endTime: at(0) }))).to.deep.equal(['BadInvalidArgument']);
    expect(await status(STATE, average({ processingInterval: -1 }))).to.deep.equal([
      'BadAggregateInvalidInputs',
    ]);
    expect(await status([STATE, DOOR], average({}))).to.deep.equal([
      'BadAggregateListMismatch',
      'BadAggregateListMismatch',
    ]);
  });

  it('is for administrators and operators', async () => {
    const anonymous = await site.connect();
    try {
      const details = raw({ startTime: at(0), endTime: at(60) });
      const results = await readHistory(anonymous, [STATE, `${CASSETTE}/State`, 'i=2253'], details);
      expect(results.map(({ statusCode }) => statusCode.name)).to.deep.equal([
        'BadUserAccessDenied',
        'BadNodeIdUnknown',
        'BadUserAccessDenied',
      ]);
      const level = await anonymous.read(STATE, AttributeIds.UserAccessLevel);
      expect(level.value.value, 'user access level').to.equal(0x01);
    } finally {
      await anonymous.close();
    }
  });

  it('goes on for the session that began, once, for that node; and is let go of', async () => {
    const details = raw({ startTime: at(0), endTime: at(60), numValuesPerNode: 2 });
    const point = async (): Promise<Buffer> =>
      (await readHistory(site.operator, DOOR, details))[0]?.continuationPoint ?? Buffer.alloc(0);
    const statusOf = async (client = site.operator, node = DOOR, options: object = {}) =>
      (await readHistory(client, node, details, options))[0]?.statusCode.name;
    const continuationPoint = await point();
    expect(continuationPoint).to.have.lengthOf(16);
    const other = await site.connect(ADMINISTRATOR);
    try {
      expect(await statusOf(other, DOOR, { continuationPoint })).to.equal('BadContinuationPointInvalid');
    } finally {
      await other.close();
    }
    expect(await statusOf(site.operator, DOOR, { continuationPoint })).to.equal('Good');
    expect(await statusOf(site.operator, DOOR, { continuationPoint })).to.equal(
      'BadContinuationPointInvalid',
    );
    const second = { continuationPoint: await point() };
    expect(await statusOf(site.operator, STATE, second)).to.equal('BadContinuationPointInvalid');
    const third = { continuationPoint: await point() };
    expect(await statusOf(site.operator, DOOR, { ...third, release: true })).to.equal('Good');
    expect(await statusOf(site.operator, DOOR, third)).to.equal('BadContinuationPointInvalid');
    const first = { continuationPoint: await point() };
    for (let more = 0; more < 8; more += 1) await point();
    expect(await statusOf(site.operator, DOOR, first), 'the oldest of nine').to.equal(
      'BadContinuationPointInvalid',
    );
  });

  it('ends in the middle where the right to it is withdrawn', async () => {
    const details = raw({ startTime: at(0), endTime: at(60), numValuesPerNode: 2 });
    const [first] = await readHistory(site.operator, DOOR, details);
    const continuationPoint = first?.continuationPoint ?? Buffer.alloc(0);
    expect(continuationPoint).to.have.lengthOf(16);
    site.gateway.withdrawn.add('operator');
    let status: string | undefined;
    const end = performance.now() + 30_000;
    while (status !== 'BadUserAccessDenied' && performance.now() < end) {
      const [asked] = await readHistory(site.operator, DOOR, raw({ startTime: at(0), endTime: at(1) }));
      status = asked?.statusCode.name;
      await sleep(50);
    }
    expect(status).to.equal('BadUserAccessDenied');
    const [next] = await readHistory(site.operator, DOOR, details, { continuationPoint });
    expect(next?.statusCode.name).to.equal('BadUserAccessDenied');
    expect(next?.historyData ?? null).to.equal(null);
  });
});
