/** The compact view of a cabinet: counts, arrays and bit sets, written when they change. */
import { DataType, StatusCodes, type UAVariable } from 'node-opcua';
import type { DoorState } from '../domain/cabinet/door.ts';
import type { CompartmentNumber, Milliseconds } from '../domain/site.ts';
import type { CompartmentValue } from './cabinet-value.ts';
import { DOOR_NUMBERS, STATE_NUMBERS } from './enumerations.ts';
import { type Numbers, qualityOf, ShownValue } from './shown-value.ts';

const OPEN_DOORS: ReadonlySet<DoorState> = new Set(['open', 'left-open', 'forced']);

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
const NAMES = Object.keys(TYPES) as (keyof typeof TYPES)[];
/** What is made of the words of all doors. */
const OF_DOORS: ReadonlySet<keyof typeof TYPES> = new Set(['Open', 'Doors', 'OpenSet']);

export class SummaryObject {
  readonly #shown: ReadonlyMap<string, ShownValue>;
  #alarms: ReadonlySet<CompartmentNumber> = new Set();
  /** Events come late and staleness at once: the time of what is shown never goes back. */
  #at: Milliseconds = 0;

  /** @param variables of the summary, by browse name */
  constructor(variables: (name: string) => UAVariable) {
    this.#shown = new Map(
      Object.entries(TYPES).map(([name, type]) => [name, new ShownValue(variables(name), type)]),
    );
  }

  /**
   * @param values every compartment, ascending
   * @param stale whether they may no longer be so
   */
  show(values: readonly CompartmentValue[], at: Milliseconds, stale: boolean): void {
    this.#at = Math.max(this.#at, at);
    const view = new CompactView(values.length);
    values.forEach((value, index) => {
      view.add(index, value, this.#alarms.has(value.number));
    });
    const quality = qualityOf(stale);
    // A door that is not heard may be open: what is counted without it is less than what is the case.
    const ofDoors = !stale && view.unheard ? StatusCodes.UncertainSubNormal : quality;
    for (const name of NAMES)
      this.#shown.get(name)?.show(view[name], this.#at, OF_DOORS.has(name) ? ofDoors : quality);
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

/**
 * Everything at once, in one pass and in arrays as the library keeps them: it is made anew with every change of a compartment,
 * of which a cabinet has hundreds. A bit set has one bit for each compartment, 32 to a word, the first in the lowest bit.
 */
class CompactView implements Readonly<Record<keyof typeof TYPES, number | Numbers>> {
  readonly Total: number;
  Free = 0;
  Occupied = 0;
  Open = 0;
  Alarm = 0;
  OutOfOrder = 0;
  readonly Numbers: Uint16Array;
  readonly States: Int32Array;
  readonly Doors: Int32Array;
  readonly OccupiedSet: Uint32Array;
  readonly OpenSet: Uint32Array;
  readonly AlarmSet: Uint32Array;
  readonly OutOfOrderSet: Uint32Array;
  /** Whether of some doors it is not known how they stand. */
  unheard = false;

  /** @param size how many compartments there are */
  constructor(size: number) {
    const words = Math.ceil(size / 32);
    this.Total = size;
    this.Numbers = new Uint16Array(size);
    this.States = new Int32Array(size);
    this.Doors = new Int32Array(size);
    this.OccupiedSet = new Uint32Array(words);
    this.OpenSet = new Uint32Array(words);
    this.AlarmSet = new Uint32Array(words);
    this.OutOfOrderSet = new Uint32Array(words);
  }

  /** Enters the compartment that stands in that place. */
  add(index: number, value: CompartmentValue, hasAlarm: boolean): void {
    const { status } = value;
    const door = doorOf(value);
    this.Numbers[index] = value.number;
    this.States[index] = STATE_NUMBERS[status];
    this.Doors[index] = DOOR_NUMBERS[door];
    if (door === 'unknown') this.unheard = true;
    if (status === 'free') this.Free += 1;
    if (value.occupiedSince !== undefined) this.Occupied += enter(this.OccupiedSet, index);
    if (OPEN_DOORS.has(door)) this.Open += enter(this.OpenSet, index);
    if (hasAlarm) this.Alarm += enter(this.AlarmSet, index);
    if (status === 'out-of-order' || status === 'not-answering')
      this.OutOfOrder += enter(this.OutOfOrderSet, index);
  }
}

/** Sets a bit that was not set, which makes one more. */
function enter(bits: Uint32Array, index: number): 1 {
  const word = index >>> 5;
  bits[word] = (bits[word] ?? 0) | (1 << (index & 31));
  return 1;
}
