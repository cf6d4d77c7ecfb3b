/** The range of time that a client reads, and the way through it (OPC 10000-11, 6.5.3 and 6.5.2). */
import { StatusCodes } from 'node-opcua';
import type { Milliseconds } from '../../domain/site.ts';
import { HistoryFailure } from './failure.ts';

export interface TimeRange {
  /** Not before this time; undefined for the beginning of the log. */
  readonly from: Milliseconds | undefined;
  /** Before this time; undefined for now. */
  readonly until: Milliseconds | undefined;
  readonly order: 'oldest-first' | 'newest-first';
}

/** Times up to here are no times: OPC UA writes "none" as the beginning of 1601. */
const NO_TIME = Date.UTC(1601, 0, 2);

function given(time: Date | null | undefined): Milliseconds | undefined {
  const at = time?.getTime();
  return at === undefined || Number.isNaN(at) || at < NO_TIME ? undefined : at;
}

/**
 * The range from a start to an end, the start belonging to it and the end not; backwards where the end is the earlier one.
 * Two of start, end and number have to be given.
 * @throws HistoryFailure with BadHistoryOperationInvalid
 */
export function rangeOf(start: Date | null, end: Date | null, most: number): TimeRange {
  const first = given(start);
  const last = given(end);
  if (first === undefined && last === undefined)
    throw new HistoryFailure(StatusCodes.BadHistoryOperationInvalid);
  if (first === undefined || last === undefined) {
    if (most === 0) throw new HistoryFailure(StatusCodes.BadHistoryOperationInvalid);
    // Without a start it goes back from the end, which belongs to it then.
    return first === undefined
      ? { from: undefined, until: (last ?? 0) + 1, order: 'newest-first' }
      : { from: first, until: undefined, order: 'oldest-first' };
  }
  if (first === last) return { from: first, until: first + 1, order: 'oldest-first' };
  return first < last
    ? { from: first, until: last, order: 'oldest-first' }
    : { from: last + 1, until: first + 1, order: 'newest-first' };
}

/** A time that a client gave; undefined for none. */
export { given as timeOf };
