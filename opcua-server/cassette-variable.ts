/** One variable of a cassette: where it stands, what it shows, and whose word it is. */
import type { DataType, EUInformation } from 'node-opcua';
import type { SignalPatterns } from '../domain/cassette/signal.ts';
import type { CassetteView } from '../domain/cassette/view.ts';
import { type BanknoteNeutralization, banknoteNeutralizationOf } from '../domain/cassette/xfs4iot.ts';
import type { CassetteEnumeration } from './cassette-enumerations.ts';

/** Everything that a value may be made from. */
export interface Shown {
  readonly view: CassetteView;
  readonly signals: SignalPatterns;
  readonly neutralization: BanknoteNeutralization;
}

export function shownOf(view: CassetteView, signals: SignalPatterns): Shown {
  return { view, signals, neutralization: banknoteNeutralizationOf(view) };
}

/** A value as the library takes it; null: the null time. */
export type Plain = string | number | boolean | Date | null | readonly string[] | readonly number[];

/** What a measured value is in, and between what it usually is. */
export interface Unit {
  readonly information: EUInformation;
  readonly low: number;
  readonly high: number;
}

export interface CassetteVariable {
  /** Its place below the cassette; the last part is its browse name. */
  readonly path: string;
  readonly name: string;
  readonly description: string;
  /** A duration is a number of milliseconds. */
  readonly type: DataType | 'Duration' | CassetteEnumeration;
  readonly array?: true;
  readonly unit?: Unit;
  /** The word of the controller: unknown while it does not answer. Otherwise the gateway's own. */
  readonly measured?: true;
  /** Undefined where the controller has no such sensor. */
  of(shown: Shown): Plain | undefined;
}
