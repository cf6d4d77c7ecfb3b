/**
 * The ROM of an iButton: eight bytes in the order of transmission: family code, serial number with its least
 * significant byte first, and the check byte of these seven (Maxim Application Note 27). As text it is their 16 hex
 * digits, upper case, in the same order; labels have the bytes the other way round.
 */

/** Kinds of iButton by family code, with the names of their data sheets (Maxim Application Note 155 lists the codes). */
const FAMILIES: ReadonlyMap<number, string> = new Map([
  [0x01, 'DS1990A'],
  [0x08, 'DS1992'],
  [0x18, 'DS1963S'],
  [0x23, 'DS1973'],
  [0x33, 'DS1961S'],
  [0x37, 'DS1977'],
]);
/** Set in the family code of devices whose number was laid out for one customer. */
const CUSTOMER_BIT = 0x80;

/** What the first byte of a ROM tells. */
export interface OneWireFamily {
  /** 0 to 127, without the customer's bit. */
  readonly code: number;
  /** The device's name, such as `DS1990A`; undefined where the code is none of the known ones. */
  readonly name: string | undefined;
  /** Whether it is a version made for a customer. */
  readonly customer: boolean;
}

/** @param rom text of a ROM */
export function familyOf(rom: string): OneWireFamily {
  const first = Number.parseInt(rom.slice(0, 2), 16);
  const code = first & ~CUSTOMER_BIT;
  return { code, name: FAMILIES.get(code), customer: first !== code };
}

/** A ROM as it stands on a label: the bytes of its text in reverse. Applied twice, it is the ROM again. */
export function labelOf(rom: string): string {
  return (rom.match(/../g) ?? []).reverse().join('');
}

/** The text of a ROM. */
export function romText(rom: Uint8Array): string {
  return Array.from(rom, (byte) => byte.toString(16).padStart(2, '0'))
    .join('')
    .toUpperCase();
}

/**
 * The ROM with the given family code and serial number, and the check byte that belongs to them.
 *
 * @param family 0 to 255
 * @param serial six bytes in the order of transmission
 */
export function romOf(family: number, serial: Uint8Array): Uint8Array {
  const data = [family, ...serial];
  return Uint8Array.of(...data, oneWireCrc(Uint8Array.from(data)));
}

/**
 * The CRC of 1-Wire devices: polynomial x⁸+x⁵+x⁴+1, least significant bit first, initial value 0. Over data and the
 * check byte that belongs to them it is 0.
 */
export function oneWireCrc(bytes: Uint8Array): number {
  let crc = 0;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit += 1) crc = crc & 1 ? (crc >> 1) ^ 0x8c : crc >> 1;
  }
  return crc;
}

/** Whether eight bytes are a ROM. A short circuit on the wire reads as zeros, and their check byte fits: nobody's. */
export function isRom(bytes: Uint8Array): boolean {
  return bytes.length === 8 && oneWireCrc(bytes) === 0 && bytes.some((byte) => byte !== 0);
}
