import { setPriority } from 'node:os';

/** Nice value of the thread: well before other threads, which have 0, and after what a computer itself lives on. */
const BEFORE_OTHERS = -10;

/**
 * Lets the calling thread go before the other threads of the process where the operating system grants it, as to a service
 * with `LimitNICE=-10`. Without the right to it the thread takes its turn like any other.
 *
 * @returns whether it was granted
 */
export function goBeforeOthers(): boolean {
  // Only Linux has a nice value for each thread; elsewhere the whole process would go first, flows and cabinets with it.
  if (process.platform !== 'linux') return false;
  try {
    setPriority(BEFORE_OTHERS);
    return true;
  } catch {
    return false;
  }
}
