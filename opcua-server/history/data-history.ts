/** The history of values: as they changed, and as they were at given times (OPC 10000-11, 6.5.3 and 6.5.5). */
import {
  DataValue,
  HistoryData,
  type ReadAtTimeDetails,
  type ReadRawModifiedDetails,
  StatusCode,
  StatusCodes,
  TimestampsToReturn,
  Variant,
} from 'node-opcua';
import type { Milliseconds } from '../../domain/site.ts';
import { HistoryFailure } from './failure.ts';
import type { HistoryLog, Steps } from './log.ts';
import { rangeOf, timeOf } from './range.ts';
import type { Outcome } from './reading.ts';
import { type Change, changesOf, Follower, type Timeline } from './timeline.ts';

/** Bits of a status that say where a value comes from (OPC 10000-4, 7.39, "HistorianBits"). */
export const HISTORIAN = { calculated: 0x1, interpolated: 0x2, partial: 0x4 } as const;
/** Says that these bits are meant. */
const DATA_VALUE_INFO = 0x400;
/** Most times of one request. */
const MOST_TIMES = 1_000;
/** Changes are read backwards in stretches of so many. */
const STRETCH = 50;

/** A value with its time, as a client gets it; `bits` say how it was come by. */
export function dataValue(
  at: Milliseconds,
  { value, status }: Change['shown'],
  stamps: TimestampsToReturn,
  bits = 0,
): DataValue {
  const time = new Date(at);
  return new DataValue({
    value,
    statusCode: bits === 0 ? status : StatusCode.makeStatusCode(status, DATA_VALUE_INFO | bits),
    sourceTimestamp: stamps === TimestampsToReturn.Server ? null : time,
    serverTimestamp: stamps === TimestampsToReturn.Source ? null : time,
  });
}

const nothingThere = (at: Milliseconds, status: StatusCode, stamps: TimestampsToReturn): DataValue =>
  dataValue(at, { value: new Variant(), status }, stamps);

/** Reads the changes of a variable, with the values at the bounds of the range where they are asked for. */
export async function* readRaw(
  log: HistoryLog,
  timeline: Timeline,
  { startTime, endTime, numValuesPerNode, returnBounds }: ReadRawModifiedDetails,
  stamps: TimestampsToReturn,
): Steps<DataValue> {
  const { from, until, order } = rangeOf(startTime, endTime, numValuesPerNode);
  const forward = order === 'oldest-first';
  const changes = forward
    ? forwards(log, timeline, from ?? 0, until)
    : backwards(log, timeline, from, until ?? Date.now());
  const first = timeOf(startTime);
  const last = timeOf(endTime);
  let open = returnBounds && first !== undefined;
  for await (const change of changes) {
    if (!change) {
      yield undefined;
      continue;
    }
    if (open && change.at !== first) yield yield* bound(log, timeline, first, forward, stamps);
    open = false;
    yield dataValue(change.at, change.shown, stamps);
  }
  if (open) yield yield* bound(log, timeline, first, forward, stamps);
  if (returnBounds && first !== undefined && last !== undefined && last !== first) {
    yield yield* bound(log, timeline, last, !forward, stamps);
  }
}

/** The value at a bound of a range: the last one up to it, or the next one from it on. */
async function* bound(
  log: HistoryLog,
  timeline: Timeline,
  at: Milliseconds | undefined,
  earlier: boolean,
  stamps: TimestampsToReturn,
): Steps<never, DataValue> {
  const time = at ?? 0;
  const follower = yield* Follower.before(timeline, log, time + (earlier ? 1 : 0));
  if (earlier && follower.last) return dataValue(follower.last.at, follower.last.shown, stamps);
  let pages = 0;
  if (!earlier) {
    for await (const change of changesOf(log, timeline, follower, time, undefined)) {
      if (change) return dataValue(change.at, change.shown, stamps);
      pages += 1;
      if (pages > MOST_PAGES_TO_A_BOUND) break;
      yield undefined;
    }
  }
  return nothingThere(time, StatusCodes.BadBoundNotFound, stamps);
}

/** Pages of the log that are looked at for the next change after a range. */
const MOST_PAGES_TO_A_BOUND = 10;

async function* forwards(
  log: HistoryLog,
  timeline: Timeline,
  from: Milliseconds,
  until: Milliseconds | undefined,
): Steps<Change> {
  const follower = yield* Follower.before(timeline, log, from);
  yield* changesOf(log, timeline, follower, from, until);
}

/** Events fold forwards only: so it goes back in stretches, each of which is read forwards. */
async function* backwards(
  log: HistoryLog,
  timeline: Timeline,
  from: Milliseconds | undefined,
  until: Milliseconds,
): Steps<Change> {
  let end = until;
  while (from === undefined || from < end) {
    const begin = yield* stretchBefore(log, timeline, from, end);
    if (begin === undefined) return;
    const stretch: Change[] = [];
    for await (const change of forwards(log, timeline, begin, end)) {
      if (change) stretch.push(change);
      else yield undefined;
    }
    yield* stretch.reverse();
    end = begin;
  }
}

/** Where a stretch begins that ends at a time: a handful of events before it. Undefined where there are none. */
async function* stretchBefore(
  log: HistoryLog,
  timeline: Timeline,
  from: Milliseconds | undefined,
  end: Milliseconds,
): Steps<never, Milliseconds | undefined> {
  /** Where sources begin that have more events than a handful: before that not all of them are known. */
  const cut: Milliseconds[] = [];
  const oldest: Milliseconds[] = [];
  for (const source of timeline.sources) {
    let count = 0;
    let at: Milliseconds | undefined;
    for await (const event of log.read(source, from, end, 'newest-first', STRETCH)) {
      if (!event) {
        yield undefined;
        continue;
      }
      at = Date.parse(event.at);
      count += 1;
      if (count >= STRETCH) break;
    }
    if (at !== undefined) (count >= STRETCH ? cut : oldest).push(at);
  }
  if (cut.length > 0) return Math.max(...cut);
  return oldest.length === 0 ? undefined : Math.min(...oldest);
}

/** Reads what a variable was at given times, in their order. */
export async function* readAtTimes(
  log: HistoryLog,
  timeline: Timeline,
  { reqTimes }: ReadAtTimeDetails,
  stamps: TimestampsToReturn,
): Steps<DataValue> {
  const now = Date.now();
  for (const time of reqTimes ?? []) {
    const at = timeOf(time);
    const last =
      at === undefined || at > now ? undefined : (yield* Follower.before(timeline, log, at + 1)).last;
    if (at === undefined || !last) {
      yield nothingThere(at ?? time?.getTime() ?? 0, StatusCodes.BadNoData, stamps);
    } else yield dataValue(at, last.shown, stamps, last.at === at ? 0 : HISTORIAN.interpolated);
  }
}

/** @throws HistoryFailure where a client asks for too many times, or for none */
export function checkTimes({ reqTimes }: ReadAtTimeDetails): void {
  const count = reqTimes?.length ?? 0;
  if (count === 0) throw new HistoryFailure(StatusCodes.BadInvalidTimestampArgument);
  if (count > MOST_TIMES) throw new HistoryFailure(StatusCodes.BadTooManyOperations);
}

/** The values of one answer. */
export const DATA_OUTCOME: Outcome<DataValue> = (values) => new HistoryData({ dataValues: [...values] });
