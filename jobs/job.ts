import type { SiteEvent } from '../gateway/administration.ts';
import type { EventStore } from '../gateway/event-log/event-store.ts';

/** What a job may work with. */
export interface JobContext {
  readonly store: EventStore;
  readonly record: (event: SiteEvent) => Promise<void>;
  /** To be called now and then by a job that takes long: without it, another gateway takes the job over. */
  readonly alive: () => Promise<void>;
  /** Tells the operator of this computer. */
  readonly notice: (message: string) => void;
}

/** Something to be done at set times. A file of this folder exports one as `job`. */
export interface Job {
  /** The name under which the database keeps when it is due. */
  readonly name: string;
  /** When: a cron expression, in the time zone of the site. */
  readonly cron: string;
  run(context: JobContext): Promise<void>;
}
