/**
 * The ROM of an iButton: eight bytes in the order of transmission: family code, serial number, and the check byte of
 * these seven (Maxim Application Note 27).
 */

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
