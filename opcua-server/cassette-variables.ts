/** The variables of a cassette as a table. */
import { DataType } from 'node-opcua';
import { SENSORS, type Sensor } from '../domain/cassette/readings.ts';
import type { CassetteView, SensorView } from '../domain/cassette/view.ts';
import type { Milliseconds } from '../domain/site.ts';
import { CASSETTE_NUMBERS } from './cassette-enumerations.ts';
import { SENSOR_NAMES } from './cassette-groups.ts';
import { NEUTRALIZATION } from './cassette-neutralization.ts';
import { SUPERVISION } from './cassette-supervision.ts';
import type { CassetteVariable, Plain, Shown } from './cassette-variable.ts';

const STATE_VARIABLES: readonly CassetteVariable[] = [
  {
    path: 'Name',
    name: 'Name',
    description: 'What people call the cassette.',
    type: DataType.String,
    of: ({ view }) => view.name,
  },
  {
    path: 'Mode',
    name: 'Mode',
    description: 'The way in which the cassette is managed.',
    type: 'CassetteModeEnumeration',
    of: ({ view }) => CASSETTE_NUMBERS.CassetteModeEnumeration[view.mode],
  },
  {
    path: 'State',
    name: 'State',
    description: 'What the cassette is in; it stays known while the controller does not answer.',
    type: 'CassetteStateEnumeration',
    of: ({ view }) => CASSETTE_NUMBERS.CassetteStateEnumeration[view.phase],
  },
  {
    path: 'SubState',
    name: 'Sub-state',
    description: 'What goes on within the state.',
    type: 'CassetteSubStateEnumeration',
    of: ({ view }) => CASSETTE_NUMBERS.CassetteSubStateEnumeration[view.subState],
  },
  {
    path: 'Linked',
    name: 'Linked',
    description: 'Whether the controller answers.',
    type: DataType.Boolean,
    of: ({ view }) => view.linked,
  },
  {
    path: 'InMachine',
    name: 'In machine',
    description: 'Whether the cassette sits in the machine (ATM).',
    type: DataType.Boolean,
    measured: true,
    of: ({ view }) => view.readings?.inMachine,
  },
  {
    path: 'Notes',
    name: 'Notes',
    description: 'Whether notes lie inside, as far as the controller can tell.',
    type: 'NotesEnumeration',
    measured: true,
    of: ({ view }) => view.readings && CASSETTE_NUMBERS.NotesEnumeration[view.readings.notes],
  },
  {
    path: 'AntiGas',
    name: 'Anti-gas',
    description: 'Whether the output that drives gas out is switched on.',
    type: DataType.Boolean,
    of: ({ view }) => view.antiGas,
  },
  {
    path: 'StainCause',
    name: 'Stain cause',
    description: 'Why the notes were stained, or are being; kept until the reset.',
    type: 'StainCauseEnumeration',
    of: ({ view }) => CASSETTE_NUMBERS.StainCauseEnumeration[view.cause ?? 'none'],
  },
  {
    path: 'TransportOverdue',
    name: 'Transport overdue',
    description: 'Whether the cassette has been on its way for too long.',
    type: DataType.Boolean,
    of: ({ view }) => view.transportOverdue,
  },
  {
    path: 'OutsideArea',
    name: 'Outside area',
    description: 'Whether the cassette has left its area, as whoever follows it says.',
    type: DataType.Boolean,
    of: ({ view }) => view.outsideArea,
  },
  {
    path: 'ProvedSensors',
    name: 'Proved sensors',
    description: 'The sensors that were proved in the test that runs; empty where none runs.',
    type: DataType.String,
    array: true,
    of: ({ view }) => view.proved,
  },
  timeLeft('GraceTimeLeft', 'Grace time left', 'What is left of the grace time', 'grace'),
  timeLeft('ServiceTimeLeft', 'Service time left', 'What is left of the time in service', 'service'),
  timeLeft(
    'TransportTimeLeft',
    'Transport time left',
    'What is left of the time of the journey',
    'transport',
  ),
];

/** A countdown is told in whole seconds, so that it changes once a second however often the cassette is told. */
function timeLeft(
  path: string,
  name: string,
  what: string,
  timer: keyof CassetteView['left'],
): CassetteVariable {
  const second: Milliseconds = 1_000;
  return {
    path,
    name,
    description: `${what}, rounded up to whole seconds; 0 while none runs.`,
    type: 'Duration',
    of: ({ view }) => Math.ceil((view.left[timer] ?? 0) / second) * second,
  };
}

type SensorFact = 'live' | 'active' | 'confirmed' | 'unsteady';

/** What is told of each sensor. */
const SENSOR_FACTS: readonly {
  readonly fact: SensorFact;
  readonly browse: string;
  readonly description: string;
  readonly measured: boolean;
}[] = [
  {
    fact: 'live',
    browse: 'Live',
    description: 'It stains in the state of the moment.',
    measured: false,
  },
  { fact: 'active', browse: 'Active', description: 'It is active at the moment.', measured: true },
  {
    fact: 'confirmed',
    browse: 'Confirmed',
    description: 'It has been active for long enough to count.',
    measured: true,
  },
  {
    fact: 'unsteady',
    browse: 'Unsteady',
    description: 'It changes so often that it cannot be relied on.',
    measured: true,
  },
];

function sensorVariables(sensor: Sensor): CassetteVariable[] {
  const seen = ({ view }: Shown): SensorView | undefined =>
    view.sensors.find((each) => each.sensor === sensor);
  return SENSOR_FACTS.map(({ fact, browse, description, measured }) => ({
    path: `Sensors/${SENSOR_NAMES[sensor].browse}/${browse}`,
    name: browse,
    description,
    type: DataType.Boolean,
    ...(measured && { measured }),
    of: (shown) => seen(shown)?.[fact] ?? false,
  }));
}

/** A key that was used under duress looks like any other: nothing here may tell it. */
const LAST_KEY: readonly CassetteVariable[] = [
  lastKey(
    'Key',
    'Id of the key, never its number; empty for one that is not known.',
    DataType.String,
    (key) => key?.key ?? '',
  ),
  lastKey(
    'Role',
    'K1, K2 or K; empty for a key that is not known.',
    DataType.String,
    (key) => key?.role ?? '',
  ),
  lastKey('Accepted', 'Whether the key was accepted.', DataType.Boolean, (key) => key?.accepted ?? false),
  lastKey('Time', 'When it was; the null time 1601-01-01 before the first.', DataType.DateTime, (key) =>
    key ? new Date(key.at) : null,
  ),
];

function lastKey(
  browse: string,
  description: string,
  type: DataType,
  of: (key: CassetteView['lastKey']) => Plain,
): CassetteVariable {
  return {
    path: `LastKey/${browse}`,
    name: browse,
    description,
    type,
    of: ({ view }) => of(view.lastKey),
  };
}

const SIGNAL: readonly CassetteVariable[] = [
  {
    path: 'Signal/Pattern',
    name: 'Pattern',
    description: 'The name of the pattern.',
    type: DataType.String,
    of: ({ view }) => view.signal,
  },
  {
    path: 'Signal/Leds',
    name: 'LEDs',
    description: 'Step by step, the colour of the LED: off, green, amber or red.',
    type: DataType.String,
    array: true,
    of: ({ view, signals }) => signals[view.signal].steps.map(({ led }) => led),
  },
  {
    path: 'Signal/Tones',
    name: 'Tones',
    description: 'Step by step, the tone of the buzzer in Hz; 0 for silence.',
    type: DataType.UInt16,
    array: true,
    of: ({ view, signals }) => signals[view.signal].steps.map(({ tone }) => tone),
  },
  {
    path: 'Signal/Durations',
    name: 'Durations',
    description: 'Step by step, how long it lasts.',
    type: 'Duration',
    array: true,
    of: ({ view, signals }) => signals[view.signal].steps.map(({ lasts }) => lasts),
  },
  {
    path: 'Signal/Repeat',
    name: 'Repeat',
    description: 'Whether the steps are repeated over and over.',
    type: DataType.Boolean,
    of: ({ view, signals }) => signals[view.signal].repeat,
  },
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
