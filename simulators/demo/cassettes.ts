import { generateKeySync, type KeyObject } from 'node:crypto';
import type { SiteFile } from '../../config/site.ts';
import { type SiteCassette, USUAL_ADDRESS, USUAL_CONTROLLER } from '../../config/site-cassette.ts';
import type { SignalPattern } from '../../domain/cassette/signal.ts';
import type { CassetteId } from '../../domain/site.ts';
import type { Unsubscribe } from '../../gateway/ports.ts';
import { CassetteControllerSimulator } from '../cassette-controller.ts';
import type { SimulatedDevice } from './devices.ts';

/** Long enough that a gateway which asks every 100 ms sees it. Milliseconds. */
const SELF_TEST_LASTS = 600;

/** What is done to a simulated cassette, by its name. */
const ACTS = {
  'open-lid': (cassette) => cassette.openLid(),
  'close-lid': (cassette) => cassette.closeLid(),
  'put-into-machine': (cassette) => cassette.insert(),
  'take-out-of-machine': (cassette) => cassette.remove(),
  'pull-from-place': (cassette) => cassette.displace(),
  'push-back': (cassette) => cassette.putBack(),
  'break-in': (cassette) => cassette.breakIn(),
  'repair-shell': (cassette) => cassette.repairShell(),
  'leave-key': (cassette) => cassette.leaveKey(),
  load: (cassette) => cassette.setNotes('present'),
  unload: (cassette) => cassette.setNotes('absent'),
  'replace-cartridge': (cassette) => cassette.replaceStainer(),
  'cut-wire': (cassette) => cassette.setSilent(true),
  'mend-wire': (cassette) => cassette.setSilent(false),
} as const satisfies Readonly<Record<string, (cassette: CassetteControllerSimulator) => void>>;

/** The same, where it takes a number. */
const MEASURED_ACTS = {
  /** % of the lower explosive limit, 0 to 100. */
  gas: { most: 100, least: 0, act: (cassette, value) => cassette.setGas(value) },
  /** Milli-g, 0 to 65535. */
  blow: { most: 65_535, least: 0, act: (cassette, value) => cassette.blow(value) },
  /** Degrees from upright, 0 to 180. */
  tilt: { most: 180, least: 0, act: (cassette, value) => cassette.setTilt(value) },
  /** Lux, 0 to 65535. */
  light: { most: 65_535, least: 0, act: (cassette, value) => cassette.setLight(value) },
  /** °C, −128 to 127. */
  temperature: { most: 127, least: -128, act: (cassette, value) => cassette.setTemperature(value) },
} as const satisfies Readonly<
  Record<
    string,
    {
      readonly least: number;
      readonly most: number;
      readonly act: (cassette: CassetteControllerSimulator, value: number) => void;
    }
  >
>;

/** What the control socket takes about cassettes. */
export type DemoCassetteCommand =
  | { readonly do: 'cassette'; readonly cassette: string; readonly act: keyof typeof ACTS }
  | {
      readonly do: 'cassette';
      readonly cassette: string;
      readonly act: keyof typeof MEASURED_ACTS;
      readonly value: number;
    }
  /** Holds a key to the reader, until `leave-key`. `value`: its number, 16 hex digits in the order of transmission. */
  | {
      readonly do: 'cassette';
      readonly cassette: string;
      readonly act: 'touch-key';
      readonly value: string;
    };

/** What somebody who stands before a cassette notices. */
export type DemoCassetteEvent =
  /** LEDs and buzzer go over to another pattern. */
  | { readonly event: 'signalled'; readonly cassette: CassetteId; readonly pattern: SignalPattern }
  /** The ink is over the notes. */
  | { readonly event: 'stained'; readonly cassette: CassetteId }
  /** The output that drives gas out of the machine. */
  | { readonly event: 'gas-driven-out'; readonly cassette: CassetteId; readonly on: boolean };

/** One cassette on its wire: what it is told to show is heard as soon as it is told. */
class DemoCassette implements SimulatedDevice {
  readonly device: CassetteControllerSimulator;
  readonly #signalled: (pattern: SignalPattern) => void;
  #pattern: SignalPattern | undefined;
  /** The last that was not played once only, as text. */
  #standing = '';

  constructor(device: CassetteControllerSimulator, signalled: (pattern: SignalPattern) => void) {
    this.device = device;
    this.#signalled = signalled;
  }

  get connections(): number {
    return this.device.connections;
  }

  receive(bytes: Buffer): void {
    this.device.receive(bytes);
    const { signalled } = this.device;
    if (!signalled || signalled === this.#pattern) return;
    this.#pattern = signalled;
    if (signalled.repeat) {
      // What was played once is over, and what was there before it goes on.
      const standing = JSON.stringify(signalled);
      if (standing === this.#standing) return;
      this.#standing = standing;
    }
    this.#signalled(signalled);
  }

  connect(send: (bytes: Buffer) => void): Unsubscribe {
    return this.device.connect(send);
  }

  close(): void {
    this.device.close();
  }
}

/** The simulated cassettes of a site file, each on a line of its own. */
export class DemoCassettes {
  readonly #cassettes = new Map<CassetteId, DemoCassette>();
  readonly #lines = new Map<string, DemoCassette>();

  /**
   * @param keyOf the pairing key of a controller; a controller without one is paired with nobody
   * @throws RangeError where the site has a cassette that nobody simulates
   */
  constructor(
    { cassettes = [] }: Pick<SiteFile, 'cassettes'>,
    keyOf: (cassette: CassetteId) => KeyObject | undefined,
    tell: (event: DemoCassetteEvent) => void,
  ) {
    checkAll(cassettes);
    for (const { id, controller } of cassettes) {
      const { bus, address = USUAL_ADDRESS } = controller;
      const key = keyOf(id) ?? generateKeySync('hmac', { length: 256 });
      const selfTestMilliseconds = SELF_TEST_LASTS;
      const device = new CassetteControllerSimulator({ address, key, selfTestMilliseconds });
      device.on((event) => {
        if (event.type === 'fired') tell({ event: 'stained', cassette: id });
        if (event.type === 'anti-gas') tell({ event: 'gas-driven-out', cassette: id, on: event.on });
      });
      const cassette = new DemoCassette(device, (pattern) =>
        tell({ event: 'signalled', cassette: id, pattern }),
      );
      this.#cassettes.set(id, cassette);
      this.#lines.set(bus, cassette);
    }
  }

  /** By bus, what hangs on it. */
  get lines(): ReadonlyMap<string, SimulatedDevice> {
    return this.#lines;
  }

  /** Nobody hears of a cassette before it is known where it is. */
  setSilent(silent: boolean): void {
    for (const { device } of this.#cassettes.values()) device.setSilent(silent);
  }

  /** A cassette that sits in the machine already. */
  putIntoMachine(id: CassetteId): void {
    this.#cassette(id).device.insert();
  }

  /**
   * Does something to a cassette.
   *
   * @throws RangeError where there is none of that id, or nothing like that can be done
   */
  obey(command: Readonly<Record<string, unknown>>): void {
    const { cassette: id, act, value } = command;
    const { device } = this.#cassette(id);
    const name = String(act);
    if (name === 'touch-key') device.touchKey(String(value));
    else if (has(ACTS, name)) ACTS[name](device);
    else if (has(MEASURED_ACTS, name)) {
      const { least, most, act: carryOut } = MEASURED_ACTS[name];
      if (typeof value !== 'number' || !(value >= least && value <= most)) {
        throw new RangeError(`${name} takes a number from ${least} to ${most}.`);
      }
      carryOut(device, Math.round(value));
    } else throw new RangeError(`Say what happens to the cassette: ${CASSETTE_ACTS.join(', ')}.`);
  }

  #cassette(id: unknown): DemoCassette {
    const cassette = this.#cassettes.get(String(id));
    if (cassette) return cassette;
    const known = [...this.#cassettes.keys()].join(', ') || 'none';
    throw new RangeError(`There is no cassette "${String(id)}" here; there is ${known}.`);
  }
}

/** Before anything begins to blink. */
function checkAll(cassettes: readonly SiteCassette[]): void {
  const buses = new Set<string>();
  for (const { id, controller, keyReaders = [] } of cassettes) {
    const { bus, driver = USUAL_CONTROLLER } = controller;
    if (driver !== USUAL_CONTROLLER || keyReaders.length > 0 || buses.has(bus)) {
      throw new RangeError(
        `Nobody simulates cassette "${id}": it takes a ${USUAL_CONTROLLER} with its own reader, alone on its bus.`,
      );
    }
    buses.add(bus);
  }
}

/** Everything that can be done to a simulated cassette. */
export const CASSETTE_ACTS: readonly string[] = [
  'touch-key',
  ...Object.keys(ACTS),
  ...Object.keys(MEASURED_ACTS),
];

function has<Names extends object>(names: Names, name: string): name is Extract<keyof Names, string> {
  return Object.hasOwn(names, name);
}
