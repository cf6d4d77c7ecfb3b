import { createTransport, type Transporter } from 'nodemailer';
import type { MailSettings } from '../config/mail-settings.ts';
import type { MailOutcome } from '../gateway/ports.ts';
import { mailAddress, oneLine } from './address.ts';
import { readMailFiles } from './files.ts';
import { type MailMessage, type MailSender, messageId } from './message.ts';
import { outcomeOf } from './outcome.ts';

/** How long the steps of one attempt may take. Milliseconds. */
export interface MailLimits {
  /** The name of the server is resolved. */
  readonly resolve: number;
  /** The connection stands, greeted and encrypted. */
  readonly connect: number;
  /** The server answers a command. */
  readonly answer: number;
  /** All of it, with the wait for a free connection. */
  readonly attempt: number;
}

export interface MailServiceOptions {
  readonly limits?: Partial<MailLimits>;
  /** Told in words once when the mail server cannot be used, and once when it can again. */
  readonly notice?: (message: string) => void;
}

const LIMITS: MailLimits = { resolve: 3_000, connect: 5_000, answer: 5_000, attempt: 10_000 };

/** Connections that are open at once. Mail servers limit them for each client, often to ten. */
const AT_ONCE = 4;
/** Mails that wait for a connection; more are told to come back. */
const MOST_WAITING = 256;
/** Most characters of a text; mail servers take some megabytes. */
const MOST_TEXT = 1_000_000;
/** How long the server may take to close its side, once all was said. Milliseconds. */
const CLOSES_WITHIN = 1_000;

/**
 * Hands mails over to one mail server, each over a connection of its own. Where encryption is asked for, nothing is
 * said before it stands and the server's certificate was checked.
 */
export class MailService implements MailSender {
  readonly #transport: Transporter;
  readonly #settings: MailSettings;
  readonly #limits: MailLimits;
  readonly #notice: (message: string) => void;
  readonly #closing = new AbortController();
  readonly #waiting: (() => void)[] = [];
  #open = 0;
  /** What the way to the server fails with, as it was told last. */
  #trouble: string | undefined;

  private constructor(
    transport: Transporter,
    settings: MailSettings,
    limits: MailLimits,
    notice: (message: string) => void,
  ) {
    this.#transport = transport;
    this.#settings = settings;
    this.#limits = limits;
    this.#notice = notice;
  }

  /**
   * Reads the files that the settings name. Nothing is asked of the server yet.
   * @throws ConfigurationError where one cannot be used
   */
  static async open(settings: MailSettings, options: MailServiceOptions = {}): Promise<MailService> {
    const { password, ca } = await readMailFiles(settings);
    const { host, port, security, login } = settings;
    const { notice = () => {} } = options;
    const limits = { ...LIMITS, ...options.limits };
    const transport = createTransport({
      // Whatever a name server says of it: in clear goes to this computer alone.
      host: security === 'none' && host === 'localhost' ? '127.0.0.1' : host,
      port,
      secure: security === 'tls',
      requireTLS: security === 'starttls',
      ignoreTLS: security === 'none',
      tls: { minVersion: 'TLSv1.2', ...(ca !== undefined && { ca }) },
      ...(login && { auth: { user: login.user, pass: password ?? '' }, forceAuth: true }),
      dnsTimeout: limits.resolve,
      connectionTimeout: limits.connect,
      greetingTimeout: limits.connect,
      socketTimeout: limits.answer,
      socketCloseTimeout: CLOSES_WITHIN,
      disableFileAccess: true,
      disableUrlAccess: true,
    });
    return new MailService(transport, settings, limits, notice);
  }

  async send({ to, subject, text, html, id }: MailMessage): Promise<MailOutcome> {
    const address = mailAddress(to);
    if (address === undefined) return { outcome: 'refused', status: 'address-malformed' };
    if (text.length > MOST_TEXT) return { outcome: 'refused', status: 'text-too-long' };
    if (this.#waiting.length >= MOST_WAITING) return { outcome: 'deferred', status: 'too-many-mails' };
    const signal = AbortSignal.any([this.#closing.signal, AbortSignal.timeout(this.#limits.attempt)]);
    if (!(await this.#turn(signal))) return { outcome: 'deferred', status: 'timed-out' };
    const { from } = this.#settings;
    try {
      await this.#transport.sendMail({
        from,
        to: { name: '', address },
        subject: oneLine(subject),
        text,
        ...(html !== undefined && { html }),
        ...(id !== undefined && { messageId: messageId(id, from.address.split('@')[1] ?? '') }),
        // Keeps out-of-office answers away (RFC 3834, 5).
        headers: { 'Auto-Submitted': 'auto-generated' },
        xMailer: false,
        signal,
      });
      this.#tell(undefined);
      return { outcome: 'sent' };
    } catch (error) {
      const failed = outcomeOf(error);
      this.#tell(ownTrouble(failed));
      return failed;
    } finally {
      this.#free();
    }
  }

  /** Gives up what is under way; every mail from now on is deferred. */
  close(): void {
    this.#closing.abort();
    this.#transport.close();
  }

  /** Tells the operator once of each trouble, and once of its end. */
  #tell(trouble: string | undefined): void {
    if (trouble === this.#trouble || this.#closing.signal.aborted) return;
    this.#trouble = trouble;
    const server = `The mail server ${this.#settings.host}:${this.#settings.port}`;
    if (trouble === undefined) this.#notice(`${server} takes mail again.`);
    else this.#notice(`${server} cannot be used (${trouble}): see "E-mail" in docs/operation.md.`);
  }

  /** Waits for a connection to be free. Whether one is, before the signal. */
  #turn(signal: AbortSignal): Promise<boolean> {
    if (signal.aborted) return Promise.resolve(false);
    if (this.#open < AT_ONCE) {
      this.#open += 1;
      return Promise.resolve(true);
    }
    return new Promise((resolve) => {
      const go = (): void => {
        signal.removeEventListener('abort', giveUp);
        resolve(true);
      };
      const giveUp = (): void => {
        this.#waiting.splice(this.#waiting.indexOf(go), 1);
        resolve(false);
      };
      this.#waiting.push(go);
      signal.addEventListener('abort', giveUp, { once: true });
    });
  }

  /** Hands the connection on to the next who waits. */
  #free(): void {
    const next = this.#waiting.shift();
    if (next) next();
    else this.#open -= 1;
  }
}

/** What is wrong with the way to the server; nothing where the server answered to the message itself. */
function ownTrouble({ status }: { readonly status: string }): string | undefined {
  return /^\d/.test(status) ? undefined : status;
}
