/**
 * The values of all cabinets and cassettes on their way to the OPC UA server's thread. Changes of one turn of the event
 * loop leave together, and while one batch is on its way the next ones are merged: what waits is never more than the last
 * value of each compartment and cassette, however slow the other side is. Changes of alarms are told one by one, as long
 * as few of them wait.
 */
import type { AlarmId } from '../domain/alarms/alarm.ts';
import {
  type CabinetState,
  type CompartmentState,
  compartmentOf,
  statusOf,
} from '../domain/cabinet/state.ts';
import type { CassetteView } from '../domain/cassette/view.ts';
import type { CabinetId, CassetteId, CompartmentNumber, Milliseconds } from '../domain/site.ts';
import type { AlarmChange, CabinetChange, Gateway } from '../gateway/api.ts';
import type { Unsubscribe } from '../gateway/ports.ts';
import type {
  AlarmValue,
  CabinetDelta,
  CabinetValue,
  CassetteValue,
  CompartmentValue,
  ThreadStart,
  ToThread,
} from './protocol.ts';

/** Changes of alarms that may wait one by one; on top of that, only the last one of each alarm does. */
const MOST_ALARM_CHANGES = 2_000;

type Show = Extract<ToThread, { kind: 'show' }>;

/** What is known to wait for one cabinet. */
interface Waiting {
  /** Time of the last event. */
  at: Milliseconds;
  /** Times of the events that named a compartment. */
  readonly named: Map<CompartmentNumber, Milliseconds>;
}

export class SiteFeed {
  readonly #gateway: Gateway;
  readonly #now: () => Milliseconds;
  readonly #waiting = new Map<CabinetId, Waiting>();
  /** The states that the other side has, or will have with the batch under way. */
  readonly #sent = new Map<CabinetId, CabinetState>();
  /** The last value of each cassette that has changed. */
  readonly #cassettes = new Map<CassetteId, CassetteValue>();
  /** Changes of alarms in order, and where the last one of each alarm stands among them. */
  #alarms: AlarmValue[] = [];
  readonly #lastOfAlarm = new Map<AlarmId, number>();
  readonly #leave: readonly Unsubscribe[];
  #send: ((batch: Show) => void) | undefined;
  #batch = 0;
  #underWay: number | undefined;
  #turn: NodeJS.Immediate | undefined;

  /**
   * @param gateway whose cabinets and cassettes are shown
   * @param now wall-clock time; the source time of values whose event is not known
   */
  constructor(gateway: Gateway, now: () => Milliseconds = Date.now) {
    this.#gateway = gateway;
    this.#now = now;
    this.#leave = [
      gateway.onChange((change) => this.#note(change)),
      gateway.cassettes.onView((view) => this.#noteCassette(view)),
      gateway.alarms.onChange((change) => this.#noteAlarm(change)),
    ];
  }

  /** Everything as it is now, for a thread that starts. What changes from here on waits for `connect`. */
  snapshot(): Pick<ThreadStart, 'cabinets' | 'cassettes' | 'alarms'> {
    this.disconnect();
    this.#forget();
    const at = this.#now();
    const cassettes = this.#gateway.cassettes.list().map((view) => ({ view, at }));
    const cabinets = this.#gateway.cabinets().map((cabinet) => {
      this.#sent.set(cabinet.setting.id, cabinet);
      return this.#wholeCabinet(cabinet, () => at);
    });
    return { cabinets, cassettes, alarms: this.#gateway.alarms.list() };
  }

  /** Sends batches from now on: first what has changed since the snapshot. */
  connect(send: (batch: Show) => void): void {
    this.#send = send;
    this.#flush();
  }

  /** Sends nothing more until the next snapshot and `connect`. */
  disconnect(): void {
    this.#send = undefined;
    this.#underWay = undefined;
    clearImmediate(this.#turn);
    this.#turn = undefined;
  }

  /** The other side has shown a batch. */
  shown(batch: number): void {
    if (batch !== this.#underWay) return;
    this.#underWay = undefined;
    this.#flush();
  }

  /** Sends an empty batch where none is under way, so that its answer tells whether the other side still works. */
  probe(): void {
    if (this.#send && this.#underWay === undefined) {
      this.#post({ cabinets: [], deltas: [], cassettes: [], alarms: [] });
    }
  }

  /** The number of the batch that has not been answered yet, or undefined. */
  get underWay(): number | undefined {
    return this.#underWay;
  }

  close(): void {
    for (const leave of this.#leave) leave();
    this.disconnect();
    this.#forget();
  }

  #forget(): void {
    this.#waiting.clear();
    this.#cassettes.clear();
    this.#sent.clear();
    this.#takenAlarms();
  }

  #note({ event, cabinet }: CabinetChange): void {
    const { id } = cabinet.setting;
    const at = Date.parse(event.at);
    const waiting = this.#waiting.get(id) ?? { at, named: new Map() };
    waiting.at = at;
    if ('compartment' in event.data && event.data.compartment !== undefined) {
      waiting.named.set(event.data.compartment, at);
    }
    this.#waiting.set(id, waiting);
    this.#flushSoon();
  }

  #noteCassette(view: CassetteView): void {
    this.#cassettes.set(view.id, { view, at: this.#now() });
    this.#flushSoon();
  }

  #noteAlarm({ alarm }: AlarmChange): void {
    const { id } = alarm;
    const value = { alarm, kept: this.#gateway.alarms.alarm(id) !== undefined };
    const place = this.#alarms.length >= MOST_ALARM_CHANGES ? this.#lastOfAlarm.get(id) : undefined;
    if (place !== undefined) this.#alarms[place] = value;
    else this.#lastOfAlarm.set(id, this.#alarms.push(value) - 1);
    this.#flushSoon();
  }

  #takenAlarms(): readonly AlarmValue[] {
    const taken = this.#alarms;
    this.#alarms = [];
    this.#lastOfAlarm.clear();
    return taken;
  }

  #flushSoon(): void {
    this.#turn ??= setImmediate(() => {
      this.#turn = undefined;
      this.#flush();
    });
  }

  #flush(): void {
    if (!this.#send || this.#underWay !== undefined) return;
    const cabinets: CabinetValue[] = [];
    const deltas: CabinetDelta[] = [];
    for (const [id, { at, named }] of this.#waiting) {
      const cabinet = this.#gateway.cabinet(id);
      if (!cabinet) continue;
      const sent = this.#sent.get(id);
      this.#sent.set(id, cabinet);
      const timeOf = (number: CompartmentNumber): Milliseconds => named.get(number) ?? at;
      if (!sent || sent.setting !== cabinet.setting) {
        cabinets.push(this.#wholeCabinet(cabinet, timeOf));
        continue;
      }
      const compartments = changedCompartments(sent, cabinet).map((compartment) =>
        shownValue(cabinet, compartment, timeOf(compartment.number)),
      );
      if (compartments.length > 0) deltas.push({ id, compartments });
    }
    this.#waiting.clear();
    const cassettes = [...this.#cassettes.values()];
    this.#cassettes.clear();
    const alarms = this.#takenAlarms();
    if (cabinets.length + deltas.length + cassettes.length + alarms.length > 0) {
      this.#post({ cabinets, deltas, cassettes, alarms });
    }
  }

  #post(values: Omit<Show, 'kind' | 'batch'>): void {
    this.#batch += 1;
    this.#underWay = this.#batch;
    this.#send?.({ kind: 'show', batch: this.#batch, ...values });
  }

  #wholeCabinet(cabinet: CabinetState, timeOf: (number: CompartmentNumber) => Milliseconds): CabinetValue {
    const { id, schema } = cabinet.setting;
    const name = this.#gateway.site.cabinets.find((view) => view.id === id)?.name ?? id;
    const compartments = [...cabinet.compartments.values()].map((compartment) =>
      shownValue(cabinet, compartment, timeOf(compartment.number)),
    );
    return { id, name, schema, compartments };
  }
}

/**
 * The compartments that may show something else than before. States share what did not change, so comparing
 * references is enough; a board that was lost or found changes all of its compartments.
 */
function changedCompartments(before: CabinetState, after: CabinetState): CompartmentState[] {
  const changed: CompartmentState[] = [];
  const sameBoards = before.lostBoards === after.lostBoards;
  for (const compartment of after.compartments) {
    const { number, board } = compartment;
    if (
      compartmentOf(before, number) !== compartment ||
      (!sameBoards && before.lostBoards.has(board) !== after.lostBoards.has(board))
    ) {
      changed.push(compartment);
    }
  }
  return changed;
}

function shownValue(
  cabinet: CabinetState,
  compartment: CompartmentState,
  at: Milliseconds,
): CompartmentValue {
  const { number, door, occupiedSince, holders } = compartment;
  return { number, status: statusOf(cabinet, compartment), door, occupiedSince, holders, at };
}
