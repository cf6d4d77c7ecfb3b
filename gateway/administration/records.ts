import type { UnrecordedEvent, UnrecordedRepository } from '../../models/unrecorded.ts';
import { newId } from '../secrets.ts';
import type { Stream } from '../stream.ts';
import type { SiteEvent, SiteState } from './site-events.ts';

/**
 * Puts on record what was administered. The event for a change is stored in the changed document by the same write,
 * and taken out again once it is in the log: whatever a crash leaves behind is recorded at the next start.
 */
export class Records {
  readonly #stream: Stream<SiteState, SiteEvent>;

  constructor(stream: Stream<SiteState, SiteEvent>) {
    this.#stream = stream;
  }

  /** Puts something on record that changed no document. */
  async record(event: SiteEvent): Promise<void> {
    await this.#stream.submit(() => ({ event }));
  }

  /** The event for a change, to be stored with the change itself. */
  prepare(event: SiteEvent): UnrecordedEvent {
    const change = newId('change');
    return { ...event, change, stream: this.#stream.name, data: { ...event.data, change } };
  }

  /** Puts a stored change on record. Where the log takes nothing it rejects, and the next start makes up for it. */
  async settle(repository: UnrecordedRepository, id: string, event: UnrecordedEvent): Promise<void> {
    const { type, actor, data, change } = event;
    const draft = { type, actor, data } as SiteEvent;
    await this.#stream.submit(({ changes }) => (changes.includes(change) ? {} : { event: draft }));
    try {
      await repository.recorded(id, change);
    } catch {
      // The next start finds it on record, and takes it out then.
    }
  }

  /**
   * Records what was changed before a crash and not recorded.
   *
   * @param finish completes what belongs to a change; false where the change came to nothing and is on no record
   */
  async recover(
    repository: UnrecordedRepository,
    finish: (id: string, event: UnrecordedEvent) => Promise<boolean> = async () => true,
  ): Promise<void> {
    const { name } = this.#stream;
    for (const { _id: id, unrecorded = [] } of await repository.unrecorded(name)) {
      for (const event of unrecorded.filter(({ stream }) => stream === name)) {
        if (await finish(id, event)) await this.settle(repository, id, event);
      }
    }
  }
}
