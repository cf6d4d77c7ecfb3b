/** Tells what cassettes show: at once where their state changes, in rests where only measured values do. */
import type { CassetteView } from '../../domain/cassette/view.ts';
import type { CassetteId, Milliseconds } from '../../domain/site.ts';
import type { Clock, Unsubscribe } from '../ports.ts';
import type { Cassette } from './cassette.ts';

/** The shortest time between two views of which only measured values differ. */
const REST: Milliseconds = 100;
/** How often a running time is told again. */
const COUNTDOWN_EVERY: Milliseconds = 1_000;

interface Told {
  readonly key: string;
  readonly detail: string;
  readonly at: Milliseconds;
  /** Ends the rest after which it is told again. */
  cancelRest: Unsubscribe | undefined;
  readonly cancelCountdown: Unsubscribe | undefined;
}

export class ViewFeed {
  readonly #clock: Clock;
  readonly #tell: (view: CassetteView) => void;
  readonly #told = new Map<CassetteId, Told>();

  constructor(clock: Clock, tell: (view: CassetteView) => void) {
    this.#clock = clock;
    this.#tell = tell;
  }

  /** The views of cassettes now, taken as told. */
  of(cassettes: readonly Cassette[]): readonly CassetteView[] {
    return cassettes.map((cassette) => {
      const { view } = cassette;
      this.#remember(cassette, view);
      return view;
    });
  }

  /** Something of a cassette may have changed. */
  changed(cassette: Cassette): void {
    const told = this.#told.get(cassette.id);
    const { view } = cassette;
    const urgent = told?.key !== keyOf(view);
    if (!urgent && told.detail === detailOf(view)) return;
    const rest = told ? told.at + REST - this.#clock.monotonic() : 0;
    if (urgent || rest <= 0) this.#now(cassette, view);
    else if (told && !told.cancelRest)
      told.cancelRest = this.#clock.after(rest, () => this.#now(cassette, cassette.view));
  }

  stop(): void {
    for (const told of this.#told.values()) cancel(told);
    this.#told.clear();
  }

  #now(cassette: Cassette, view: CassetteView): void {
    this.#remember(cassette, view);
    this.#tell(view);
  }

  #remember(cassette: Cassette, view: CassetteView): void {
    cancel(this.#told.get(view.id));
    const runs = Object.keys(view.left).length > 0;
    this.#told.set(view.id, {
      key: keyOf(view),
      detail: detailOf(view),
      at: this.#clock.monotonic(),
      cancelRest: undefined,
      cancelCountdown: runs
        ? this.#clock.after(COUNTDOWN_EVERY, () => this.#now(cassette, cassette.view))
        : undefined,
    });
  }
}

function cancel(told: Told | undefined): void {
  told?.cancelRest?.();
  told?.cancelCountdown?.();
}

/** Everything but measured values and running times. */
function keyOf({ readings: _readings, left: _left, ...rest }: CassetteView): string {
  return JSON.stringify(rest);
}

function detailOf({ readings, left }: CassetteView): string {
  return JSON.stringify([readings, Object.keys(left)]);
}
