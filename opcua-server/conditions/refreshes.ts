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
  /** So many, one after the other, could not go on. */
  #stuck = 0;
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

  /** One refresh after the other has its turn; where none can go on, all of them wait a little. */
  #goOn(): void {
    if (this.#turn || this.#pause || this.#underWay.length === 0) return;
    if (this.#stuck >= this.#underWay.length) {
      this.#stuck = 0;
      this.#pause = setTimeout(() => {
        this.#pause = undefined;
        this.#goOn();
      }, LOOKS_AGAIN_AFTER);
      return;
    }
    this.#turn = setImmediate(() => {
      this.#turn = undefined;
      const refresh = this.#underWay.shift();
      if (refresh) {
        const progress = this.#deliver(refresh);
        if (progress !== 'ended') this.#underWay.push(refresh);
        this.#stuck = progress === 'none' ? this.#stuck + 1 : 0;
      }
      this.#goOn();
    });
  }

  /** Delivers what there is room and time for. */
  #deliver(refresh: Refresh): 'ended' | 'some' | 'none' {
    const { item, alarms } = refresh;
    // Nobody is there any more who takes it.
    if (!item.isActive) return 'ended';
    const most = this.#items.waiting > MOST_WAITING ? FEW : item.most - LEFT_FREE;
    if (item.waiting >= most) return 'none';
    if (!refresh.begun) {
      item.deliverAnyway('RefreshStartEventType');
      refresh.begun = true;
    }
    const until = performance.now() + TURN;
    while (item.waiting < most && performance.now() < until) {
      const id = alarms[refresh.next];
      if (id === undefined) {
        item.deliverAnyway('RefreshEndEventType');
        return 'ended';
      }
      refresh.next += 1;
      this.#deliverAlarm(item, id);
    }
    return 'some';
  }

  #deliverAlarm(item: EventItem, id: AlarmId): void {
    const alarm = this.#book.get(id);
    if (!alarm) return;
    const source = this.#sources.sourceOf(alarm.source);
    if (!source || !this.#items.hears(item, source.notifiers)) return;
    for (const state of retainedStates(alarm)) item.deliver(new ConditionEvent(state, source, this.#sources));
  }
}
