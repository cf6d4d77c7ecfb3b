import type { PartState, Readings, StainerState } from '../../domain/cassette/readings.ts';

/** The contacts that latch, by their bit. */
const CONTACT_BITS = { lid: 1, 'break-in': 2, position: 4 } as const;
export type Contact = keyof typeof CONTACT_BITS;

const MOST_PEAKS = 16;
const PARTS: readonly PartState[] = ['unknown', 'ok', 'low', 'fault'];

/** What the sensors measure, without what latches. */
export interface Measurements {
  gas: number | undefined;
  tilt: number | undefined;
  light: number | undefined;
  temperature: number | undefined;
  inMachine: boolean;
  notes: Readings['notes'];
  battery: PartState;
  power: Readings['power'];
  ink: PartState;
  trigger: PartState;
}

interface Peak {
  readonly milliG: number;
  readonly at: number;
  /** Stood in the newest sample. */
  reported: boolean;
}

/** The sensors of a cassette, and what they remember until the gateway has it. */
export class Sensors {
  readonly now: Measurements = {
    gas: 0,
    tilt: 0,
    light: 0,
    temperature: 20,
    inMachine: false,
    notes: 'present',
    battery: 'ok',
    power: 'mains',
    ink: 'ok',
    trigger: 'ok',
  };
  selfTest: Readings['selfTest'] = 'not-run';
  keys: readonly string[] = [];
  #active = 0;
  #latched = 0;
  #latchedSince = 0;
  #peaks: Peak[] = [];
  #sampleNumber = 0;
  readonly #blowMilliseconds: number;

  /** @param blowMilliseconds a blow that nobody asked about for so long is no sign of an attack under way */
  constructor(blowMilliseconds: number) {
    this.#blowMilliseconds = blowMilliseconds;
  }

  isActive(contact: Contact): boolean {
    return (this.#active & CONTACT_BITS[contact]) !== 0;
  }

  set(contact: Contact, active: boolean): void {
    const bit = CONTACT_BITS[contact];
    this.#active = active ? this.#active | bit : this.#active & ~bit;
    if (active) this.#latchedSince |= bit;
  }

  /** A blow. Where sixteen wait already, the weakest is forgotten. */
  blow(milliG: number): void {
    this.#peaks.push({ milliG, at: performance.now(), reported: false });
    if (this.#peaks.length <= MOST_PEAKS) return;
    const weakest = Math.min(...this.#peaks.map((peak) => peak.milliG));
    this.#peaks.splice(
      this.#peaks.findIndex((peak) => peak.milliG === weakest),
      1,
    );
  }

  /** Power was off: whatever was remembered in memory is gone. */
  restart(): void {
    this.#latched = 0;
    this.#latchedSince = 0;
    this.#peaks = [];
    this.#sampleNumber = 0;
    this.selfTest = 'not-run';
  }

  /** The payload of a sample for a gateway that has the sample of the number `acknowledged`. */
  sample(acknowledged: number, uptimeSeconds: number, stainer: StainerState): Buffer {
    if (acknowledged !== 0 && acknowledged === this.#sampleNumber) {
      this.#peaks = this.#peaks.filter((peak) => !peak.reported);
      this.#latched = 0;
    }
    const oldest = performance.now() - this.#blowMilliseconds;
    this.#peaks = this.#peaks.filter((peak) => peak.at >= oldest);
    this.#latched |= this.#latchedSince;
    this.#latchedSince = 0;
    this.#sampleNumber += 1;
    for (const peak of this.#peaks) peak.reported = true;
    return Buffer.concat([this.#fixedPart(uptimeSeconds, stainer), this.#peakList(), this.#keyList()]);
  }

  #fixedPart(uptimeSeconds: number, stainer: StainerState): Buffer {
    const { gas, tilt, light, temperature, inMachine, notes, battery, power, ink, trigger } = this.now;
    const part = Buffer.alloc(24);
    part.writeUInt32BE(this.#sampleNumber, 0);
    part.writeUInt32BE(uptimeSeconds, 4);
    part[8] = this.#active;
    part[9] = this.#latched;
    part[10] = inMachine ? 1 : 0;
    part[11] = ['unknown', 'absent', 'present'].indexOf(notes);
    part[12] = PARTS.indexOf(battery);
    part[13] = ['unknown', 'mains', 'battery'].indexOf(power);
    part[14] = PARTS.indexOf(ink);
    part[15] = PARTS.indexOf(trigger);
    part[16] = ['not-run', 'passed', 'failed'].indexOf(this.selfTest);
    part[17] = ['inhibited', 'ready', 'prepared', 'fired', 'fault'].indexOf(stainer);
    part[18] = [gas, tilt, light, temperature].reduce<number>(
      (bits, value, bit) => bits | (value === undefined ? 0 : 1 << bit),
      0,
    );
    part[19] = gas ?? 0;
    part[20] = tilt ?? 0;
    part.writeUInt16BE(light ?? 0, 21);
    part.writeInt8(temperature ?? 0, 23);
    return part;
  }

  #peakList(): Buffer {
    const list = Buffer.alloc(1 + 2 * this.#peaks.length);
    list[0] = this.#peaks.length;
    this.#peaks.forEach((peak, index) => {
      list.writeUInt16BE(peak.milliG, 1 + 2 * index);
    });
    return list;
  }

  #keyList(): Buffer {
    return Buffer.concat([
      Buffer.from([this.keys.length]),
      ...this.keys.map((rom) => Buffer.from(rom, 'hex')),
    ]);
  }
}
