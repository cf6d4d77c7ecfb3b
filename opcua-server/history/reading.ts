/** A reading of history that is answered in parts: each has its share of rows, of pages of the log, and of time. */
import type { ExtensionObject, NodeId } from 'node-opcua';
import type { Milliseconds } from '../../domain/site.ts';
import type { Steps } from './log.ts';

/** Most rows, and most pages of the log, for one answer. */
export const MOST_ROWS = 1_000;
const MOST_PAGES = 50;
/** After that time a reading answers with what it has. */
const ANSWERS_WITHIN: Milliseconds = 5_000;

/** Makes the body of an answer. */
export type Outcome<Row> = (rows: readonly Row[]) => ExtensionObject;

export interface Part {
  readonly body: ExtensionObject;
  readonly rows: number;
  /** Whether there may be more. */
  readonly more: boolean;
}

export class Reading<Row = unknown> {
  readonly node: NodeId;
  readonly #steps: Steps<Row>;
  readonly #outcome: Outcome<Row>;
  /** Most rows of an answer. */
  readonly #most: number;
  /** Most rows of all answers. */
  #left: number;
  /** The next row, which was read to see whether there is one. */
  #ahead: Row | undefined;

  /**
   * @param most rows that the client takes at once; 0 leaves it to the server
   * @param total rows after which the reading is over
   */
  constructor(
    node: NodeId,
    steps: Steps<Row>,
    outcome: Outcome<Row>,
    most: number,
    total = Number.POSITIVE_INFINITY,
  ) {
    this.node = node;
    this.#steps = steps;
    this.#outcome = outcome;
    this.#most = most === 0 ? MOST_ROWS : Math.min(most, MOST_ROWS);
    this.#left = total;
  }

  /** Reads on. */
  async part(): Promise<Part> {
    const rows: Row[] = [];
    if (this.#ahead !== undefined) rows.push(this.#ahead);
    this.#ahead = undefined;
    const most = Math.min(this.#most, this.#left);
    const end = performance.now() + ANSWERS_WITHIN;
    let pages = 0;
    let more = false;
    for (;;) {
      const { done, value } = await this.#steps.next();
      if (done) break;
      if (value !== undefined) {
        if (rows.length === most) {
          this.#ahead = value;
          more = this.#left > most;
          break;
        }
        rows.push(value);
        continue;
      }
      pages += 1;
      if (pages >= MOST_PAGES || performance.now() > end) {
        more = true;
        break;
      }
    }
    this.#left -= rows.length;
    if (!more) this.end();
    return { body: this.#outcome(rows), rows: rows.length, more };
  }

  /** Lets go of what it holds. */
  end(): void {
    this.#steps.return().catch(() => {});
  }
}
