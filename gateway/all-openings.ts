/** Openings of every compartment of a cabinet: one lock after the other, and one such opening at a time. */
import { type Refusal, type RefusalCode, refusal } from '../domain/refusals.ts';
import type { CabinetId, CompartmentNumber, Milliseconds } from '../domain/site.ts';
import type { AllOpened, AllOpening, AllOpeningProgress, Done, Refused } from './api.ts';
import type { Cabinet } from './cabinet.ts';
import type { Clock, Unsubscribe } from './ports.ts';
import { refused } from './refused.ts';
import { Waits } from './waits.ts';

/** Between two openings: one lock at a time draws current. Milliseconds. */
const BETWEEN_OPENINGS: Milliseconds = 500;
/** Refusals after which no other compartment opens either. */
const NOTHING_MORE: ReadonlySet<RefusalCode> = new Set(['gateway-stopping', 'cabinet-unknown']);

export class AllOpenings {
  readonly #clock: Clock;
  readonly #waits: Waits;
  /** By cabinet the one under way, or the last one. */
  readonly #progress = new Map<CabinetId, AllOpeningProgress>();
  readonly #listeners = new Set<(progress: AllOpeningProgress) => void>();

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#waits = new Waits(clock);
  }

  /** What is under way waits no longer between two openings; that ends it, since the cabinets stop as well. */
  stop(): void {
    this.#waits.end();
  }

  progressOf(cabinet: CabinetId): AllOpeningProgress | undefined {
    return this.#progress.get(cabinet);
  }

  onProgress(listener: (progress: AllOpeningProgress) => void): Unsubscribe {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /**
   * Begins to open all, whatever becomes of each. Refused while the cabinet is at it: two locks would draw current, and
   * whoever asks again because an answer was lost starts nothing twice.
   *
   * @param open opens one compartment, as a request of its own; where it rejects, `ended` does too, after all the others
   */
  begin(
    cabinet: Pick<Cabinet, 'id' | 'state'>,
    open: (compartment: CompartmentNumber) => Promise<Done | Refused>,
  ): AllOpening | Refused {
    const { id, state } = cabinet;
    const last = this.#progress.get(id);
    if (last && last.ended === undefined) return refused(refusal('opening-all-already', { cabinet: id }));
    const numbers = state.compartments.map(({ number }) => number);
    return { ok: true, cabinet: id, compartments: numbers.length, ended: this.#openEach(id, numbers, open) };
  }

  async #openEach(
    cabinet: CabinetId,
    compartments: readonly CompartmentNumber[],
    open: (compartment: CompartmentNumber) => Promise<Done | Refused>,
  ): Promise<AllOpened> {
    const opened: CompartmentNumber[] = [];
    const failed: { compartment: CompartmentNumber; refusal: Refusal }[] = [];
    const began = this.#clock.now();
    const tell = (ended?: Milliseconds): void =>
      this.#tell({
        cabinet,
        compartments: compartments.length,
        opened: [...opened],
        failed: [...failed],
        began,
        ended,
      });
    const broken: unknown[] = [];
    tell();
    for (const compartment of compartments) {
      const end = await open(compartment).catch((error: unknown) => void broken.push(error));
      if (end?.ok) opened.push(compartment);
      else if (end) failed.push({ compartment, refusal: end.refusal });
      // Nothing more opens there: all stops, or the cabinet was taken out of the site.
      if (end?.ok === false && NOTHING_MORE.has(end.refusal.code)) break;
      tell();
      await this.#waits.wait(BETWEEN_OPENINGS);
    }
    tell(this.#clock.now());
    // In an emergency a fault of ours with one door keeps none of the others closed; it is told afterwards.
    if (broken.length > 0) throw broken[0];
    return { ok: true, cabinet, opened, failed };
  }

  #tell(progress: AllOpeningProgress): void {
    this.#progress.set(progress.cabinet, progress);
    for (const listener of this.#listeners) listener(progress);
  }
}
