import type { CabinetId, CompartmentNumber, ReaderId } from '../domain/site.ts';
import type { ItemReader, ItemReaderListener, Unsubscribe } from './ports.ts';

/** A compartment of the site. */
export interface Place {
  readonly cabinet: CabinetId;
  readonly compartment: CompartmentNumber;
}

/** An item reader, and which compartment each of its antennas looks into. */
export class ItemReaderLink {
  readonly #reader: ItemReader;
  readonly #places: ReadonlyMap<number, Place>;
  readonly #listeners = new Set<ItemReaderListener>();

  /** @param places by antenna, the compartment that it looks into */
  constructor(reader: ItemReader, places: ReadonlyMap<number, Place>) {
    this.#reader = reader;
    this.#places = places;
  }

  get id(): ReaderId {
    return this.#reader.id;
  }

  /** By antenna, the compartment that it looks into. */
  get places(): ReadonlyMap<number, Place> {
    return this.#places;
  }

  /** Asks for a report at once; resolves when it was handed on. Rejects with a `DriverError` where the reader does not answer. */
  refresh(antenna: number): Promise<void> {
    return this.#reader.refresh(antenna);
  }

  listen(listener: ItemReaderListener): Unsubscribe {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  start(): void {
    this.#reader.start({
      report: (report) => {
        for (const listener of this.#listeners) listener.report(report);
      },
      answering: (answers) => {
        for (const listener of this.#listeners) listener.answering(answers);
      },
    });
  }

  stop(): Promise<void> {
    return this.#reader.stop();
  }
}
