import { access, readdir } from 'node:fs/promises';
import { Ajv } from 'ajv';
import type {
  CassetteControllerDriver,
  Driver,
  ItemReaderDriver,
  LockBoardDriver,
  ReaderDriver,
} from './driver.ts';
import { DriverError, messageOf } from './errors.ts';

const KINDS: readonly Driver['kind'][] = ['lock-board', 'reader', 'item-reader', 'cassette-controller'];

/** The drivers there are, by id. */
export class DriverRegistry {
  readonly #drivers = new Map<string, Driver>();
  readonly #ajv = new Ajv({ useDefaults: true, allErrors: true });

  /** Adds a driver. Throws a `DriverError` `duplicate-driver` where one has its id, `broken-driver` for a wrong schema. */
  add(driver: Driver): void {
    if (this.#drivers.has(driver.id)) {
      throw new DriverError('duplicate-driver', `Two drivers are called "${driver.id}". Rename one of them.`);
    }
    try {
      this.#ajv.compile(driver.settings);
    } catch (error) {
      throw new DriverError(
        'broken-driver',
        `The settings schema of driver "${driver.id}" is not valid: ${messageOf(error)}`,
        { cause: error },
      );
    }
    this.#drivers.set(driver.id, driver);
  }

  /** Every driver, in the order of their ids. */
  all(): readonly Driver[] {
    return [...this.#drivers.values()].sort((a, b) => (a.id < b.id ? -1 : 1));
  }

  /** Throws a `DriverError` `unknown-driver` that names those there are. */
  get(id: string): Driver {
    const driver = this.#drivers.get(id);
    if (driver === undefined) throw this.#unknown('driver', id, this.all());
    return driver;
  }

  /** As `get`, for lock boards only. */
  lockBoard(id: string): LockBoardDriver {
    const driver = this.#drivers.get(id);
    if (driver?.kind === 'lock-board') return driver;
    throw this.#unknown('lock board driver', id, this.#allOf('lock-board'));
  }

  /** As `get`, for readers only. */
  reader(id: string): ReaderDriver {
    const driver = this.#drivers.get(id);
    if (driver?.kind === 'reader') return driver;
    throw this.#unknown('reader driver', id, this.#allOf('reader'));
  }

  /** As `get`, for item readers only. */
  itemReader(id: string): ItemReaderDriver {
    const driver = this.#drivers.get(id);
    if (driver?.kind === 'item-reader') return driver;
    throw this.#unknown('item reader driver', id, this.#allOf('item-reader'));
  }

  /** As `get`, for cassette controllers only. */
  cassetteController(id: string): CassetteControllerDriver {
    const driver = this.#drivers.get(id);
    if (driver?.kind === 'cassette-controller') return driver;
    throw this.#unknown('cassette controller driver', id, this.#allOf('cassette-controller'));
  }

  /**
   * The settings of a device of that driver, with its defaults filled in. Throws a `DriverError`
   * `wrong-settings` that names each wrong field; `device` says whose settings they are.
   */
  settingsFor(
    driver: Driver,
    device: string,
    settings: Readonly<Record<string, unknown>> = {},
  ): Readonly<Record<string, unknown>> {
    const complete = structuredClone(settings);
    const validate = this.#ajv.compile(driver.settings);
    if (validate(complete)) return complete;
    const faults = (validate.errors ?? []).map(({ instancePath, message, params }) => {
      const extra: unknown = params['additionalProperty'] ?? params['allowedValues'];
      return `settings${instancePath} ${message}${extra === undefined ? '' : ` (${JSON.stringify(extra)})`}`;
    });
    throw new DriverError(
      'wrong-settings',
      `The settings of "${device}" do not fit driver "${driver.id}": ${faults.join('; ')}.`,
    );
  }

  #allOf(kind: Driver['kind']): readonly Driver[] {
    return this.all().filter((driver) => driver.kind === kind);
  }

  #unknown(what: string, id: string, others: readonly Driver[]): DriverError {
    const names = others.map((each) => each.id).join(', ');
    return new DriverError('unknown-driver', `There is no ${what} "${id}". There are: ${names || 'none'}.`);
  }
}

/**
 * Loads every driver of the given folders: each folder in them whose `index` exports `driver`, under the name
 * of that folder. Without an argument, the folder of this file, as source or compiled.
 * Throws a `DriverError` `broken-driver` or `duplicate-driver` that names the folder.
 */
export async function loadDrivers(
  parents: readonly URL[] = [new URL('./', import.meta.url)],
): Promise<DriverRegistry> {
  const registry = new DriverRegistry();
  // The source tree runs as it is; what is compiled never loads a source.
  const names = import.meta.url.endsWith('.ts') ? ['index.ts', 'index.js'] : ['index.js'];
  for (const parent of parents) {
    for (const folder of await foldersOf(parent)) {
      const index = await firstOf(names.map((name) => new URL(`${folder}/${name}`, parent)));
      if (index !== undefined) registry.add(await loadDriver(index, folder));
    }
  }
  return registry;
}

async function foldersOf(parent: URL): Promise<string[]> {
  const entries = await readdir(parent, { withFileTypes: true });
  return entries
    .filter((entry) => entry.isDirectory())
    .map((entry) => entry.name)
    .sort();
}

async function firstOf(files: readonly URL[]): Promise<URL | undefined> {
  for (const file of files) {
    try {
      await access(file);
      return file;
    } catch {
      // Not this one.
    }
  }
  return undefined;
}

async function loadDriver(index: URL, folder: string): Promise<Driver> {
  const broken = (reason: string, cause?: unknown): DriverError =>
    new DriverError('broken-driver', `The driver in ${index.pathname} cannot be used: ${reason}.`, { cause });
  let loaded: { readonly driver?: Partial<Driver> };
  try {
    loaded = (await import(index.href)) as typeof loaded;
  } catch (error) {
    throw broken(messageOf(error), error);
  }
  const { driver } = loaded;
  if (driver === undefined) throw broken('it does not export `driver`');
  if (driver.id !== folder) throw broken(`its id is "${driver.id}", its folder "${folder}"`);
  if (driver.kind === undefined || !KINDS.includes(driver.kind)) throw broken('its kind is unknown');
  if (typeof driver.create !== 'function') throw broken('it has no `create`');
  if (typeof driver.settings !== 'object') throw broken('it has no settings schema');
  return driver as Driver;
}
