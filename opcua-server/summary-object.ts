/** The compact view of a cabinet: counts, arrays and bit sets, written when they change. */
import { DataType, type StatusCode, type UAVariable } from 'node-opcua';
import type { DoorState } from '../domain/cabinet/door.ts';
import type { CompartmentNumber, Milliseconds } from '../domain/site.ts';
import type { CompartmentValue } from './cabinet-value.ts';
import { DOOR_NUMBERS, STATE_NUMBERS } from './enumerations.ts';
import { type Plain, ShownValue } from './shown-value.ts';

const OPEN_DOORS: ReadonlySet<DoorState> = new Set(['open', 'left-open', 'forced']);

/** What a compartment counts as. */
const COUNTED = {
  Occupied: ({ occupiedSince }: CompartmentValue) => occupiedSince !== undefined,
  Open: (value: CompartmentValue) => OPEN_DOORS.has(doorOf(value)),
  OutOfOrder: ({ status }: CompartmentValue) => status === 'out-of-order' || status === 'not-answering',
} as const;

const TYPES = {
  Total: DataType.UInt16,
  Free: DataType.UInt16,
  Occupied: DataType.UInt16,
  Open: DataType.UInt16,
  Alarm: DataType.UInt16,
  OutOfOrder: DataType.UInt16,
  Numbers: DataType.UInt16,
  States: DataType.Int32,
  Doors: DataType.Int32,
  OccupiedSet: DataType.UInt32,
  OpenSet: DataType.UInt32,
  AlarmSet: DataType.UInt32,
  OutOfOrderSet: DataType.UInt32,
} as const;

export class SummaryObject {
  readonly #shown: ReadonlyMap<string, ShownValue>;
  #alarms: ReadonlySet<CompartmentNumber> = new Set();

  /** @param variables of the summary, by browse name */
  constructor(variables: (name: string) => UAVariable) {
    this.#shown = new Map(
      Object.entries(TYPES).map(([name, type]) => [name, new ShownValue(variables(name), type)]),
    );
  }

  /**
   * @param values every compartment, ascending
   * @param status how far they can be relied on
   */
  show(values: readonly CompartmentValue[], at: Milliseconds, status: StatusCode): void {
    const write = (name: keyof typeof TYPES, value: Plain): void =>
      this.#shown.get(name)?.show(value, at, status);
    write('Total', values.length);
    write('Free', values.filter(({ status }) => status === 'free').length);
    write(
      'Numbers',
      values.map(({ number }) => number),
    );
    write(
      'States',
      values.map(({ status }) => STATE_NUMBERS[status]),
    );
    write(
      'Doors',
      values.map((value) => DOOR_NUMBERS[doorOf(value)]),
    );
    for (const name of ['Occupied', 'Open', 'OutOfOrder'] as const) {
      const flags = values.map(COUNTED[name]);
      write(name, flags.filter(Boolean).length);
      write(`${name}Set`, bitSet(flags));
    }
    const alarms = values.map(({ number }) => this.#alarms.has(number));
    write('Alarm', alarms.filter(Boolean).length);
    write('AlarmSet', bitSet(alarms));
  }

  /** Which compartments have an alarm that calls for somebody; shown with the next `show`. */
  set alarms(compartments: ReadonlySet<CompartmentNumber>) {
    this.#alarms = compartments;
  }
}

/** A sensor that cannot be heard says nothing. */
function doorOf({ status, door }: CompartmentValue): DoorState {
  return status === 'not-answering' ? 'unknown' : door;
}

/** One bit for each flag, 32 to a word, the first in the lowest bit. */
export function bitSet(flags: readonly boolean[]): number[] {
  const words = new Array<number>(Math.ceil(flags.length / 32)).fill(0);
  flags.forEach((flag, index) => {
    const word = index >>> 5;
    if (flag) words[word] = ((words[word] ?? 0) | (1 << (index & 31))) >>> 0;
  });
  return words;
}
