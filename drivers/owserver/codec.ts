/**
 * The messages between owserver, the server of OWFS, and its clients (OWFS: "owserver protocol", "owserver message
 * types", "owserver flag word"; checked against owserver 3.2). A message is a header of six 32-bit numbers, big-endian
 * and signed, and a payload:
 *
 * | request  | version 0 | length of the payload | type         | flags | size          | offset |
 * | -------- | --------- | --------------------- | ------------ | ----- | ------------- | ------ |
 * | response | version 0 | length of the payload | return value | flags | size of value | offset |
 *
 * A length of -1 is a ping: the server is still at work. A negative return value is an error, and has no payload.
 */
const HEADER_BYTES = 24;
const PING = -1;
/** Bytes of a directory of well over two thousand devices. */
const MOST_PAYLOAD_BYTES = 65_536;

/** The request for a whole directory in one answer. */
const DIRALL = 7;
/** Devices in 16 hex digits, without dots: family, number and CRC in the order of transmission. */
const WHOLE_ROMS = 0x05_00_00_00;
/** Every request of this protocol has it. */
const OWNET = 0x01_00;
/** The connection is to stay open after the answer. */
const PERSISTENT = 0x04;
/** Makes the server search its 1-Wire lines, where it would tell what it knows from before. */
const DIRECTORY = '/uncached';

/** What a directory holds, or why there is none: the server's return value, or bytes that are no answer of a server. */
export type Directory = { readonly roms: readonly string[] } | { readonly error: number } | 'malformed';

/** The request for the devices that are there now. */
export function encodeDirectoryRequest(): Buffer {
  const payload = Buffer.from(`${DIRECTORY}\0`, 'latin1');
  const header = Buffer.alloc(HEADER_BYTES);
  const numbers = [0, payload.length, DIRALL, WHOLE_ROMS | OWNET | PERSISTENT, 0, 0];
  for (const [index, number] of numbers.entries()) header.writeInt32BE(number, 4 * index);
  return Buffer.concat([header, payload]);
}

/**
 * Waits for the answer to one request in bytes that come in any chunks. Pings are passed over. What is no answer ends
 * the waiting at once; the parser of the next request begins with what comes after that.
 */
export class DirectoryParser {
  #bytes = Buffer.alloc(0);

  /** Takes the next bytes; returns the answer once it is whole. Keeps no more than one answer. */
  push(bytes: Uint8Array): Directory | undefined {
    this.#bytes = Buffer.concat([this.#bytes, bytes]);
    while (this.#bytes.length >= HEADER_BYTES) {
      const length = this.#bytes.readInt32BE(4);
      if (this.#bytes.readInt32BE(0) !== 0 || length < PING || length > MOST_PAYLOAD_BYTES)
        return 'malformed';
      if (length === PING) {
        this.#bytes = this.#bytes.subarray(HEADER_BYTES);
        continue;
      }
      const end = HEADER_BYTES + length;
      if (this.#bytes.length < end) return undefined;
      const result = this.#bytes.readInt32BE(8);
      return result < 0 ? { error: result } : { roms: romsIn(this.#bytes.subarray(HEADER_BYTES, end)) };
    }
    return undefined;
  }
}

/** The devices among the paths of a directory, which are parted by commas; other entries are folders of the server. */
function romsIn(payload: Buffer): string[] {
  const names = payload.toString('latin1').replace(/\0.*$/s, '').split(',');
  return names.flatMap((path) => /\/([0-9A-F]{16})\/?$/.exec(path)?.[1] ?? []);
}
