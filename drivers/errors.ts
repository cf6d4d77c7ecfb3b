/**
 * What can go wrong between a bus and a device. The codes are stable: the domain and the health pages tell
 * cases apart by them; the message is for the person who has to put it right.
 */
export type DriverErrorCode =
  /** The port could not be opened, or the socket not connected. */
  | 'cannot-open'
  /** The port or socket went away while it was in use; whether the last frame left is not known. */
  | 'connection-lost'
  /** The bus has no connection at the moment; nothing was sent. */
  | 'not-connected'
  /** The frame left, and the device stayed silent through all tries. */
  | 'no-answer'
  /** More is waiting for the bus than its queue holds, or it waited too long; nothing was sent. */
  | 'bus-busy'
  /** The bus was stopped. */
  | 'stopped'
  /** A second flow node tried to own the port of a bus. */
  | 'flow-already-connected'
  /** The board has no lock of that index. */
  | 'unknown-lock'
  /** The device was asked for something that it does not do at the moment; the message has its reason. */
  | 'refused'
  /** The device and the gateway have not proved to each other who they are, or have to do it again; nothing was done. */
  | 'not-linked'
  /** A value is outside what the protocol of the device can say. */
  | 'wrong-value'
  /** The item reader has no antenna of that number. */
  | 'unknown-antenna'
  /** The board's address is outside the range of its driver. */
  | 'wrong-address'
  /** The settings of a device do not fit its driver's schema. */
  | 'wrong-settings'
  /** A site names a driver that is not there. */
  | 'unknown-driver'
  /** Two drivers have one name. */
  | 'duplicate-driver'
  /** A folder of drivers does not export what it should. */
  | 'broken-driver';

/** An error of a bus, a transport or a driver, with a code that programs can rely on. */
export class DriverError extends Error {
  override readonly name = 'DriverError';
  readonly code: DriverErrorCode;

  constructor(code: DriverErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

/** The words of anything thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
