import { createSecretKey, type KeyObject } from 'node:crypto';
import type { Readings } from '../../../domain/cassette/readings.ts';
import type { CassetteControllerListener, ControllerFrameFault } from '../../../gateway/ports.ts';

/** A pairing key whose bytes all have one value. */
export function keyOf(value: number, length = 32): KeyObject {
  return createSecretKey(Buffer.alloc(length, value));
}

/** Everything that a controller said. */
export class Heard {
  readonly samples: Readings[] = [];
  readonly keys: string[] = [];
  readonly links: boolean[] = [];
  readonly faults: ControllerFrameFault[] = [];
  readonly listener: CassetteControllerListener = {
    sampled: (readings) => this.samples.push(readings),
    key: (rom) => this.keys.push(rom),
    linked: (up) => this.links.push(up),
    rejected: (fault) => this.faults.push(fault),
  };

  get latest(): Readings | undefined {
    return this.samples.at(-1);
  }

  get linked(): boolean {
    return this.links.at(-1) === true;
  }

  /** Every blow of every sample, in the order in which they came. */
  get blows(): readonly number[] {
    return this.samples.flatMap(({ shocks }) => shocks);
  }
}
