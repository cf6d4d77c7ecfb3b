/** What the variables of a cassette show, as a table. What they are called and of which type they are, the model declares. */
import { SENSORS, type Sensor } from '../domain/cassette/readings.ts';
import type { CassetteView, SensorView } from '../domain/cassette/view.ts';
import type { Milliseconds } from '../domain/site.ts';
import { CASSETTE_NUMBERS } from './cassette-enumerations.ts';
import { NEUTRALIZATION } from './cassette-neutralization.ts';
import { SUPERVISION } from './cassette-supervision.ts';
import type { CassetteVariable, Shown } from './cassette-variable.ts';
import { pascalCase } from './design/cassette-enumerations.ts';
import type { Plain } from './shown-value.ts';

const STATE_VARIABLES: readonly CassetteVariable[] = [
  { path: 'Name', of: ({ view }) => view.name },
  { path: 'Mode', of: ({ view }) => CASSETTE_NUMBERS.CassetteModeEnumeration[view.mode] },
  { path: 'State', of: ({ view }) => CASSETTE_NUMBERS.CassetteStateEnumeration[view.phase] },
  { path: 'SubState', of: ({ view }) => CASSETTE_NUMBERS.CassetteSubStateEnumeration[view.subState] },
  { path: 'Linked', of: ({ view }) => view.linked },
  { path: 'InMachine', of: ({ view }) => view.readings?.inMachine },
  {
    path: 'Notes',
    of: ({ view }) => view.readings && CASSETTE_NUMBERS.NotesEnumeration[view.readings.notes],
  },
  { path: 'AntiGas', of: ({ view }) => view.antiGas },
  { path: 'StainCause', of: ({ view }) => CASSETTE_NUMBERS.StainCauseEnumeration[view.cause ?? 'none'] },
  { path: 'TransportOverdue', of: ({ view }) => view.transportOverdue },
  { path: 'OutsideArea', of: ({ view }) => view.outsideArea },
  { path: 'ProvedSensors', of: ({ view }) => view.proved },
  timeLeft('GraceTimeLeft', 'grace'),
  timeLeft('ServiceTimeLeft', 'service'),
  timeLeft('TransportTimeLeft', 'transport'),
];

/** A countdown is told in whole seconds, so that it changes once a second however often the cassette is told. */
function timeLeft(path: string, timer: keyof CassetteView['left']): CassetteVariable {
  const second: Milliseconds = 1_000;
  return { path, of: ({ view }) => Math.ceil((view.left[timer] ?? 0) / second) * second };
}

/** What is told of each sensor. */
const SENSOR_FACTS = ['live', 'active', 'confirmed', 'unsteady'] as const;

function sensorVariables(sensor: Sensor): CassetteVariable[] {
  const seen = ({ view }: Shown): SensorView | undefined =>
    view.sensors.find((each) => each.sensor === sensor);
  return SENSOR_FACTS.map((fact) => ({
    path: `Sensors/${pascalCase(sensor)}/${pascalCase(fact)}`,
    of: (shown) => seen(shown)?.[fact] ?? false,
  }));
}

/** A key that was used under duress looks like any other: nothing here may tell it. */
const LAST_KEY: readonly CassetteVariable[] = [
  lastKey('Key', (key) => key?.key ?? ''),
  lastKey('Role', (key) => key?.role ?? ''),
  lastKey('Accepted', (key) => key?.accepted ?? false),
  lastKey('Time', (key) => (key ? new Date(key.at) : null)),
];

function lastKey(browse: string, of: (key: CassetteView['lastKey']) => Plain): CassetteVariable {
  return { path: `LastKey/${browse}`, of: ({ view }) => of(view.lastKey) };
}

const SIGNAL: readonly CassetteVariable[] = [
  { path: 'Signal/Pattern', of: ({ view }) => view.signal },
  { path: 'Signal/Leds', of: ({ view, signals }) => signals[view.signal].steps.map(({ led }) => led) },
  { path: 'Signal/Tones', of: ({ view, signals }) => signals[view.signal].steps.map(({ tone }) => tone) },
  {
    path: 'Signal/Durations',
    of: ({ view, signals }) => signals[view.signal].steps.map(({ lasts }) => lasts),
  },
  { path: 'Signal/Repeat', of: ({ view, signals }) => signals[view.signal].repeat },
];

/** Every variable of a cassette. */
export const CASSETTE_VARIABLES: readonly CassetteVariable[] = [
  ...STATE_VARIABLES,
  ...SENSORS.flatMap(sensorVariables),
  ...SUPERVISION,
  ...LAST_KEY,
  ...SIGNAL,
  ...NEUTRALIZATION,
];
