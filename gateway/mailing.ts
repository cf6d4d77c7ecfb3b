import type { MailSettings } from '../config/mail-settings.ts';
import { compartmentOf } from '../domain/cabinet/state.ts';
import type { JobQueue, QueueWorker } from '../jobs/job.ts';
import { CodeMailer } from '../mail/code-mailer.ts';
import { MailService } from '../mail/mail-service.ts';
import type { MailedDeposit } from '../mail/queued-mail.ts';
import type { Cabinet } from './cabinet.ts';
import type { LiveSite } from './live-site.ts';
import type { Clock, CodeMail, MailOutcome, NoticeMail } from './ports.ts';
import { installationKey, newId } from './secrets.ts';
import type { Undo } from './undo.ts';

export interface MailingOptions {
  /** Left out where no mail server is set up: every mail is refused then. */
  readonly settings?: MailSettings | undefined;
  readonly live: LiveSite;
  readonly dataFolder: string;
  readonly queue: JobQueue;
  readonly clock: Clock;
  readonly notice: (message: string) => void;
}

/** Everything that sends mail. */
export interface Mailing {
  readonly codeMail: CodeMail;
  /** Does what lies in the queue of mails. */
  readonly worker: QueueWorker;
  readonly notices: NoticeMail;
}

/**
 * Opens what sends mail. Nothing is tried before the scheduler starts.
 * @throws ConfigurationError where a file that the settings name cannot be used
 */
export async function openMailing(options: MailingOptions, undo: Undo): Promise<Mailing> {
  const { settings, live, dataFolder, queue, clock, notice } = options;
  const { cabinets } = live;
  const { site } = live.file;
  const service = settings && (await MailService.open(settings, { notice }));
  if (service) undo.push(() => service.close());
  const codeMailer = new CodeMailer({
    ...(service && { sender: service }),
    queue,
    key: await installationKey(dataFolder, 'mail-key'),
    site: {
      name: site.name,
      language: site.language,
      timeZone: site.timeZone,
      get cabinets() {
        return new Map(live.view.cabinets.map(({ id, name }) => [id, name]));
      },
    },
    clock,
    wanted: (deposit) => isWanted(cabinets, deposit),
    onOutcome: async ({ cabinet, ...outcome }) => {
      const input = { input: 'mail-outcome', ...outcome, session: newId('session') } as const;
      const answer = await cabinets.get(cabinet)?.submit(input);
      // Told again in a minute; the mail itself is not sent again.
      if (answer?.refusal) throw new Error(`cabinet ${cabinet} records nothing (${answer.refusal.code})`);
    },
  });
  undo.push(() => codeMailer.close());
  const notSetUp: MailOutcome = { outcome: 'refused', status: 'mail-not-set-up' };
  return {
    codeMail: codeMailer,
    worker: codeMailer,
    notices: { notify: (mail) => service?.send(mail) ?? Promise.resolve(notSetUp) },
  };
}

/** Whether a deposit still waits for its recipient, and its mail is not on record as ended. */
function isWanted(
  cabinets: ReadonlyMap<string, Cabinet>,
  { cabinet, compartment, deposit }: MailedDeposit,
): boolean {
  const state = cabinets.get(cabinet)?.state;
  const found = state && compartmentOf(state, compartment)?.deposit;
  if (found?.id !== deposit || found.stage !== 'stored') return false;
  return found.mail !== 'sent' && found.mail !== 'refused';
}
