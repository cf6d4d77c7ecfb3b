import { cabinetSetting } from '../config/cabinet-setting.ts';
import { ConfigurationError } from '../config/configuration-error.ts';
import { sameJson } from '../config/same-json.ts';
import type { SiteCabinet, SiteFile } from '../config/site.ts';
import { configurationObstacle } from '../domain/cabinet/configuration-change.ts';
import type { CabinetEvent } from '../domain/cabinet/events.ts';
import { type CabinetState, compartmentOf } from '../domain/cabinet/state.ts';
import type { Refusal } from '../domain/refusals.ts';
import type { Schema } from '../domain/schemas/schema.ts';
import type { CabinetId, CabinetSetting } from '../domain/site.ts';
import { Cabinet } from './cabinet.ts';
import type { Directory } from './directory.ts';
import type { Hardware } from './hardware.ts';
import { applicantOf } from './identifier.ts';
import type { ItemRegistry } from './item-registry.ts';
import { ItemWatch } from './item-watch.ts';
import type { LiveSite } from './live-site.ts';
import type { Clock } from './ports.ts';
import type { Stream } from './stream.ts';

export interface SiteCabinetsParts {
  /** Path of the site file; messages name it. */
  readonly siteFile: string;
  readonly schemas: ReadonlyMap<string, Schema>;
  readonly hardware: Hardware;
  readonly directory: Directory;
  readonly itemRegistry: ItemRegistry;
  readonly clock: Clock;
  readonly notice: (message: string) => void;
  /** Where to put the cabinets. */
  readonly live: LiveSite;
}

/** A cabinet recorded nothing of its new configuration; it is as it was. */
export class ConfigurationUnrecorded extends Error {
  readonly refusal: Refusal;

  constructor(cabinet: CabinetId, refusal: Refusal) {
    super(`Cabinet ${cabinet} could not take over its configuration (${refusal.code}).`);
    this.name = 'ConfigurationUnrecorded';
    this.refusal = refusal;
  }
}

/** Makes the cabinets of a site, with their locks, doors and item readers, and gives them what the site file says. */
export class SiteCabinets {
  /** What item readers see. */
  readonly watch: ItemWatch;
  readonly #parts: SiteCabinetsParts;

  constructor(parts: SiteCabinetsParts) {
    this.#parts = parts;
    const { live, hardware, itemRegistry, clock, notice } = parts;
    this.watch = new ItemWatch({
      readers: hardware.itemReaders,
      registry: itemRegistry,
      clock,
      known: ({ cabinet, compartment }) => {
        const state = live.cabinets.get(cabinet)?.state;
        const contents = (state && compartmentOf(state, compartment)?.contents) ?? [];
        return contents.flatMap(({ item }) => (item === undefined ? [] : [item]));
      },
      seen: ({ cabinet, compartment }, item, present) =>
        live.cabinets.get(cabinet)?.itemSeen(compartment, item, present) ?? Promise.resolve(),
      onTrouble: notice,
    });
  }

  /**
   * Makes every cabinet of the site as its file says now. Nothing is started yet but the listening to item readers.
   * @throws ConfigurationError where the site file would lose what lies in a cabinet
   */
  async openAll(streams: ReadonlyMap<CabinetId, Stream<CabinetState, CabinetEvent>>): Promise<void> {
    const { live } = this.#parts;
    for (const { id } of live.file.cabinets) {
      const stream = streams.get(id);
      if (!stream) continue;
      const opened = this.open(id, stream);
      await this.configure(opened, live.file);
      live.add(opened, stream);
    }
    live.become(live.file);
    this.watch.start();
  }

  /** Makes a cabinet over its stream; it is neither configured nor started. */
  open(id: CabinetId, stream: Stream<CabinetState, CabinetEvent>): Cabinet {
    const { schemas, hardware, clock, directory, notice } = this.#parts;
    return new Cabinet({
      id,
      stream,
      schemas,
      boards: hardware.boards,
      clock,
      applicantOf: (user) => applicantOf(directory, user, id),
      takeInventory: (compartment) => this.watch.refresh(id, compartment),
      onTrouble: notice,
    });
  }

  /** What a site file would lose of what lies in a cabinet; undefined where nothing. */
  obstacle(state: CabinetState, entry: SiteCabinet, site: SiteFile): ConfigurationError | undefined {
    const found = configurationObstacle(state, settingFor(state, entry, site));
    if (!found) return undefined;
    const at = `cabinets[${site.cabinets.findIndex(({ id }) => id === entry.id)}]`;
    return new ConfigurationError(this.#parts.siteFile, `${at}.${found.field}`, found.reason);
  }

  /**
   * Gives a cabinet what a site file says; resolves when that is on record, at once where it has it already.
   *
   * @throws ConfigurationError where that would lose what lies inside; ConfigurationUnrecorded where it is not recorded
   */
  async configure(cabinet: Cabinet, site: SiteFile): Promise<void> {
    const entry = site.cabinets.find(({ id }) => id === cabinet.id);
    if (!entry) return;
    const { state } = cabinet;
    const setting = settingFor(state, entry, site);
    const lost = this.obstacle(state, entry, site);
    if (lost) throw lost;
    if (state.schemaOfFile === entry.schema && sameJson(state.setting, setting)) return;
    const { event, refusal } = await cabinet.submit(
      { input: 'configure', setting, schemaOfFile: entry.schema },
      (now) => this.obstacle(now, entry, site) !== undefined,
    );
    if (refusal) throw new ConfigurationUnrecorded(cabinet.id, refusal);
    // Something was put inside a moment ago.
    if (!event)
      throw this.obstacle(cabinet.state, entry, site) ?? new Error('The cabinet took nothing over.');
  }
}

/**
 * What a site file makes of a cabinet. A schema that an administrator chose stays, until the site file names another one
 * than it did when it was last taken over.
 */
function settingFor(state: CabinetState, entry: SiteCabinet, site: SiteFile): CabinetSetting {
  const fromFile = cabinetSetting(entry, site);
  const chosen = state.schemaOfFile === fromFile.schema ? state.setting.schema : fromFile.schema;
  return { ...fromFile, schema: chosen };
}
