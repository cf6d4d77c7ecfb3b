/** The main program: reads the settings, starts everything in the right order, says where it is, and stops it again. */

import { ConfigurationError } from './config/configuration-error.ts';
import { readSettings } from './config/settings.ts';
import { startProduct } from './product.ts';

/** How long stopping may take before the process ends anyway. Milliseconds. */
const STOPS_WITHIN = 15_000;

/** Errors that a person can mend by reading them: told in one line, without a stack. */
const TELLING_CODES = new Set([
  'data-folder-in-use',
  'folder-in-use',
  'stream-damaged',
  'secret-unreadable',
  'EADDRINUSE',
  'store-unreachable',
]);

function explain(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const code = (error as NodeJS.ErrnoException).code ?? '';
  return error instanceof ConfigurationError || TELLING_CODES.has(code)
    ? error.message
    : (error.stack ?? error.message);
}

try {
  const product = await startProduct(readSettings(process.env));
  let stopping = false;
  const stop = (): void => {
    if (stopping) return;
    stopping = true;
    setTimeout(() => process.exit(1), STOPS_WITHIN).unref();
    product.close().then(
      () => process.exit(0),
      (error: unknown) => {
        console.error(`sezam: ${explain(error)}`);
        process.exit(1);
      },
    );
  };
  process.on('SIGINT', stop);
  process.on('SIGTERM', stop);
} catch (error) {
  console.error(`sezam: ${explain(error)}`);
  process.exit(1);
}
