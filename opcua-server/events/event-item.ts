/**
 * A monitored item for events. The library keeps it: its queue, its publishing, its deletion. What stands in the queue is put
 * there by this, with the public fields of the item alone.
 */
import {
  type AddressSpace,
  EventFieldList,
  EventFilter,
  type MonitoredItem,
  MonitoringMode,
  type ServerSession,
  type Subscription,
  type Variant,
} from 'node-opcua';
import { type CompiledFilter, compileFilter, type FilteredEvent } from '../history/event-filter.ts';
import { HistoryFailure } from '../history/failure.ts';
import { type ServerEventName, serverEvent } from './server-events.ts';
import { eventField, type SiteEvent } from './site-event.ts';
import {
  type Kept,
  kept,
  maySee,
  type PrincipalOf,
  type Watcher,
  watcherFrom,
  watcherOf,
} from './watcher.ts';

/**
 * Events that an item keeps for its client: more than the library would, so that all alarms of a site find room at once. What
 * stands in a queue is shared by all who are to get it.
 */
const MOST_QUEUED = 10_000;

/** What all items have in common. */
export interface EventItemScope {
  readonly addressSpace: AddressSpace;
  /** Index of the namespace of the site's own types. */
  readonly typesNamespace: number;
  readonly principalOf: PrincipalOf;
}

export class EventItem {
  readonly item: MonitoredItem;
  readonly subscription: Subscription;
  readonly #scope: EventItemScope;
  #filter: EventFilter | undefined;
  #compiled: CompiledFilter | undefined;
  /** What the session might do when it was there last, and who waits in its place while it is gone. */
  #kept: Kept | undefined;
  #waiting: Watcher | undefined;
  /** What tells that events were lost here; stands in the queue until it is taken. */
  #overflow: EventFieldList | undefined;

  constructor(item: MonitoredItem, subscription: Subscription, scope: EventItemScope) {
    this.item = item;
    this.subscription = subscription;
    this.#scope = scope;
    this.#tellOfCuts();
    this.#watcher();
  }

  /** Delivers an event, where its session may see it and its filter wants it. */
  deliver(event: SiteEvent): void {
    const compiled = this.#ready();
    const watcher = this.#watcher();
    if (!compiled || !watcher || !maySee(watcher, event.source, event.silent)) return;
    const fields = event.fields(watcher.language, watcher.observes);
    if (compiled.wants(fields)) this.#put(compiled.fieldsOf(fields));
  }

  /** Delivers an event of the server itself, whatever the filter wants (OPC 10000-9, 4.5). */
  deliverAnyway(name: ServerEventName): void {
    const compiled = this.#ready();
    if (compiled) this.#put(compiled.fieldsOf(this.#serverEvent(name)));
  }

  /** Whether events are queued at all. */
  get isActive(): boolean {
    return this.#ready() !== undefined;
  }

  /** How many events wait for its client, and how many find room. */
  get waiting(): number {
    return this.item.queue.length;
  }

  readonly most = MOST_QUEUED;

  #ready(): CompiledFilter | undefined {
    const { filter, monitoringMode } = this.item;
    if (monitoringMode !== MonitoringMode.Reporting && monitoringMode !== MonitoringMode.Sampling)
      return undefined;
    if (!(filter instanceof EventFilter)) return undefined;
    if (this.item.queueSize < MOST_QUEUED) this.item.queueSize = MOST_QUEUED;
    if (filter !== this.#filter) {
      this.#filter = filter;
      this.#compiled = this.#compile(filter);
    }
    return this.#compiled;
  }

  /** A filter that asks for too much is one that nothing passes. */
  #compile(filter: EventFilter): CompiledFilter | undefined {
    const { addressSpace, typesNamespace } = this.#scope;
    try {
      return compileFilter(filter, {
        addressSpace,
        fieldAt: (path) => eventField(path, typesNamespace),
        unserved: 'null',
      });
    } catch (error) {
      if (error instanceof HistoryFailure) return undefined;
      throw error;
    }
  }

  /** A subscription without a session waits for one of the same user: it goes on as it was. */
  #watcher(): Watcher | undefined {
    const session = this.subscription.$session as ServerSession | undefined;
    if (session) {
      const watcher = watcherOf(session, this.#scope.principalOf);
      this.#kept = kept(session, watcher);
      this.#waiting = undefined;
      return watcher;
    }
    this.#waiting ??= this.#kept && watcherFrom(this.#kept);
    return this.#waiting;
  }

  #serverEvent(name: ServerEventName): FilteredEvent {
    return serverEvent(this.#scope.addressSpace, name, this.#watcher()?.language ?? 'en');
  }

  /** Where the queue is full, an event in it says so (OPC 10000-4, 5.13.1.5): at its beginning, or where nothing more is taken. */
  #put(eventFields: Variant[]): void {
    const { item } = this;
    const { queue } = item;
    if (queue.length < item.queueSize) {
      queue.push(this.#listOf(eventFields));
      return;
    }
    const told = this.#overflow !== undefined;
    if (item.discardOldest) {
      if (told && queue[0] === this.#overflow) queue.splice(1, 1);
      else queue[0] = this.#overflowed();
      queue.push(this.#listOf(eventFields));
    } else if (!told || queue.at(-1) !== this.#overflow) {
      queue.push(this.#overflowed());
    }
  }

  /** Whoever makes the queue shorter takes events out of it: that is told like any other loss. */
  #tellOfCuts(): void {
    const { item } = this;
    const modify = item.modify.bind(item);
    item.modify = (...how) => {
      const before = item.queue.length;
      const result = modify(...how);
      if (item.queue.length < before && this.#ready()) item.queue.unshift(this.#overflowed());
      return result;
    };
  }

  #overflowed(): EventFieldList {
    const event = this.#serverEvent('EventQueueOverflowEventType');
    this.#overflow = this.#listOf(this.#compiled?.fieldsOf(event) ?? []);
    return this.#overflow;
  }

  /** Not by its options, which the library would copy: the values are shared by all who get them. */
  #listOf(eventFields: Variant[]): EventFieldList {
    const list = new EventFieldList(null);
    list.clientHandle = this.item.clientHandle;
    list.eventFields = eventFields;
    return list;
  }
}
