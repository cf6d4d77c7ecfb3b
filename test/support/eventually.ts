import { setTimeout as sleep } from 'node:timers/promises';

/** Waits until a condition holds; fails with its description after `within` milliseconds. */
export async function eventually(what: string, condition: () => boolean, within = 5_000): Promise<void> {
  const end = performance.now() + within;
  while (!condition()) {
    if (performance.now() > end) throw new Error(`Not within ${within} ms: ${what}`);
    await sleep(5);
  }
}
