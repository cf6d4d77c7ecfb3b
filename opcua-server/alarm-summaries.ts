/** How alarms stand, in numbers: of the whole site, and of each cabinet. Silent alarms are in none of them. */
import { DataType, type UAVariable } from 'node-opcua';
import type { AlarmId } from '../domain/alarms/alarm.ts';
import type { CabinetId, CompartmentNumber, Milliseconds } from '../domain/site.ts';
import type { AlarmView } from '../gateway/api.ts';
import type { AlarmValue } from './protocol.ts';
import { qualityOf, ShownValue } from './shown-value.ts';

const COUNTS = {
  Active: ({ retained, current }: AlarmView) => retained && current.ended === undefined,
  Unacknowledged: ({ retained, current, earlier }: AlarmView) =>
    retained && [...earlier, current].some(({ acknowledged }) => !acknowledged),
  // Whether its cause goes on or not: one that is forgotten in that state is missed when it does.
  Shelved: ({ shelving, suppressed, outOfService }: AlarmView) =>
    shelving !== undefined || suppressed || outOfService,
} as const;

/** The numbers of one place. */
export class AlarmSummary {
  readonly #counts: ReadonlyMap<keyof typeof COUNTS, ShownValue>;
  readonly #highest: ShownValue;
  /** What is shown. */
  #alarms: readonly AlarmView[] = [];
  #stale = false;

  /** @param variableOf the variables of an AlarmSummaryType, by browse name */
  constructor(variableOf: (name: string) => UAVariable) {
    const shown = (name: string): ShownValue => new ShownValue(variableOf(name), DataType.UInt16);
    const names = Object.keys(COUNTS) as (keyof typeof COUNTS)[];
    this.#counts = new Map(names.map((name) => [name, shown(name)]));
    this.#highest = shown('HighestSeverity');
    this.show([], Date.now());
  }

  show(alarms: readonly AlarmView[], at: Milliseconds): void {
    this.#alarms = alarms;
    const quality = qualityOf(this.#stale);
    for (const [name, shown] of this.#counts) shown.show(alarms.filter(COUNTS[name]).length, at, quality);
    const highest = alarms.reduce(
      (most, { calls, severity }) => (calls ? Math.max(most, severity) : most),
      0,
    );
    this.#highest.show(highest, at, quality);
  }

  /** Says whether what is shown may no longer be so. */
  showStale(stale: boolean): void {
    if (stale === this.#stale) return;
    this.#stale = stale;
    this.show(this.#alarms, Date.now());
  }
}

/** Where the numbers of one cabinet, or of the whole site, are shown. */
export interface SummarizedPlace {
  readonly alarms: AlarmSummary;
  /** Told which compartments have an alarm that calls for somebody. */
  showAlarms?(compartments: ReadonlySet<CompartmentNumber>, at: Milliseconds): void;
}

/** Key of the whole site; no cabinet has an empty id. */
const SITE = '';

/** Keeps the numbers of all places. */
export class AlarmSummaries {
  readonly #placeOf: (cabinet: CabinetId) => SummarizedPlace | undefined;
  readonly #alarms = new Map<CabinetId, Map<AlarmId, AlarmView>>();

  /** @param placeOf the place of a cabinet, or with an empty id of the site; undefined where it is not there */
  constructor(placeOf: (cabinet: CabinetId) => SummarizedPlace | undefined) {
    this.#placeOf = placeOf;
  }

  /** Takes changes of alarms, and shows what comes of them. */
  show(changes: readonly AlarmValue[], at: Milliseconds): void {
    const changed = new Set<CabinetId>();
    for (const { alarm, kept } of changes) {
      if (alarm.silent) continue;
      for (const key of keysOf(alarm)) {
        const alarms = this.#alarms.get(key) ?? new Map<AlarmId, AlarmView>();
        this.#alarms.set(key, alarms);
        if (kept) alarms.set(alarm.id, alarm);
        else alarms.delete(alarm.id);
        changed.add(key);
      }
    }
    for (const key of changed) this.#showAt(key, at);
  }

  /** Shows the numbers of a cabinet that has come. */
  showAgain(cabinet: CabinetId, at: Milliseconds): void {
    this.#showAt(cabinet, at);
  }

  #showAt(key: CabinetId, at: Milliseconds): void {
    const place = this.#placeOf(key);
    const alarms = [...(this.#alarms.get(key)?.values() ?? [])];
    place?.alarms.show(alarms, at);
    place?.showAlarms?.(
      new Set(
        alarms.flatMap(({ calls, source }) =>
          calls && source.source === 'compartment' ? [source.compartment] : [],
        ),
      ),
      at,
    );
  }
}

function keysOf({ source }: AlarmView): readonly CabinetId[] {
  return source.source === 'compartment' || source.source === 'cabinet' ? [SITE, source.cabinet] : [SITE];
}
