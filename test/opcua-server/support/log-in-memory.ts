/** A log in memory that answers queries as the gateway does, for tests of what history makes of it. */
import type { LoggedEvent } from '../../../domain/event.ts';
import type { EventQuery } from '../../../gateway/query/queries.ts';
import type { CallOutcome, GatewayCalls } from '../../../opcua-server/gateway-calls.ts';
import { HistoryLog } from '../../../opcua-server/history/log.ts';

/** @param events in the order in which they were stored */
export function logOf(events: readonly LoggedEvent[]): HistoryLog {
  const answer = ({ order, after, limit = 100, ...query }: EventQuery): CallOutcome => {
    const found = events.filter((event) => fits(event, query));
    if (order !== 'oldest-first') found.reverse();
    const start = after === undefined ? 0 : Number(after);
    const next = start + limit < found.length ? String(start + limit) : undefined;
    return { answer: 'events', events: found.slice(start, start + limit), next };
  };
  const ask: GatewayCalls['ask'] = (request) =>
    Promise.resolve(request.do === 'events' ? answer(request.query) : { answer: 'failed' });
  return new HistoryLog({ ask });
}

function fits(event: LoggedEvent, { stream, compartment, types, from, until }: EventQuery): boolean {
  const at = Date.parse(event.at);
  const { compartment: number } = event.data as { readonly compartment?: number };
  return (
    (stream === undefined || event.stream === stream) &&
    (compartment === undefined || number === compartment) &&
    (types === undefined || types.includes(event.type)) &&
    (from === undefined || at >= from) &&
    (until === undefined || at < until)
  );
}
