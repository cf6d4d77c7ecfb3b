import { createHash } from 'node:crypto';
import type { MailOutcome } from '../gateway/ports.ts';

/** A mail to one person. */
export interface MailMessage {
  /** One address, without a name. */
  readonly to: string;
  readonly subject: string;
  readonly text: string;
  /** The same as `text`, for readers that show HTML. */
  readonly html?: string;
  /**
   * Known to the sender by this: two mails with the same id have the same Message-ID, so that a mailbox that got it
   * twice may tell.
   */
  readonly id?: string;
}

/** Whoever sends mail. */
export interface MailSender {
  /** Hands a mail over to the mail server. Answers within 10 s, and never rejects. */
  send(message: MailMessage): Promise<MailOutcome>;
}

/** A Message-ID that betrays nothing of what it is made from. */
export function messageId(id: string, domain: string): string {
  return `<${createHash('sha256').update(id).digest('hex').slice(0, 40)}@${domain}>`;
}
