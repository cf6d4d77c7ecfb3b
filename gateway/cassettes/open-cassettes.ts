/** The cassettes of a site, from its file to machines at work. */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { cassetteBuses, cassetteSetting, signalPatterns } from '../../config/cassette-setting.ts';
import { ConfigurationError } from '../../config/configuration-error.ts';
import type { SiteFile } from '../../config/site.ts';
import { type SiteCassette, USUAL_ADDRESS, USUAL_CONTROLLER } from '../../config/site-cassette.ts';
import type { CassetteId } from '../../domain/site.ts';
import { DriverError } from '../../drivers/errors.ts';
import type { DriverRegistry } from '../../drivers/registry.ts';
import type { Clock } from '../ports.ts';
import { installationKey } from '../secrets.ts';
import { CassetteThread, type CassetteThreadListener } from './cassette-thread.ts';
import type { CassettesStart, CassetteWiring } from './protocol.ts';
import { keyStreamOf } from './stream-states.ts';

/** The pairing key of a cassette's controller, 64 hex digits; made at first use. */
export function pairingKey(dataFolder: string, cassette: CassetteId): Promise<string> {
  return installationKey(dataFolder, `cassette-${cassette}`);
}

export interface OpenCassettesOptions {
  /** Path of the site file, for messages. */
  readonly siteFile: string;
  readonly site: SiteFile;
  readonly dataFolder: string;
  /** Id of this gateway. */
  readonly gateway: string;
  readonly drivers: DriverRegistry;
  readonly clock: Clock;
  readonly journalLimit?: number;
  readonly listener: CassetteThreadListener;
}

/**
 * Starts the thread of the cassettes; undefined where the site has none. It needs no store: that comes later, by `attach`.
 * @throws ConfigurationError where a device does not fit its driver or its bus
 */
export async function openCassettes(options: OpenCassettesOptions): Promise<CassetteThread | undefined> {
  const { site, dataFolder, gateway, clock, journalLimit, listener } = options;
  const { cassettes = [] } = site;
  if (cassettes.length === 0) return undefined;
  const wirings = cassettes.map((cassette, index) => checked(options, cassette, `cassettes[${index}]`));
  const folder = join(dataFolder, 'cassettes');
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const buses = cassetteBuses(site);
  const keyed: CassetteWiring[] = [];
  for (const wiring of wirings) {
    const key = await pairingKey(dataFolder, wiring.id);
    keyed.push({ ...wiring, controller: { ...wiring.controller, key } });
  }
  const start: CassettesStart = {
    buses: site.buses.filter(({ id }) => buses.has(id)),
    cassettes: keyed,
    signals: signalPatterns(site),
    folder,
    keyStream: keyStreamOf(gateway),
    ...(journalLimit !== undefined && { journalLimit }),
  };
  return CassetteThread.start(start, clock, listener);
}

/** A cassette whose drivers exist and take its settings. */
function checked(
  { siteFile, drivers }: OpenCassettesOptions,
  cassette: SiteCassette,
  field: string,
): CassetteWiring {
  const { id, name, controller, keyReaders = [] } = cassette;
  const fitting = <Result>(where: string, work: () => Result): Result => {
    try {
      return work();
    } catch (error) {
      if (error instanceof DriverError) throw new ConfigurationError(siteFile, where, error.message);
      throw error;
    }
  };
  const { bus, driver = USUAL_CONTROLLER, address = USUAL_ADDRESS, settings } = controller;
  const controllerDriver = fitting(`${field}.controller.driver`, () => drivers.cassetteController(driver));
  const { from, to } = controllerDriver.addresses;
  if (address < from || address > to) {
    const text = `must be ${from} to ${to} for a ${driver}, not ${address}`;
    throw new ConfigurationError(siteFile, `${field}.controller.address`, text);
  }
  return {
    id,
    name,
    setting: cassetteSetting(cassette),
    controller: {
      bus,
      driver,
      address,
      settings: fitting(`${field}.controller.settings`, () =>
        drivers.settingsFor(controllerDriver, id, settings),
      ),
      key: '',
    },
    keyReaders: keyReaders.map((reader, index) => {
      const at = `${field}.keyReaders[${index}]`;
      const readerDriver = fitting(`${at}.driver`, () => drivers.reader(reader.driver));
      return {
        id: reader.id,
        bus: reader.bus,
        driver: reader.driver,
        settings: fitting(`${at}.settings`, () =>
          drivers.settingsFor(readerDriver, reader.id, reader.settings),
        ),
      };
    }),
  };
}
