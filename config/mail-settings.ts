import { isIP } from 'node:net';
import { resolve } from 'node:path';
import { type Mailbox, mailbox } from '../mail/address.ts';
import { ConfigurationError } from './configuration-error.ts';

/** How the way to the mail server is secured. */
const SECURITIES = ['starttls', 'tls', 'none'] as const;
export type MailSecurity = (typeof SECURITIES)[number];

/** Where mail is handed over; files are named, not read. */
export interface MailSettings {
  /** `SEZAM_SMTP_HOST`. */
  readonly host: string;
  /** `SEZAM_SMTP_PORT`: 1 to 65535. */
  readonly port: number;
  /**
   * `SEZAM_SMTP_SECURITY`. `starttls`: begins in clear, and says nothing before it is encrypted; `tls`: encrypted from
   * the first byte; `none`: in clear, to a server on this computer only.
   */
  readonly security: MailSecurity;
  /** `SEZAM_SMTP_USER` and `SEZAM_SMTP_PASSWORD_FILE`, where the server asks who we are. The path is absolute. */
  readonly login: { readonly user: string; readonly passwordFile: string } | undefined;
  /** `SEZAM_SMTP_CA`: PEM file of who is trusted to have signed the server's certificate, absolute. */
  readonly ca: string | undefined;
  /** `SEZAM_MAIL_FROM`: who the mail is from. */
  readonly from: Mailbox;
}

/** The usual ports: submission and submissions (RFC 8314, 3), and the old one on this computer. */
const USUAL_PORT: Readonly<Record<MailSecurity, number>> = { starttls: 587, tls: 465, none: 25 };

const MAIL_FROM = 'an address such as lockers@example.com or Lockers <lockers@example.com>';

/** What the environment may say of mail, for ajv. */
export const MAIL_PROPERTIES = {
  SEZAM_SMTP_HOST: {
    type: 'string',
    pattern: '^[A-Za-z0-9:](?:[A-Za-z0-9.:-]{0,251}[A-Za-z0-9])?$',
    description: 'the name or the IP address of a mail server, without a port',
  },
  SEZAM_SMTP_PORT: {
    type: 'string',
    pattern: '^[1-9][0-9]{0,4}$',
    description: 'a port from 1 to 65535',
  },
  SEZAM_SMTP_SECURITY: { type: 'string', enum: SECURITIES },
  SEZAM_SMTP_USER: { type: 'string', minLength: 1, maxLength: 255 },
  SEZAM_SMTP_PASSWORD_FILE: { type: 'string', minLength: 1 },
  SEZAM_SMTP_CA: { type: 'string', minLength: 1 },
  SEZAM_MAIL_FROM: { type: 'string', minLength: 1 },
} as const;

type MailVariable = keyof typeof MAIL_PROPERTIES;

/**
 * The settings of mail from an environment that ajv has found well formed; undefined where no server is named.
 * @throws ConfigurationError where settings do not belong together
 */
export function readMailSettings(
  given: Readonly<Record<string, string | undefined>>,
): MailSettings | undefined {
  const value = (name: MailVariable): string | undefined => given[name];
  const host = value('SEZAM_SMTP_HOST');
  if (host === undefined) {
    const stray = (Object.keys(MAIL_PROPERTIES) as MailVariable[]).find((name) => value(name) !== undefined);
    if (stray) throw wrong('SEZAM_SMTP_HOST', `is missing; ${stray} has no meaning without it`);
    return undefined;
  }
  if (host.includes(':') && isIP(host) !== 6) {
    throw wrong('SEZAM_SMTP_HOST', `must be ${MAIL_PROPERTIES.SEZAM_SMTP_HOST.description}`);
  }
  const security = (value('SEZAM_SMTP_SECURITY') ?? 'starttls') as MailSecurity;
  const ca = value('SEZAM_SMTP_CA');
  if (security === 'none' && !isLoopback(host)) {
    throw wrong(
      'SEZAM_SMTP_SECURITY',
      'must be starttls or tls; PINs go in clear to a server on this computer only (localhost, 127.0.0.1, ::1)',
    );
  }
  if (security === 'none' && ca !== undefined) {
    throw wrong('SEZAM_SMTP_CA', 'has no meaning with SEZAM_SMTP_SECURITY=none, which shows no certificate');
  }
  return {
    host,
    port: readPort(value('SEZAM_SMTP_PORT')) ?? USUAL_PORT[security],
    security,
    login: readLogin(value('SEZAM_SMTP_USER'), value('SEZAM_SMTP_PASSWORD_FILE')),
    ca: ca === undefined ? undefined : resolve(ca),
    from: readFrom(value('SEZAM_MAIL_FROM')),
  };
}

function readPort(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const port = Number(text);
  if (port > 65_535) throw wrong('SEZAM_SMTP_PORT', `must be ${MAIL_PROPERTIES.SEZAM_SMTP_PORT.description}`);
  return port;
}

function readLogin(user: string | undefined, passwordFile: string | undefined): MailSettings['login'] {
  if (user !== undefined && passwordFile !== undefined) return { user, passwordFile: resolve(passwordFile) };
  if (user === undefined && passwordFile === undefined) return undefined;
  throw wrong(
    user === undefined ? 'SEZAM_SMTP_USER' : 'SEZAM_SMTP_PASSWORD_FILE',
    'is missing; user and password belong together',
  );
}

function readFrom(text: string | undefined): Mailbox {
  if (text === undefined) throw wrong('SEZAM_MAIL_FROM', `is missing; it must be ${MAIL_FROM}`);
  const from = mailbox(text);
  if (!from) throw wrong('SEZAM_MAIL_FROM', `must be ${MAIL_FROM}`);
  return from;
}

/** Whether a host is this computer, whatever a name server says. */
function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || (isIP(host) === 4 && host.startsWith('127.'));
}

function wrong(field: MailVariable, reason: string): ConfigurationError {
  return new ConfigurationError('environment', field, reason);
}
