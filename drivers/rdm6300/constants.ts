/**
 * The frame of an RDM6300, a reader of EM4100 cards (125 kHz): STX, ten hex digits of the card, two of the
 * checksum, ETX. The checksum is the exclusive-or of the card's five bytes.
 */
export const STX = 0x02;
export const ETX = 0x03;
/** Hex digits between STX and ETX: the card's and the checksum's. */
export const CARD_DIGITS = 10;
export const FRAME_DIGITS = 12;
