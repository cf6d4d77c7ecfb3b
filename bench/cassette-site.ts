import type { SiteFile } from '../config/site.ts';
import type { CassetteControllerSettings } from '../drivers/cassette-controller/settings.ts';

/** Controllers on one bus. */
export const CONTROLLERS_PER_BUS = 8;

/**
 * So many cassettes on the buses at some ports, everything as a site has it that says nothing.
 *
 * @param settings what of a controller is otherwise
 */
export function withCassettes(
  site: SiteFile,
  cassettes: number,
  ports: readonly number[],
  settings: Partial<CassetteControllerSettings>,
): SiteFile {
  return {
    ...site,
    buses: [
      ...site.buses,
      ...ports.map((port, bus) => ({
        id: busAt(bus),
        transport: { type: 'tcp', host: '127.0.0.1', port } as const,
      })),
    ],
    cassettes: Array.from({ length: cassettes }, (_, cassette) => ({
      id: cassetteAt(cassette),
      name: `Cassette ${cassette}`,
      mode: 'internal',
      controller: {
        bus: busAt(Math.floor(cassette / CONTROLLERS_PER_BUS)),
        address: 1 + (cassette % CONTROLLERS_PER_BUS),
        settings,
      },
      // One person is enough of a benchmark.
      resetByTwoPersons: false,
    })),
  };
}

/** The id of a cassette by its number. */
export function cassetteAt(cassette: number): string {
  return `cassette-${cassette}`;
}

function busAt(bus: number): string {
  return `cassettes-${bus}`;
}
