/** A site of two cabinets on serial lines: guests leave luggage in one, tools are borrowed from the other. */
import { writeFile } from 'node:fs/promises';
import type { SiteCabinet, SiteFile } from '../../../config/site.ts';
import { Cu48Simulator } from '../../../simulators/kerong-cu48.ts';
import { KeypadSimulator } from '../../../simulators/keypad.ts';
import { LineInventorySimulator } from '../../../simulators/line-inventory.ts';
import { LineReaderSimulator } from '../../../simulators/line-reader.ts';
import { createPtyPair, type PtyPair } from '../../../simulators/pty.ts';
import { Rdm6300Simulator } from '../../../simulators/rdm6300.ts';
import { attachSerial } from '../../../simulators/serve.ts';
import type { Simulator } from '../../../simulators/simulator.ts';

const BOARD_BAUD = 19_200;
const READER_BAUD = 9_600;
const COMPARTMENTS = 4;

/** Doors are asked often, so that a test does not wait for them. */
const BOARD_SETTINGS = { pollMilliseconds: 60, fastPollMilliseconds: 30 };

export class TwoCabinets {
  /** Cabinet `guests`, schema 4.2: its panel has a keypad and a barcode scanner, and nothing else. */
  readonly guestBoard = new Cu48Simulator({ openMilliseconds: 20 });
  readonly keypad = new KeypadSimulator();
  readonly scanner = new LineReaderSimulator();
  /** Cabinet `tools`, schema 3.1, with an antenna of the item reader in each compartment. */
  readonly toolBoard = new Cu48Simulator({ openMilliseconds: 20 });
  readonly cardReader = new Rdm6300Simulator();
  readonly itemReader = new LineInventorySimulator({ antennas: COMPARTMENTS });
  readonly #cables = new Map<string, PtyPair>();
  readonly #detach: (() => Promise<void>)[] = [];

  private constructor() {}

  /** Lays the cables and puts the devices on them. */
  static async wire(): Promise<TwoCabinets> {
    const site = new TwoCabinets();
    try {
      await site.#lay('guest-locks', site.guestBoard, BOARD_BAUD);
      await site.#lay('guest-keypad', site.keypad, READER_BAUD);
      await site.#lay('guest-scanner', site.scanner, READER_BAUD);
      await site.#lay('tool-locks', site.toolBoard, BOARD_BAUD);
      await site.#lay('tool-cards', site.cardReader, READER_BAUD);
      await site.#lay('tool-items', site.itemReader, READER_BAUD);
      return site;
    } catch (error) {
      await site.close();
      throw error;
    }
  }

  async #lay(bus: string, device: Simulator, baudRate: number): Promise<void> {
    const cable = await createPtyPair();
    this.#cables.set(bus, cable);
    this.#detach.push(await attachSerial(device, cable.device, baudRate));
  }

  /** Compartments of the guests that were pulsed, in order. */
  get guestPulses(): number[] {
    return this.guestBoard.pulses.map(({ lock }) => lock + 1);
  }

  /** Compartments with tools that were pulsed, in order. */
  get toolPulses(): number[] {
    return this.toolBoard.pulses.map(({ lock }) => lock + 1);
  }

  /** The site file that names these cables. */
  get file(): SiteFile {
    const cabinet = (id: string, kind: SiteCabinet['kind'], schema: string): SiteCabinet => ({
      id,
      name: `Cabinet ${id}`,
      kind,
      schema,
      compartments: [{ from: 1, to: COMPARTMENTS, board: `${id}-board`, firstLock: 0 }],
    });
    const board = { driver: 'kerong-cu48', address: 0, settings: BOARD_SETTINGS } as const;
    return {
      version: 1,
      site: { id: 'station', name: 'Station', timeZone: 'Europe/Warsaw', language: 'en' },
      userGroups: [{ id: 'workshop', name: 'Workshop' }],
      buses: [...this.#cables].map(([id, { gateway }]) => ({
        id,
        transport: { type: 'serial', path: gateway },
      })),
      boards: [
        { id: 'guests-board', bus: 'guest-locks', ...board },
        { id: 'tools-board', bus: 'tool-locks', ...board },
      ],
      panels: [{ id: 'guest-panel', name: 'Guests', cabinet: 'guests' }],
      readers: [
        {
          id: 'keypad',
          bus: 'guest-keypad',
          driver: 'keypad',
          cabinet: 'guests',
          panel: 'guest-panel',
          decide: 'gateway',
        },
        {
          id: 'scanner',
          bus: 'guest-scanner',
          driver: 'line-reader',
          cabinet: 'guests',
          panel: 'guest-panel',
          decide: 'gateway',
        },
        { id: 'cards', bus: 'tool-cards', driver: 'rdm6300', cabinet: 'tools', decide: 'gateway' },
      ],
      itemReaders: [
        { id: 'antennas', bus: 'tool-items', driver: 'line-inventory', settings: { tags: 'rfid' } },
      ],
      cabinets: [
        cabinet('guests', 'multi', '4.2'),
        {
          ...cabinet('tools', 'filing', '3.1'),
          antennas: [{ from: 1, to: COMPARTMENTS, reader: 'antennas', firstAntenna: 0 }],
        },
      ],
    };
  }

  async writeSiteFile(path: string): Promise<void> {
    await writeFile(path, JSON.stringify(this.file));
  }

  async close(): Promise<void> {
    await Promise.all(this.#detach.map((detach) => detach()));
    await Promise.all([...this.#cables.values()].map((cable) => cable.close()));
    for (const device of [
      this.guestBoard,
      this.keypad,
      this.scanner,
      this.toolBoard,
      this.cardReader,
      this.itemReader,
    ]) {
      device.close();
    }
  }
}
