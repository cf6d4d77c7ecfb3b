/** What the controller of a cassette measures and says of its parts. */
import type { PartState, Readings } from '../domain/cassette/readings.ts';
import { CASSETTE_NUMBERS } from './cassette-enumerations.ts';
import type { CassetteVariable } from './cassette-variable.ts';

export const SUPERVISION: readonly CassetteVariable[] = [
  part('Battery', ({ battery }) => battery),
  reading('Power', ({ power }) => CASSETTE_NUMBERS.PowerEnumeration[power]),
  part('Ink', ({ ink }) => ink),
  part('Trigger', ({ trigger }) => trigger),
  reading('SelfTest', ({ selfTest }) => CASSETTE_NUMBERS.SelfTestEnumeration[selfTest]),
  reading('Stainer', ({ stainer }) => CASSETTE_NUMBERS.StainerStateEnumeration[stainer]),
  reading('Temperature', ({ temperature }) => temperature),
  reading('Gas', ({ gas }) => gas),
  { path: 'Supervision/GasLevel', of: ({ view }) => CASSETTE_NUMBERS.GasLevelEnumeration[view.gasLevel] },
  reading('Tilt', ({ tilt }) => tilt),
  reading('Light', ({ light }) => light),
];

function part(browse: string, state: (readings: Readings) => PartState): CassetteVariable {
  return reading(browse, (readings) => CASSETTE_NUMBERS.PartStateEnumeration[state(readings)]);
}

function reading(browse: string, value: (readings: Readings) => number | undefined): CassetteVariable {
  return {
    path: `Supervision/${browse}`,
    of: ({ view }) => view.readings && value(view.readings),
  };
}
