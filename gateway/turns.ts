/** Attempts that wait for their turn in one row. */
const MOST_WAITING = 20;

/**
 * What is tried one after the other, each row by itself: each wrong secret counts before the next is tried, and each
 * answer at a panel before the next is looked at. A row is a reader or a panel.
 */
export class Turns {
  readonly #rows = new Map<string, { last: Promise<unknown>; waiting: number }>();

  /** Runs an attempt when its turn comes. @param busy what it comes to where too many wait already */
  async run<Result>(row: string, attempt: () => Promise<Result>, busy: Result): Promise<Result> {
    const turns = this.#rows.get(row) ?? { last: Promise.resolve(), waiting: 0 };
    if (turns.waiting >= MOST_WAITING) return busy;
    turns.waiting += 1;
    this.#rows.set(row, turns);
    const turn = turns.last.then(attempt);
    turns.last = turn.catch(() => {});
    try {
      return await turn;
    } finally {
      turns.waiting -= 1;
      if (turns.waiting === 0) this.#rows.delete(row);
    }
  }
}
