import type { Connection } from 'mongoose';
import { systemClock } from '../../../gateway/clock.ts';
import type { EventStore } from '../../../gateway/event-log/event-store.ts';
import type { CodeMailRequest } from '../../../gateway/ports.ts';
import type { JobQueue } from '../../../jobs/job.ts';
import { openScheduler } from '../../../jobs/scheduler.ts';
import { CodeMailer, type CodeMailerOptions, type LateOutcome } from '../../../mail/code-mailer.ts';
import { MailService } from '../../../mail/mail-service.ts';
import type { MailedDeposit } from '../../../mail/queued-mail.ts';

export const PIN = '480913';
export const RECIPIENT = { name: 'Anna Nowak', email: 'anna@example.org', language: 'pl' } as const;

/** The mail about deposit `deposit-1`, or another one. */
export function request(deposit = 'deposit-1'): CodeMailRequest {
  return { cabinet: 'A', compartment: 12, deposit, recipient: RECIPIENT, pin: PIN };
}

export interface MailingOptions {
  readonly connection: Connection;
  /** Of a mail server on this computer; left out: none is set up. */
  readonly port?: number;
  readonly key?: string;
  readonly gateway?: string;
  readonly retries?: CodeMailerOptions['retries'];
  /** In place of the one of the scheduler. */
  readonly queue?: JobQueue;
  readonly wanted?: (deposit: MailedDeposit) => boolean;
  readonly onOutcome?: (outcome: LateOutcome) => Promise<void>;
}

/** What mails the PINs of one gateway, with its queue. */
export interface MailingAtWork {
  readonly mailer: CodeMailer;
  /** How mails that had been deferred ended. */
  readonly outcomes: readonly LateOutcome[];
  readonly notices: readonly string[];
  readonly stop: () => Promise<void>;
}

/** Opens scheduler and mailer of a gateway over a store, looking at what is due every tenth of a second. */
export async function mailingAtWork(options: MailingOptions): Promise<MailingAtWork> {
  const { connection, port, key = '0f'.repeat(32), gateway = 'gateway-1' } = options;
  const { db } = connection;
  if (!db) throw new Error('not connected');
  const outcomes: LateOutcome[] = [];
  const notices: string[] = [];
  const notice = (message: string): void => void notices.push(message);
  const scheduler = await openScheduler(db, { timeZone: 'Europe/Warsaw', gateway, lookEvery: 100 });
  const service =
    port === undefined
      ? undefined
      : await MailService.open({
          host: '127.0.0.1',
          port,
          security: 'none',
          login: undefined,
          ca: undefined,
          from: { name: '', address: 'lockers@example.com' },
        });
  const mailer = new CodeMailer({
    ...(service && { sender: service }),
    queue: options.queue ?? scheduler.queue,
    key,
    site: { name: 'Town hall', language: 'en', timeZone: 'Europe/Warsaw', cabinets: new Map() },
    clock: systemClock,
    wanted: options.wanted ?? (() => true),
    onOutcome: async (outcome) => {
      await options.onOutcome?.(outcome);
      outcomes.push(outcome);
    },
    retries: options.retries ?? { waits: [300, 300], giveUpAfter: 60_000 },
  });
  await scheduler.start({
    store: {} as EventStore,
    record: () => Promise.reject(new Error('nothing is recorded here')),
    notice,
    eraseExpiredUsers: () => Promise.resolve([]),
    codeMail: mailer,
  });
  return {
    mailer,
    outcomes,
    notices,
    stop: async () => {
      await scheduler.stop();
      await mailer.close();
      service?.close();
    },
  };
}
