import { isRom, romOf, romText } from '../../domain/one-wire.ts';
import type { Scan } from '../../gateway/ports.ts';
import type { CardFormat, IButtonOrder, LineReaderSettings } from './settings.ts';

/** What a line means: what was read, or why it cannot be used. */
export type LineReading =
  | { readonly kind: 'scan'; readonly scan: Scan }
  | { readonly kind: 'rejected'; readonly reason: 'checksum' | 'malformed' };

const MALFORMED: LineReading = { kind: 'rejected', reason: 'malformed' };
const WRONG_CHECKSUM: LineReading = { kind: 'rejected', reason: 'checksum' };

/** Characters that a barcode or QR code may have. */
const MOST_CHARACTERS = 256;
/** The prefix by which a reader names the symbology, `]`, a letter and a modifier (AIM; ISO/IEC 15424). */
const PREFIX = /^\]([A-Za-z])[0-9A-Za-z]/;
/** The letter of QR codes in that prefix. */
const QR = 'Q';
/** Parts the fields of a GS1 code; no other control character has a place in a text. */
const GROUP_SEPARATOR = '\u001d';
const TEXT = /^\P{Cc}*$/u;
/** What external readers answer with: a word of visible ASCII characters. */
const REFERENCE = /^[\x21-\x7e]{1,128}$/;
/** Hex digits, in groups or not. */
const HEX = /^[0-9A-Fa-f]{2}(?:[ :-]?[0-9A-Fa-f]{2})*$/;

/** Hex digits of the shortest and the longest card number: 4 to 10 bytes (UIDs of ISO/IEC 14443 have 4, 7 or 10). */
const LEAST_CARD_DIGITS = 8;
const MOST_CARD_DIGITS = 20;
/** Hex digits of the ROM of an iButton, and of the serial number in it. */
const ROM_DIGITS = 16;
const SERIAL_DIGITS = 12;

/** Reads a line of a reader with the given settings. */
export function readLine(line: Buffer, settings: LineReaderSettings): LineReading {
  const text = decode(line);
  if (text === undefined) return MALFORMED;
  const { kind } = settings;
  switch (kind) {
    case 'by-prefix':
    case 'barcode':
    case 'qr':
      return readCode(text, kind);
    case 'card':
      return readCard(text.trim(), settings.cardFormat);
    case 'ibutton':
      return settings.iButtonFormat === 'serial'
        ? readSerialNumber(text.trim(), settings)
        : readIButton(text.trim(), settings.iButtonOrder);
    case 'phone':
    case 'biometric': {
      const value = text.trim();
      return REFERENCE.test(value) ? scanned(kind, value) : MALFORMED;
    }
  }
}

function readCode(text: string, kind: 'by-prefix' | 'barcode' | 'qr'): LineReading {
  const [prefix = '', letter] = PREFIX.exec(text) ?? [];
  const value = text.slice(prefix.length);
  if (value === '' || value.length > MOST_CHARACTERS) return MALFORMED;
  if (kind !== 'by-prefix') return scanned(kind, value);
  return scanned(letter === QR ? 'qr' : 'barcode', value);
}

function readCard(text: string, format: CardFormat): LineReading {
  if (format === 'wiegand26') return readWiegand26(text);
  const digits = format === 'hex' ? hexOf(text) : hexOfDecimal(text);
  if (digits === undefined || digits.length < LEAST_CARD_DIGITS || digits.length > MOST_CARD_DIGITS) {
    return MALFORMED;
  }
  return scanned('card', digits);
}

/** A decimal number in hex digits, at least four bytes of them. */
function hexOfDecimal(text: string): string | undefined {
  if (!/^\d{1,25}$/.test(text)) return undefined;
  const hex = BigInt(text).toString(16).toUpperCase();
  return hex.padStart(Math.max(LEAST_CARD_DIGITS, hex.length + (hex.length % 2)), '0');
}

/**
 * The 26 bits of a Wiegand reader as seven hex digits: even parity over the first half, facility code (8 bits), card
 * number (16 bits), odd parity over the second half. Facility 118, card 1603 is 2EC0C86; the card is 00760643.
 */
function readWiegand26(text: string): LineReading {
  if (!/^[0-3][0-9A-Fa-f]{6}$/.test(text)) return MALFORMED;
  const bits = Number.parseInt(text, 16);
  const even = onesIn(bits >>> 13) % 2 === 0;
  const odd = onesIn(bits & 0x1fff) % 2 === 1;
  if (!even || !odd) return WRONG_CHECKSUM;
  const card = (bits >>> 1) & 0xff_ffff;
  return scanned('card', card.toString(16).toUpperCase().padStart(LEAST_CARD_DIGITS, '0'));
}

function onesIn(bits: number): number {
  let ones = 0;
  for (let rest = bits; rest > 0; rest >>>= 1) ones += rest & 1;
  return ones;
}

/**
 * The ROM of an iButton: family, six bytes of its number, CRC-8 in the order of transmission; its label has them the
 * other way round (Maxim AN 155 and the DS1990A data sheet). Handed on in the order of transmission. Where both orders
 * would do, which one ROM in 256 allows, it is taken as sent.
 */
function readIButton(text: string, order: IButtonOrder): LineReading {
  const digits = hexOf(text);
  if (digits?.length !== ROM_DIGITS) return MALFORMED;
  const given = Buffer.from(digits, 'hex');
  if (order !== 'label' && isRom(given)) return scanned('ibutton', digits);
  const reversed = given.reverse();
  if (order === 'transmitted' || !isRom(reversed)) return WRONG_CHECKSUM;
  return scanned('ibutton', romText(reversed));
}

/**
 * The serial number of an iButton without family code and CRC. Nothing in it tells a misread number, but zeros and ones
 * are what a short circuit and a wire without a key read.
 */
function readSerialNumber(text: string, { iButtonOrder, iButtonFamily }: LineReaderSettings): LineReading {
  const digits = hexOf(text);
  if (digits?.length !== SERIAL_DIGITS || /^(?:0+|F+)$/.test(digits)) return MALFORMED;
  const serial = Buffer.from(digits, 'hex');
  if (iButtonOrder === 'label') serial.reverse();
  return scanned('ibutton', romText(romOf(Number.parseInt(iButtonFamily, 16), serial)));
}

function hexOf(text: string): string | undefined {
  return HEX.test(text) ? text.replaceAll(/[ :-]/g, '').toUpperCase() : undefined;
}

/** The text of a line in UTF-8, or undefined where it holds anything else: noise, most likely. */
function decode(line: Buffer): string | undefined {
  try {
    const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(line);
    return TEXT.test(text.replaceAll(GROUP_SEPARATOR, '')) ? text : undefined;
  } catch {
    return undefined;
  }
}

function scanned(kind: Scan['kind'], value: string): LineReading {
  return { kind: 'scan', scan: { kind, value } };
}
