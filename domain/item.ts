/** What an item is tagged with: an NFC or RFID tag, or a printed barcode or QR code (System S.2.2). */
export const TAG_KINDS = ['nfc', 'rfid', 'barcode', 'qr'] as const;
export type TagKind = (typeof TAG_KINDS)[number];

/** Characters of the longest barcode or QR code on an item. */
const MOST_CHARACTERS = 256;
/** Bytes of the longest number of an NFC or RFID tag; the longest EPC has 496 bits (GS1 EPC Tag Data Standard). */
const MOST_BYTES = 64;

/**
 * What a tag says in the one form in which it is stored and compared: hex digits upper case without anything between
 * them for NFC and RFID, the text without blanks around it for barcode and QR. Undefined where it cannot be a tag.
 */
export function tagText(kind: TagKind, said: string): string | undefined {
  if (kind === 'nfc' || kind === 'rfid') {
    const digits = said.replaceAll(/[ :-]/g, '').toUpperCase();
    return /^(?:[0-9A-F]{2})+$/.test(digits) && digits.length <= 2 * MOST_BYTES ? digits : undefined;
  }
  const text = said.trim();
  return text !== '' && text.length <= MOST_CHARACTERS && /^\P{Cc}+$/u.test(text) ? text : undefined;
}
