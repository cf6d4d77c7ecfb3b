import { readdir } from 'node:fs/promises';
import { MongoBackend } from '@agendajs/mongo-backend';
import { Agenda } from 'agenda';
import type { Db } from 'mongodb';
import type { Job, JobContext } from './job.ts';

/** How often the database is asked what is due. */
const LOOK_EVERY = '10 seconds';

/** Runs the jobs of this folder at their times; the database keeps when each is due and who runs it. */
export interface Scheduler {
  /** Runs a job as soon as possible, besides its times. */
  now(name: string): Promise<void>;
  /** Lets jobs under way finish. */
  stop(): Promise<void>;
}

/**
 * Loads every job of `jobs/` and starts to run them.
 *
 * @param timeZone IANA name; the times of jobs are meant in it
 */
export async function startScheduler(db: Db, timeZone: string, context: JobContext): Promise<Scheduler> {
  // Agenda's types come with a copy of the driver's types of their own.
  const backend = new MongoBackend({ mongo: db as never, collection: 'jobs' });
  const agenda = new Agenda({ backend, processEvery: LOOK_EVERY });
  agenda.on('error', (error: Error) => context.notice(`Jobs: ${error.message}`));
  agenda.on('fail', (error: Error) => context.notice(`A job failed: ${error.message}`));
  for (const job of await loadJobs()) {
    agenda.define(job.name, () => job.run(context));
    await agenda.every(job.cron, job.name, {}, { timezone: timeZone, skipImmediate: true });
  }
  await agenda.start();
  return {
    async now(name) {
      await agenda.now(name, {});
    },
    stop: () => agenda.stop(),
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
