import { setTimeout as sleep } from 'node:timers/promises';
import type { Milliseconds } from '../domain/site.ts';
import type { Clock, CodeMail, CodeMailRequest, MailOutcome } from '../gateway/ports.ts';
import type { JobQueue, QueueWorker, Task } from '../jobs/job.ts';
import { codeMessage, type MailSite } from './code-message.ts';
import type { MailSender } from './message.ts';
import { type MailedDeposit, type QueuedMail, queuedMail } from './queued-mail.ts';
import { seal, unseal } from './sealed.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

/** How a mail that was deferred is tried again. Milliseconds. */
export interface RetryRules {
  /** Before each try after the first; the last one holds for all that follow. At least one. */
  readonly waits: readonly Milliseconds[];
  /** How long after the first try a mail is given up. */
  readonly giveUpAfter: Milliseconds;
}

/** Greylisting asks for minutes, an outage for hours; who has waited for two days has long asked otherwise. */
const RETRIES: RetryRules = {
  waits: [1 * MINUTE, 2 * MINUTE, 5 * MINUTE, 15 * MINUTE, 30 * MINUTE, HOUR],
  giveUpAfter: 48 * HOUR,
};

/** How long the database may take to keep a mail before it counts as not kept. */
const KEPT_WITHIN: Milliseconds = 5_000;
/** How long `close` waits for what is under way. */
const CLOSES_WITHIN: Milliseconds = 2_000;

const QUEUE = 'send-mail';

/** How a mail that had been deferred ended. */
export type LateOutcome = MailedDeposit & Exclude<MailOutcome, { outcome: 'deferred' }>;

export interface CodeMailerOptions {
  /** Left out where no mail server is set up. */
  readonly sender?: MailSender;
  readonly queue: JobQueue;
  /** The key of this installation under which mails wait, 64 hex digits. */
  readonly key: string;
  readonly site: MailSite;
  readonly clock: Clock;
  /** Whether the deposit still waits for its recipient and for this mail; asked before a mail is tried again. */
  readonly wanted: (deposit: MailedDeposit) => boolean;
  /** Told how a mail that was deferred has ended. Told again where it rejects. */
  readonly onOutcome: (outcome: LateOutcome) => Promise<void>;
  readonly retries?: RetryRules;
}

/**
 * Mails the PINs of deposits. Each mail lies in the queue, sealed, before it is tried, so that none is forgotten by a
 * crash; a crash between the server's answer and the queue sends it once more.
 */
export class CodeMailer implements CodeMail, QueueWorker {
  readonly #options: CodeMailerOptions;
  readonly #retries: RetryRules;
  readonly #underWay = new Set<Promise<unknown>>();
  /** By deposit, a mail that has ended and is being taken out of the queue: the next one is not to go with it. */
  readonly #forgetting = new Map<string, Promise<void>>();

  constructor(options: CodeMailerOptions) {
    this.#options = options;
    this.#retries = options.retries ?? RETRIES;
  }

  deliver(request: CodeMailRequest): Promise<MailOutcome> {
    const { sender } = this.#options;
    if (!sender) return Promise.resolve(refused('mail-not-set-up'));
    if (request.recipient.email === undefined) return Promise.resolve(refused('recipient-without-email'));
    return this.#track(this.#deliver(sender, request, request.recipient.email));
  }

  async #deliver(sender: MailSender, request: CodeMailRequest, to: string): Promise<MailOutcome> {
    const { deposit } = request;
    const put = this.#put(request).then(
      () => true,
      () => false,
    );
    const [outcome, kept] = await Promise.all([
      sender.send(codeMessage(this.#options.site, request, to)),
      Promise.race([put, sleep(KEPT_WITHIN, false, { ref: false })]),
    ]);
    if (outcome.outcome === 'deferred' && kept) return outcome;
    // Not awaited: whoever stands at the panel has their answer. Where the database took the mail late, it goes too.
    const forgotten = put.then((late) => (late ? this.cancel(deposit) : undefined));
    this.#forgetting.set(deposit, forgotten);
    void this.#track(forgotten).then(() => {
      if (this.#forgetting.get(deposit) === forgotten) this.#forgetting.delete(deposit);
    });
    return outcome.outcome === 'deferred' ? refused(outcome.status) : outcome;
  }

  waits(deposit: string): Promise<boolean> {
    return this.#options.queue.has(QUEUE, deposit);
  }

  async cancel(deposit: string): Promise<void> {
    try {
      await this.#track(this.#options.queue.remove(QUEUE, deposit));
    } catch {
      // The database does not answer. `wanted` keeps the mail from being sent when it does again.
    }
  }

  /** Tries a mail of the queue again. */
  async work({ data, tried, keep }: Task): Promise<Milliseconds | undefined> {
    const mail = queuedMail(data);
    if (!mail) return undefined;
    const { wanted, clock, onOutcome } = this.#options;
    const { cabinet, compartment, deposit, giveUpAt } = mail;
    const about = { cabinet, compartment, deposit };
    if (!wanted(about)) return undefined;
    let { ended } = mail;
    if (!ended) {
      const outcome = await this.#again(mail);
      const wait = this.#wait(tried + 1);
      if (outcome.outcome !== 'deferred') ended = outcome;
      else if (clock.now() + wait <= giveUpAt) return wait;
      else ended = refused(outcome.status);
      // From here on the mail is not sent again, whatever fails; where even this fails, `wanted` knows by the outcome.
      const there = await keep({ ...about, giveUpAt, ended }).catch(() => true);
      if (!there) return undefined;
    }
    await onOutcome({ ...about, ...ended });
    return undefined;
  }

  /** Waits for what is under way, for seconds. */
  async close(): Promise<void> {
    await Promise.race([Promise.allSettled(this.#underWay), sleep(CLOSES_WITHIN, undefined, { ref: false })]);
  }

  async #put(request: CodeMailRequest): Promise<void> {
    const { cabinet, compartment, deposit } = request;
    const { queue, key, clock } = this.#options;
    const now = clock.now();
    const mail: QueuedMail = {
      cabinet,
      compartment,
      deposit,
      giveUpAt: now + this.#retries.giveUpAfter,
      sealed: seal(key, deposit, JSON.stringify(request)),
    };
    await this.#forgetting.get(deposit);
    await queue.put(QUEUE, deposit, { ...mail }, new Date(now + this.#wait(0)));
  }

  async #again({ deposit, sealed = '' }: QueuedMail): Promise<MailOutcome> {
    const { sender, key, site } = this.#options;
    // An administrator may have taken the settings away by mistake; they have until the mail is given up.
    if (!sender) return { outcome: 'deferred', status: 'mail-not-set-up' };
    let request: CodeMailRequest;
    try {
      request = JSON.parse(unseal(key, deposit, sealed)) as CodeMailRequest;
    } catch {
      return refused('seal-broken');
    }
    return sender.send(codeMessage(site, request, request.recipient.email ?? ''));
  }

  /** How long to wait before the try with this number; 0 is the first one after the try at once. */
  #wait(number: number): Milliseconds {
    const { waits } = this.#retries;
    return waits[Math.min(number, waits.length - 1)] ?? HOUR;
  }

  #track<Result>(work: Promise<Result>): Promise<Result> {
    const settled = work.then(
      () => {},
      () => {},
    );
    this.#underWay.add(settled);
    void settled.then(() => this.#underWay.delete(settled));
    return work;
  }
}

function refused(status: string): Extract<MailOutcome, { outcome: 'refused' }> {
  return { outcome: 'refused', status };
}
