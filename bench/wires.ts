/** The wires of cabinets, ending in this process. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Gateway } from '../gateway/api.ts';
import { Board } from './board.ts';
import { BOARDS, boardBus, readerBus } from './site.ts';

/** How long boards may take until all of them were heard. Milliseconds. */
const HEARD_WITHIN = 30_000;

/**
 * Connects readers at which nobody presents anything, and boards of which all doors are closed, and resolves when
 * the gateway has heard every board.
 *
 * @param pulsed told of every pulse, with the number of the cabinet and the time of `performance.now()`
 * @param doorsOpen whether somebody opens the door after a pulse, and closes it
 */
export async function attachWires(
  gateway: Gateway,
  cabinets: number,
  pulsed: (cabinet: number, at: number) => void = () => {},
  doorsOpen = false,
): Promise<void> {
  for (let cabinet = 0; cabinet < cabinets; cabinet += 1) {
    gateway.flowPort(readerBus(cabinet)).connect(() => {});
    for (let index = 0; index < BOARDS; index += 1) {
      const port = gateway.flowPort(boardBus(cabinet, index));
      const board = new Board(doorsOpen);
      port.connect((bytes) => {
        const reply = board.take(bytes);
        if (reply === 'pulse') pulsed(cabinet, performance.now());
        else if (reply) setImmediate(() => port.receive(reply));
      });
    }
  }
  const end = performance.now() + HEARD_WITHIN;
  const heard = (): boolean =>
    gateway.cabinets().every(({ compartments }) => compartments.every(({ door }) => door !== 'unknown'));
  while (!heard()) {
    if (performance.now() > end) throw new Error('Not every board was heard.');
    await sleep(20);
  }
}
