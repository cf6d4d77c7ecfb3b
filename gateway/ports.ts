/**
 * What the gateway asks of the world. Drivers, the store and time come in through these; nothing in
 * `gateway/` or `domain/` knows who stands behind them.
 */
import type { Readings } from '../domain/cassette/readings.ts';
import type { SignalPattern } from '../domain/cassette/signal.ts';
import type { CredentialKind } from '../domain/identification.ts';
import type { TagKind } from '../domain/item.ts';
import type {
  BoardId,
  CabinetId,
  CassetteId,
  CompartmentNumber,
  Milliseconds,
  ReaderId,
} from '../domain/site.ts';
import type { Language } from '../domain/texts/texts.ts';

/** Ends a subscription. Calling it again does nothing. */
export type Unsubscribe = () => void;

/** Time, replaceable so that tests can advance it. */
export interface Clock {
  /** Wall-clock time, UTC. */
  now(): Milliseconds;
  /** Time that only goes forward, whatever is done to the clock of the computer; its origin means nothing. */
  monotonic(): Milliseconds;
  /** Calls `action` once after `delay` of monotonic time (a clock that is set does not matter); returns how to cancel it. */
  after(delay: Milliseconds, action: () => void): Unsubscribe;
}

/** What a lock board said of its doors: lock index (0-based, as wired) → door open or not. */
export type DoorReport = ReadonlyMap<number, 'open' | 'closed'>;

/** A lock controller board behind a bus. Poll-driven; reports only what it heard. */
export interface LockBoard {
  readonly id: BoardId;
  /** Starts polling. `report` is called with every complete status; `answering` on each change of whether it answers. */
  start(listener: LockBoardListener): void;
  /**
   * Sends the opening pulse to one lock (0-based), always, whatever its sensor says. Resolves when the frame
   * has left and, where the protocol acknowledges, was acknowledged; rejects with a `DriverError` otherwise.
   * The doors are asked about more often for a while, since one is about to move.
   */
  unlock(lock: number): Promise<void>;
  stop(): Promise<void>;
}

export interface LockBoardListener {
  report(doors: DoorReport): void;
  answering(answers: boolean): void;
}

/** The kinds of credential that are found by a digest: all but a login with its password. */
export type DigestKind = Exclude<CredentialKind, 'password'>;

/** Of those, the kinds that a reader can hand over. A certificate is public: showing it proves nothing. A token is for programs. */
export type ScanKind = Exclude<DigestKind, 'certificate' | 'api-token'>;

/** What a reader read. Holds the secret itself: it goes to the gateway and nowhere else. */
export interface Scan {
  readonly kind: ScanKind;
  /**
   * Card: the hex digits of its number, upper case. iButton: the same, in the order of transmission, family code
   * first. PIN: its digits. Barcode, QR: the text, without an AIM prefix. Phone, biometric: the id that the external
   * reader answers with.
   */
  readonly value: string;
}

/** A reader of credentials behind a bus. */
export interface CredentialReader {
  readonly id: ReaderId;
  start(listener: CredentialReaderListener): void;
  stop(): Promise<void>;
}

export interface CredentialReaderListener {
  scanned(scan: Scan): void;
  /** A frame that could not be used: wrong checksum or shape. Its bytes are not handed on. */
  rejected(reason: 'checksum' | 'malformed'): void;
}

/** What an item reader said of one of its antennas: the tags within its reach. A report is complete for that antenna. */
export interface InventoryReport {
  /** Antenna (0-based, as wired). */
  readonly antenna: number;
  /** What this reader reads. */
  readonly kind: TagKind;
  /** What the tags say, in the form of `tagText`; each once. */
  readonly tags: readonly string[];
}

/** A reader of the items in compartments: one antenna or scanner for each compartment that it watches. */
export interface ItemReader {
  readonly id: ReaderId;
  start(listener: ItemReaderListener): void;
  /**
   * Asks for a report of one antenna at once, because its door was closed. Resolves when the report has been handed to
   * the listener; rejects with a `DriverError` where the reader does not answer.
   */
  refresh(antenna: number): Promise<void>;
  stop(): Promise<void>;
}

export interface ItemReaderListener {
  report(report: InventoryReport): void;
  answering(answers: boolean): void;
}

/**
 * The controller of a cassette: sensors, stainer, LEDs and buzzer. It decides nothing. Every call is one exchange that
 * the controller acknowledged, or a rejection with a `DriverError`; whoever asks decides whether to ask again.
 */
export interface CassetteController {
  readonly id: CassetteId;
  /** Starts asking for samples, again and again. */
  start(listener: CassetteControllerListener): void;
  /** Asks for a sample at once; it comes to the listener. */
  sample(): Promise<void>;
  /**
   * First step of firing. The controller falls back to its safe state by itself where the second does not follow
   * within 2 s.
   *
   * @param ticket 1 to 4294967295; only the same one fires
   */
  prepare(ticket: number): Promise<void>;
  /** Second step: resolves once the controller has fired. Rejects where it was not prepared with this ticket. */
  fire(ticket: number): Promise<void>;
  /** Cuts the trigger off, or connects it. What is prepared falls back. */
  inhibit(inhibited: boolean): Promise<void>;
  signal(pattern: SignalPattern): Promise<void>;
  /** Switches the output that drives gas out of the machine. */
  antiGas(on: boolean): Promise<void>;
  /** Tests battery, ink and trigger; never fires. The result comes with the samples. */
  selfTest(): Promise<void>;
  stop(): Promise<void>;
}

export interface CassetteControllerListener {
  /** A sample, as it came off the wire. */
  sampled(readings: Readings): void;
  /** A key is at the controller's own reader: said again with every sample while it stays. */
  key(rom: string): void;
  /** The controller answers, authenticated, or does not any more. */
  linked(up: boolean): void;
  /** Something came that was not to be believed. Its bytes are not handed on. */
  rejected(reason: ControllerFrameFault): void;
}

/** Why a frame of a controller is passed over. */
export type ControllerFrameFault =
  /** Wrong CRC, length or shape. */
  | 'malformed'
  /** The code of authentication does not fit: somebody else speaks, or the key is wrong. */
  | 'not-authentic'
  /** Authentic, but not in its turn: recorded before, or out of order. */
  | 'replayed';

/** State of one bus as health and status displays show it. */
export interface BusHealth {
  readonly id: string;
  readonly state: 'connecting' | 'connected' | 'lost' | 'stopped';
  /** Since when the state has held. */
  readonly since: Milliseconds;
  /** The last error in words, while not connected. */
  readonly error?: string;
}

/** Tells the recipient of a deposit its PIN. Holds the PIN itself: it goes into the mail and nowhere else. */
export interface CodeMailRequest {
  readonly cabinet: CabinetId;
  readonly compartment: CompartmentNumber;
  /** Id of the deposit; the mail is known by it. */
  readonly deposit: string;
  readonly recipient: {
    readonly name: string;
    /** Left out where none is known of them. */
    readonly email?: string;
    /** The language of the site where it is left out. */
    readonly language?: Language;
  };
  readonly pin: string;
  /** From when on the deposit is overdue, where it ever is. */
  readonly collectBefore?: Milliseconds;
}

/**
 * What became of a mail. `status` is what the mail server answered, e.g. `550 5.1.1`, or a code such as `timed-out`
 * where it did not answer; it never holds an address.
 */
export type MailOutcome =
  | { readonly outcome: 'sent' }
  /** Not yet: it is tried again. */
  | { readonly outcome: 'deferred'; readonly status: string }
  /** Never: it is not tried again. */
  | { readonly outcome: 'refused'; readonly status: string };

/** Mail to the recipients of deposits. */
export interface CodeMail {
  /**
   * Tries at once, for up to 10 s, and never rejects. What is deferred is tried again for up to two days, after a
   * restart too; how that ends, sent or refused, is reported to whoever composed the gateway.
   */
  deliver(request: CodeMailRequest): Promise<MailOutcome>;
  /**
   * Whether the mail of a deposit waits to be tried again. To be asked after a start about a deposit whose mail has no
   * outcome on record: where none waits, it may have been sent or not. Rejects where the store does not answer.
   */
  waits(deposit: string): Promise<boolean>;
  /** The deposit was collected or taken back: its mail is not tried again, and nothing more is reported of it. */
  cancel(deposit: string): Promise<void>;
}

/** Mail to whoever is to be told of something. */
export interface NoticeMail {
  /** Tries once, for up to 10 s, and never rejects. Whoever wants another try after `deferred` asks again. */
  notify(mail: {
    readonly to: string;
    readonly subject: string;
    readonly text: string;
  }): Promise<MailOutcome>;
}
