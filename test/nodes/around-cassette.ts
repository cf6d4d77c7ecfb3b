/** A flow around one node that is set to a cassette. */
import { around } from './flow-bench.ts';

/** @param cassette id of the cassette; empty: every one */
export function aroundCassette(
  type: string,
  settings: object,
  outputs: readonly string[],
  cassette = 'C1',
): object[] {
  return [
    ...around(type, { cassette: 'cassette', ...settings }, outputs),
    { id: 'cassette', type: 'sezam-cassette', name: '', gateway: 'gateway', cassette, configVersion: 1 },
  ];
}
