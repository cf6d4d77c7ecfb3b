import type { NodemailerError } from 'nodemailer';
import type { MailOutcome } from '../gateway/ports.ts';

/** Commands that speak of this one message: a permanent answer to one of them does not change by asking again. */
const OF_THE_MESSAGE = new Set(['MAIL FROM', 'RCPT TO', 'DATA']);

/** Answers that ask for a login, wherever they come (RFC 4954, 6): not the message is at fault. */
const OF_THE_LOGIN = new Set([530, 534, 535, 538]);

/** Steps in which something is wrong with the way to the server, and no answer of it says what. */
const STATUS_OF_ERROR: Readonly<Record<string, string>> = {
  EABORT: 'timed-out',
  ETIMEDOUT: 'timed-out',
  EDNS: 'host-not-found',
  ETLS: 'encryption-failed',
  EAUTH: 'login-refused',
};

/** The same for errors of the operating system and of TLS, by their codes in Node. */
const STATUS_OF_CAUSE: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'connection-refused',
  EHOSTUNREACH: 'host-unreachable',
  ENETUNREACH: 'host-unreachable',
  ETIMEDOUT: 'timed-out',
  ENOTFOUND: 'host-not-found',
};

/** Error codes of Node for a certificate that is not taken. */
const CERTIFICATE_REFUSED = /CERT|SELF_SIGNED|UNABLE_TO_(?:GET_ISSUER|VERIFY)|HOSTNAME_MISMATCH/;

/**
 * What an error of nodemailer means for the message. Refused is what the server refused of this very message for good:
 * a 5xx to its sender, its recipient or its content (RFC 5321, 4.2.1; 503 speaks of the session). Everything else may
 * be better the next time: 4xx with greylisting among it, no connection, a login or a certificate that an
 * administrator has to set right. The words of the server are left out, since they repeat addresses.
 */
export function outcomeOf(error: unknown): Exclude<MailOutcome, { outcome: 'sent' }> {
  const failure = error as NodemailerError;
  const { permanent = false, responseCode = 0, command = '' } = failure;
  const ofTheMessage = OF_THE_MESSAGE.has(command) && !OF_THE_LOGIN.has(responseCode);
  const outcome = permanent && ofTheMessage ? 'refused' : 'deferred';
  return { outcome, status: statusOf(failure) };
}

function statusOf({ response, responseCode, code, originalCode, command }: NodemailerError): string {
  const [, answer, enhanced] =
    /^([245]\d\d)(?:[ -]([245]\.\d{1,3}\.\d{1,3})\b)?/.exec(String(response ?? '')) ?? [];
  const answered = enhanced === undefined ? answer : `${answer} ${enhanced}`;
  if (code === 'EAUTH' || OF_THE_LOGIN.has(responseCode ?? 0))
    return answered === undefined ? 'login-refused' : `login-refused ${answered}`;
  if (command === 'STARTTLS' && answered !== undefined) return `no-encryption ${answered}`;
  if (answered !== undefined) return answered;
  const cause = String(originalCode ?? '');
  if (CERTIFICATE_REFUSED.test(cause)) return 'certificate-refused';
  return STATUS_OF_CAUSE[cause] ?? STATUS_OF_ERROR[String(code)] ?? 'connection-lost';
}
