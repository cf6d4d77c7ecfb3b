/** What a folder of `drivers/` exports as `driver`; the registry loads every folder and refuses a name twice. */
import type { KeyObject } from 'node:crypto';
import type { CassetteController, Clock, CredentialReader, ItemReader, LockBoard } from '../gateway/ports.ts';
import type { Bus } from './bus.ts';

/** The line a device speaks on, where it is reached over a serial port. */
export interface LineSetting {
  readonly baudRate: number;
  readonly dataBits: 7 | 8;
  readonly parity: 'none' | 'even' | 'odd';
  readonly stopBits: 1 | 2;
}

interface DriverBase {
  /** The name by which a site file calls it; the folder has the same name. */
  readonly id: string;
  /** What it is, for people. */
  readonly title: string;
  readonly line: LineSetting;
  /** JSON schema (draft-07 subset of ajv) of the `settings` object of the site file. */
  readonly settings: Readonly<Record<string, unknown>>;
}

export interface LockBoardDriver extends DriverBase {
  readonly kind: 'lock-board';
  /** Locks per board. */
  readonly locks: number;
  /** Addresses that a board may have on its bus, both included. */
  readonly addresses: { readonly from: number; readonly to: number };
  create(options: LockBoardOptions): LockBoard;
}

export interface LockBoardOptions {
  readonly id: string;
  readonly bus: Bus;
  readonly address: number;
  readonly settings: Readonly<Record<string, unknown>>;
  readonly clock: Clock;
}

export interface ReaderDriver extends DriverBase {
  readonly kind: 'reader';
  /** Whether it scans again and again what is held to it, at least every 250 ms, so that the time of contact is known. */
  readonly repeats?: boolean;
  create(options: ReaderOptions): CredentialReader;
}

export interface ReaderOptions {
  readonly id: string;
  readonly bus: Bus;
  readonly settings: Readonly<Record<string, unknown>>;
  readonly clock: Clock;
}

export interface ItemReaderDriver extends DriverBase {
  readonly kind: 'item-reader';
  /** Antennas that a reader may have. */
  readonly antennas: number;
  create(options: ItemReaderOptions): ItemReader;
}

export interface ItemReaderOptions extends ReaderOptions {
  /** The antennas (0-based) that watch a compartment: those that are asked about. */
  readonly antennas: readonly number[];
}

export interface CassetteControllerDriver extends DriverBase {
  readonly kind: 'cassette-controller';
  /** Addresses that a controller may have on its bus, both included. */
  readonly addresses: { readonly from: number; readonly to: number };
  create(options: CassetteControllerOptions): CassetteController;
}

export interface CassetteControllerOptions extends LockBoardOptions {
  /** The secret that gateway and controller share, 32 bytes. */
  readonly key: KeyObject;
}

export type Driver = LockBoardDriver | ReaderDriver | ItemReaderDriver | CassetteControllerDriver;
