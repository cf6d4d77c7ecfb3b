/** All monitored items for events of a server, by the object that they listen to. */
import {
  AttributeIds,
  CreateMonitoredItemsRequest,
  ModifyMonitoredItemsRequest,
  type MonitoredItem,
  ObjectIds,
  type OPCUAServer,
  resolveNodeId,
  type ServerSession,
  type Subscription,
} from 'node-opcua';
import { EventItem, type EventItemScope } from './event-item.ts';
import type { ServerEventName } from './server-events.ts';
import type { SiteEvent } from './site-event.ts';

/**
 * What clients are told that an item keeps: the most that the library says. They ask for one event, or for ten; a server may
 * give them more (OPC 10000-4, 7.21).
 */
const QUEUE_SIZE = 5_000;
const SERVER = resolveNodeId(ObjectIds.Server).toString();

export class EventItems {
  readonly #scope: EventItemScope;
  readonly #byNotifier = new Map<string, Set<EventItem>>();
  readonly #bySubscription = new WeakMap<Subscription, Map<MonitoredItem, EventItem>>();
  #onListening: (listening: boolean) => void = () => {};
  #count = 0;

  constructor(scope: EventItemScope) {
    this.#scope = scope;
  }

  /** Follows the items of a server. */
  attach(server: OPCUAServer): void {
    server.on('request', (request) => {
      if (request instanceof CreateMonitoredItemsRequest) {
        for (const { itemToMonitor, requestedParameters } of request.itemsToCreate ?? []) {
          if (itemToMonitor.attributeId === AttributeIds.EventNotifier)
            requestedParameters.queueSize = QUEUE_SIZE;
        }
      } else if (request instanceof ModifyMonitoredItemsRequest) {
        const session = server.getSession(request.requestHeader.authenticationToken);
        const subscription = session?.getSubscription(request.subscriptionId);
        for (const { monitoredItemId, requestedParameters } of request.itemsToModify ?? []) {
          const item = subscription?.getMonitoredItem(monitoredItemId);
          if (item?.itemToMonitor.attributeId === AttributeIds.EventNotifier)
            requestedParameters.queueSize = QUEUE_SIZE;
        }
      }
    });
    server.on('create_session', (session: ServerSession) => {
      session.on('new_subscription', (subscription: Subscription) => this.#follow(subscription));
    });
  }

  /** Tells whether anybody listens: each time the first one does, and when the last one does no more. */
  onListening(listener: (listening: boolean) => void): void {
    this.#onListening = listener;
  }

  get listening(): boolean {
    return this.#count > 0;
  }

  /** How many events wait for all clients together. */
  get waiting(): number {
    let waiting = 0;
    for (const items of this.#byNotifier.values()) for (const { item } of items) waiting += item.queue.length;
    return waiting;
  }

  /** Hands an event to everybody who listens to one of its notifiers, or to the Server object. */
  raise(event: SiteEvent): void {
    for (const item of this.#byNotifier.get(SERVER) ?? []) item.deliver(event);
    for (const notifier of event.source.notifiers) {
      for (const item of this.#byNotifier.get(notifier) ?? []) item.deliver(event);
    }
  }

  /** Tells everybody who listens of something that the server has to say, whatever they want. */
  tellAll(name: ServerEventName): void {
    for (const items of this.#byNotifier.values()) for (const item of items) item.deliverAnyway(name);
  }

  /** The items of a subscription. */
  of(subscription: Subscription): readonly EventItem[] {
    return [...(this.#bySubscription.get(subscription)?.values() ?? [])];
  }

  /** Whether an item hears what a source raises. */
  hears({ item: { node } }: EventItem, notifiers: readonly string[]): boolean {
    const listensTo = node?.nodeId.toString();
    return listensTo === SERVER || (listensTo !== undefined && notifiers.includes(listensTo));
  }

  /** A subscription that is transferred comes again with its next session. */
  #follow(subscription: Subscription): void {
    if (this.#bySubscription.has(subscription)) return;
    const items = new Map<MonitoredItem, EventItem>();
    this.#bySubscription.set(subscription, items);
    subscription.on('monitoredItem', (item: MonitoredItem) => {
      const { node, itemToMonitor } = item;
      if (!node || itemToMonitor.attributeId !== AttributeIds.EventNotifier) return;
      const own = new EventItem(item, subscription, this.#scope);
      items.set(item, own);
      const notifier = node.nodeId.toString();
      const others = this.#byNotifier.get(notifier) ?? new Set();
      this.#byNotifier.set(notifier, others.add(own));
      this.#counted(1);
    });
    subscription.on('removeMonitoredItem', (item: MonitoredItem) => {
      const own = items.get(item);
      if (!own) return;
      items.delete(item);
      for (const [notifier, others] of this.#byNotifier) {
        if (others.delete(own) && others.size === 0) this.#byNotifier.delete(notifier);
      }
      this.#counted(-1);
    });
  }

  #counted(change: 1 | -1): void {
    const before = this.listening;
    this.#count += change;
    if (this.listening !== before) this.#onListening(this.listening);
  }
}
