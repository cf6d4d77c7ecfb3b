/**
 * ConditionRefresh (OPC 10000-9, 5.5.7 and 5.5.8): everything that is to be seen, for one subscription or one item of it. It goes into the
 * queue of an item as fast as there is room, so that nothing of it is lost and little of it waits; each alarm as it is when its turn
 * comes, so that nothing is older than what the client has been told already.
 */

import type { AlarmId } from '../../domain/alarms/alarm.ts';
import type { Milliseconds } from '../../domain/site.ts';
import type { EventItem } from '../events/event-item.ts';
import type { EventItems } from '../events/event-items.ts';
import type { AlarmSources } from './alarm-sources.ts';
import type { ConditionBook } from './condition-book.ts';
import { ConditionEvent } from './condition-event.ts';
import { retainedStates } from './notifications.ts';

/** Room in a queue that is left for what happens meanwhile. */
const LEFT_FREE = 500;
/**
 * Where so many events wait for all clients together, each has few of its refresh in its queue: after a restart all clients
 * ask at once.
 */
const MOST_WAITING = 12_000;
const FEW = 500;
/** How long one refresh goes on before others have their turn. */
const TURN: Milliseconds = 5;
/** How soon a full queue is looked at again. */
const LOOKS_AGAIN_AFTER: Milliseconds = 20;

/** What is still to be delivered to an item. */
interface Refresh {
  readonly key: object;
  readonly item: EventItem;
  readonly alarms: readonly AlarmId[];
  begun: boolean;
  next: number;
}

export class Refreshes {
  readonly #book: ConditionBook;
  readonly #items: EventItems;
  readonly #sources: AlarmSources;
  #underWay: Refresh[] = [];
  #turn: NodeJS.Immediate | undefined;
  #pause: NodeJS.Timeout | undefined;

  constructor(book: ConditionBook, items: EventItems, sources: AlarmSources) {
    this.#book = book;
    this.#items = items;
    this.#sources = sources;
  }

  /** Whether a refresh of a subscription is under way. */
  isUnderWay(subscription: object): boolean {
    return this.#underWay.some(({ key }) => key === subscription);
  }

  /** Begins a refresh; what finds room is in the queues with the next turns of the event loop. */
  begin(subscription: object, items: readonly EventItem[]): void {
    const alarms = this.#book.ids();
    for (const item of items) {
      if (item.isActive) this.#underWay.push({ key: subscription, item, alarms, begun: false, next: 0 });
    }
    this.#goOn();
  }

  close(): void {
    clearImmediate(this.#turn);
    clearTimeout(this.#pause);
    this.#underWay = [];
  }

  #goOn(): void {
    if (this.#turn || this.#pause || this.#underWay.length === 0) return;
    this.#turn = setImmediate(() => {
      this.#turn = undefined;
      let moved = false;
      const crowded = this.#items.waiting > MOST_WAITING;
      this.#underWay = this.#underWay.filter((refresh) => {
        const { next, begun } = refresh;
        const ended = this.#deliver(refresh, crowded);
        moved ||= ended || refresh.next !== next || refresh.begun !== begun;
        return !ended;
      });
      if (!moved && this.#underWay.length > 0) {
        this.#pause = setTimeout(() => {
          this.#pause = undefined;
          this.#goOn();
        }, LOOKS_AGAIN_AFTER);
      }
      this.#goOn();
    });
  }

  /** Delivers what there is room and time for; true once that was all, or nobody is there who takes it. */
  #deliver(refresh: Refresh, crowded: boolean): boolean {
    const { item, alarms } = refresh;
    if (!item.isActive) return true;
    const until = performance.now() + TURN;
    const most = crowded ? FEW : item.most - LEFT_FREE;
    while (item.waiting < most && performance.now() < until) {
      if (!refresh.begun) {
        item.deliverAnyway('RefreshStartEventType');
        refresh.begun = true;
      }
      const id = alarms[refresh.next];
      if (id === undefined) {
        item.deliverAnyway('RefreshEndEventType');
        return true;
      }
      refresh.next += 1;
      this.#deliverAlarm(item, id);
    }
    return false;
  }

  #deliverAlarm(item: EventItem, id: AlarmId): void {
    const alarm = this.#book.get(id);
    if (!alarm) return;
    const source = this.#sources.sourceOf(alarm.source);
    if (!source || !this.#items.hears(item, source.notifiers)) return;
    for (const state of retainedStates(alarm)) item.deliver(new ConditionEvent(state, source, this.#sources));
  }
}
