/**
 * Aggregates of values that change in steps (OPC 10000-13): how often and for how long. Averages and interpolations make no
 * sense of states, and are not offered.
 */
import {
  AggregateFunction,
  DataType,
  type DataValue,
  type NodeId,
  type ReadProcessedDetails,
  StatusCodes,
  type TimestampsToReturn,
  Variant,
} from 'node-opcua';
import type { Milliseconds } from '../../domain/site.ts';
import { isOurAggregation } from './configuration.ts';
import { dataValue, HISTORIAN } from './data-history.ts';
import { HistoryFailure } from './failure.ts';
import type { HistoryLog, Steps } from './log.ts';
import { timeOf } from './range.ts';
import { type Change, changesOf, Follower, type Shown, type Timeline } from './timeline.ts';

interface Interval {
  readonly from: Milliseconds;
  readonly until: Milliseconds;
}

/** What is counted while an interval is gone through; it takes the same little memory whatever happens in it. */
interface Tally {
  /** The value at the beginning; undefined where there was none. */
  readonly begin: Shown | undefined;
  /** The value of the moment, and since when. */
  shown: Shown | undefined;
  since: Milliseconds;
  first?: Change;
  last?: Change;
  /** Good values. */
  count: number;
  transitions: number;
  /** Milliseconds with a good value, with another one, and with none. */
  good: number;
  bad: number;
  unknown: number;
  nonZero: number;
  zero: number;
}

/** The result of an aggregate: a number, or a value of the variable with its time; undefined where there is none. */
type Result = number | Change | undefined;

interface Aggregate {
  readonly dataType: DataType;
  readonly of: (tally: Tally, interval: Interval) => Result;
}

const duration = (of: Aggregate['of']): Aggregate => ({ dataType: DataType.Double, of });
const count = (of: Aggregate['of']): Aggregate => ({ dataType: DataType.UInt32, of });
const percent = (of: (tally: Tally) => Milliseconds): Aggregate =>
  duration((tally) => {
    const known = tally.good + tally.bad;
    return known === 0 ? undefined : (of(tally) / known) * 100;
  });

const AGGREGATES: Readonly<Partial<Record<AggregateFunction, Aggregate>>> = {
  [AggregateFunction.Count]: count((tally) => tally.count),
  [AggregateFunction.NumberOfTransitions]: count((tally) => tally.transitions),
  [AggregateFunction.DurationInStateZero]: duration((tally) => tally.zero),
  [AggregateFunction.DurationInStateNonZero]: duration((tally) => tally.nonZero),
  [AggregateFunction.DurationGood]: duration((tally) => tally.good),
  [AggregateFunction.DurationBad]: duration((tally) => tally.bad),
  [AggregateFunction.PercentGood]: percent((tally) => tally.good),
  [AggregateFunction.PercentBad]: percent((tally) => tally.bad),
  [AggregateFunction.Start]: duration((tally) => tally.first),
  [AggregateFunction.End]: duration((tally) => tally.last),
  [AggregateFunction.StartBound]: duration(
    (tally, { from }) => tally.begin && { at: from, shown: tally.begin },
  ),
  [AggregateFunction.EndBound]: duration(
    (tally, { until }) => tally.shown && { at: until, shown: tally.shown },
  ),
};

/** The ids of the aggregates that are offered. */
export const AGGREGATE_IDS: readonly AggregateFunction[] = Object.keys(AGGREGATES).map(Number);

/** The longest that an aggregate may be over: the times of a site are not older than OPC UA. */
const LONGEST_RANGE: Milliseconds = 50 * 366 * 86_400_000;

/**
 * Reads an aggregate, interval by interval; backwards where the end is the earlier one.
 * @throws HistoryFailure at once for what is not offered
 */
export function readProcessed(
  log: HistoryLog,
  timeline: Timeline,
  { startTime, endTime, processingInterval, aggregateType, aggregateConfiguration }: ReadProcessedDetails,
  stamps: TimestampsToReturn,
): Steps<DataValue> {
  const aggregate = aggregateOf(aggregateType?.[0]);
  if (!aggregate) throw new HistoryFailure(StatusCodes.BadAggregateNotSupported);
  if (!isOurAggregation(aggregateConfiguration))
    throw new HistoryFailure(StatusCodes.BadAggregateConfigurationRejected);
  const start = timeOf(startTime);
  const end = timeOf(endTime);
  if (start === undefined || end === undefined || start === end || Math.abs(end - start) > LONGEST_RANGE)
    throw new HistoryFailure(StatusCodes.BadInvalidArgument);
  if (!(processingInterval >= 0) || (processingInterval > 0 && processingInterval < 1))
    throw new HistoryFailure(StatusCodes.BadAggregateInvalidInputs);
  const length = processingInterval === 0 ? Math.abs(end - start) : Math.floor(processingInterval);
  return aggregated(log, timeline, aggregate, intervalsOf(start, end, length), stamps);
}

function aggregateOf(id: NodeId | undefined): Aggregate | undefined {
  if (id?.namespace !== 0 || typeof id.value !== 'number') return undefined;
  return AGGREGATES[id.value as AggregateFunction];
}

/** The intervals in the order that was asked for; the last may be shorter. */
function* intervalsOf(start: Milliseconds, end: Milliseconds, length: Milliseconds): Generator<Interval> {
  for (let at = start; at < end; at += length) yield { from: at, until: Math.min(at + length, end) };
  for (let at = start; at > end; at -= length) yield { from: Math.max(at - length, end), until: at };
}

async function* aggregated(
  log: HistoryLog,
  timeline: Timeline,
  aggregate: Aggregate,
  intervals: Iterable<Interval>,
  stamps: TimestampsToReturn,
): Steps<DataValue> {
  const now = Date.now();
  let follower: Follower<unknown> | undefined;
  let reached: Milliseconds | undefined;
  for (const interval of intervals) {
    if (interval.from >= now) {
      yield dataValue(interval.from, { value: new Variant(), status: StatusCodes.BadNoData }, stamps);
      continue;
    }
    // An interval that follows on the one before goes on with what is known.
    if (!follower || reached !== interval.from)
      follower = yield* Follower.before(timeline, log, interval.from);
    const until = Math.min(interval.until, now);
    const tally = begun(follower, interval.from);
    for await (const change of changesOf(log, timeline, follower, interval.from, until)) {
      if (change) took(tally, change);
      else yield undefined;
    }
    passed(tally, until);
    reached = until;
    yield resultOf(aggregate, tally, interval, until < interval.until, stamps);
  }
}

function begun(follower: Follower<unknown>, from: Milliseconds): Tally {
  const begin = follower.last?.shown;
  return {
    begin,
    shown: begin,
    since: from,
    count: 0,
    transitions: 0,
    good: 0,
    bad: 0,
    unknown: 0,
    nonZero: 0,
    zero: 0,
  };
}

/** Adds the time up to a moment to what was shown until then. */
function passed(tally: Tally, at: Milliseconds): void {
  const { shown, since } = tally;
  const lasted = at - since;
  tally.since = at;
  if (!shown) tally.unknown += lasted;
  else if (!shown.status.isGood()) tally.bad += lasted;
  else {
    tally.good += lasted;
    if (Number(shown.value.value) === 0) tally.zero += lasted;
    else tally.nonZero += lasted;
  }
}

function took(tally: Tally, change: Change): void {
  passed(tally, change.at);
  const { shown: before } = tally;
  const { shown } = change;
  tally.first ??= change;
  tally.last = change;
  tally.shown = shown;
  if (!shown.status.isGood()) return;
  tally.count += 1;
  if (before?.status.isGood() && before.value.value !== shown.value.value) tally.transitions += 1;
}

function resultOf(
  { dataType, of }: Aggregate,
  tally: Tally,
  interval: Interval,
  partial: boolean,
  stamps: TimestampsToReturn,
): DataValue {
  const result = tally.good + tally.bad === 0 && !tally.first ? undefined : of(tally, interval);
  if (result === undefined) {
    return dataValue(interval.from, { value: new Variant(), status: StatusCodes.BadNoData }, stamps);
  }
  const incomplete = partial || tally.unknown > 0 ? HISTORIAN.partial : 0;
  if (typeof result !== 'number') return dataValue(result.at, result.shown, stamps, incomplete);
  // Part of the time in which nothing was known of the variable makes a duration less than sure.
  const status = tally.bad > 0 ? StatusCodes.UncertainDataSubNormal : StatusCodes.Good;
  const value = new Variant({ dataType, value: result });
  return dataValue(interval.from, { value, status }, stamps, HISTORIAN.calculated | incomplete);
}
