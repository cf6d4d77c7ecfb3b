import type { CassetteView } from '../domain/cassette/view.ts';
import type { BoardId, CabinetId, ReaderId } from '../domain/site.ts';
import type { Condition, Health } from './api.ts';
import type { EventLogHealth } from './event-log/event-log.ts';
import type { BusHealth } from './ports.ts';

/** What the parts of a gateway say of themselves. */
export interface PartsHealth {
  readonly cassettes: readonly CassetteView[];
  readonly stopping: boolean;
  readonly log: EventLogHealth;
  readonly opcua: Health['opcua'];
  readonly buses: readonly BusHealth[];
  readonly silentItemReaders: readonly ReaderId[];
  readonly cabinets: readonly {
    readonly id: CabinetId;
    /** Another gateway has taken it over. */
    readonly fenced: boolean;
    readonly lostBoards: readonly BoardId[];
  }[];
}

/**
 * The health of a gateway from that of its parts: `down` where nobody can be served (nothing can be recorded, no
 * cabinet is this gateway's any more, or it stops), `degraded` where anything is not as it should be.
 */
export function healthOf({
  stopping,
  log,
  opcua,
  buses: lines,
  silentItemReaders,
  cabinets: lockers,
  cassettes: guarded,
}: PartsHealth): Health {
  const store = {
    condition: log.store === 'ok' ? ('ok' as const) : ('degraded' as const),
    detail: log.error ?? 'answers',
  };
  const journal = { condition: journalCondition(log), waiting: log.waiting, detail: journalDetail(log) };
  const buses = lines.map((bus) => ({
    ...bus,
    condition: bus.state === 'connected' ? ('ok' as const) : ('degraded' as const),
  }));
  const itemReaders = itemReaderHealth(silentItemReaders);
  const cabinets = lockers.map(cabinetHealth);
  const cassettes = guarded.map(cassetteHealth);
  const unrecorded = log.journal === 'failing' && log.store === 'down';
  const down = stopping || unrecorded || cabinets.every(({ condition }) => condition === 'down');
  const conditions = [store, journal, opcua, itemReaders, ...buses, ...cabinets, ...cassettes].map(
    ({ condition }) => condition,
  );
  const condition = conditions.every((each) => each === 'ok') ? 'ok' : 'degraded';
  return {
    condition: down ? 'down' : condition,
    store,
    journal,
    opcua,
    buses,
    itemReaders,
    cabinets,
    cassettes,
  };
}

function journalCondition(log: EventLogHealth): Condition {
  if (log.journal === 'failing') return 'down';
  return log.waiting > 0 || log.conflicts.length > 0 ? 'degraded' : 'ok';
}

function journalDetail({ waiting, conflicts }: EventLogHealth): string {
  return conflicts.length > 0
    ? `events of ${conflicts.join(', ')} were set aside: another gateway writes there`
    : `${waiting} events wait for the database`;
}

function itemReaderHealth(silent: readonly ReaderId[]): Health['itemReaders'] {
  return silent.length > 0
    ? { condition: 'degraded', detail: `do not answer: ${silent.join(', ')}` }
    : { condition: 'ok', detail: 'none is silent' };
}

function cassetteHealth({ id, linked, subState }: CassetteView): Health['cassettes'][number] {
  if (subState === 'not-configured') return { id, condition: 'degraded', detail: 'its log was not read yet' };
  return linked
    ? { id, condition: 'ok', detail: 'its controller answers' }
    : { id, condition: 'degraded', detail: 'its controller does not answer' };
}

function cabinetHealth({
  id,
  fenced,
  lostBoards,
}: PartsHealth['cabinets'][number]): Health['cabinets'][number] {
  if (fenced) return { id, condition: 'down', detail: 'another gateway controls it' };
  return lostBoards.length > 0
    ? { id, condition: 'degraded', detail: `lock boards do not answer: ${lostBoards.join(', ')}` }
    : { id, condition: 'ok', detail: 'all lock boards answer' };
}
