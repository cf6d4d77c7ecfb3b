import { constants } from 'node:fs';
import { type FileHandle, mkdir, open } from 'node:fs/promises';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import type { LoggedEvent } from '../../domain/event.ts';

/** Bytes before each record: length and CRC-32 of the record, each 32 bits, big-endian. */
const HEADER_BYTES = 8;
/** The longest record that is written, and believed when reading. Bytes. */
const LONGEST_RECORD = 1024 * 1024;

/** The journal cannot take more, or cannot be written. */
export class JournalError extends Error {
  readonly code: 'journal-full' | 'journal-unwritable' | 'record-too-long';

  constructor(code: JournalError['code'], message: string, cause?: unknown) {
    super(message, { cause });
    this.name = 'JournalError';
    this.code = code;
  }
}

/** What was found when a journal was opened. */
export interface JournalContent {
  readonly journal: Journal;
  /** The events that wait to be shipped, in the order in which they were written. */
  readonly waiting: readonly LoggedEvent[];
  /** Bytes at the end that were no whole record, as after a crash while writing; set aside where the disk takes them. */
  readonly torn: number;
}

/**
 * A local file that takes events while the database does not answer. A record is acknowledged once it is on the
 * disk; a record that was not finished when the power went is cut off at the next start.
 */
export class Journal {
  readonly #folder: string;
  readonly #file: FileHandle;
  readonly #limit: number;
  #size: number;
  #broken: JournalError | undefined;

  private constructor(folder: string, file: FileHandle, size: number, limit: number) {
    this.#folder = folder;
    this.#file = file;
    this.#size = size;
    this.#limit = limit;
  }

  /**
   * Opens or makes the journal in a folder and reads what waits in it.
   *
   * @param limit bytes that it may hold at most
   */
  static async open(folder: string, limit = 64 * 1024 * 1024): Promise<JournalContent> {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    const path = join(folder, 'journal.log');
    const file = await open(path, constants.O_RDWR | constants.O_CREAT, 0o600);
    const content = await file.readFile();
    const waiting: LoggedEvent[] = [];
    let offset = 0;
    for (;;) {
      const record = recordAt(content, offset);
      if (!record) break;
      waiting.push(JSON.parse(record.toString('utf8')) as LoggedEvent);
      offset += HEADER_BYTES + record.length;
    }
    const torn = content.length - offset;
    if (torn > 0) await cutOff(folder, file, content, offset);
    return { journal: new Journal(folder, file, offset, limit), waiting, torn };
  }

  get size(): number {
    return this.#size;
  }

  /** Writes events and resolves when they are on the disk. After a failed write it takes nothing more. */
  async append(events: readonly LoggedEvent[]): Promise<void> {
    if (this.#broken) throw this.#broken;
    const bytes = Buffer.concat(events.map(recordOf));
    if (this.#size + bytes.length > this.#limit) {
      throw new JournalError(
        'journal-full',
        `The journal holds ${this.#size} bytes and may hold ${this.#limit}. Bring the database back.`,
      );
    }
    try {
      await this.#write(bytes);
      await this.#file.datasync();
      this.#size += bytes.length;
    } catch (cause) {
      await this.#undo(cause);
      throw new JournalError(
        'journal-unwritable',
        `The journal could not be written: ${cause instanceof Error ? cause.message : String(cause)}.`,
        cause,
      );
    }
  }

  /** Empties the journal once all of it has been shipped. */
  async clear(): Promise<void> {
    await this.#file.truncate(0);
    this.#size = 0;
    this.#broken = undefined;
    await this.#file.datasync();
  }

  /** Keeps events that can never be shipped in `conflicts.jsonl`, for a person to look into. */
  async setAside(events: readonly LoggedEvent[]): Promise<void> {
    const lines = events.map((event) => `${JSON.stringify(event)}\n`).join('');
    await appendDurably(join(this.#folder, 'conflicts.jsonl'), Buffer.from(lines, 'utf8'));
  }

  async close(): Promise<void> {
    await this.#file.close();
  }

  /** A disk that fills up takes a part of the bytes and calls it success; the next write then tells the reason. */
  async #write(bytes: Buffer): Promise<void> {
    let written = 0;
    while (written < bytes.length) {
      const { bytesWritten } = await this.#file.write(
        bytes,
        written,
        bytes.length - written,
        this.#size + written,
      );
      if (bytesWritten === 0) throw new Error('the disk took nothing');
      written += bytesWritten;
    }
  }

  /** Half a record must not stand before a whole one: cut it off, or take nothing more. */
  async #undo(cause: unknown): Promise<void> {
    try {
      await this.#file.truncate(this.#size);
    } catch {
      this.#broken = new JournalError(
        'journal-unwritable',
        'The journal takes nothing more after a failed write.',
        cause,
      );
    }
  }
}

function recordOf(event: LoggedEvent): Buffer {
  const body = Buffer.from(JSON.stringify(event), 'utf8');
  if (body.length > LONGEST_RECORD) {
    throw new JournalError(
      'record-too-long',
      `Event ${event.seq} of ${event.stream} has ${body.length} bytes; the journal takes ${LONGEST_RECORD}.`,
    );
  }
  const header = Buffer.alloc(HEADER_BYTES);
  header.writeUInt32BE(body.length, 0);
  header.writeUInt32BE(crc32(body), 4);
  return Buffer.concat([header, body]);
}

/** The whole and undamaged record at an offset, or undefined. */
function recordAt(content: Buffer, offset: number): Buffer | undefined {
  if (offset + HEADER_BYTES > content.length) return undefined;
  const length = content.readUInt32BE(offset);
  if (length === 0 || length > LONGEST_RECORD) return undefined;
  const body = content.subarray(offset + HEADER_BYTES, offset + HEADER_BYTES + length);
  if (body.length < length || crc32(body) !== content.readUInt32BE(offset + 4)) return undefined;
  return body;
}

/**
 * Sets aside what is no whole record. A disk that is full takes neither it nor a journal in its place: then it stays
 * where it is, and the next record is written over it.
 */
async function cutOff(folder: string, file: FileHandle, content: Buffer, offset: number): Promise<void> {
  try {
    await appendDurably(join(folder, 'torn.bin'), content.subarray(offset));
    await file.truncate(offset);
    await file.datasync();
  } catch {
    // Nothing waits for it, and a start must not fail because of it.
  }
}

async function appendDurably(path: string, bytes: Buffer): Promise<void> {
  const file = await open(path, 'a', 0o600);
  try {
    await file.writeFile(bytes);
    await file.datasync();
  } finally {
    await file.close();
  }
}
