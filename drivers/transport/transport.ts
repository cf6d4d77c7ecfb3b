import type { Milliseconds } from '../../domain/site.ts';

/** Told of what happens on an open transport. */
export interface TransportListener {
  /** Bytes as they came in: any part of a frame, or several. */
  received(bytes: Buffer): void;
  /** The connection is gone, without anybody having called `close`. Called at most once per opening. */
  lost(error: Error): void;
}

/**
 * A line that carries bytes both ways. It knows nothing of frames. After `lost` or `close` it may be opened
 * again; it never reopens by itself, since the bus decides when.
 */
export interface Transport {
  /** What it is, for messages: `serial port /dev/ttyUSB0 (9600 8N1)`. */
  readonly description: string;
  /** How long `open` may take. Left out where it waits for somebody to come, as a flow does. */
  readonly openTimeLimit?: Milliseconds;
  /**
   * The bus reopens the line where no byte came back for so long since a request that was sent. Only for lines whose
   * loss may go unseen: a peer that loses its power sends no FIN, and the kernel gives up after many minutes.
   */
  readonly silenceLimit?: Milliseconds;
  /** Opens the line. Rejects with a `DriverError` `cannot-open`. */
  open(listener: TransportListener): Promise<void>;
  /**
   * Sends bytes. Resolves when they have left as far as can be known here: a serial port is drained, a socket
   * has handed them to the kernel. Rejects with a `DriverError` `connection-lost` or `not-connected`.
   */
  write(bytes: Buffer): Promise<void>;
  /** Closes the line, or gives up opening it. Never rejects; calling it again does nothing. */
  close(): Promise<void>;
}
