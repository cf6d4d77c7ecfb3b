import { Bus } from '../../drivers/bus.ts';
import type { BusLimits } from '../../drivers/bus-limits.ts';
import type { LineSetting } from '../../drivers/driver.ts';
import { createTransport } from '../../drivers/transport/create.ts';
import { createPtyPair } from '../../simulators/pty.ts';
import { attachSerial, serveTcp } from '../../simulators/serve.ts';
import type { Simulator } from '../../simulators/simulator.ts';
import { realClock } from '../support/real-clock.ts';

/** A simulator on a real line, and the bus at its other end. */
export interface WiredBus {
  readonly bus: Bus;
  /** Takes the line away: the adapter is pulled, or the device server dies. */
  unplug(): Promise<void>;
  plug(): Promise<void>;
  close(): Promise<void>;
}

export type Wiring = (simulator: Simulator, line: LineSetting) => Promise<WiredBus>;

/** Quick reconnects, so that a replug is seen within a test. */
const LIMITS: Partial<BusLimits> = { firstReconnect: 20, longestReconnect: 50 };

/** Over loopback TCP, as through a serial device server. */
const overTcp: Wiring = async (simulator, line) => {
  let served = await serveTcp(simulator, 0);
  const { port } = served;
  const transport = createTransport({ type: 'tcp', host: '127.0.0.1', port }, line);
  const bus = new Bus({ id: 'tcp', transport, clock: realClock, limits: LIMITS });
  return {
    bus,
    unplug: () => served.close(),
    plug: async () => {
      served = await serveTcp(simulator, port);
    },
    close: async () => {
      await bus.stop();
      await served.close();
      simulator.close();
    },
  };
};

/** Over a pair of pseudo-terminals, through the whole serial stack. */
const overPty: Wiring = async (simulator, line) => {
  const pair = await createPtyPair();
  let detach = await attachSerial(simulator, pair.device, line.baudRate);
  const transport = createTransport({ type: 'serial', path: pair.gateway }, line);
  const bus = new Bus({ id: 'serial', transport, clock: realClock, limits: LIMITS });
  return {
    bus,
    unplug: async () => {
      await pair.unplug();
      await detach();
    },
    plug: async () => {
      await pair.plug();
      detach = await attachSerial(simulator, pair.device, line.baudRate);
    },
    close: async () => {
      await bus.stop();
      await detach();
      await pair.close();
      simulator.close();
    },
  };
};

export const WIRINGS: readonly { readonly name: string; readonly wire: Wiring }[] = [
  { name: 'loopback TCP', wire: overTcp },
  { name: 'a pseudo-terminal', wire: overPty },
];
