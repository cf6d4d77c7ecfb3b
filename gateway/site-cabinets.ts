import { cabinetSetting } from '../config/cabinet-setting.ts';
import { ConfigurationError } from '../config/configuration-error.ts';
import type { SiteCabinet, SiteFile } from '../config/site.ts';
import { configurationObstacle } from '../domain/cabinet/configuration-change.ts';
import type { CabinetEvent } from '../domain/cabinet/events.ts';
import { type CabinetState, compartmentOf } from '../domain/cabinet/state.ts';
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

export interface SiteCabinetsOptions {
  /** Path of the site file; messages name it. */
  readonly siteFile: string;
  readonly site: SiteFile;
  readonly schemas: ReadonlyMap<string, Schema>;
  readonly streams: ReadonlyMap<CabinetId, Stream<CabinetState, CabinetEvent>>;
  readonly hardware: Hardware;
  readonly directory: Directory;
  readonly itemRegistry: ItemRegistry;
  readonly clock: Clock;
  readonly notice: (message: string) => void;
  /** Where to put the cabinets, each as soon as it is there. */
  readonly live: LiveSite;
}

/**
 * The cabinets of a site with their locks, doors and item readers, configured as the site file says now. Nothing is
 * started yet but the listening to item readers.
 * @throws ConfigurationError where the site file would lose what lies in a cabinet
 */
export async function openCabinets(options: SiteCabinetsOptions): Promise<ItemWatch> {
  const { site, live, streams, hardware, itemRegistry, clock, notice } = options;
  const { cabinets } = live;
  const watch = new ItemWatch({
    readers: hardware.itemReaders,
    registry: itemRegistry,
    clock,
    known: ({ cabinet, compartment }) => {
      const state = cabinets.get(cabinet)?.state;
      const contents = (state && compartmentOf(state, compartment)?.contents) ?? [];
      return contents.flatMap(({ item }) => (item === undefined ? [] : [item]));
    },
    seen: ({ cabinet, compartment }, item, present) =>
      cabinets.get(cabinet)?.itemSeen(compartment, item, present) ?? Promise.resolve(),
    onTrouble: notice,
  });
  for (const [index, cabinet] of site.cabinets.entries()) {
    const stream = streams.get(cabinet.id);
    if (!stream) continue;
    const opened = openCabinet(options, cabinet, stream, watch);
    await configure(options, cabinet, `cabinets[${index}]`, opened);
    live.add(opened, stream);
  }
  live.become(live.view, new Map(site.cabinets.map(({ id, texts }) => [id, texts ?? {}])));
  watch.start();
  return watch;
}

function openCabinet(
  { hardware, schemas, directory, clock, notice }: SiteCabinetsOptions,
  { id, compartments }: SiteCabinet,
  stream: Stream<CabinetState, CabinetEvent>,
  watch: ItemWatch,
): Cabinet {
  const boards = new Map(
    compartments.flatMap(({ board }) => {
      const link = hardware.boards.get(board);
      return link ? [[board, link] as const] : [];
    }),
  );
  return new Cabinet({
    id,
    stream,
    schemas,
    boards,
    clock,
    applicantOf: (user) => applicantOf(directory, user, id),
    takeInventory: (compartment) => watch.refresh(id, compartment),
    onTrouble: notice,
  });
}

/**
 * Takes over what the site file says now. A schema that an administrator chose stays, until the site file names
 * another one than it did when it was last taken over.
 */
async function configure(
  { siteFile, site }: SiteCabinetsOptions,
  cabinet: SiteCabinet,
  at: string,
  opened: Cabinet,
): Promise<void> {
  const { state } = opened;
  const fromFile = cabinetSetting(cabinet, site);
  const chosen = state.schemaOfFile === fromFile.schema ? state.setting.schema : fromFile.schema;
  const setting: CabinetSetting = { ...fromFile, schema: chosen };
  const obstacle = configurationObstacle(state, setting);
  if (obstacle) throw new ConfigurationError(siteFile, `${at}.${obstacle.field}`, obstacle.reason);
  const same = state.schemaOfFile === fromFile.schema && sameJson(state.setting, setting);
  if (same) return;
  const answer = await opened.submit({ input: 'configure', setting, schemaOfFile: fromFile.schema });
  if (answer.refusal) {
    throw new Error(`Cabinet ${cabinet.id} could not take over its configuration (${answer.refusal.code}).`);
  }
}

/** Whether two values are the same as JSON, whatever the order of their members. */
function sameJson(one: unknown, other: unknown): boolean {
  return JSON.stringify(sorted(one)) === JSON.stringify(sorted(other));
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).filter(([, member]) => member !== undefined);
  return Object.fromEntries(entries.toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([k, v]) => [k, sorted(v)]));
}
