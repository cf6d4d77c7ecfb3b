/**
 * The event log as history reads it: in pages, over the queries of the gateway. Nothing is kept here. Readers hand on
 * `undefined` after each page, so that whoever pulls on them can stop when a request has had its share of work.
 */
import { type StatusCode, StatusCodes } from 'node-opcua';
import type { LoggedEvent } from '../../domain/event.ts';
import type { Milliseconds } from '../../domain/site.ts';
import type { EventQuery } from '../../gateway/query/queries.ts';
import type { GatewayCalls } from '../gateway-calls.ts';
import { HistoryFailure } from './failure.ts';

/** What is read, bit by bit; `undefined` says that a page was read. */
export type Steps<Row, Result = void> = AsyncGenerator<Row | undefined, Result, undefined>;

/** Which events of a stream, or of all streams, are wanted. */
export type Source = Pick<EventQuery, 'stream' | 'compartment' | 'types'>;

/** Events on a page: what the main thread reads and hands over at once, between decisions. */
const PAGE = 200;
/** The first page of a search backwards: what is looked for mostly is among the last few. */
const SHORT_PAGE = 20;
/** Most events that are looked at in search of what was before a moment. */
const LOOK_BACK = 1_000;

export class HistoryLog {
  readonly #calls: Pick<GatewayCalls, 'ask'>;

  constructor(calls: Pick<GatewayCalls, 'ask'>) {
    this.#calls = calls;
  }

  /**
   * The events of a source from a time on, before another.
   * @throws HistoryFailure where the log does not answer
   */
  async *read(
    source: Source,
    from: Milliseconds | undefined,
    until: Milliseconds | undefined,
    order: 'oldest-first' | 'newest-first' = 'oldest-first',
    limit = PAGE,
  ): Steps<LoggedEvent> {
    let after: string | undefined;
    let size = limit;
    do {
      const page = await this.#page({
        ...source,
        order,
        limit: size,
        ...(from !== undefined && { from }),
        ...(until !== undefined && { until }),
        ...(after !== undefined && { after }),
      });
      yield* page.events;
      yield undefined;
      after = page.next;
      size = PAGE;
    } while (after !== undefined);
  }

  /**
   * Looks back from a time until something is found.
   * @returns what was looked at, oldest first, with what was found as the first; `whole` where that is the beginning of the
   * log or what was looked for
   */
  async *lookBack(
    source: Source,
    before: Milliseconds,
    found: (event: LoggedEvent) => boolean,
  ): Steps<never, { readonly events: LoggedEvent[]; readonly whole: boolean }> {
    const events: LoggedEvent[] = [];
    for await (const event of this.read(source, undefined, before, 'newest-first', SHORT_PAGE)) {
      if (!event) {
        yield undefined;
        continue;
      }
      events.push(event);
      if (found(event)) return { events: events.reverse(), whole: true };
      if (events.length >= LOOK_BACK) return { events: events.reverse(), whole: false };
    }
    return { events: events.reverse(), whole: true };
  }

  async #page(
    query: EventQuery,
  ): Promise<{ readonly events: readonly LoggedEvent[]; readonly next?: string | undefined }> {
    const outcome = await this.#calls.ask({ do: 'events', query });
    if (outcome.answer === 'events') return outcome;
    const why = outcome.answer === 'refused' ? outcome.code : outcome.answer;
    throw new HistoryFailure(FAILURES[why] ?? StatusCodes.BadInternalError);
  }
}

/** By outcome of a call, or code of its refusal. */
const FAILURES: Readonly<Record<string, StatusCode>> = {
  busy: StatusCodes.BadTooManyOperations,
  late: StatusCodes.BadTimeout,
  'query-too-slow': StatusCodes.BadTimeout,
  'query-unanswered': StatusCodes.BadDataUnavailable,
  'too-many-queries': StatusCodes.BadTooManyOperations,
};

/** Several readers of events as one, in the order of time, and within a stream in its own. */
export async function* merged(readers: readonly Steps<LoggedEvent>[]): Steps<LoggedEvent> {
  const heads: { reader: Steps<LoggedEvent>; event: LoggedEvent }[] = [];
  const waiting = [...readers];
  try {
    for (;;) {
      for (let reader = waiting.pop(); reader; reader = waiting.pop()) {
        for (;;) {
          const next = await reader.next();
          if (next.done) break;
          if (next.value) {
            heads.push({ reader, event: next.value });
            break;
          }
          yield undefined;
        }
      }
      heads.sort((one, other) => inTime(one.event, other.event));
      const first = heads.shift();
      if (!first) return;
      yield first.event;
      waiting.push(first.reader);
    }
  } finally {
    for (const reader of readers) await reader.return();
  }
}

/** Earlier events first; those of one moment as they stand in their stream. */
export function inTime(one: LoggedEvent, other: LoggedEvent): number {
  if (one.at !== other.at) return one.at < other.at ? -1 : 1;
  return one.seq - other.seq;
}
