/** The side of the server's process: takes what is asked until whoever measures is gone. */
import type { FromServer, ServerSetup, ToServer } from './opcua-protocol.ts';

export interface MeasuredServer {
  readonly endpointUrl: string;
  /** Processor time of the thread that serves OPC UA, in microseconds. */
  threadTime(): Promise<number>;
  /** Opens the door that was closed, or closes the one that was open. Numbers run on and on. */
  changeDoor(change: number): void;
  /** Raises the alarm that was over, or ends the one that was there. Numbers run on and on. */
  changeAlarm(change: number): void;
  stop(): Promise<void>;
}

/** How often changes that are due are made: as soon as a timer allows, so that they come one by one. Milliseconds. */
const TICK = 1;

export function setupOfProcess(): ServerSetup {
  return JSON.parse(process.argv[2] ?? '') as ServerSetup;
}

/** Says that a server is ready, and does what is asked. */
export function serve(server: MeasuredServer): void {
  const made = { doors: 0, alarms: 0 };
  process.on('message', (message: ToServer) => {
    if (message.kind === 'usage') {
      void usageOf(server).then(say);
      return;
    }
    const { what, changes, perSecond } = message;
    const first = made[what];
    const began = performance.now();
    const ticks = setInterval(() => {
      const due = Math.min(changes, Math.floor(((performance.now() - began) / 1_000) * perSecond));
      for (; made[what] - first < due; made[what] += 1) {
        if (what === 'doors') server.changeDoor(made[what]);
        else server.changeAlarm(made[what]);
      }
      if (due < changes) return;
      clearInterval(ticks);
      say({ kind: 'changed' });
    }, TICK);
  });
  process.once('disconnect', () => {
    void server.stop().finally(() => process.exit());
  });
  say({ kind: 'ready', endpointUrl: server.endpointUrl });
}

async function usageOf(server: MeasuredServer): Promise<FromServer> {
  const thread = await server.threadTime();
  const { user, system } = process.cpuUsage();
  return { kind: 'used', thread, process: user + system, resident: process.memoryUsage.rss() };
}

function say(message: FromServer): void {
  process.send?.(message);
}
