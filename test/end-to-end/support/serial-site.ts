/** The hardware of the end-to-end tests: a reader and a lock board, each at the far end of a serial cable. */
import { writeFile } from 'node:fs/promises';
import type { SiteFile } from '../../../config/site.ts';
import { Cu48Simulator } from '../../../simulators/kerong-cu48.ts';
import { createPtyPair, type PtyPair } from '../../../simulators/pty.ts';
import { Rdm6300Simulator } from '../../../simulators/rdm6300.ts';
import { attachSerial } from '../../../simulators/serve.ts';

/** Both devices speak 9600 (RDM6300) and 19200 (CU48) baud. */
const READER_BAUD = 9_600;
const BOARD_BAUD = 19_200;
/** Lock of compartment 1, so that a mixed-up lock and compartment number is seen. */
export const FIRST_LOCK = 4;
export const COMPARTMENTS = 24;

export class SerialSite {
  readonly reader = new Rdm6300Simulator();
  readonly board: Cu48Simulator;
  /** Every byte that the gateway sent to the board. */
  sent: Buffer = Buffer.alloc(0);
  readonly #cables: PtyPair[] = [];
  readonly #detach: (() => Promise<void>)[] = [];

  private constructor(openMilliseconds: number) {
    this.board = new Cu48Simulator({ openMilliseconds });
  }

  /** Lays the cables and puts the devices on them. @param openMilliseconds from a pulse to the open door */
  static async wire(openMilliseconds = 100): Promise<SerialSite> {
    const site = new SerialSite(openMilliseconds);
    try {
      const cables = [await createPtyPair(), await createPtyPair()] as const;
      site.#cables.push(...cables);
      const { board } = site;
      const heard = {
        receive: (bytes: Buffer) => {
          site.sent = Buffer.concat([site.sent, bytes]);
          board.receive(bytes);
        },
        connect: (send: (bytes: Buffer) => void) => board.connect(send),
        close: () => board.close(),
      };
      site.#detach.push(await attachSerial(site.reader, cables[0].device, READER_BAUD));
      site.#detach.push(await attachSerial(heard, cables[1].device, BOARD_BAUD));
      return site;
    } catch (error) {
      await site.close();
      throw error;
    }
  }

  /** The unlock frames that the gateway sent, in hex, in order. */
  get unlockFrames(): string[] {
    return frames(this.sent).filter((frame) => frame.slice(6, 8) === '51');
  }

  /** The compartments whose doors are open. */
  get openCompartments(): number[] {
    return Array.from({ length: COMPARTMENTS }, (_, index) => index + 1).filter((number) =>
      this.board.isOpen(FIRST_LOCK + number - 1),
    );
  }

  closeDoor(compartment: number): void {
    this.board.setDoor(FIRST_LOCK + compartment - 1, false);
  }

  /** Writes the site file that names these cables. */
  async writeSiteFile(path: string): Promise<void> {
    const [reader, board] = this.#cables;
    const site: SiteFile = {
      version: 1,
      site: { id: 'works', name: 'Works, gate 3', timeZone: 'Europe/Warsaw', language: 'pl' },
      userGroups: [{ id: 'staff', name: 'Staff' }],
      buses: [
        { id: 'locks', transport: { type: 'serial', path: board?.gateway ?? '' } },
        { id: 'readers', transport: { type: 'serial', path: reader?.gateway ?? '' } },
      ],
      boards: [{ id: 'board-1', bus: 'locks', driver: 'kerong-cu48', address: 0 }],
      readers: [{ id: 'card-reader-1', bus: 'readers', driver: 'rdm6300', cabinet: 'A', decide: 'flow' }],
      cabinets: [
        {
          id: 'A',
          name: 'Cabinet A',
          kind: 'clothes',
          schema: '2.2',
          compartments: [{ from: 1, to: COMPARTMENTS, board: 'board-1', firstLock: FIRST_LOCK }],
        },
      ],
    };
    await writeFile(path, JSON.stringify(site));
  }

  async close(): Promise<void> {
    await Promise.all(this.#detach.map((detach) => detach()));
    await Promise.all(this.#cables.map((cable) => cable.close()));
    this.reader.close();
    this.board.close();
  }
}

/** Requests to a CU48 have six bytes, all from `02` to the checksum. */
function frames(bytes: Buffer): string[] {
  return Array.from({ length: Math.floor(bytes.length / 6) }, (_, index) =>
    bytes.subarray(index * 6, index * 6 + 6).toString('hex'),
  );
}
