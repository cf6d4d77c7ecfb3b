import type { DemoCommand, DemoEvent } from '../simulators/demo-site.ts';
import { connectLines } from './line-client.ts';

/** How long to wait for a pulse before saying that nothing opened. Milliseconds. */
const PULSE_WITHIN = 4_000;
/** How long to watch a door. Milliseconds. */
const DOOR_WITHIN = 15_000;

/**
 * Presents something at the demo site and tells, line by line, what the simulated hardware sees.
 * Resolves with an exit code: 0 where a door opened, 1 where none did.
 */
export async function presentAtDemo(path: string, command: DemoCommand, first: string): Promise<number> {
  let client: Awaited<ReturnType<typeof connectLines>>;
  try {
    client = await connectLines(path);
  } catch (error) {
    console.error(error instanceof Error ? error.message : String(error));
    return 1;
  }
  const started = performance.now();
  let opened: number | undefined;
  let deadline = setTimeout(() => client.end(), PULSE_WITHIN);
  client.send(command);
  console.log(first);
  for await (const message of client.messages) {
    const answer = message as { ok?: boolean; error?: string };
    if (answer.ok === false) {
      console.error(answer.error ?? 'The simulated hardware refused.');
      break;
    }
    const event = message as DemoEvent;
    if (event.event === 'pulse') {
      const passed = Math.round(performance.now() - started);
      console.log(`  after ${passed} ms: the board pulses the lock of compartment ${event.compartment}`);
      clearTimeout(deadline);
      deadline = setTimeout(() => client.end(), DOOR_WITHIN);
    }
    if (event.event === 'door-opened') {
      opened = event.compartment;
      console.log(`  the door of compartment ${opened} is open; a simulated person will close it`);
    }
    if (event.event === 'door-closed' && event.compartment === opened) {
      console.log(`  the door of compartment ${opened} is closed`);
      break;
    }
  }
  clearTimeout(deadline);
  client.end();
  if (opened === undefined) console.log('  nothing opened; the reason is in the event log and in the flow');
  return opened === undefined ? 1 : 0;
}
