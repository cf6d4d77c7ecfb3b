/** The worker thread of the cassettes: whatever holds up the main thread, a flow among it, does not hold up these. */
import { parentPort, workerData } from 'node:worker_threads';
import { cassetteRefusal } from '../../domain/cassette/refusal.ts';
import type { LoggedEvent } from '../../domain/event.ts';
import { loadDrivers } from '../../drivers/registry.ts';
import { systemClock } from '../clock.ts';
import type { AppendOutcome } from '../event-log/event-store.ts';
import { MainLine } from './main-line.ts';
import { type CassetteAnswer, type CassettesStart, processTime, type ToCassettes } from './protocol.ts';
import { CassetteRuntime } from './runtime.ts';
import { goBeforeOthers } from './thread-priority.ts';

if (!parentPort) {
  throw new Error('This program is the worker thread of the cassettes; start it through cassette-thread.ts.');
}
const port = parentPort;
goBeforeOthers();
const line = new MainLine((message) => port.postMessage(message));

let shipment = 0;
let shipped: ((outcomes: readonly AppendOutcome[] | undefined) => void) | undefined;

/** Hands records to the main thread, one shipment at a time, and waits for what the store makes of them. */
function ship(events: readonly LoggedEvent[]): Promise<readonly AppendOutcome[] | undefined> {
  shipment += 1;
  line.tell({ kind: 'ship', shipment, events });
  return new Promise((resolve) => {
    shipped = resolve;
  });
}

const runtime = CassetteRuntime.open({
  start: workerData as CassettesStart,
  drivers: await loadDrivers(),
  clock: systemClock,
  tell: (message) => line.tell(message),
  ship,
});

runtime.catch((error: unknown) => {
  const { code, message } = error as { readonly code?: unknown; readonly message?: unknown };
  const text = String(message ?? error);
  line.tell({ kind: 'failed', code: typeof code === 'string' ? code : 'failed', text });
  process.exit(1);
});

port.on('message', (message: ToCassettes) => {
  runtime.then(
    (working) =>
      take(working, message).catch((error: unknown) => {
        const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
        line.tell({ kind: 'trouble', text: `The cassettes failed at "${message.kind}": ${text}` });
        if (message.kind === 'call') line.tell({ kind: 'answer', call: message.call, answer: NOT_RUNNING });
      }),
    // That it did not start was told.
    () => {},
  );
});

const NOT_RUNNING: CassetteAnswer = { ok: false, refusal: cassetteRefusal('cassettes-not-running') };

async function take(working: CassetteRuntime, message: ToCassettes): Promise<void> {
  switch (message.kind) {
    case 'call': {
      const { call, request, until } = message;
      // Whoever was told that nobody answered must not find it carried out later.
      const answer = processTime() > until ? NOT_RUNNING : working.answer(request);
      line.tell({ kind: 'answer', call, answer });
      return;
    }
    case 'stored':
      working.attach(message.streams);
      return;
    case 'shipped':
      if (message.shipment === shipment) shipped?.(message.outcomes);
      return;
    case 'heard':
      line.heard();
      return;
    case 'stop':
      await working.stop();
      process.exit(0);
  }
}
