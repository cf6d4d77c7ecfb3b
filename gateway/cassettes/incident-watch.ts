/** Sees to it that every staining gets its sealed record, as soon as the store has its events. */
import type { EventOf } from '../../domain/cassette/events.ts';
import type { IncidentScene } from '../../domain/cassette/incident.ts';
import type { CassetteId, Milliseconds } from '../../domain/site.ts';
import type { EventSearch, EventStore } from '../event-log/event-store.ts';
import type { Clock, Unsubscribe } from '../ports.ts';
import type { CassetteThread } from './cassette-thread.ts';
import { sealIncident } from './incidents.ts';
import { streamOf } from './stream-of.ts';

/** Before what could not be sealed is looked at again: the store is away, or has not got the events yet. */
const AGAIN_AFTER: Milliseconds = 2_000;
/** Before one that failed is tried again: it may have to read the whole log of the cassette. */
const AGAIN_AFTER_FAILURE: Milliseconds = 30_000;
/** Stainings and records that are looked through, newest first. Between two looks there is one at most. */
const LOOKED_THROUGH = 20;

export interface IncidentWatchParts {
  readonly dataFolder: string;
  readonly site: IncidentScene['site'];
  readonly software: IncidentScene['software'];
  /** By id, what people call them. */
  readonly names: ReadonlyMap<CassetteId, string>;
  readonly thread: Pick<CassetteThread, 'ask'>;
  readonly search: EventSearch;
  readonly store: Pick<EventStore, 'read'>;
  readonly clock: Clock;
  readonly notice: (message: string) => void;
}

export class IncidentWatch {
  readonly #parts: IncidentWatchParts;
  readonly #looking = new Map<CassetteId, Promise<void>>();
  readonly #again = new Map<CassetteId, Unsubscribe>();
  readonly #awaited = new Set<CassetteId>();
  readonly #told = new Set<CassetteId>();
  /** Sealed in this life; their events may still be on their way to the store. */
  readonly #sealed = new Set<string>();
  #stopped = false;

  constructor(parts: IncidentWatchParts) {
    this.#parts = parts;
  }

  /** Looks after what happened before the start. */
  start(): void {
    for (const cassette of this.#parts.names.keys()) this.#lookAt(cassette);
  }

  /** A cassette was stained a moment ago; its events are on their way to the store. */
  stained(cassette: CassetteId): void {
    this.#awaited.add(cassette);
    this.#lookAt(cassette);
  }

  #lookAt(cassette: CassetteId): void {
    if (this.#stopped || this.#looking.has(cassette)) return;
    this.#again.get(cassette)?.();
    this.#again.delete(cassette);
    const looking = this.#look(cassette).finally(() => this.#looking.delete(cassette));
    this.#looking.set(cassette, looking);
  }

  /** Ends the looks that are under way. */
  async stop(): Promise<void> {
    this.#stopped = true;
    for (const cancel of this.#again.values()) cancel();
    await Promise.all(this.#looking.values());
  }

  async #look(cassette: CassetteId): Promise<void> {
    try {
      for (const seq of await this.#unsealed(cassette)) await this.#seal(cassette, seq);
      this.#told.delete(cassette);
      if (this.#awaited.has(cassette)) this.#later(cassette);
    } catch (error) {
      const text = error instanceof Error ? error.message : String(error);
      if (!this.#told.has(cassette)) {
        this.#parts.notice(`The staining of cassette ${cassette} has no sealed record yet: ${text}`);
      }
      this.#told.add(cassette);
      this.#later(cassette, AGAIN_AFTER_FAILURE);
    }
  }

  #later(cassette: CassetteId, pause = AGAIN_AFTER): void {
    if (this.#stopped) return;
    this.#again.set(
      cassette,
      this.#parts.clock.after(pause, () => this.#lookAt(cassette)),
    );
  }

  /** Numbers of stainings without a record, oldest first. */
  async #unsealed(cassette: CassetteId): Promise<readonly number[]> {
    const found = await this.#parts.search.find(
      { stream: streamOf(cassette), types: ['stained', 'incident-sealed'] },
      { order: 'newest-first', limit: LOOKED_THROUGH },
    );
    const sealed = new Set(
      found
        .filter(({ event }) => event.type === 'incident-sealed')
        .map(({ event }) => (event.data as EventOf<'incident-sealed'>['data']).toSeq),
    );
    const stained = found.filter(({ event }) => event.type === 'stained').map(({ event }) => event.seq);
    return stained.filter((seq) => !sealed.has(seq) && !this.#sealed.has(`${cassette}/${seq}`)).reverse();
  }

  async #seal(cassette: CassetteId, stainedSeq: number): Promise<void> {
    const { dataFolder, site, software, names, thread, store } = this.#parts;
    const sealed = await sealIncident({
      dataFolder,
      site,
      software,
      cassette: { id: cassette, name: names.get(cassette) ?? cassette },
      stainedSeq,
      events: store.read(streamOf(cassette), 0),
    });
    const answer = await thread.ask({ do: 'incident', cassette, sealed });
    if (!answer.ok) throw new Error('The cassettes do not run.');
    this.#awaited.delete(cassette);
    this.#sealed.add(`${cassette}/${stainedSeq}`);
  }
}
