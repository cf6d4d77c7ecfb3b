import { readdir } from 'node:fs/promises';
import { MongoBackend } from '@agendajs/mongo-backend';
import { Agenda, type Job as AgendaJob } from 'agenda';
import type { Db } from 'mongodb';
import type { Job, JobContext } from './job.ts';

/** How often the database is asked what is due. Milliseconds. */
const LOOK_EVERY = 10_000;
/** How long jobs under way may take to finish when everything stops; they are repeated otherwise. Milliseconds. */
const FINISH_WITHIN = 5_000;

/** Looks during which a job is another gateway's before it may be taken over; agenda keeps a timer of that length. */
const LOOKS_UNTIL_TAKEN_OVER = 6;

/** Runs the jobs of this folder at their times; the database keeps when each is due and who runs it. */
export interface Scheduler {
  /** Runs a job at the next look at what is due, besides its times. */
  now(name: string): Promise<void>;
  /** Starts no more jobs, and lets those under way finish if they take no longer than seconds. */
  stop(): Promise<void>;
}

/**
 * Loads every job of `jobs/` and starts to run them.
 *
 * @param timeZone IANA name; the times of jobs are meant in it
 * @param lookEvery milliseconds between two looks at what is due
 */
export async function startScheduler(
  db: Db,
  timeZone: string,
  context: Omit<JobContext, 'alive'>,
  lookEvery = LOOK_EVERY,
): Promise<Scheduler> {
  // Agenda's types come with a copy of the driver's types of their own.
  const backend = new MongoBackend({ mongo: db as never, collection: 'jobs' });
  const agenda = new Agenda({
    backend,
    processEvery: lookEvery,
    defaultLockLifetime: LOOKS_UNTIL_TAKEN_OVER * lookEvery,
  });
  agenda.on('error', (error: Error) => context.notice(`Jobs: ${error.message}`));
  agenda.on('fail', (error: Error) => context.notice(`A job failed: ${error.message}`));
  for (const job of await loadJobs()) {
    // oxlint-disable-next-line typescript/no-misused-promises -- agenda awaits it; the first overload of its types hides that
    agenda.define(job.name, (run: AgendaJob) => job.run({ ...context, alive: () => run.touch() }));
    await agenda.every(job.cron, job.name, {}, { timezone: timeZone, skipImmediate: true });
  }
  await agenda.start();
  return {
    async now(name) {
      await agenda.now(name, {});
    },
    async stop() {
      await agenda.drain({ timeout: FINISH_WITHIN });
    },
  };
}

/** Every job of this folder: each file that exports `job`. */
async function loadJobs(): Promise<Job[]> {
  const folder = new URL('./', import.meta.url);
  const ending = import.meta.url.endsWith('.ts') ? '.ts' : '.js';
  const jobs: Job[] = [];
  for (const file of (await readdir(folder)).sort()) {
    if (!file.endsWith(ending)) continue;
    const { job } = (await import(new URL(file, folder).href)) as { job?: Job };
    if (job) jobs.push(job);
  }
  return jobs;
}
