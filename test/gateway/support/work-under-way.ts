/** Work that this process has given to the threads of libuv: files that are read and written, codes that are hashed. */
import { createHook } from 'node:async_hooks';
import { setTimeout as sleep } from 'node:timers/promises';

/** What takes as long as the computer needs for it, whatever the clock of a test says. */
const TAKES_TIME: ReadonlySet<string> = new Set([
  'ARGON2REQUEST',
  'FILEHANDLECLOSEREQ',
  'FSREQCALLBACK',
  'FSREQPROMISE',
]);
/** A request without an end must not keep a test waiting for ever. Milliseconds. */
const ENDS_WITHIN = 30_000;

const underWay = new Set<number>();

createHook({
  trackPromises: false,
  init(id, type) {
    if (TAKES_TIME.has(type)) underWay.add(id);
  },
  destroy(id) {
    underWay.delete(id);
  },
}).enable();

/** Waits until files and hashes that were begun are done, so that no time of a manual clock passes over them. */
export async function workDone(): Promise<void> {
  const end = performance.now() + ENDS_WITHIN;
  while (underWay.size > 0 && performance.now() < end) await sleep(1);
}
