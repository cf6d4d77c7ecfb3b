/**
 * The OPC UA server against the library's own with as many plain variables, in the same run: subscriptions, reads and calls,
 * alarms; and what a cabinet adds to a start.
 */
import { measureAlarms } from './opcua-alarms.ts';
import { measureGrowth } from './opcua-growth.ts';
import { withPair } from './opcua-pair.ts';
import { measureRequests } from './opcua-requests.ts';
import { measureSubscriptions } from './opcua-subscriptions.ts';
import type { Row } from './statistics.ts';

/** Measures and returns the rows of the report. */
export async function benchOpcua(): Promise<Row[]> {
  const rows = await withPair(async (pair) => [
    ...(await measureRequests(pair)),
    ...(await measureSubscriptions(pair)),
    ...(await measureAlarms(pair)),
  ]);
  return [...rows, ...(await measureGrowth())];
}
