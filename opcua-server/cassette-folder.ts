/** The folder of all cassettes under the site. */
import type { UAObject } from 'node-opcua';
import type { SignalPatterns } from '../domain/cassette/signal.ts';
import type { CassetteId } from '../domain/site.ts';
import { CassetteObject } from './cassette-object.ts';
import type { Model } from './model.ts';
import type { CassetteValue } from './protocol.ts';

export class CassetteFolder {
  readonly #model: Model;
  readonly #signals: SignalPatterns;
  readonly #folder: UAObject;
  readonly #added: (node: UAObject) => void;
  readonly #cassettes = new Map<CassetteId, CassetteObject>();
  #stale = false;

  /** @param added told of each object that was made */
  constructor(model: Model, folder: UAObject, signals: SignalPatterns, added: (node: UAObject) => void) {
    this.#model = model;
    this.#signals = signals;
    this.#folder = folder;
    this.#added = added;
  }

  /** Shows cassettes, and makes those that are new. */
  show(values: readonly CassetteValue[]): void {
    for (const value of values) {
      const { id } = value.view;
      const known = this.#cassettes.get(id);
      if (known) known.show(value, this.#stale);
      else {
        const made = new CassetteObject(this.#model, this.#folder, value, this.#signals, this.#stale);
        this.#cassettes.set(id, made);
        this.#added(made.node);
      }
    }
  }

  /** Says of all cassettes whether what they show may no longer be so. */
  showStale(stale: boolean): void {
    if (stale === this.#stale) return;
    this.#stale = stale;
    for (const cassette of this.#cassettes.values()) cassette.show(cassette.value, stale);
  }
}
