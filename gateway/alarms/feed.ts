/** Feeds the book of alarms with all that happens to cabinets, cassettes and buses. */
import {
  cabinetShows,
  cabinetSigns,
  cabinetStanding,
  mayEndElsewhere,
} from '../../domain/alarms/cabinet-signs.ts';
import { cassetteSigns, cassetteStanding } from '../../domain/alarms/cassette-signs.ts';
import type { Origin, ReadTo } from '../../domain/alarms/events.ts';
import type { AlarmSign } from '../../domain/alarms/sign.ts';
import type { AlarmState } from '../../domain/alarms/state.ts';
import type { CabinetEvent } from '../../domain/cabinet/events.ts';
import type { CabinetState } from '../../domain/cabinet/state.ts';
import type { CassetteEvent } from '../../domain/cassette/events.ts';
import type { CassetteView } from '../../domain/cassette/view.ts';
import type { LoggedEvent } from '../../domain/event.ts';
import type { CabinetId, CassetteId, Milliseconds } from '../../domain/site.ts';
import type { TakenEvent } from '../cassettes/protocol.ts';
import { streamOf } from '../cassettes/stream-of.ts';
import type { EventSearch, EventStore } from '../event-log/event-store.ts';
import type { BusHealth, Clock, Unsubscribe } from '../ports.ts';
import type { Stream } from '../stream.ts';
import type { AlarmDesk } from './desk.ts';
import { StreamFollower } from './stream-follower.ts';

/** Events without a sign after which it is put on record how far all streams were read. */
const RECORD_READS_EVERY = 500;
/** The longest that a start waits for the alarms. */
const STARTS_WITHIN: Milliseconds = 5_000;
/** The time that a controller has to answer for the first time. */
const LINKS_WITHIN: Milliseconds = 15_000;

/** What feeds the alarms. */
export interface AlarmSources {
  /** Those of the moment; whoever changes them says so. */
  readonly cabinets: ReadonlyMap<CabinetId, Stream<CabinetState, CabinetEvent>>;
  readonly cassettes: {
    readonly ids: readonly CassetteId[];
    readonly views: ReadonlyMap<CassetteId, CassetteView>;
    /** Every event, once, from the first of this run. */
    readonly onTaken: (listener: (taken: TakenEvent) => void) => Unsubscribe;
  };
  readonly buses: {
    /** Those of the moment. */
    readonly ids: () => readonly string[];
    readonly onHealth: (listener: (health: BusHealth) => void) => Unsubscribe;
  };
}

export interface AlarmFeedParts extends AlarmSources {
  readonly desk: AlarmDesk;
  readonly store: Pick<EventStore, 'read'>;
  readonly search: EventSearch;
  readonly clock: Clock;
  readonly onTrouble: (message: string) => void;
}

export class AlarmFeed {
  readonly #parts: AlarmFeedParts;
  readonly #followers = new Map<string, StreamFollower>();
  readonly #unfollowCabinet = new Map<CabinetId, Unsubscribe>();
  /** For what is from no stream: buses, and what has left the site. */
  readonly #gateway: StreamFollower;
  readonly #unfollow: Unsubscribe[] = [];
  readonly #lostBuses = new Set<string>();
  /** Events without a sign since it was last put on record how far was read. */
  #unrecorded = 0;

  private constructor(parts: AlarmFeedParts) {
    this.#parts = parts;
    this.#gateway = this.#follower('gateway', () => []);
  }

  /**
   * Begins with what was not read yet, or with the present where nothing ever was. Resolves when that is on record, or
   * waits for a store that does not answer.
   */
  static async open(parts: AlarmFeedParts): Promise<AlarmFeed> {
    const feed = new AlarmFeed(parts);
    for (const [id, stream] of parts.cabinets) feed.followCabinet(id, stream);
    await Promise.all(parts.cassettes.ids.map((id) => feed.#followCassette(id)));
    feed.#followTaken();
    feed.#followBuses();
    await feed.#settledSoon();
    await feed.#recordReads();
    return feed;
  }

  /** Resolves when everything that was told is on record. */
  async settled(): Promise<void> {
    await Promise.all([this.#gateway, ...this.#followers.values()].map((follower) => follower.settled()));
  }

  /** Finishes what can be finished, and puts on record how far everything was read. */
  async stop(): Promise<void> {
    for (const unfollow of [...this.#unfollow, ...this.#unfollowCabinet.values()]) unfollow();
    await Promise.all([this.#gateway, ...this.#followers.values()].map((follower) => follower.stop()));
    await this.#recordReads();
  }

  /** Whoever starts does not wait for a store that does not answer. */
  #settledSoon(): Promise<void> {
    return new Promise((resolve) => {
      const cancel = this.#parts.clock.after(STARTS_WITHIN, resolve);
      void this.settled().then(() => {
        cancel();
        resolve();
      });
    });
  }

  /** What cannot be put on record now is later; what never is, is read once more at the next start. */
  async #recordReads(): Promise<void> {
    this.#unrecorded = 0;
    const reads = (): readonly Origin[] => [...this.#followers.values()].flatMap(({ read }) => read ?? []);
    await this.#parts.desk.recordReads(reads).catch(() => {});
  }

  #countNothing(events: number): void {
    this.#unrecorded += events;
    if (this.#unrecorded >= RECORD_READS_EVERY) void this.#recordReads();
  }

  /** Follows a cabinet that has been added to the site; to be called before it is started. */
  followCabinet(cabinet: CabinetId, stream: Stream<CabinetState, CabinetEvent>): void {
    const { clock } = this.#parts;
    const follower = this.#follower(stream.name, (event) =>
      cabinetSigns(cabinet, event as LoggedEvent & CabinetEvent),
    );
    this.#begin(follower, stream.name, { seq: stream.head.seq, at: clock.now() });
    follower.look((alarms) => [...cabinetStanding(stream.state), ...overIn(alarms, cabinet, stream.state)]);
    this.#unfollowCabinet.set(
      cabinet,
      stream.onEvent(({ seq, at, ...logged }, state) => {
        const event = logged as CabinetEvent;
        const signs = (alarms: AlarmState): readonly AlarmSign[] => [
          ...cabinetSigns(cabinet, event),
          ...(mayEndElsewhere(event) ? overIn(alarms, cabinet, state) : []),
        ];
        follower.tell({ seq, at: Date.parse(at), signs });
      }),
    );
  }

  /**
   * The site is another one: what has left it is followed no more, and its alarms end. Those that only tell of something
   * stay until somebody has seen them.
   */
  async siteChanged(): Promise<void> {
    const { cabinets, buses } = this.#parts;
    for (const [cabinet, unfollow] of this.#unfollowCabinet) {
      if (cabinets.has(cabinet)) continue;
      unfollow();
      this.#unfollowCabinet.delete(cabinet);
      const name = `cabinet/${cabinet}`;
      // What cannot be finished now is read when the cabinet comes back.
      await this.#followers.get(name)?.stop();
      this.#followers.delete(name);
    }
    for (const bus of this.#lostBuses) if (!buses.ids().includes(bus)) this.#lostBuses.delete(bus);
    this.#endStrangers();
  }

  async #followCassette(id: CassetteId): Promise<void> {
    const { desk, cassettes, clock } = this.#parts;
    const name = streamOf(id);
    const follower = this.#follower(name, (event) => cassetteSigns(id, event as LoggedEvent & CassetteEvent));
    if (desk.state.read.has(name)) this.#begin(follower, name);
    else {
      const [last] = await this.#parts.search.find({ stream: name }, { order: 'newest-first', limit: 1 });
      this.#begin(follower, name, { seq: last?.event.seq ?? 0, at: clock.now() });
      follower.look(() => {
        const view = cassettes.views.get(id);
        return view ? cassetteStanding(view) : [];
      });
    }
    // A link that never was is never lost: no event tells of a controller that is silent from the beginning.
    this.#unfollow.push(
      clock.after(LINKS_WITHIN, () =>
        follower.look(() =>
          cassettes.views.get(id)?.linked === false
            ? [{ sign: 'raised', kind: 'link-lost', source: { source: 'cassette', cassette: id } }]
            : [],
        ),
      ),
    );
  }

  #followTaken(): void {
    this.#unfollow.push(
      this.#parts.cassettes.onTaken(({ cassette, event, at, seq }) => {
        const signs = (): readonly AlarmSign[] => cassetteSigns(cassette, event);
        this.#followers.get(streamOf(cassette))?.tell({ at, signs, ...(seq !== undefined && { seq }) });
      }),
    );
  }

  /** Ends what is in the book about cabinets, cassettes and buses that the site does not have. */
  #endStrangers(): void {
    const { buses, cabinets, cassettes } = this.#parts;
    this.#gateway.look(({ alarms }) =>
      [...alarms.values()].flatMap(({ kind, source, part, current }): readonly AlarmSign[] => {
        const stays =
          source.source === 'gateway'
            ? part === undefined || buses.ids().includes(part)
            : source.source === 'cassette'
              ? cassettes.ids.includes(source.cassette)
              : cabinets.has(source.cabinet);
        if (stays || current.ended !== undefined) return [];
        return [{ sign: 'over', kind, source, ...(part !== undefined && { part }) }];
      }),
    );
  }

  #followBuses(): void {
    this.#endStrangers();
    this.#unfollow.push(
      this.#parts.buses.onHealth(({ id: bus, state }) => {
        if (state === 'lost') this.#lostBuses.add(bus);
        else if (state === 'connected') this.#lostBuses.delete(bus);
        else return;
        const about = {
          kind: 'bus-lost',
          source: { source: 'gateway' },
          part: bus,
          values: { bus },
        } as const;
        this.#gateway.look(() => [{ sign: this.#lostBuses.has(bus) ? 'raised' : 'over', ...about }]);
      }),
    );
  }

  /** Where a stream was read before, with the rest of it; otherwise with the present. */
  #begin(follower: StreamFollower, stream: string, present?: ReadTo): void {
    const read = this.#parts.desk.state.read.get(stream) ?? present;
    if (read) follower.beginAt(read);
    follower.catchUp();
  }

  #follower(stream: string, signsOf: (event: LoggedEvent) => readonly AlarmSign[]): StreamFollower {
    const { desk, store, clock, onTrouble } = this.#parts;
    const follower = new StreamFollower({
      stream,
      store,
      clock,
      // An event of another version may be of a type that is not known here.
      signsOf: (event) => (signsOf(event) as readonly AlarmSign[] | undefined) ?? [],
      recorded: () => desk.state.read.get(stream),
      record: (entries) => desk.record(entries),
      onNothing: (events) => this.#countNothing(events),
      onTrouble,
    });
    if (stream !== 'gateway') this.#followers.set(stream, follower);
    return follower;
  }
}

/** What goes on in the book, and in the cabinet does not. */
function overIn({ standing }: AlarmState, id: CabinetId, cabinet: CabinetState): readonly AlarmSign[] {
  return [...(standing.get(id)?.values() ?? [])]
    .filter((alarm) => cabinetShows(cabinet, alarm) === false)
    .map(({ kind, source, part }) => ({ sign: 'over', kind, source, ...(part !== undefined && { part }) }));
}
