import { readFile } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { SMTPServer } from 'smtp-server';
import type { CertificateFiles } from './certificate.ts';

/** A mail as the server took it. */
export interface ReceivedMail {
  readonly from: string;
  readonly to: readonly string[];
  /** Whether it came over an encrypted connection. */
  readonly encrypted: boolean;
  /** Who logged in. */
  readonly user: string | undefined;
  /** As it came over the wire, headers and body. */
  readonly raw: string;
}

/** An answer that refuses; undefined takes the mail. */
type Refusal = { readonly code: number; readonly text: string } | undefined;

export interface SmtpServerOptions {
  /** Offers STARTTLS with this certificate, or speaks TLS from the first byte with `tls`. */
  readonly certificate?: CertificateFiles;
  readonly tls?: boolean;
  /** Asks for this login. */
  readonly login?: { readonly user: string; readonly password: string };
  readonly port?: number;
}

/** A mail server of a test, on a free port of this computer. */
export class TestSmtpServer {
  readonly received: ReceivedMail[] = [];
  /** How it answers to each sender, recipient and content; a test replaces them. */
  onSender: (address: string) => Refusal = () => undefined;
  onRecipient: (address: string) => Refusal = () => undefined;
  onContent: (raw: string) => Refusal | Promise<Refusal> = () => undefined;
  /** How many recipients were named to it. */
  recipients = 0;
  readonly #server: SMTPServer;

  private constructor(options: SmtpServerOptions, pem: { readonly key?: string; readonly cert?: string }) {
    const { certificate, tls = false, login } = options;
    this.#server = new SMTPServer({
      ...pem,
      secure: tls,
      disabledCommands: [...(certificate && !tls ? [] : ['STARTTLS']), ...(login ? [] : ['AUTH'])],
      authOptional: login === undefined,
      disableReverseLookup: true,
      logger: false,
      closeTimeout: 200,
      onAuth: ({ username, password }, _session, done) => {
        if (username === login?.user && password === login?.password) done(null, { user: username });
        else done(refusing({ code: 535, text: '5.7.8 Authentication credentials invalid' }));
      },
      onMailFrom: ({ address }, _session, done) => done(refusing(this.onSender(address))),
      onRcptTo: ({ address }, _session, done) => {
        this.recipients += 1;
        done(refusing(this.onRecipient(address)));
      },
      onData: (stream, session, done) => {
        const chunks: Buffer[] = [];
        stream.on('data', (chunk: Buffer) => chunks.push(chunk));
        const answer = async (): Promise<void> => {
          const raw = Buffer.concat(chunks).toString('utf8');
          const { mailFrom, rcptTo } = session.envelope;
          const refusal = await this.onContent(raw);
          if (!refusal) {
            this.received.push({
              from: mailFrom ? mailFrom.address : '',
              to: rcptTo.map(({ address }) => address),
              encrypted: session.secure,
              user: session.user as string | undefined,
              raw,
            });
          }
          done(refusing(refusal));
        };
        stream.on('end', () => void answer());
      },
    });
    // A client that gives up in the middle of a handshake is part of these tests.
    this.#server.on('error', () => {});
  }

  static async start(options: SmtpServerOptions = {}): Promise<TestSmtpServer> {
    const { certificate, port = 0 } = options;
    const pem = certificate && {
      key: await readFile(certificate.key, 'utf8'),
      cert: await readFile(certificate.certificate, 'utf8'),
    };
    const server = new TestSmtpServer(options, pem ?? {});
    await new Promise<void>((resolve) => {
      server.#server.listen(port, '127.0.0.1', () => resolve());
    });
    return server;
  }

  get port(): number {
    return (this.#server.server.address() as AddressInfo).port;
  }

  close(): Promise<void> {
    return new Promise((resolve) => {
      this.#server.close(() => resolve());
    });
  }
}

function refusing(refusal: Refusal): Error | null {
  return refusal ? Object.assign(new Error(refusal.text), { responseCode: refusal.code }) : null;
}
