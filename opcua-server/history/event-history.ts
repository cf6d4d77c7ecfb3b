/** The history of events: what the log has of a cabinet, of a cassette, or of all of them. */
import { type AddressSpace, DataTypeIds, makeNodeId, type ReadEventDetails, type Variant } from 'node-opcua';
import type { CompiledFilter } from './event-filter.ts';
import type { EventRows } from './event-row.ts';
import type { HistoryLog, Source, Steps } from './log.ts';
import { rangeOf } from './range.ts';
import type { Outcome } from './reading.ts';

/** Reads the events of a source that a filter wants. */
export async function* readEvents(
  log: HistoryLog,
  rows: EventRows,
  source: Source,
  { startTime, endTime, numValuesPerNode }: ReadEventDetails,
  filter: CompiledFilter,
  locales: readonly string[],
): Steps<readonly Variant[]> {
  const { from, until, order } = rangeOf(startTime, endTime, numValuesPerNode);
  for await (const event of log.read(source, from, until, order)) {
    const row = event && rows.rowOf(event, locales);
    if (!event) yield undefined;
    else if (row && filter.wants(row)) yield filter.fieldsOf(row);
  }
}

/** Makes the events of one answer. */
export function eventOutcome(addressSpace: AddressSpace): Outcome<readonly Variant[]> {
  const type = makeNodeId(DataTypeIds.HistoryEvent);
  return (rows) =>
    addressSpace.constructExtensionObject(type, { events: rows.map((eventFields) => ({ eventFields })) });
}
