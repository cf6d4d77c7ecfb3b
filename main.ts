/** The main program: reads the settings, starts everything in the right order, says where it is, and stops it again. */

import { readSettings } from './config/settings.ts';
import { leavesWithin } from './opcua-server/services/leaving.ts';
import { startProduct } from './product.ts';

/** How long stopping may take, once OPC UA clients were told of it, before the process ends anyway. Milliseconds. */
const STOPS_WITHIN = 15_000;

/** Errors of Sezam's own have such a code, and a message for the person who can mend it. */
const OWN_CODE = /^[a-z]+(?:-[a-z]+)+$/;

/** An own error in its one line; anything else with its stack, since it is a fault of the program. */
function explain(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { code } = error as NodeJS.ErrnoException;
  return code !== undefined && OWN_CODE.test(code) ? error.message : (error.stack ?? error.message);
}

try {
  const settings = readSettings(process.env);
  const product = await startProduct(settings);
  const { stopNotice: shutdownNotice, discoveryServer } = settings.opcua;
  const stopsWithin = STOPS_WITHIN + leavesWithin({ shutdownNotice, discoveryServer });
  let stopping = false;
  const stop = (): void => {
    if (stopping) return;
    stopping = true;
    setTimeout(() => process.exit(1), stopsWithin).unref();
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
