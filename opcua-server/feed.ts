/**
 * The values of all cabinets and cassettes on their way to the OPC UA server's thread. Changes of one turn of the event
 * loop leave together, and while one batch is on its way the next ones are merged: what waits is never more than the last
 * value of each compartment and cassette, however slow the other side is. Changes of alarms are told one by one, as long
 * as few of them wait.
 */
import type { AlarmId } from '../domain/alarms/alarm.ts';
import type { CabinetState } from '../domain/cabinet/state.ts';
import type { CassetteView } from '../domain/cassette/view.ts';
import type { CabinetId, CassetteId, CompartmentNumber, Milliseconds } from '../domain/site.ts';
import type { AlarmChange, CabinetChange, Gateway } from '../gateway/api.ts';
import type { BusHealth, Unsubscribe } from '../gateway/ports.ts';
import type { CabinetDelta, CabinetValue } from './cabinet-value.ts';
import {
  cabinetValue,
  changedBoards,
  changedCompartments,
  readerValues,
  type TimeOf,
} from './cabinet-values.ts';
import type { AlarmValue, CassetteValue, ThreadStart, ToThread } from './protocol.ts';

/** Changes of alarms that may wait one by one; on top of that, only the last one of each alarm does. */
const MOST_ALARM_CHANGES = 2_000;

type Show = Extract<ToThread, { kind: 'show' }>;

/** What is known to wait for one cabinet. */
interface Waiting {
  /** Time of the last event. */
  at: Milliseconds;
  /** Times of the events that named a compartment. */
  readonly named: Map<CompartmentNumber, Milliseconds>;
  /** The site has changed: everything of the cabinet may be another. */
  whole: boolean;
  /** A bus was lost or found: its readers may show something else. */
  readers: boolean;
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
  readonly #lostBuses = new Set<string>();
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
      gateway.onSite(() => this.#noteSite()),
      gateway.onBus((bus) => this.#noteBus(bus)),
    ];
  }

  /** Everything as it is now, for a thread that starts. What changes from here on waits for `connect`. */
  snapshot(): Pick<ThreadStart, 'cabinets' | 'cassettes' | 'alarms'> {
    this.disconnect();
    this.#forget();
    this.#lostBuses.clear();
    for (const { id, state } of this.#gateway.health().buses)
      if (state !== 'connected') this.#lostBuses.add(id);
    const at = this.#now();
    const cassettes = this.#gateway.cassettes.list().map((view) => ({ view, at }));
    const cabinets = this.#gateway.cabinets().map((cabinet) => {
      this.#sent.set(cabinet.setting.id, cabinet);
      return this.#wholeCabinet(cabinet, () => at, at);
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
      this.#post({ cabinets: [], removed: [], deltas: [], cassettes: [], alarms: [] });
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
    const waiting = this.#wait(id, at);
    if ('compartment' in event.data && event.data.compartment !== undefined) {
      waiting.named.set(event.data.compartment, at);
    }
    this.#flushSoon();
  }

  /** Every cabinet that is there, or was. */
  #noteSite(): void {
    const at = this.#now();
    const ids = new Set([...this.#sent.keys(), ...this.#gateway.cabinets().map(({ setting }) => setting.id)]);
    for (const id of ids) this.#wait(id, at).whole = true;
    this.#flushSoon();
  }

  /** A reader is as well connected as its bus. */
  #noteBus({ id, state }: BusHealth): void {
    const lost = state !== 'connected';
    if (lost === this.#lostBuses.has(id)) return;
    if (lost) this.#lostBuses.add(id);
    else this.#lostBuses.delete(id);
    const at = this.#now();
    const served = this.#gateway.site.readers.filter(({ bus }) => bus === id);
    for (const { cabinet } of served) this.#wait(cabinet, at).readers = true;
    this.#flushSoon();
  }

  #wait(id: CabinetId, at: Milliseconds): Waiting {
    const waiting = this.#waiting.get(id) ?? { at, named: new Map(), whole: false, readers: false };
    waiting.at = at;
    this.#waiting.set(id, waiting);
    return waiting;
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
    const removed: CabinetId[] = [];
    for (const [id, waiting] of this.#waiting) {
      const cabinet = this.#gateway.cabinet(id);
      if (cabinet) this.#take(cabinet, waiting, cabinets, deltas);
      else if (this.#sent.delete(id)) removed.push(id);
    }
    this.#waiting.clear();
    const cassettes = [...this.#cassettes.values()];
    this.#cassettes.clear();
    const alarms = this.#takenAlarms();
    if (cabinets.length + removed.length + deltas.length + cassettes.length + alarms.length > 0) {
      this.#post({ cabinets, removed, deltas, cassettes, alarms });
    }
  }

  #take(
    cabinet: CabinetState,
    { at, named, whole, readers: busChanged }: Waiting,
    cabinets: CabinetValue[],
    deltas: CabinetDelta[],
  ): void {
    const { id } = cabinet.setting;
    const { site } = this.#gateway;
    const sent = this.#sent.get(id);
    this.#sent.set(id, cabinet);
    const timeOf: TimeOf = (number) => named.get(number) ?? at;
    if (whole || !sent || sent.setting !== cabinet.setting) {
      cabinets.push(this.#wholeCabinet(cabinet, timeOf, at));
      return;
    }
    const compartments = changedCompartments(sent, cabinet, timeOf);
    const boards = changedBoards(sent, cabinet, site, at);
    const readers = busChanged ? readerValues(cabinet, site, this.#lostBuses, at) : [];
    if (compartments.length + boards.length + readers.length > 0) {
      deltas.push({ id, compartments, boards, readers });
    }
  }

  #post(values: Omit<Show, 'kind' | 'batch'>): void {
    this.#batch += 1;
    this.#underWay = this.#batch;
    this.#send?.({ kind: 'show', batch: this.#batch, ...values });
  }

  #wholeCabinet(cabinet: CabinetState, timeOf: TimeOf, at: Milliseconds): CabinetValue {
    return cabinetValue(cabinet, this.#gateway.site, this.#lostBuses, timeOf, at);
  }
}
