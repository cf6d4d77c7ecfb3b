import demoSite from '../config/demo-site.json' with { type: 'json' };
import type { FollowedEvent } from '../gateway/command-socket.ts';
import { socketPath } from '../gateway/data-folder.ts';
import type { DemoCommand, DemoEvent } from '../simulators/demo/hardware.ts';
import { lineFor } from './event-line.ts';
import { connectLines, type LineClient, outliveReader } from './line-client.ts';

/** How long to wait for a first event before saying that nothing happened. Milliseconds. */
const HAPPENS_WITHIN = 5_000;
/** How long to watch a door. Milliseconds. */
const DOOR_WITHIN = 15_000;

/** A reader of a cabinet of the demo site, by its driver; undefined where that cabinet has none. */
export function demoReader(cabinet: string, driver: 'rdm6300' | 'keypad'): string | undefined {
  return demoSite.readers.find((reader) => reader.cabinet === cabinet && reader.driver === driver)?.id;
}

/**
 * Presents something at a cabinet of the demo site and tells, line by line, what its simulated hardware sees and what
 * its event log holds. Resolves with an exit code: 0 where a door opened or the panel asks something, 1 otherwise.
 */
export async function presentAtDemo(
  dataFolder: string,
  cabinet: string,
  command: DemoCommand,
  first: string,
): Promise<number> {
  outliveReader();
  let hardware: LineClient;
  let log: LineClient;
  try {
    hardware = await connectLines(await socketPath(dataFolder, 'demo-hardware'));
    log = await connectLines(await socketPath(dataFolder, 'command'));
  } catch (error) {
    console.error(error instanceof Error ? error.message : String(error));
    return 1;
  }
  const started = performance.now();
  const passed = (): string => `${String(Math.round(performance.now() - started)).padStart(6)} ms`;
  const end = (): void => {
    hardware.end();
    log.end();
  };
  let deadline = setTimeout(end, HAPPENS_WITHIN);
  let opened = false;
  let asked = false;

  const watchLog = async (): Promise<void> => {
    log.send({ do: 'follow' });
    for await (const message of log.messages) {
      if (!('stream' in (message as object))) {
        hardware.send(command);
        console.log(first);
        continue;
      }
      const event = message as FollowedEvent;
      if (event.stream !== `cabinet/${cabinet}`) continue;
      console.log(`${passed()}  log       ${lineFor(event)}`);
      if (event.type === 'session-started') {
        asked = true;
        console.log(`The panel of cabinet ${cabinet} asks something now: go on there.`);
        break;
      }
      if (event.type === 'access-refused' || (opened && event.type === 'door-closed')) break;
    }
    end();
  };
  const watchHardware = async (): Promise<void> => {
    for await (const message of hardware.messages) {
      const answer = message as { ok?: boolean; error?: string };
      if (answer.ok === false) {
        console.error(answer.error ?? 'The simulated hardware refused.');
        end();
      }
      const event = message as DemoEvent;
      if (event.event !== 'pulse' && event.event !== 'door-opened' && event.event !== 'door-closed') continue;
      if (event.cabinet !== cabinet) continue;
      console.log(`${passed()}  hardware  compartment ${event.compartment}: ${event.event}`);
      opened ||= event.event === 'door-opened';
      clearTimeout(deadline);
      deadline = setTimeout(end, DOOR_WITHIN);
    }
  };
  await Promise.all([watchLog(), watchHardware()]);
  clearTimeout(deadline);
  return opened || asked ? 0 : 1;
}
