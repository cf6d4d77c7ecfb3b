import { verifyLog } from '../gateway/event-log/verify.ts';
import type { Job } from './job.ts';

/** Each night the whole log is verified, so that a damage is known within a day and its date is on record. */
export const job: Job = {
  name: 'verify-log',
  cron: '15 3 * * *',
  async run({ store, record, alive, notice }) {
    let events = 0;
    const damaged: string[] = [];
    for await (const { stream, sound, flaw } of verifyLog(store, alive)) {
      events += sound;
      if (!flaw) continue;
      damaged.push(stream);
      notice(`The event log is damaged: ${stream} number ${flaw.seq}: ${flaw.reason}.`);
    }
    await record({
      type: 'log-verified',
      actor: { kind: 'gateway', id: 'verify-log' },
      data: { events, damaged },
    });
  },
};
