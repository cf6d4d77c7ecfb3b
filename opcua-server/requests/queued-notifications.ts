/**
 * Bounds what waits for clients that do not fetch it. The queue of a monitored item is as long as its client asked for; a client
 * with many long ones that never publishes would fill the memory. Where all queues together hold too much, those of the
 * subscription with the most are shortened to the newest of each item, as if they had been that short and overflowed
 * (OPC 10000-4, 5.13.1.5); where that is not enough, the subscription ends.
 */
import { type MonitoredItem, MonitoringParameters, type OPCUAServer, type Subscription } from 'node-opcua';
import type { Milliseconds } from '../../domain/site.ts';

/** How often the queues are counted. */
const COUNTS_EVERY: Milliseconds = 1_000;

export class QueuedNotifications {
  readonly #most: number;
  readonly #items = new Map<Subscription, Set<MonitoredItem>>();
  readonly #timer: NodeJS.Timeout;

  /** @param most values, and fields of events, in all queues together */
  constructor(server: OPCUAServer, most: number) {
    this.#most = most;
    server.on('create_session', (session) => {
      session.on('new_subscription', (subscription: Subscription) => this.#follow(subscription));
    });
    this.#timer = setInterval(() => this.#count(), COUNTS_EVERY);
    this.#timer.unref();
  }

  close(): void {
    clearInterval(this.#timer);
  }

  #follow(subscription: Subscription): void {
    const items = new Set<MonitoredItem>();
    this.#items.set(subscription, items);
    subscription.on('monitoredItem', (item: MonitoredItem) => items.add(item));
    subscription.on('removeMonitoredItem', (item: MonitoredItem) => items.delete(item));
    subscription.once('terminated', () => this.#items.delete(subscription));
  }

  #count(): void {
    let total = 0;
    let most = 0;
    let worst: Subscription | undefined;
    for (const [subscription, items] of this.#items) {
      let held = 0;
      for (const item of items) held += weightOf(item);
      total += held;
      if (held > most) {
        most = held;
        worst = subscription;
      }
    }
    if (total <= this.#most || !worst) return;
    let dropped = 0;
    for (const item of this.#items.get(worst) ?? []) dropped += shorten(item);
    if (dropped === 0) worst.terminate();
  }
}

/** What the queue of an item holds beyond the one notification that every item may have. */
function weightOf({ queue, filter }: MonitoredItem): number {
  if (queue.length < 2) return 0;
  const fields = filter && 'selectClauses' in filter ? (filter.selectClauses as unknown[] | null) : null;
  return (queue.length - 1) * Math.max(fields?.length ?? 1, 1);
}

/** Keeps the latest two of a value, so that the next one that is dropped is told, and the latest hundred of events. */
function shorten(item: MonitoredItem): number {
  const { clientHandle, samplingInterval, filter, queue } = item;
  const before = queue.length;
  if (before < 3) return 0;
  item.modify(
    null,
    new MonitoringParameters({ clientHandle, samplingInterval, filter, queueSize: 2, discardOldest: true }),
  );
  return before - item.queue.length;
}
