import type { CredentialKind } from '../domain/identification.ts';
import { isRom } from '../domain/one-wire.ts';
import { type Refusal, refusal } from '../domain/refusals.ts';
import type { AccessCodeKind } from '../domain/session/session.ts';
import { CABINET_DEFAULTS, type PinBounds } from '../domain/site.ts';
import type { Scan, ScanKind } from './ports.ts';

/** Why something cannot be a credential of its kind. */
export type CredentialFlaw = `${Exclude<CredentialKind, 'password' | 'api-token'>}-malformed`;

/** What a value of one kind looks like. */
interface KindRule {
  /** The one way in which a value is written. */
  readonly normalised: (value: string) => string;
  readonly fits: (value: string, pins: PinBounds) => boolean;
  /** In words, what a value has to be. Never names the value. */
  readonly words: (pins: PinBounds) => string;
}

/** Fewest and most characters of a barcode or QR code, and of what a reader of phones or biometrics answers with. */
const SHORTEST_CODE = 4;
const LONGEST_CODE = 256;
const LONGEST_TEMPLATE = 64;
/** Parts the fields of a GS1 code, such as the label of a parcel; no other control character is part of a code. */
const GROUP_SEPARATOR = '\u001d';

const printed = (words: string): KindRule => ({
  normalised: (value) => value,
  fits: (value) => isText(value.replaceAll(GROUP_SEPARATOR, ' '), SHORTEST_CODE, LONGEST_CODE),
  words: () =>
    `A ${words} has ${SHORTEST_CODE} to ${LONGEST_CODE} characters, and no control character but GS1's separator.`,
});

/** Each kind of credential but passwords, which are hashed and never looked up. */
const KINDS: Readonly<Record<ScanKind, KindRule>> = {
  card: {
    normalised: upperCase,
    fits: (value) => /^(?:[0-9A-F]{2}){4,10}$/.test(value),
    words: () => 'A card number is 8 to 20 hex digits, an even count.',
  },
  pin: {
    normalised: (value) => value,
    fits: (value, { least, most }) => /^[0-9]+$/.test(value) && value.length >= least && value.length <= most,
    words: ({ least, most }) => `A PIN has ${least} to ${most} digits.`,
  },
  phone: {
    normalised: (value) => value,
    fits: (value) => isText(value, SHORTEST_CODE, LONGEST_CODE),
    words: () => `The id of a phone has ${SHORTEST_CODE} to ${LONGEST_CODE} characters.`,
  },
  ibutton: {
    normalised: upperCase,
    fits: (value) => /^[0-9A-F]{16}$/.test(value) && isRom(Buffer.from(value, 'hex')),
    words: () =>
      'The number of an iButton is 16 hex digits: family code, serial number and the check byte that fits them.',
  },
  barcode: printed('barcode'),
  qr: printed('QR code'),
  biometric: {
    normalised: (value) => value,
    fits: (value) => isText(value, 1, LONGEST_TEMPLATE),
    words: () => `The id of a biometric template has 1 to ${LONGEST_TEMPLATE} characters.`,
  },
};

/** The kinds that readers hand over, in the order in which an import names them. */
export const SCAN_KINDS = Object.keys(KINDS) as readonly ScanKind[];

/** What readers handed over, written in the one way in which it is looked up. */
export function normalised(scan: Scan): Scan {
  return { kind: scan.kind, value: KINDS[scan.kind].normalised(scan.value) };
}

/**
 * Why a normalised value cannot be a credential; undefined where it can. The words never name the value.
 *
 * @param pins bounds of the PINs of users
 */
export function flawOf(
  { kind, value }: Scan,
  pins: PinBounds = CABINET_DEFAULTS.pins,
): { readonly code: CredentialFlaw; readonly words: string } | undefined {
  const rule = KINDS[kind];
  return rule.fits(value, pins) ? undefined : { code: `${kind}-malformed`, words: rule.words(pins) };
}

/** Why a PIN, barcode or QR code cannot protect what is put into a compartment; undefined where it can. */
export function refusedCode(
  { kind, value }: { readonly kind: AccessCodeKind; readonly value: string },
  pins: PinBounds,
): Refusal | undefined {
  if (KINDS[kind].fits(value, pins)) return undefined;
  return kind === 'pin' ? refusal('pin-length', { ...pins }) : refusal('code-malformed');
}

function isText(value: string, least: number, most: number): boolean {
  return value.length >= least && value.length <= most && !/\p{Cc}/u.test(value) && value.trim() !== '';
}

function upperCase(value: string): string {
  return value.toUpperCase();
}
