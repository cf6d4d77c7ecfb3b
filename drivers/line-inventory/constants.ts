/**
 * The lines between the gateway and a reader of items. Makers of readers with several antennas have no common protocol:
 * this is the one that an adapter, or a reader whose output can be scripted, is to speak.
 *
 * | from    | line                                 | meaning                                                    |
 * | ------- | ------------------------------------ | ---------------------------------------------------------- |
 * | gateway | `R<antenna>;<crc>`                   | read this antenna now and answer                           |
 * | reader  | `A<antenna>:<tag>,<tag>,…;<crc>`     | the answer: every tag within reach of it, or none          |
 * | reader  | `I<antenna>:<tag>,<tag>,…;<crc>`     | the same, unasked: whenever something has changed          |
 *
 * ASCII; every line ends with CR LF (LF alone is taken) and has at most 8192 bytes. The antenna is decimal, 0 to 999,
 * without leading zeros needed. A tag is the hex digits of its number (NFC, RFID) or its text (barcode, QR) in UTF-8;
 * any byte but `A-Z a-z 0-9 - . _ ~` is written as `%` and two hex digits. The CRC is four hex digits upper case over
 * everything before the semicolon: see `checksumOf`. Example: `R3;73E2`, `A3:E2003412,E2003413;003A`.
 */
export const MOST_ANTENNAS = 1_000;
/** Bytes of a line. */
export const MOST_LINE_BYTES = 8_192;
