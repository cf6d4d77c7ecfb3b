/** One variable of a cassette: what it shows. Whose word that is, the model says. */
import type { SignalPatterns } from '../domain/cassette/signal.ts';
import type { CassetteView } from '../domain/cassette/view.ts';
import { type BanknoteNeutralization, banknoteNeutralizationOf } from '../domain/cassette/xfs4iot.ts';
import type { Plain } from './shown-value.ts';

/** Everything that a value may be made from. */
export interface Shown {
  readonly view: CassetteView;
  readonly signals: SignalPatterns;
  readonly neutralization: BanknoteNeutralization;
}

export function shownOf(view: CassetteView, signals: SignalPatterns): Shown {
  return { view, signals, neutralization: banknoteNeutralizationOf(view) };
}

export interface CassetteVariable {
  /** Its place below the cassette, as the type declares it. */
  readonly path: string;
  /** Undefined where the controller has no such sensor. */
  of(shown: Shown): Plain | undefined;
}
