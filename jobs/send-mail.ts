import type { QueuedJob } from './job.ts';

/** Mails that the mail server did not take yet are tried again. */
export const queued: QueuedJob = {
  name: 'send-mail',
  atOnce: 4,
  run: (task, { codeMail }) => codeMail.work(task),
};
