/** What the controller of a cassette measures and says of its parts, with units. */
import { DataType, makeEUInformation, standardUnits } from 'node-opcua';
import type { PartState, Readings } from '../domain/cassette/readings.ts';
import { CASSETTE_NUMBERS } from './cassette-enumerations.ts';
import type { CassetteVariable, Unit } from './cassette-variable.ts';

/** Ranges are those of what the controller can measure. */
const CELSIUS: Unit = { information: standardUnits.degree_celsius, low: -128, high: 127 };
/** UNECE has no code for the lower explosive limit: the code is that of percent. */
const EXPLOSIVE_LIMIT: Unit = {
  information: makeEUInformation('P1', '%LEL', 'percent of the lower explosive limit'),
  low: 0,
  high: 100,
};
const DEGREES: Unit = { information: standardUnits.degree, low: 0, high: 180 };
const LUX: Unit = { information: makeEUInformation('LUX', 'lx', 'lux'), low: 0, high: 65_535 };

export const SUPERVISION: readonly CassetteVariable[] = [
  part('Battery', 'State of the battery.', ({ battery }) => battery),
  {
    path: 'Supervision/Power',
    name: 'Power',
    description: 'What the cassette lives on.',
    type: 'PowerEnumeration',
    measured: true,
    of: ({ view }) => view.readings && CASSETTE_NUMBERS.PowerEnumeration[view.readings.power],
  },
  part('Ink', 'State of the ink cartridge.', ({ ink }) => ink),
  part('Trigger', 'Continuity of the firing circuit.', ({ trigger }) => trigger),
  {
    path: 'Supervision/SelfTest',
    name: 'Self-test',
    description: 'The result of the last self-test.',
    type: 'SelfTestEnumeration',
    measured: true,
    of: ({ view }) => view.readings && CASSETTE_NUMBERS.SelfTestEnumeration[view.readings.selfTest],
  },
  {
    path: 'Supervision/Stainer',
    name: 'Stainer',
    description: 'What the stainer can do.',
    type: 'StainerStateEnumeration',
    measured: true,
    of: ({ view }) => view.readings && CASSETTE_NUMBERS.StainerStateEnumeration[view.readings.stainer],
  },
  measure('Temperature', 'Temperature inside.', CELSIUS, ({ temperature }) => temperature),
  measure('Gas', 'Explosive gas.', EXPLOSIVE_LIMIT, ({ gas }) => gas),
  {
    path: 'Supervision/GasLevel',
    name: 'Gas level',
    description: 'How much explosive gas there is, by the limits of the site.',
    type: 'GasLevelEnumeration',
    measured: true,
    of: ({ view }) => CASSETTE_NUMBERS.GasLevelEnumeration[view.gasLevel],
  },
  measure('Tilt', 'Angle from upright.', DEGREES, ({ tilt }) => tilt),
  measure('Light', 'Illuminance inside.', LUX, ({ light }) => light),
];

function part(
  browse: string,
  description: string,
  state: (readings: Readings) => PartState,
): CassetteVariable {
  return {
    path: `Supervision/${browse}`,
    name: browse,
    description,
    type: 'PartStateEnumeration',
    measured: true,
    of: ({ view }) => view.readings && CASSETTE_NUMBERS.PartStateEnumeration[state(view.readings)],
  };
}

function measure(
  browse: string,
  description: string,
  unit: Unit,
  value: (readings: Readings) => number | undefined,
): CassetteVariable {
  return {
    path: `Supervision/${browse}`,
    name: browse,
    description: `${description} BadNotConnected where the controller has no such sensor.`,
    type: DataType.Double,
    unit,
    measured: true,
    of: ({ view }) => view.readings && value(view.readings),
  };
}
