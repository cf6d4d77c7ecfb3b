import { isOpen, mayStandOpenFor } from '../domain/cabinet/door.ts';
import type { CabinetInput } from '../domain/cabinet/inputs.ts';
import { type CabinetState, compartmentOf } from '../domain/cabinet/state.ts';
import type { BoardId, CabinetId, CompartmentNumber, Milliseconds } from '../domain/site.ts';
import type { BoardLink } from './board-link.ts';
import type { Clock, DoorReport, Unsubscribe } from './ports.ts';

/** What the doors of a cabinet need of it. */
export interface DoorsOf {
  readonly id: CabinetId;
  readonly state: () => CabinetState;
  /** Every board of the site at the moment. */
  readonly boards: ReadonlyMap<BoardId, BoardLink>;
  readonly clock: Clock;
  /** Whether a pulse may have reached the lock of the opening under way in a compartment. */
  readonly pulseSent: (compartment: CompartmentNumber) => boolean;
  /** Whether somebody follows an opening in this run. */
  readonly opening: (compartment: CompartmentNumber) => boolean;
  /** Whether a grant still waits for its pulse. */
  readonly holdsGrant: (grant: string) => boolean;
  /** Puts an input that nobody waits for; `forget` is called where it could not be recorded, so that it comes again. */
  readonly background: (input: CabinetInput, forget: () => void) => void;
  /** The same, put again for as long as it `holds`. */
  readonly untilRecorded: (input: CabinetInput, holds: () => boolean) => void;
  /** Whether what cannot be recorded now may be later, and after how long to try again. Milliseconds. */
  readonly recordAgain: () => Milliseconds | undefined;
}

/** The doors of a cabinet: what its boards say becomes inputs, and open ones are watched. */
export class Doors {
  readonly #of: DoorsOf;
  readonly #openDoors = new Map<CompartmentNumber, Unsubscribe>();
  /** The last word of each sensor that was put to the stream in this run. */
  readonly #reported = new Map<CompartmentNumber, 'open' | 'closed'>();
  /** Whether each board answers, as it last said itself. */
  readonly #answering = new Map<BoardId, boolean>();
  readonly #unsubscribe: Unsubscribe[] = [];

  constructor(of: DoorsOf) {
    this.#of = of;
  }

  /** Takes up what the stream left open and begins to listen to the boards. */
  start(): void {
    const { state, clock } = this.#of;
    const { compartments, setting } = state();
    for (const compartment of compartments) {
      if (compartment.door !== 'open' || compartment.doorSince === undefined) continue;
      const { number, doorSince } = compartment;
      this.watch(number, mayStandOpenFor(doorSince, setting.doors.leftOpenAfter, clock.now()));
    }
    this.#listen();
  }

  /**
   * Listens to the boards that the cabinet has now.
   *
   * @param moved compartments of which another sensor tells from now on
   */
  rewired(moved: ReadonlySet<CompartmentNumber>): void {
    for (const unsubscribe of this.#unsubscribe.splice(0)) unsubscribe();
    for (const number of moved) this.#reported.delete(number);
    for (const number of this.#openDoors.keys()) {
      if (!compartmentOf(this.#of.state(), number)) this.unwatch(number);
    }
    this.#answering.clear();
    this.#listen();
  }

  #listen(): void {
    const own = new Set(this.#of.state().compartments.map(({ board }) => board));
    for (const board of own) {
      const link = this.#of.boards.get(board);
      if (!link) continue;
      this.#unsubscribe.push(
        link.listen({
          report: (doors) => this.#report(board, doors),
          answering: (answers) => {
            this.#answering.set(board, answers);
            this.#of.untilRecorded(
              { input: 'board', board, answers },
              () => this.#answering.get(board) === answers,
            );
          },
        }),
      );
    }
  }

  stop(): void {
    for (const unsubscribe of this.#unsubscribe) unsubscribe();
    for (const cancel of this.#openDoors.values()) cancel();
  }

  /** Whether the sensor of a compartment last said "open", be that on record or not yet. */
  seenOpen(compartment: CompartmentNumber): boolean {
    return this.#reported.get(compartment) === 'open';
  }

  /** Comes back with `open-too-long` after a delay, unless the door is closed by then. */
  watch(compartment: CompartmentNumber, delay: Milliseconds): void {
    this.#openDoors.get(compartment)?.();
    this.#openDoors.set(
      compartment,
      this.#of.clock.after(delay, () => {
        this.#openDoors.delete(compartment);
        this.#of.background({ input: 'open-too-long', compartment }, () => {
          const again = this.#of.recordAgain();
          if (again !== undefined) this.watch(compartment, again);
        });
      }),
    );
  }

  /** The door is closed: nobody need watch it. */
  unwatch(compartment: CompartmentNumber): void {
    this.#openDoors.get(compartment)?.();
    this.#openDoors.delete(compartment);
  }

  /** The pulse has left. Where the sensor says "open" already, that is all that will ever be heard of it. */
  pulsed(compartment: CompartmentNumber, grant: string): void {
    const known = compartmentOf(this.#of.state(), compartment);
    if (!known || known.opening?.grant !== grant || !isOpen(known.door)) return;
    this.#moved(compartment, 'open', false);
  }

  /** A board's word: whatever differs from what is known becomes an input. */
  #report(board: BoardId, doors: DoorReport): void {
    const link = this.#of.boards.get(board);
    if (!link) return;
    const unknown: { open: CompartmentNumber[]; closed: CompartmentNumber[] } = { open: [], closed: [] };
    for (const [lock, door] of doors) {
      const number = link.compartmentAt(this.#of.id, lock);
      const known = number === undefined ? undefined : compartmentOf(this.#of.state(), number);
      if (number === undefined || !known) continue;
      const before = this.#reported.get(number);
      if (before === door) continue;
      if (known.door === 'unknown' && !known.opening) {
        unknown[door].push(number);
        this.#reported.set(number, door);
        continue;
      }
      const first = before === undefined;
      if (first && known.opening && !this.#of.opening(number)) {
        this.#takeUpOrphan(number, known.opening.grant, door);
      } else if (first && known.door !== 'unknown' && isOpen(known.door) === (door === 'open')) {
        this.#reported.set(number, door);
      } else {
        this.#moved(number, door, first);
      }
    }
    if (unknown.open.length + unknown.closed.length > 0) {
      this.#of.background({ input: 'doors-found', board, ...unknown }, () => {
        for (const number of [...unknown.open, ...unknown.closed]) this.#reported.delete(number);
      });
    }
  }

  /** An opening that was under way when the gateway went down: its door tells how it ended. */
  #takeUpOrphan(number: CompartmentNumber, grant: string, door: 'open' | 'closed'): void {
    if (this.#of.holdsGrant(grant)) return;
    if (door === 'open') {
      this.#moved(number, door, true, true);
      return;
    }
    this.#reported.set(number, door);
    this.#of.background({ input: 'grant-orphaned', compartment: number, grant }, () =>
      this.#reported.delete(number),
    );
    if (compartmentOf(this.#of.state(), number)?.door === 'unknown') this.#moved(number, door, true);
  }

  #moved(
    compartment: CompartmentNumber,
    door: 'open' | 'closed',
    afterAbsence: boolean,
    expected = this.#of.pulseSent(compartment),
  ): void {
    this.#reported.set(compartment, door);
    this.#of.background({ input: 'door', compartment, open: door === 'open', expected, afterAbsence }, () => {
      this.#reported.delete(compartment);
    });
  }
}
