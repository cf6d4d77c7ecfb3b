import { ConfigurationError } from '../config/configuration-error.ts';
import { checkSchemas } from '../config/modes.ts';
import { readSiteFile } from '../config/read-site.ts';
import type { SiteFile } from '../config/site.ts';
import {
  isDifferent,
  restartFields,
  type SiteDifference,
  siteDifference,
} from '../config/site-difference.ts';
import type { CabinetEvent } from '../domain/cabinet/events.ts';
import type { CabinetState } from '../domain/cabinet/state.ts';
import type { Actor } from '../domain/event.ts';
import { refusal } from '../domain/refusals.ts';
import type { Schema } from '../domain/schemas/schema.ts';
import type { CabinetId } from '../domain/site.ts';
import type { DriverRegistry } from '../drivers/registry.ts';
import { AdministrationError } from './administration/errors.ts';
import type { Administration, SiteEvent } from './administration.ts';
import type { AlarmFeed } from './alarms/feed.ts';
import type { Cabinet } from './cabinet.ts';
import type { EventLogHealth } from './event-log/event-log.ts';
import type { SezamGateway } from './gateway.ts';
import type { Hardware, WiresChange } from './hardware.ts';
import type { LiveSite } from './live-site.ts';
import type { Clock } from './ports.ts';
import { panelsObstacle, removalObstacle, wiresObstacle } from './reload-obstacles.ts';
import type { SiteCabinets } from './site-cabinets.ts';
import type { Stream } from './stream.ts';
import { checkWires, movedCompartments } from './wires.ts';

export interface SiteReloadParts {
  /** Path of the site file. */
  readonly siteFile: string;
  /** The site is not what the file says, as in the demo: there is nothing to be read. */
  readonly fixed: boolean;
  readonly schemas: ReadonlyMap<string, Schema>;
  readonly drivers: DriverRegistry;
  readonly live: LiveSite;
  readonly hardware: Hardware;
  readonly cabinets: SiteCabinets;
  readonly gateway: Pick<SezamGateway, 'startCabinet' | 'listenerFor'>;
  readonly alarms: Pick<AlarmFeed, 'followCabinet' | 'siteChanged'>;
  readonly administration: Pick<Administration, 'record' | 'panelTokens'>;
  /** Opens the stream of a cabinet. */
  readonly openStream: (cabinet: CabinetId) => Promise<Stream<CabinetState, CabinetEvent>>;
  /** Tells the database which cabinets and user groups there are. */
  readonly saveSite: (site: SiteFile) => Promise<void>;
  readonly logHealth: () => EventLogHealth;
  readonly clock: Clock;
  readonly onTrouble: (message: string) => void;
}

export interface ReloadOptions {
  /** Only says what would change. */
  readonly dryRun: boolean;
  /** Takes cabinets out although they hold something, and touches wires although doors are being opened. */
  readonly force: boolean;
}

/** What a reload did, or would do. */
export interface ReloadAnswer {
  readonly difference: SiteDifference;
  /** Cabinets that do not change, but hang on wires that do: for a moment their doors open later. */
  readonly disturbed: readonly CabinetId[];
  /** Why it is refused unless forced, in words. */
  readonly obstacles: readonly string[];
  readonly done: boolean;
}

/** A reload, looked at and not carried out yet. */
interface Plan {
  readonly file: SiteFile;
  readonly difference: SiteDifference;
  readonly wires: WiresChange;
  readonly disturbed: readonly CabinetId[];
  readonly obstacles: readonly string[];
}

/** A cabinet that comes to the site. */
interface Newcomer {
  readonly cabinet: Cabinet;
  readonly stream: Stream<CabinetState, CabinetEvent>;
}

/**
 * Reads the site file anew while the gateway runs, and carries out the difference: what is not touched goes on
 * undisturbed. Up to the moment at which everything is on record that has to be, a reload that fails leaves all as it was.
 */
export class SiteReload {
  readonly #parts: SiteReloadParts;
  #running: Promise<unknown> | undefined;
  /** Cabinets whose settings are not those of the site of the moment, since they could not be taken back. */
  #kept: ReadonlySet<CabinetId> = new Set();
  #stopped = false;

  constructor(parts: SiteReloadParts) {
    this.#parts = parts;
  }

  /**
   * @throws AdministrationError: `site-fixed`, `site-file-wrong`, `restart-required`, `cabinet-in-use`,
   * `store-unavailable`, `not-recorded`, `reload-under-way`; nothing has changed then
   */
  async reload(options: ReloadOptions, actor: Actor): Promise<ReloadAnswer> {
    if (this.#running) throw new AdministrationError('reload-under-way', 'Another reload is under way.');
    if (this.#stopped) throw new AdministrationError('reload-under-way', 'The gateway is stopping.');
    const running = this.#reload(options, actor);
    this.#running = running.catch(() => {});
    return running.finally(() => {
      this.#running = undefined;
    });
  }

  /** Begins none any more; resolves when the one under way has ended. */
  async stop(): Promise<void> {
    this.#stopped = true;
    await this.#running;
  }

  async #reload({ dryRun, force }: ReloadOptions, actor: Actor): Promise<ReloadAnswer> {
    const plan = await this.#look();
    const { difference, disturbed, obstacles } = plan;
    const looked = { difference, disturbed, obstacles };
    if (dryRun || !(isDifferent(difference) || this.#kept.size > 0)) return { ...looked, done: false };
    if (obstacles.length > 0 && !force) {
      throw new AdministrationError(
        'cabinet-in-use',
        `Nothing was changed: ${obstacles.join('. ')}. Wait until they are free, or use --force.`,
      );
    }
    const newcomers = await this.#prepare(plan);
    await this.#decide(plan, newcomers, actor, force);
    await this.#carryOut(plan, newcomers);
    this.#kept = new Set();
    return { ...looked, done: true };
  }

  /** Reads and checks the site file, as at a start, and looks at what would change. */
  async #look(): Promise<Plan> {
    const { siteFile, fixed, schemas, drivers, live, hardware, clock } = this.#parts;
    if (fixed) {
      throw new AdministrationError(
        'site-fixed',
        'The demo site is not read from a file that could be changed. Set SEZAM_SITE to a site file of your own.',
      );
    }
    try {
      const file = await readSiteFile(siteFile);
      const wires = hardware.plan(checkWires(siteFile, file, drivers, clock));
      checkSchemas(siteFile, file, schemas);
      const late = restartFields(live.file, file);
      if (late.length > 0) {
        throw new AdministrationError(
          'restart-required',
          `${siteFile}: ${late.join(', ')}: takes effect at the next start only. Nothing was changed: restart Sezam, or take it back and reload.`,
        );
      }
      this.#checkContents(file);
      return this.#planFor(file, wires);
    } catch (error) {
      if (!(error instanceof ConfigurationError)) throw error;
      throw new AdministrationError('site-file-wrong', `${error.message}. Nothing was changed.`);
    }
  }

  /** What lies in a cabinet is not given up, as at a start. */
  #checkContents(file: SiteFile): void {
    const { live, cabinets } = this.#parts;
    for (const entry of file.cabinets) {
      const cabinet = live.cabinets.get(entry.id);
      const lost = cabinet && cabinets.obstacle(cabinet.state, entry, file);
      if (lost) throw lost;
    }
  }

  #planFor(file: SiteFile, wires: WiresChange): Plan {
    const { live, hardware } = this.#parts;
    const difference = siteDifference(live.file, file);
    const { removed, changed } = difference.cabinets;
    const staying = [...live.cabinets.values()].filter(({ id }) => !removed.includes(id));
    const disturbed = staying.filter(({ id }) => hardware.disturbed(wires, id).size > 0).map(({ id }) => id);
    return {
      file,
      difference,
      wires,
      disturbed: disturbed.filter((id) => !changed.includes(id)),
      obstacles: this.#obstacles(file, difference, wires),
    };
  }

  #obstacles(file: SiteFile, { cabinets, panels }: SiteDifference, wires: WiresChange): readonly string[] {
    const { live, hardware } = this.#parts;
    const elsewhere = new Set([
      ...panels.removed,
      ...panels.changed.filter((id) => placeOf(live.file, id) !== placeOf(file, id)),
    ]);
    return [...live.cabinets.values()].flatMap(({ id, state }) => {
      if (cabinets.removed.includes(id)) return removalObstacle(state) ?? [];
      const moved = movedCompartments(hardware.wires.locks.get(id), wires.to.locks.get(id));
      const touched = new Set([...moved, ...hardware.disturbed(wires, id)]);
      return [wiresObstacle(state, touched) ?? [], panelsObstacle(state, elsewhere) ?? []].flat();
    });
  }

  /** Opens what comes to the site; nobody knows of it yet. */
  async #prepare({ file, difference }: Plan): Promise<readonly Newcomer[]> {
    const { logHealth, saveSite, openStream, cabinets } = this.#parts;
    const { store, waiting, error } = logHealth();
    if (store === 'down' || waiting > 0) throw storeUnavailable(error ?? `${waiting} events wait for it`);
    const newcomers: Newcomer[] = [];
    try {
      await saveSite(file);
      for (const id of difference.cabinets.added) {
        const stream = await openStream(id);
        newcomers.push({ stream, cabinet: cabinets.open(id, stream) });
      }
      return newcomers;
    } catch (error) {
      await dismiss(newcomers);
      throw storeUnavailable(error instanceof Error ? error.message : String(error));
    }
  }

  /** Puts on record what is to become of the site and its cabinets; where that cannot be done, all is as it was. */
  async #decide(plan: Plan, newcomers: readonly Newcomer[], actor: Actor, force: boolean): Promise<void> {
    const { hardware, administration, cabinets, live } = this.#parts;
    hardware.prepare(plan.wires);
    const changed: { readonly cabinet: Cabinet; readonly before: CabinetState }[] = [];
    let recorded = false;
    try {
      for (const { cabinet } of newcomers) await cabinets.configure(cabinet, plan.file);
      await administration.record(eventFor(plan.difference, actor, force));
      recorded = true;
      for (const cabinet of live.cabinets.values()) {
        if (plan.difference.cabinets.removed.includes(cabinet.id)) continue;
        changed.push({ cabinet, before: cabinet.state });
        await this.#configure(cabinet, plan);
      }
    } catch (error) {
      hardware.abandon(plan.wires);
      await dismiss(newcomers);
      const kept = await this.#takeBack(changed, plan);
      this.#kept = new Set([...this.#kept, ...kept]);
      if (recorded) await this.#recordUndone(kept, actor);
      throw unrecorded(error, kept);
    }
  }

  /** A cabinet takes over what the file says; its compartments hang on their new wires in the very moment it counts. */
  async #configure(cabinet: Cabinet, { file, wires }: Plan): Promise<void> {
    const { hardware, cabinets, live } = this.#parts;
    const { id } = cabinet;
    const moved = movedCompartments(
      this.#kept.has(id) ? undefined : hardware.wires.locks.get(id),
      wires.to.locks.get(id),
    );
    let rewired = moved.size === 0;
    const rewire = (): void => {
      if (rewired) return;
      rewired = true;
      hardware.rewire(id, wires.to);
      cabinet.rewired(moved);
    };
    const unfollow = live.streams.get(id)?.onEvent(({ type }) => {
      if (type === 'cabinet-configured') rewire();
    });
    try {
      await cabinets.configure(cabinet, file);
      rewire();
    } finally {
      unfollow?.();
    }
  }

  /** Gives cabinets back what they had; returns those that record nothing, and keep what the file says. */
  async #takeBack(
    changed: readonly { readonly cabinet: Cabinet; readonly before: CabinetState }[],
    { wires }: Plan,
  ): Promise<readonly CabinetId[]> {
    const { hardware } = this.#parts;
    const kept: CabinetId[] = [];
    for (const { cabinet, before } of changed) {
      const { id, state } = cabinet;
      if (state.setting !== before.setting) {
        const { setting, schemaOfFile } = before;
        const answer = await cabinet.submit({ input: 'configure', setting, schemaOfFile });
        if (answer.refusal) kept.push(id);
      }
      cabinet.rewired(movedCompartments(wires.to.locks.get(id), hardware.wires.locks.get(id)));
    }
    return kept;
  }

  /** What could not be put on record before hardly can now; the message says it as well. */
  async #recordUndone(kept: readonly CabinetId[], actor: Actor): Promise<void> {
    const event: SiteEvent = { type: 'site-reload-undone', actor, data: { kept } };
    await this.#parts.administration.record(event).catch(() => {});
  }

  /** Everything is on record: from here on nothing can fail but what is tried again for ever. */
  async #carryOut({ file, difference, wires }: Plan, newcomers: readonly Newcomer[]): Promise<void> {
    const { live, hardware, cabinets, gateway, alarms, administration, onTrouble } = this.#parts;
    // Before the wires: a pulse that ends with them must not look like a lock that failed.
    for (const id of difference.cabinets.removed) {
      const cabinet = live.cabinets.get(id);
      live.remove(id);
      await cabinet?.stop(refusal('cabinet-unknown', { cabinet: id }));
    }
    for (const trouble of await hardware.exchange(wires)) onTrouble(trouble);
    cabinets.watch.become(hardware.itemReaders);
    for (const { cabinet, stream } of newcomers) {
      live.add(cabinet, stream);
      alarms.followCabinet(cabinet.id, stream);
    }
    live.become(file);
    for (const { cabinet } of newcomers) gateway.startCabinet(cabinet);
    hardware.startNew(wires, (reader) => gateway.listenerFor(reader));
    await alarms.siteChanged();
    await administration.panelTokens.panelsChanged().catch((error: unknown) => {
      const words = error instanceof Error ? error.message : String(error);
      onTrouble(`Tokens of panels that were added are not known yet: ${words}. Reload again.`);
    });
  }
}

/** The cabinet that a panel serves. */
function placeOf({ panels = [] }: SiteFile, panel: string): CabinetId | undefined {
  return panels.find(({ id }) => id === panel)?.cabinet;
}

async function dismiss(newcomers: readonly Newcomer[]): Promise<void> {
  for (const { cabinet } of newcomers) await cabinet.stop();
}

function eventFor({ fields, ...lists }: SiteDifference, actor: Actor, force: boolean): SiteEvent {
  const differing = Object.entries(lists).filter(
    ([, { added, removed, changed }]) => added.length + removed.length + changed.length > 0,
  );
  return {
    type: 'site-reloaded',
    actor,
    data: { ...Object.fromEntries(differing), ...(fields.length > 0 && { fields }), ...(force && { force }) },
  };
}

function storeUnavailable(reason: string): AdministrationError {
  return new AdministrationError(
    'store-unavailable',
    `A reload needs the database (${reason}). Nothing was changed; try again when it answers.`,
  );
}

/** Why a reload was given up before it was carried out. */
function unrecorded(error: unknown, kept: readonly CabinetId[]): AdministrationError {
  const reason = error instanceof Error ? error.message : String(error);
  const left =
    kept.length === 0
      ? 'Nothing was changed.'
      : `Cabinet ${kept.join(', ')} keeps the settings of the file, since that could not be recorded either; doors whose wires change stay closed until then. Reload again.`;
  const code = error instanceof ConfigurationError ? 'site-file-wrong' : 'not-recorded';
  return new AdministrationError(code, `${reason.replace(/\.$/, '')}. ${left}`);
}
