import { readdir } from 'node:fs/promises';
import { MongoBackend } from '@agendajs/mongo-backend';
import { Agenda, type Job as AgendaJob } from 'agenda';
import { type Db, ObjectId } from 'mongodb';
import type { Milliseconds } from '../domain/site.ts';
import type { Job, JobContext, JobQueue, QueuedJob, Task, TaskData } from './job.ts';

/** How often the database is asked what is due. Milliseconds. */
const LOOK_EVERY = 10_000;
/** How long jobs under way may take to finish when everything stops; they are repeated otherwise. Milliseconds. */
const FINISH_WITHIN = 5_000;

/** Looks during which a job is another gateway's before it may be taken over; agenda keeps a timer of that length. */
const LOOKS_UNTIL_TAKEN_OVER = 6;

/** After how long a task that failed unexpectedly is done again. Milliseconds. */
const AFTER_A_FAULT = 60_000;

const COLLECTION = 'jobs';

export interface SchedulerOptions {
  /** IANA name; the times of jobs are meant in it. */
  readonly timeZone: string;
  /** Id of this gateway: tasks in queues are its own. */
  readonly gateway: string;
  /** Milliseconds between two looks at what is due. */
  readonly lookEvery?: number;
}

/** Runs the jobs of this folder at their times; the database keeps when each is due and who runs it. */
export interface Scheduler {
  /** What is to be done once. Takes tasks from the start on. */
  readonly queue: JobQueue;
  /** Loads every job of `jobs/` and starts to run them. */
  start(context: Omit<JobContext, 'alive'>): Promise<void>;
  /** Runs a job at the next look at what is due, besides its times. */
  now(name: string): Promise<void>;
  /** Starts no more jobs, and lets those under way finish if they take no longer than seconds. */
  stop(): Promise<void>;
}

/** Thrown where a task is to be done again: agenda stores its message, so it says nothing of the task. */
class Again extends Error {
  readonly after: Milliseconds;

  constructor(after: Milliseconds) {
    super('is done again later');
    this.after = after;
  }
}

/** Opens the collection of jobs, without running any yet. */
export async function openScheduler(db: Db, options: SchedulerOptions): Promise<Scheduler> {
  const { timeZone, gateway, lookEvery = LOOK_EVERY } = options;
  // Agenda's types come with a copy of the driver's types of their own.
  const backend = new MongoBackend({ mongo: db as never, collection: COLLECTION });
  const agenda = new Agenda({
    backend,
    processEvery: lookEvery,
    defaultLockLifetime: LOOKS_UNTIL_TAKEN_OVER * lookEvery,
  });
  await agenda.ready;
  const tasks = db.collection(COLLECTION);
  const ownName = (name: string): string => `${name}@${gateway}`;
  const remove = async (name: string, key: string): Promise<void> => {
    await tasks.deleteMany({ name: ownName(name), 'data.key': key });
  };

  const define = async (
    { name, atOnce, run }: QueuedJob,
    context: Omit<JobContext, 'alive'>,
  ): Promise<void> => {
    const own = ownName(name);
    agenda.define(
      own,
      // oxlint-disable-next-line typescript/no-misused-promises -- agenda awaits it; the first overload of its types hides that
      async (job: AgendaJob) => {
        const again = await run(taskOf(tasks, job), { ...context, alive: () => job.touch() });
        if (again !== undefined) throw new Again(again);
        // Not left to agenda's `removeOnComplete`: a drain would miss the end of the job and wait for its time to be over.
        await tasks.deleteOne({ _id: idOf(job) });
      },
      {
        concurrency: atOnce,
        // What waits behind a lock for longer than the lock lives is lost to agenda: it locks no more than it runs.
        lockLimit: atOnce,
        backoff: ({ error }) => (error instanceof Again ? error.after : AFTER_A_FAULT),
      },
    );
    // Nobody else works on what this gateway has put, so whatever is locked or was begun is left from before a stop.
    await tasks.updateMany({ name: own, nextRunAt: null }, { $set: { nextRunAt: new Date() } });
    await tasks.updateMany({ name: own }, { $set: { lockedAt: null } });
  };

  return {
    queue: {
      async put(name, key, data, due) {
        await remove(name, key);
        await agenda
          .create(ownName(name), { ...data, key })
          .schedule(due)
          .save();
      },
      async has(name, key) {
        return (await tasks.findOne({ name: ownName(name), 'data.key': key })) !== null;
      },
      remove,
    },
    async start(context) {
      listen(agenda, context.notice);
      const { jobs, queues } = await loadJobs();
      for (const job of jobs) {
        // oxlint-disable-next-line typescript/no-misused-promises -- agenda awaits it; the first overload of its types hides that
        agenda.define(job.name, (run: AgendaJob) => job.run({ ...context, alive: () => run.touch() }));
        await agenda.every(job.cron, job.name, {}, { timezone: timeZone, skipImmediate: true });
      }
      for (const queued of queues) await define(queued, context);
      await agenda.start();
    },
    async now(name) {
      await agenda.now(name, {});
    },
    async stop() {
      await agenda.drain({ timeout: FINISH_WITHIN });
    },
  };
}

/** One task as its worker sees it. */
function taskOf(tasks: ReturnType<Db['collection']>, job: AgendaJob): Task {
  const { attrs } = job;
  const { key, ...data } = attrs.data as TaskData & { readonly key?: string };
  return {
    data,
    tried: attrs.failCount ?? 0,
    keep: async (other) => {
      const found = await tasks.updateOne({ _id: idOf(job) }, { $set: { data: { ...other, key } } });
      return found.matchedCount === 1;
    },
  };
}

function idOf({ attrs }: AgendaJob): ObjectId {
  return new ObjectId(String(attrs._id));
}

/** Tells what goes wrong; a task that is done again later is no failure, nor is one that was removed before it ran. */
function listen(agenda: Agenda, notice: (message: string) => void): void {
  agenda.on('error', (error: Error) => {
    if (!/does not exist anymore/.test(error.message)) notice(`Jobs: ${error.message}`);
  });
  agenda.on('fail', (error: Error) => {
    if (!(error instanceof Again)) notice(`A job failed: ${error.message}`);
  });
}

/** Every job of this folder: each file that exports `job` or `queued`. */
async function loadJobs(): Promise<{ readonly jobs: readonly Job[]; readonly queues: readonly QueuedJob[] }> {
  const folder = new URL('./', import.meta.url);
  const ending = import.meta.url.endsWith('.ts') ? '.ts' : '.js';
  const jobs: Job[] = [];
  const queues: QueuedJob[] = [];
  for (const file of (await readdir(folder)).sort()) {
    if (!file.endsWith(ending)) continue;
    const { job, queued } = (await import(new URL(file, folder).href)) as { job?: Job; queued?: QueuedJob };
    if (job) jobs.push(job);
    if (queued) queues.push(queued);
  }
  return { jobs, queues };
}
