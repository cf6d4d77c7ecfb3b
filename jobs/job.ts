import type { Milliseconds, UserId } from '../domain/site.ts';
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
  /** Erases users whose time ended long enough ago; see `gateway/retention.ts`. Resolves with who was erased. */
  readonly eraseExpiredUsers: () => Promise<readonly UserId[]>;
  /** Where mails are tried again. */
  readonly codeMail: QueueWorker;
}

/** Something to be done at set times. A file of this folder exports one as `job`. */
export interface Job {
  /** The name under which the database keeps when it is due. */
  readonly name: string;
  /** When: a cron expression, in the time zone of the site. */
  readonly cron: string;
  run(context: JobContext): Promise<void>;
}

/**
 * Something that is put to be done once, at a time of its own, and again where that does not work out. What one gateway
 * has put it does itself, after a restart too. A file of this folder exports one as `queued`.
 */
export interface QueuedJob {
  /** The name under which the database keeps what is to be done. */
  readonly name: string;
  /** How many are done at once, 1 or more. */
  readonly atOnce: number;
  /** As `QueueWorker.work`. */
  readonly run: (task: Task, context: JobContext) => Promise<Milliseconds | undefined>;
}

/** One thing that was put to be done. */
export interface Task {
  /** As it was put, or was last kept. Comes out of the database: to be checked before it is used. */
  readonly data: TaskData;
  /** How often it was tried before and put off. */
  readonly tried: number;
  /** Keeps other data from now on, for what must not be done twice. Whether the task was still there. */
  readonly keep: (data: TaskData) => Promise<boolean>;
}

/** What the database keeps of a task; in clear, so no secrets. */
export type TaskData = Readonly<Record<string, unknown>>;

/** Whoever does what lies in a queue. */
export interface QueueWorker {
  /**
   * Does a task. Answers after how long it is to be done again, in milliseconds, or nothing where it is done and can be
   * forgotten. Where it rejects, it is done again a minute later.
   */
  work(task: Task): Promise<Milliseconds | undefined>;
}

/** What is to be done once, as the database keeps it. */
export interface JobQueue {
  /** Puts a task in place of what lies there under the same key. Rejects where the database does not take it. */
  put(name: string, key: string, data: TaskData, due: Date): Promise<void>;
  /** Whether a task lies under that key. */
  has(name: string, key: string): Promise<boolean>;
  /** Forgets a task, if it is there. One that is being done goes on, and cannot keep anything any more. */
  remove(name: string, key: string): Promise<void>;
}
