/** Which cabinets show what may no longer be so: those of a gateway that is not heard, or that another one has taken over. */
import type { CabinetId, Milliseconds } from '../domain/site.ts';

/** The gateway is heard at least every 10 s, whether anything changes or not. */
export const SILENT_AFTER: Milliseconds = 35_000;

/** What is stale: everything, or single cabinets. */
export type Stale = 'everything' | ReadonlySet<CabinetId>;

export class Freshness {
  readonly #now: () => Milliseconds;
  readonly #tell: (stale: Stale) => void;
  #heardAt: Milliseconds;
  #takenOver: ReadonlySet<CabinetId> = new Set();
  #silent = false;

  /**
   * @param tell told what is stale, whenever that changes
   * @param now monotonic time
   */
  constructor(tell: (stale: Stale) => void, now: () => Milliseconds = () => performance.now()) {
    this.#tell = tell;
    this.#now = now;
    this.#heardAt = now();
  }

  /** The gateway has said something. */
  heard(): void {
    this.#heardAt = this.#now();
    if (!this.#silent) return;
    this.#silent = false;
    this.#tell(this.#takenOver);
  }

  /** These cabinets, and no others, are another gateway's now. */
  takenOver(cabinets: readonly CabinetId[]): void {
    this.#takenOver = new Set(cabinets);
    if (!this.#silent) this.#tell(this.#takenOver);
  }

  /** To be called now and then. */
  check(): void {
    if (this.#silent || this.#now() - this.#heardAt < SILENT_AFTER) return;
    this.#silent = true;
    this.#tell('everything');
  }
}
