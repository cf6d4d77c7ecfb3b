/** The worker thread of the cassettes: whatever holds up the main thread, a flow among it, does not hold up these. */
import { parentPort, workerData } from 'node:worker_threads';
import type { LoggedEvent } from '../../domain/event.ts';
import { loadDrivers } from '../../drivers/registry.ts';
import { systemClock } from '../clock.ts';
import type { AppendOutcome } from '../event-log/event-store.ts';
import type { CassettesStart, FromCassettes, ToCassettes } from './protocol.ts';
import { CassetteRuntime } from './runtime.ts';

if (!parentPort) {
  throw new Error('This program is the worker thread of the cassettes; start it through cassette-thread.ts.');
}
const port = parentPort;
const tell = (message: FromCassettes): void => port.postMessage(message);

let shipment = 0;
let shipped: ((outcomes: readonly AppendOutcome[] | undefined) => void) | undefined;

/** Hands records to the main thread, one shipment at a time, and waits for what the store makes of them. */
function ship(events: readonly LoggedEvent[]): Promise<readonly AppendOutcome[] | undefined> {
  shipment += 1;
  tell({ kind: 'ship', shipment, events });
  return new Promise((resolve) => {
    shipped = resolve;
  });
}

const runtime = CassetteRuntime.open({
  start: workerData as CassettesStart,
  drivers: await loadDrivers(),
  clock: systemClock,
  tell,
  ship,
});

runtime.catch((error: unknown) => {
  const { code, message } = error as { readonly code?: unknown; readonly message?: unknown };
  tell({ kind: 'failed', code: typeof code === 'string' ? code : 'failed', text: String(message ?? error) });
  process.exit(1);
});

port.on('message', (message: ToCassettes) => {
  void runtime.then((working) => take(working, message)).catch(() => {});
});

async function take(working: CassetteRuntime, message: ToCassettes): Promise<void> {
  switch (message.kind) {
    case 'call':
      tell({ kind: 'answer', call: message.call, answer: working.answer(message.request) });
      return;
    case 'stored':
      working.attach(message.streams);
      return;
    case 'shipped':
      if (message.shipment === shipment) shipped?.(message.outcomes);
      return;
    case 'stop':
      shipped?.(undefined);
      await working.stop();
      process.exit(0);
  }
}
