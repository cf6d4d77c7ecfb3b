import type { CabinetEvent } from '../domain/cabinet/events.ts';
import { compartmentOf } from '../domain/cabinet/state.ts';
import type { CompartmentNumber, PanelId, UserId } from '../domain/site.ts';
import type { Cabinet } from './cabinet.ts';
import type { Directory } from './directory.ts';
import type { PanelDisplay } from './panel-display.ts';
import type { Clock, CodeMail, MailOutcome } from './ports.ts';

/** Which deposit a mail is about, and for whom it is. */
interface MailedDeposit {
  readonly compartment: CompartmentNumber;
  readonly deposit: string;
  readonly recipient: UserId;
}

/** The mails to recipients of deposits, as panels need them: what became of each is put to the cabinet and shown. */
export class DepositMails {
  readonly #directory: Directory;
  readonly #display: PanelDisplay;
  readonly #clock: Clock;
  readonly #codeMail: CodeMail | undefined;

  constructor(parts: {
    readonly directory: Directory;
    readonly display: PanelDisplay;
    readonly clock: Clock;
    /** Left out where none is set up. */
    readonly codeMail?: CodeMail | undefined;
  }) {
    this.#directory = parts.directory;
    this.#display = parts.display;
    this.#clock = parts.clock;
    this.#codeMail = parts.codeMail;
  }

  /**
   * Takes up deposits whose mail was under way when the gateway went down. What waits in the queue goes on; of anything
   * else nobody knows whether it was sent.
   */
  resume(cabinet: Cabinet): void {
    for (const { number, deposit } of cabinet.state.compartments) {
      if (deposit?.stage !== 'stored' || deposit.recipient === undefined || deposit.mail) continue;
      void this.#resume(cabinet, number, deposit.id);
    }
  }

  async #resume(cabinet: Cabinet, compartment: CompartmentNumber, deposit: string): Promise<void> {
    const waits = await this.#codeMail?.waits(deposit).catch(() => false);
    // The queue may have been quicker.
    if (compartmentOf(cabinet.state, compartment)?.deposit?.mail) return;
    const outcome = waits ? 'deferred' : 'refused';
    await cabinet.mailOutcome({ compartment, deposit, outcome, status: 'interrupted' });
  }

  /** What has ended needs no mail any more. */
  follow(event: CabinetEvent): void {
    for (const deposit of endedBy(event)) {
      // A mail that goes out all the same names a code that opens nothing.
      void this.#codeMail?.cancel(deposit).catch(() => {});
    }
  }

  /** Tells the recipient the PIN, and whoever stands at the panel what became of it. */
  async deliver(panel: PanelId, cabinet: Cabinet, mailed: MailedDeposit, pin: string): Promise<void> {
    const { compartment, deposit, recipient } = mailed;
    const contact = this.#directory.contactOf(recipient);
    const { overdueAfter } = cabinet.state.setting;
    const outcome: MailOutcome =
      contact && this.#codeMail
        ? await this.#codeMail.deliver({
            cabinet: cabinet.id,
            compartment,
            deposit,
            recipient: contact,
            pin,
            ...(overdueAfter !== undefined && { collectBefore: this.#clock.now() + overdueAfter }),
          })
        : { outcome: 'refused', status: contact ? 'mail-not-set-up' : 'recipient-unknown' };
    // The recipient may have been quicker than the mail.
    if (!(await cabinet.mailOutcome({ compartment, deposit, ...outcome }))) return;
    const code = { sent: 'mail-sent', deferred: 'mail-later', refused: 'mail-refused' } as const;
    this.#display.say({ panel, code: code[outcome.outcome], values: { compartment } });
  }
}

/** The deposits that an event ends. */
function endedBy({ type, data }: CabinetEvent): readonly string[] {
  if (type === 'mode-changed') {
    return data.lost.flatMap((loss) => (loss.lost === 'deposit' ? [loss.deposit] : []));
  }
  const ended =
    (type === 'door-closed' && data.outcome === 'collected') ||
    type === 'compartment-released' ||
    type === 'deposit-abandoned';
  return ended && data.deposit !== undefined ? [data.deposit] : [];
}
