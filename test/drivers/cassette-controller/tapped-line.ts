import type { Transport, TransportListener } from '../../../drivers/transport/transport.ts';
import type { Simulator } from '../../../simulators/simulator.ts';

/** A line to a simulator that somebody has tapped: hears everything, and may change, drop or add frames both ways. */
export class TappedLine implements Transport {
  readonly description = 'tapped line';
  readonly sent: Buffer[] = [];
  readonly received: Buffer[] = [];
  /** What becomes of a frame to the controller, and of one to the gateway: nothing, one or several. */
  toController: (frame: Buffer) => readonly Buffer[] = (frame) => [frame];
  toGateway: (frame: Buffer) => readonly Buffer[] = (frame) => [frame];
  readonly #simulator: Simulator;
  #listener: TransportListener | undefined;

  constructor(simulator: Simulator) {
    this.#simulator = simulator;
    simulator.connect((bytes) => {
      this.received.push(bytes);
      for (const altered of this.toGateway(bytes)) this.inject(altered);
    });
  }

  /** Says something to the gateway. */
  inject(bytes: Buffer): void {
    this.#listener?.received(bytes);
  }

  open(listener: TransportListener): Promise<void> {
    this.#listener = listener;
    return Promise.resolve();
  }

  write(bytes: Buffer): Promise<void> {
    this.sent.push(bytes);
    for (const altered of this.toController(bytes)) this.#simulator.receive(altered);
    return Promise.resolve();
  }

  close(): Promise<void> {
    this.#listener = undefined;
    return Promise.resolve();
  }
}
