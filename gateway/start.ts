import { join } from 'node:path';
import { signalPatterns } from '../config/cassette-setting.ts';
import type { MailSettings } from '../config/mail-settings.ts';
import { checkSchemas, loadSchemas } from '../config/modes.ts';
import { readSiteFile } from '../config/read-site.ts';
import type { SiteFile } from '../config/site.ts';
import type { CabinetEvent } from '../domain/cabinet/events.ts';
import { evolve, UNCONFIGURED } from '../domain/cabinet/evolve.ts';
import { type CabinetSnapshot, fromSnapshot, toSnapshot } from '../domain/cabinet/snapshot.ts';
import type { CabinetState } from '../domain/cabinet/state.ts';
import { GATEWAY } from '../domain/event.ts';
import type { Schema } from '../domain/schemas/schema.ts';
import type { CabinetId } from '../domain/site.ts';
import { type DriverRegistry, loadDrivers } from '../drivers/registry.ts';
import { openScheduler, type Scheduler } from '../jobs/scheduler.ts';
import { StoreUnreachable } from '../models/connection.ts';
import { EventFinder } from '../models/event-search.ts';
import { SITE_STREAM } from './administration/site-events.ts';
import type { Administration } from './administration.ts';
import { FirstTaken } from './alarms/first-taken.ts';
import { openAlarms } from './alarms/open-alarms.ts';
import { cabinetRoles } from './cabinet-permissions.ts';
import { type CassetteThread, NO_CASSETTES } from './cassettes/cassette-thread.ts';
import type { CassetteDesk } from './cassettes/desk.ts';
import { IncidentWatch } from './cassettes/incident-watch.ts';
import { KeyAdministration } from './cassettes/key-administration.ts';
import { openCassettes } from './cassettes/open-cassettes.ts';
import { systemClock } from './clock.ts';
import { gatewayId, holdDataFolder } from './data-folder.ts';
import { EmbeddedStoreFailed } from './embedded-store-failed.ts';
import { EventLog } from './event-log/event-log.ts';
import { StoreUnavailable } from './event-log/event-store.ts';
import { Journal } from './event-log/journal.ts';
import { SezamGateway } from './gateway.ts';
import { Hardware } from './hardware.ts';
import { LiveSite } from './live-site.ts';
import { openMailing } from './mailing.ts';
import { databaseOf, openStore, prepareRepositories, saveSite } from './open-store.ts';
import { openPeople } from './people.ts';
import type { Clock } from './ports.ts';
import { eraseExpiredUsers } from './retention.ts';
import { SiteCabinets } from './site-cabinets.ts';
import { SiteReload } from './site-reload.ts';
import { Stream, type StreamState } from './stream.ts';
import { startWhole, type Undo } from './undo.ts';
import { softwareVersion } from './version.ts';

/** How often an idle gateway looks whether its store answers. Milliseconds. */
const STORE_LOOK = 3_000;
/** Before a store that cannot be reached is tried again. Milliseconds. */
const STORE_AGAIN = 2_000;

export interface StartOptions {
  /** Path of the site file; messages name it. */
  readonly siteFile: string;
  /** The content of the site file, where it was read already. */
  readonly site?: SiteFile;
  /** The site is not what the file says, as in the demo: it cannot be reloaded. */
  readonly fixedSite?: boolean;
  /** Folder of everything that is kept. */
  readonly dataFolder: string;
  /** A MongoDB server; the embedded store where it is left out. */
  readonly mongodbUri?: string | undefined;
  /** Bytes that the journal may hold while the store is away; 64 MiB where it is left out. */
  readonly journalLimit?: number;
  /** Where mail is handed over; no mail is sent where it is left out. */
  readonly mail?: MailSettings | undefined;
  /** How often the database is asked what is due. Milliseconds; 10 s where it is left out. */
  readonly lookForJobsEvery?: number;
  readonly clock?: Clock;
  /** Told in words what an operator of this computer should know. */
  readonly notice?: (message: string) => void;
}

/** A gateway that runs, and what administers it. */
export interface StartedGateway {
  readonly gateway: SezamGateway;
  readonly administration: Administration;
  readonly scheduler: Scheduler;
  /** Takes over a site file that was changed. */
  readonly reload: SiteReload;
  readonly site: SiteFile;
  close(): Promise<void>;
}

const CABINET_SHAPE: StreamState<CabinetState, CabinetEvent> = {
  initial: UNCONFIGURED,
  evolve,
  toSnapshot,
  fromSnapshot: (snapshot) => fromSnapshot(snapshot as CabinetSnapshot),
};

/**
 * Starts the gateway of a site: cassettes, store, log, people, wires and cabinets, in that order. Where anything fails,
 * everything that was started is stopped again before it rejects. Only a store that is away is waited for, where there
 * are cassettes: ending because of it would leave them unguarded.
 */
export function startGateway(options: StartOptions): Promise<StartedGateway> {
  return startWhole((undo) => compose(options, undo));
}

async function compose(options: StartOptions, undo: Undo): Promise<Omit<StartedGateway, 'close'>> {
  const { siteFile, dataFolder, clock = systemClock, notice = () => {} } = options;
  const site = options.site ?? (await readSiteFile(siteFile));
  const [schemas, drivers] = await Promise.all([loadSchemas(), loadDrivers()]);
  // Built once only to see that it can be: a site file that is wrong is told before anything was started.
  Hardware.build(siteFile, site, drivers, clock);
  checkSchemas(siteFile, site, schemas);

  const held = await holdDataFolder(dataFolder);
  undo.push(() => held.release());
  const ownId = await gatewayId(dataFolder);
  // Before the store: an armed cassette is guarded whether that answers or not.
  const told: PartsBeforeStore['told'] = { taken: new FirstTaken() };
  const thread = await openCassettes({
    siteFile,
    site,
    dataFolder,
    gateway: ownId,
    drivers,
    clock,
    ...(options.journalLimit !== undefined && { journalLimit: options.journalLimit }),
    listener: {
      taken: (event) => {
        told.desk?.taken(event);
        told.taken.tell(event);
      },
      logged: (events) => told.desk?.logged(events),
      view: (view) => told.desk?.shown(view),
      bus: () => {},
      trouble: notice,
    },
  });
  if (thread) undo.push(() => thread.stop());
  const parts = { options, site, schemas, drivers, ownId, thread, told };
  const started = await withStore(options, thread, () => startWhole((rest) => composeRest(parts, rest)));
  undo.push(() => started.close());
  const { gateway, administration, scheduler, reload } = started;
  return { gateway, administration, scheduler, reload, site };
}

/** What there is before the store. */
interface PartsBeforeStore {
  readonly options: StartOptions;
  readonly site: SiteFile;
  readonly schemas: ReadonlyMap<string, Schema>;
  readonly drivers: DriverRegistry;
  readonly ownId: string;
  readonly thread: CassetteThread | undefined;
  /** Who is told of what happens to cassettes, as soon as there is somebody. */
  readonly told: { desk?: CassetteDesk; readonly taken: FirstTaken };
}

/** Starts everything that needs the store; where cassettes are guarded meanwhile, as often as the store is away. */
async function withStore<Result>(
  { clock = systemClock, notice = () => {} }: StartOptions,
  thread: CassetteThread | undefined,
  start: () => Promise<Result>,
): Promise<Result> {
  for (let tries = 0; ; tries += 1) {
    try {
      return await start();
    } catch (error) {
      const away =
        error instanceof StoreUnreachable ||
        error instanceof StoreUnavailable ||
        error instanceof EmbeddedStoreFailed;
      if (!thread || !away) throw error;
      if (tries === 0) notice(`${error.message} ${guardedMeanwhile(thread)}`);
      await new Promise<void>((resolve) => {
        clock.after(STORE_AGAIN, resolve);
      });
    }
  }
}

function guardedMeanwhile({ unguarded }: CassetteThread): string {
  const rest = 'everything else waits for it.';
  if (unguarded.length === 0) return `The cassettes are guarded; ${rest}`;
  const known = `Of ${unguarded.join(', ')} nothing is known here before it answers`;
  return `${known}: not guarded! The other cassettes are; ${rest}`;
}

async function composeRest(
  { options, site, schemas, drivers, ownId, thread, told }: PartsBeforeStore,
  undo: Undo,
): Promise<Omit<StartedGateway, 'close' | 'site'>> {
  const { siteFile, dataFolder, clock = systemClock, notice = () => {} } = options;
  const hardware = Hardware.build(siteFile, site, drivers, clock);
  const cassetteIds = (site.cassettes ?? []).map(({ id }) => id);
  const connection = await openStore(options, undo);
  const events = await prepareRepositories(connection, site);

  const { journal, waiting, torn } = await Journal.open(join(dataFolder, 'journal'), options.journalLimit);
  const log = new EventLog({
    store: events,
    journal,
    waiting,
    clock,
    onHealth: logNotices(notice),
  });
  undo.push(() => log.close());
  await log.ship();
  log.watch(STORE_LOOK);

  const common = { log, store: events, clock };
  await thread?.attach(events);
  const administrationStream = `site/${ownId}`;
  const siteStream = await Stream.open({ ...common, name: administrationStream, shape: SITE_STREAM });
  undo.push(() => siteStream.close());
  const openStream = (cabinet: CabinetId): Promise<Stream<CabinetState, CabinetEvent>> =>
    Stream.open({ ...common, name: `cabinet/${cabinet}`, shape: CABINET_SHAPE });
  const streams = new Map<CabinetId, Stream<CabinetState, CabinetEvent>>();
  for (const { id } of site.cabinets) streams.set(id, await openStream(id));

  const live = new LiveSite(site);
  const { directory, logins, administration, ring, itemRegistry } = await openPeople({
    connection,
    dataFolder,
    site: () => live.file,
    stream: siteStream,
    cassetteKeys: new KeyAdministration(thread ?? NO_CASSETTES, new Set(cassetteIds)),
    clock,
    onTrouble: notice,
  });
  undo.push(() => {
    directory.stop();
    itemRegistry.stop();
  });
  if (torn > 0) {
    await administration.record({ type: 'journal-torn', actor: GATEWAY, data: { bytes: torn } });
    notice(
      `The journal ended in ${torn} bytes of an unfinished record; they were set aside in journal/torn.bin.`,
    );
  }

  const scheduler = await openScheduler(databaseOf(connection), {
    timeZone: site.site.timeZone,
    gateway: ownId,
    ...(options.lookForJobsEvery !== undefined && { lookEvery: options.lookForJobsEvery }),
  });
  const mailing = await openMailing(
    { settings: options.mail, live, dataFolder, queue: scheduler.queue, clock, notice },
    undo,
  );
  const siteCabinets = new SiteCabinets({
    siteFile,
    schemas,
    hardware,
    directory,
    itemRegistry,
    clock,
    notice,
    live,
  });
  const { watch } = siteCabinets;
  await siteCabinets.openAll(streams);
  undo.push(() => watch.stop());
  const { desk: alarms, feed: alarmFeed } = await openAlarms(
    {
      ...common,
      gateway: ownId,
      search: new EventFinder(connection),
      cabinets: live.streams,
      cassettes: {
        ids: cassetteIds,
        views: (thread ?? NO_CASSETTES).views,
        onTaken: (listener) => told.taken.follow(listener),
      },
      buses: {
        ids: () => live.file.buses.map(({ id }) => id),
        onHealth: (listener) => hardware.onHealth(listener),
      },
      rolesOf: (user) => directory.rolesOf(user),
      onTrouble: notice,
    },
    undo,
  );

  const gateway = new SezamGateway({
    site: live,
    schemas,
    directory,
    logins,
    ring,
    items: itemRegistry,
    silentItemReaders: () => watch.silent,
    ...(options.mail && { codeMail: mailing.codeMail }),
    mail: mailing.notices,
    search: new EventFinder(connection),
    cabinetRoles: cabinetRoles(site.operators?.may),
    hardware,
    cassettes: { ids: cassetteIds, signals: signalPatterns(site), thread: thread ?? NO_CASSETTES },
    alarms,
    clock,
    logHealth: () => log.health,
    onTrouble: notice,
  });
  if (thread) {
    const incidents = new IncidentWatch({
      dataFolder,
      site: { id: site.site.id, name: site.site.name, timeZone: site.site.timeZone },
      software: { name: 'Sezam', version: await softwareVersion() },
      names: new Map((site.cassettes ?? []).map(({ id, name }) => [id, name])),
      thread,
      search: new EventFinder(connection),
      store: events,
      clock,
      notice,
    });
    undo.push(() => incidents.stop());
    gateway.cassettes.onNotice(({ type, cassette }) => {
      if (type === 'stained') incidents.stained(cassette);
    });
    incidents.start();
  }
  told.desk = gateway.cassettes;
  gateway.start();
  undo.push(() => gateway.stop());
  const reload = new SiteReload({
    siteFile,
    fixed: options.fixedSite ?? false,
    schemas,
    drivers,
    live,
    hardware,
    cabinets: siteCabinets,
    gateway,
    alarms: alarmFeed,
    administration,
    openStream,
    saveSite: (file) => saveSite(connection, file),
    logHealth: () => log.health,
    clock,
    onTrouble: notice,
  });
  undo.push(() => reload.stop());
  undo.push(() => scheduler.stop());
  await scheduler.start({
    store: events,
    record: (event) => administration.record(event),
    notice,
    eraseExpiredUsers: async () => {
      const days = live.file.retention?.eraseUsersAfterDays;
      if (days === undefined) return [];
      return eraseExpiredUsers({ administration, queries: gateway.queries, days, now: clock.now() });
    },
    codeMail: mailing.worker,
  });
  return { gateway, administration, scheduler, reload };
}

/** Says once when the database goes away and once when it is back. */
function logNotices(notice: (message: string) => void): (health: EventLog['health']) => void {
  let down = false;
  const told = new Set<string>();
  return ({ store, error, waiting, conflicts }) => {
    if (store === 'down' && !down) {
      notice(`${error ?? 'The database does not answer'}. Decisions go to the journal.`);
    }
    if (store === 'ok' && down && waiting === 0)
      notice('The database answers again; the journal was shipped.');
    const news = conflicts.filter((stream) => !told.has(stream));
    for (const stream of news) told.add(stream);
    if (news.length > 0) notice(`Another gateway writes ${news.join(', ')}: see journal/conflicts.jsonl.`);
    down = store === 'down';
  };
}
