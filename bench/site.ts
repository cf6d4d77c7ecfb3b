import type { SiteFile, TransportSetting } from '../config/site.ts';

/** Compartments of each cabinet, and how many of them hang on one board. */
export const COMPARTMENTS = 512;
export const LOCKS_PER_BOARD = 48;
export const BOARDS = Math.ceil(COMPARTMENTS / LOCKS_PER_BOARD);

/** How the wires of a cabinet are reached: that of its reader, and one for each board. */
export interface CabinetWires {
  readonly reader: TransportSetting;
  readonly boards: readonly TransportSetting[];
}

/** Wires that end in this process: what the gateway does is measured, not the operating system's sockets. */
export const OWN_WIRES: CabinetWires = {
  reader: { type: 'flow' },
  boards: Array.from({ length: BOARDS }, () => ({ type: 'flow' })),
};

/**
 * A site with cabinets of 512 compartments under schema 2.2.
 *
 * @param quiet whether boards are hardly ever polled, so that nothing but decisions is measured
 */
export function benchSite(cabinets: readonly CabinetWires[], quiet: boolean): SiteFile {
  const polls = { pollMilliseconds: 60_000, fastPollMilliseconds: 60_000, pauseAfterUnlockMilliseconds: 0 };
  return {
    version: 1,
    site: { id: 'bench', name: 'Benchmark', timeZone: 'UTC', language: 'en' },
    buses: cabinets.flatMap(({ reader, boards }, cabinet) => [
      { id: readerBus(cabinet), transport: reader },
      ...boards.map((transport, board) => ({ id: boardBus(cabinet, board), transport })),
    ]),
    boards: cabinets.flatMap(({ boards }, cabinet) =>
      boards.map((_, board) => ({
        id: boardBus(cabinet, board),
        bus: boardBus(cabinet, board),
        driver: 'kerong-cu48',
        address: 0,
        ...(quiet && { settings: polls }),
      })),
    ),
    readers: cabinets.map((_, cabinet) => ({
      id: readerBus(cabinet),
      bus: readerBus(cabinet),
      driver: 'rdm6300',
      cabinet: `C${cabinet}`,
      decide: 'gateway',
      quietMilliseconds: 0,
    })),
    cabinets: cabinets.map((_, cabinet) => ({
      id: `C${cabinet}`,
      name: `Cabinet ${cabinet}`,
      kind: 'clothes',
      schema: '2.2',
      // Spread over the boards, so that neighbouring openings use different wires.
      compartments: Array.from({ length: COMPARTMENTS }, (_unused, index) => ({
        from: index + 1,
        to: index + 1,
        board: boardBus(cabinet, index % BOARDS),
        firstLock: Math.floor(index / BOARDS),
      })),
      // The doors of the benchmark never open: what is measured ends with the pulse.
      doors: { opensWithinSeconds: 60, attempts: 1 },
    })),
  };
}

/** The bus of a cabinet's reader. */
export function readerBus(cabinet: number): string {
  return `reader-${cabinet}`;
}

/** The bus of one of a cabinet's boards. */
export function boardBus(cabinet: number, board: number): string {
  return `board-${cabinet}-${board}`;
}

/** The card of a person of a cabinet: 10 hex digits. */
export function cardOf(cabinet: number, person: number): string {
  return `5E${cabinet.toString(16).padStart(2, '0')}${person.toString(16).padStart(6, '0')}`.toUpperCase();
}
