import { domainToASCII } from 'node:url';

/** Most characters of an address (RFC 5321, 4.5.3.1.3: a path of 256 octets, less its angle brackets). */
const MOST_CHARACTERS = 254;
/** Most characters before the `@` (RFC 5321, 4.5.3.1.1). */
const MOST_LOCAL_CHARACTERS = 64;
/** Most characters of a name beside an address. */
const MOST_NAME_CHARACTERS = 200;

/** Dot-atom of RFC 5322, 3.2.3. Quoted local parts exist on paper; no mailbox of a person has one. */
const LOCAL = /^[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*$/;
/** Labels of letters, digits and hyphens (RFC 1035, 2.3.1); the last one is no number, which would be an IP address. */
const DOMAIN =
  /^(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)*(?!\d+$)[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?$/;

const INTERNATIONAL = /^[\p{L}\p{M}\p{N}.-]+$/u;

/** A mailbox with the name that stands beside it; empty where none does. */
export interface Mailbox {
  readonly name: string;
  readonly address: string;
}

/**
 * One address as a mail server takes it, or undefined where `text` is not exactly one. An internationalised domain is
 * turned into its ASCII form; before the `@` only ASCII is taken, since not every server takes more (RFC 6531).
 */
export function mailAddress(text: string): string | undefined {
  const at = text.lastIndexOf('@');
  const local = text.slice(0, at);
  const given = text.slice(at + 1);
  // The mapping to ASCII would cut off or drop what is no part of a name.
  const domain = INTERNATIONAL.test(given) ? domainToASCII(given) : '';
  const address = `${local}@${domain}`;
  const fits = local.length <= MOST_LOCAL_CHARACTERS && address.length <= MOST_CHARACTERS;
  return at > 0 && fits && LOCAL.test(local) && DOMAIN.test(domain) ? address : undefined;
}

/** `address` or `Name <address>`, or undefined where `text` is neither. */
export function mailbox(text: string): Mailbox | undefined {
  const [, named, inBrackets] = /^([^<>]*)<([^<>]+)>$/.exec(text.trim()) ?? [];
  const address = mailAddress((inBrackets ?? text).trim());
  const name = (named ?? '').trim().replace(/^"(.*)"$/, '$1');
  if (address === undefined || name.length > MOST_NAME_CHARACTERS || name !== oneLine(name)) return undefined;
  return { name, address };
}

/** A text that fits into one line of a header: what could end the line or hide in it becomes a space. */
export function oneLine(text: string): string {
  return text
    .replace(/[\p{Cc}\p{Cf}\u2028\u2029]+/gu, ' ')
    .replace(/ {2,}/g, ' ')
    .trim();
}
