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

/** So many intervals are calculated at once where they are asked for backwards. */
const A_FEW = 50;
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
  const calculate: Calculate = (intervals, until) =>
    aggregated(log, timeline, aggregate, intervals, until, stamps);
  return start < end
    ? calculate(upwards(start, end, length), end)
    : backwards(calculate, downwards(start, end, length));
}

function aggregateOf(id: NodeId | undefined): Aggregate | undefined {
  if (id?.namespace !== 0 || typeof id.value !== 'number') return undefined;
  return AGGREGATES[id.value as AggregateFunction];
}

/** Intervals from a time on, the last of which may be shorter. */
function* upwards(start: Milliseconds, end: Milliseconds, length: Milliseconds): Generator<Interval> {
  for (let at = start; at < end; at += length) yield { from: at, until: Math.min(at + length, end) };
}

/** Intervals from a time back, the last of which may be shorter; a few at a time, each few in the order of time. */
function* downwards(start: Milliseconds, end: Milliseconds, length: Milliseconds): Generator<Interval[]> {
  let few: Interval[] = [];
  for (let at = start; at > end; at -= length) {
    few.unshift({ from: Math.max(at - length, end), until: at });
    if (few.length < A_FEW) continue;
    yield few;
    few = [];
  }
  if (few.length > 0) yield few;
}

/** Calculates intervals that follow on each other, up to a time. */
type Calculate = (intervals: Iterable<Interval>, until: Milliseconds) => Steps<DataValue>;

/** Events fold forwards only, so what is asked for backwards is calculated a few intervals at a time. */
async function* backwards(calculate: Calculate, fews: Iterable<Interval[]>): Steps<DataValue> {
  for (const few of fews) {
    const values: DataValue[] = [];
    for await (const value of calculate(few, few.at(-1)?.until ?? 0)) {
      if (value) values.push(value);
      else yield undefined;
    }
    yield* values.reverse();
  }
}

/** Goes through intervals that follow on each other, reading the log once. */
async function* aggregated(
  log: HistoryLog,
  timeline: Timeline,
  aggregate: Aggregate,
  intervals: Iterable<Interval>,
  end: Milliseconds,
  stamps: TimestampsToReturn,
): Steps<DataValue> {
  const now = Date.now();
  let changes: Steps<Change> | undefined;
  let shown: Shown | undefined;
  let ahead: Change | undefined;
  try {
    for (const interval of intervals) {
      if (interval.from >= now) {
        yield dataValue(interval.from, { value: new Variant(), status: StatusCodes.BadNoData }, stamps);
        continue;
      }
      if (!changes) {
        const follower = yield* Follower.before(timeline, log, interval.from);
        shown = follower.last?.shown;
        changes = changesOf(log, timeline, follower, interval.from, Math.min(end, now));
      }
      const until = Math.min(interval.until, now);
      const tally = begun(shown, interval.from);
      for (;;) {
        if (!ahead) {
          const { done, value } = await changes.next();
          if (done) break;
          ahead = value;
          if (!value) yield undefined;
        } else if (ahead.at < until) {
          took(tally, ahead);
          ahead = undefined;
        } else break;
      }
      passed(tally, until);
      shown = tally.shown;
      yield resultOf(aggregate, tally, interval, until < interval.until, stamps);
    }
  } finally {
    await changes?.return();
  }
}

function begun(begin: Shown | undefined, from: Milliseconds): Tally {
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
