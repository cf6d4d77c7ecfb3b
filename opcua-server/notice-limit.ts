/** Notices of the server's thread, as many as somebody can read: what clients do must not fill the log of the gateway. */
import type { Milliseconds } from '../domain/site.ts';
import type { FromThread } from './protocol.ts';

export type Notice = Extract<FromThread, { kind: 'log' }>;

/** Notices that are told in that time; those on top are counted, and told as a number. */
const MOST = 30;
const COUNTED_FOR: Milliseconds = 60_000;

export class NoticeLimit {
  readonly #tell: (notice: Notice) => void;
  #told = 0;
  #untold = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(tell: (notice: Notice) => void) {
    this.#tell = tell;
  }

  note(notice: Notice): void {
    this.#timer ??= setTimeout(() => this.flush(), COUNTED_FOR).unref();
    if (this.#told >= MOST) {
      this.#untold += 1;
      return;
    }
    this.#told += 1;
    this.#tell(notice);
  }

  /** Tells how many were only counted, and begins to count anew. */
  flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const untold = this.#untold;
    this.#told = 0;
    this.#untold = 0;
    if (untold === 0) return;
    const text = `There were ${untold} more notices of the OPC UA server.`;
    this.#tell({ kind: 'log', level: 'warn', text });
  }
}
