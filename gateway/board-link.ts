import type { BoardId, CabinetId, CompartmentNumber } from '../domain/site.ts';
import type { LockBoard, LockBoardListener, Unsubscribe } from './ports.ts';

/** By compartment, the lock (0-based) on which it hangs. */
export type Locks = ReadonlyMap<CompartmentNumber, number>;

const NO_LOCKS: Locks = new Map();

/**
 * A lock board by its id, and which compartment hangs on which of its locks. The board behind it may be exchanged, e.g.
 * because its bus is another one from now on: what is to be opened meanwhile waits.
 */
export class BoardLink {
  readonly id: BoardId;
  readonly #listeners = new Set<LockBoardListener>();
  readonly #locks = new Map<CabinetId, Locks>();
  readonly #compartments = new Map<CabinetId, ReadonlyMap<number, CompartmentNumber>>();
  #board: LockBoard;
  /** As the board said last; undefined before it has said anything. */
  #answers: boolean | undefined;
  #exchange: PromiseWithResolvers<void> | undefined;

  constructor(board: LockBoard) {
    this.id = board.id;
    this.#board = board;
  }

  /** The locks of a cabinet on this board, in place of those that it had. */
  wire(cabinet: CabinetId, locks: Locks = NO_LOCKS): void {
    if (locks.size === 0) {
      this.#locks.delete(cabinet);
      this.#compartments.delete(cabinet);
      return;
    }
    this.#locks.set(cabinet, locks);
    this.#compartments.set(cabinet, new Map([...locks].map(([compartment, lock]) => [lock, compartment])));
  }

  /** The cabinets that have locks here. */
  get cabinets(): readonly CabinetId[] {
    return [...this.#locks.keys()];
  }

  /** The compartment of a cabinet behind a lock; undefined where that cabinet has none there. */
  compartmentAt(cabinet: CabinetId, lock: number): CompartmentNumber | undefined {
    return this.#compartments.get(cabinet)?.get(lock);
  }

  /** Sends the opening pulse. Rejects with a `DriverError` where the board does not answer. */
  unlock(cabinet: CabinetId, compartment: CompartmentNumber): Promise<void> {
    if (this.#exchange) return this.#exchange.promise.then(() => this.unlock(cabinet, compartment));
    const lock = this.#locks.get(cabinet)?.get(compartment);
    if (lock === undefined) {
      return Promise.reject(new Error(`Compartment ${compartment} of cabinet ${cabinet} has no lock.`));
    }
    return this.#board.unlock(lock);
  }

  /** Whether the board answers is told at once, where it is known. */
  listen(listener: LockBoardListener): Unsubscribe {
    this.#listeners.add(listener);
    if (this.#answers !== undefined) listener.answering(this.#answers);
    return () => this.#listeners.delete(listener);
  }

  start(): void {
    this.#board.start({
      report: (doors) => {
        for (const listener of this.#listeners) listener.report(doors);
      },
      answering: (answers) => {
        this.#answers = answers;
        for (const listener of this.#listeners) listener.answering(answers);
      },
    });
  }

  stop(): Promise<void> {
    return this.#board.stop();
  }

  /** What is to be opened waits until `release`. */
  hold(): void {
    this.#exchange ??= Promise.withResolvers();
  }

  /** Another board stands for this one from now on. Whoever calls has stopped the one before, and starts this. */
  become(board: LockBoard): void {
    this.#board = board;
    this.#answers = undefined;
  }

  release(): void {
    this.#exchange?.resolve();
    this.#exchange = undefined;
  }
}
