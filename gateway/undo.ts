/** What was started, to be stopped again in the opposite order. */
export class Undo {
  readonly #steps: (() => unknown)[] = [];

  push(step: () => unknown): void {
    this.#steps.push(step);
  }

  /** Carries out every step, whichever of them fail, and throws the first failure at the end. Steps are taken once. */
  async run(): Promise<void> {
    const failures: unknown[] = [];
    for (const step of this.#steps.splice(0).reverse()) {
      try {
        await step();
      } catch (error) {
        failures.push(error);
      }
    }
    if (failures.length > 0) throw failures[0];
  }
}

/**
 * Starts something that consists of parts: where `start` fails, what it had started is stopped again, and its own
 * error is the one that is told.
 */
export async function startWhole<Result>(
  start: (undo: Undo) => Promise<Result>,
): Promise<Result & { close(): Promise<void> }> {
  const undo = new Undo();
  try {
    return { ...(await start(undo)), close: () => undo.run() };
  } catch (error) {
    await undo.run().catch(() => {});
    throw error;
  }
}
