/** The fourth byte of a CU48 frame: a status query, and an opening pulse. The third one is the lock. */
export const STATUS = 0x50;
export const PULSE = 0x51;
const LOCK_AT = 2;
const COMMAND_AT = 3;

/** What a CU48 with address 0 answers when all of its doors are closed. */
export const ALL_CLOSED = statusReply([]);

/**
 * A CU48 with address 0, whose doors open at a pulse where somebody is there to open them: each is seen open at the next
 * query, and closed at the one after.
 */
export class Board {
  readonly #opening = new Set<number>();
  readonly #doorsOpen: boolean;

  constructor(doorsOpen: boolean) {
    this.#doorsOpen = doorsOpen;
  }

  /** Takes one frame; returns its reply, `pulse` for a pulse, which has none. */
  take(frame: Buffer): Buffer | 'pulse' | undefined {
    if (frame[COMMAND_AT] === PULSE) {
      if (this.#doorsOpen) this.#opening.add(frame[LOCK_AT] ?? 0);
      return 'pulse';
    }
    if (frame[COMMAND_AT] !== STATUS) return undefined;
    if (this.#opening.size === 0) return ALL_CLOSED;
    const reply = statusReply([...this.#opening]);
    this.#opening.clear();
    return reply;
  }
}

function statusReply(open: readonly number[]): Buffer {
  const states = Array.from({ length: 6 }, () => 0xff);
  for (const lock of open) states[lock >> 3] = (states[lock >> 3] ?? 0) & ~(1 << (lock & 7));
  const frame = [0x02, 0x00, 0x00, 0x65, ...states, 0x03];
  return Buffer.from([...frame, frame.reduce((sum, byte) => sum + byte, 0) & 0xff]);
}
