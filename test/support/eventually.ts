import { setTimeout as sleep } from 'node:timers/promises';

/** Far beyond what anything takes on a slow and busy computer; short of the time that a test has. Milliseconds. */
const LONG_ENOUGH = 30_000;

/** Waits until a condition holds; fails with its description after `within` milliseconds. */
export async function eventually(
  what: string,
  condition: () => boolean,
  within = LONG_ENOUGH,
): Promise<void> {
  const end = performance.now() + within;
  while (!condition()) {
    if (performance.now() > end) throw new Error(`Not within ${within} ms: ${what}`);
    await sleep(5);
  }
}
