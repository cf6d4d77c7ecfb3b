import type { Job } from './job.ts';

/** Each night personal data are erased whose time is over, where the site file says after how many days that is. */
export const job: Job = {
  name: 'erase-users',
  cron: '45 3 * * *',
  async run({ eraseExpiredUsers, alive, notice }) {
    await alive();
    const erased = await eraseExpiredUsers();
    if (erased.length > 0)
      notice(`${erased.length} users were erased: their time had ended long enough ago.`);
  },
};
