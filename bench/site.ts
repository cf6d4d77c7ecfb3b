import type { SiteFile } from '../config/site.ts';

/** Compartments of each cabinet, and how many of them hang on one board. */
export const COMPARTMENTS = 512;
export const LOCKS_PER_BOARD = 48;
export const BOARDS = Math.ceil(COMPARTMENTS / LOCKS_PER_BOARD);

/** Loopback ports of a cabinet's hardware: its reader and its boards, each behind a serial device server of its own. */
export interface CabinetPorts {
  readonly reader: number;
  readonly boards: readonly number[];
}

/**
 * A site with cabinets of 512 compartments under schema 2.2.
 *
 * @param quiet whether boards are hardly ever polled, so that nothing but decisions is measured
 */
export function benchSite(ports: readonly CabinetPorts[], quiet: boolean): SiteFile {
  const host = '127.0.0.1';
  const polls = { pollMilliseconds: 60_000, fastPollMilliseconds: 60_000 };
  return {
    version: 1,
    site: { id: 'bench', name: 'Benchmark', timeZone: 'UTC', language: 'en' },
    buses: ports.flatMap(({ reader, boards }, cabinet) => [
      { id: `reader-${cabinet}`, transport: { type: 'tcp', host, port: reader } },
      ...boards.map((port, board) => ({
        id: `bus-${cabinet}-${board}`,
        transport: { type: 'tcp' as const, host, port },
      })),
    ]),
    boards: ports.flatMap(({ boards }, cabinet) =>
      boards.map((_, board) => ({
        id: `board-${cabinet}-${board}`,
        bus: `bus-${cabinet}-${board}`,
        driver: 'kerong-cu48',
        address: 0,
        ...(quiet && { settings: polls }),
      })),
    ),
    readers: ports.map((_, cabinet) => ({
      id: `reader-${cabinet}`,
      bus: `reader-${cabinet}`,
      driver: 'rdm6300',
      cabinet: `C${cabinet}`,
      decide: 'gateway',
      quietMilliseconds: 0,
    })),
    cabinets: ports.map((_, cabinet) => ({
      id: `C${cabinet}`,
      name: `Cabinet ${cabinet}`,
      kind: 'clothes',
      schema: '2.2',
      // Spread over the boards, so that neighbouring openings use different wires.
      compartments: Array.from({ length: COMPARTMENTS }, (_unused, index) => ({
        from: index + 1,
        to: index + 1,
        board: `board-${cabinet}-${index % BOARDS}`,
        firstLock: Math.floor(index / BOARDS),
      })),
      // The doors of the benchmark never open: what is measured ends with the pulse.
      doors: { opensWithinSeconds: 60, attempts: 1 },
    })),
  };
}

/** The card of a person of a cabinet: 10 hex digits. */
export function cardOf(cabinet: number, person: number): string {
  return `5E${cabinet.toString(16).padStart(2, '0')}${person.toString(16).padStart(6, '0')}`.toUpperCase();
}
