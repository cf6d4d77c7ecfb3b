/** The book of alarms as this thread has it, and who may see what of it. */
import type { AlarmId } from '../../domain/alarms/alarm.ts';
import type { Milliseconds } from '../../domain/site.ts';
import type { AlarmView } from '../../gateway/api.ts';
import { maySee, type Watcher } from '../events/watcher.ts';
import type { AlarmValue } from '../protocol.ts';
import type { AlarmSources } from './alarm-sources.ts';
import { type ConditionState, notificationsOf } from './notifications.ts';

/** How long a change that was answered for may take on its way here. */
const COMES_WITHIN: Milliseconds = 1_000;

export class ConditionBook {
  readonly #sources: AlarmSources;
  readonly #alarms: Map<AlarmId, AlarmView>;
  /** Those who wait for a change. */
  readonly #waiting = new Set<() => void>();

  constructor(alarms: readonly AlarmView[], sources: AlarmSources) {
    this.#sources = sources;
    this.#alarms = new Map(alarms.map((alarm) => [alarm.id, alarm]));
  }

  get(id: AlarmId): AlarmView | undefined {
    return this.#alarms.get(id);
  }

  /** The ids of all alarms at this moment. */
  ids(): readonly AlarmId[] {
    return [...this.#alarms.keys()];
  }

  /** An alarm where it is there for a session: what somebody may not see does not exist for them. */
  seenBy(watcher: Watcher, id: AlarmId): AlarmView | undefined {
    const alarm = this.#alarms.get(id);
    const source = alarm && this.#sources.sourceOf(alarm.source);
    return source && maySee(watcher, source, alarm.silent) ? alarm : undefined;
  }

  /** Resolves when a change of an alarm is here, or after a moment in which it does not come. */
  async followed(
    id: AlarmId,
    { revision, changedAt }: Pick<AlarmView, 'revision' | 'changedAt'>,
  ): Promise<void> {
    // An alarm that was forgotten and came up anew counts from the beginning.
    const isHere = (): boolean => {
      const alarm = this.#alarms.get(id);
      return !alarm || alarm.revision >= revision || alarm.changedAt > changedAt;
    };
    if (isHere()) return;
    await new Promise<void>((resolve) => {
      const settle = (): void => {
        clearTimeout(limit);
        this.#waiting.delete(look);
        resolve();
      };
      const look = (): void => {
        if (isHere()) settle();
      };
      const limit = setTimeout(settle, COMES_WITHIN);
      this.#waiting.add(look);
    });
  }

  /** Takes a change; returns what is to be told of it. */
  take({ alarm, kept }: AlarmValue): readonly ConditionState[] {
    const before = this.#alarms.get(alarm.id);
    if (kept) this.#alarms.set(alarm.id, alarm);
    else this.#alarms.delete(alarm.id);
    for (const look of this.#waiting) look();
    return notificationsOf(before, alarm);
  }
}
