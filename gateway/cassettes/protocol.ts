/** What the main thread and the thread of the cassettes say to each other. */

import type { BusSetting } from '../../config/site.ts';
import type { CassetteEvent } from '../../domain/cassette/events.ts';
import type { CassetteCommand } from '../../domain/cassette/inputs.ts';
import type { CassetteKey, Rom } from '../../domain/cassette/key.ts';
import type { KeyEvent } from '../../domain/cassette/key-register.ts';
import type { CassetteRefusal } from '../../domain/cassette/refusal.ts';
import type { CassetteSetting } from '../../domain/cassette/setting.ts';
import type { SignalPatterns } from '../../domain/cassette/signal.ts';
import type { RecordedState } from '../../domain/cassette/state.ts';
import type { CassetteView } from '../../domain/cassette/view.ts';
import type { Actor, LoggedEvent } from '../../domain/event.ts';
import type { CassetteId, Milliseconds } from '../../domain/site.ts';
import type { AppendOutcome } from '../event-log/event-store.ts';
import type { BusHealth } from '../ports.ts';
import type { CassetteRecords } from './api.ts';

/** A reader of keys besides the one of the controller. */
export interface KeyReaderWiring {
  readonly id: string;
  readonly bus: string;
  readonly driver: string;
  readonly settings: Readonly<Record<string, unknown>>;
}

/** A cassette with its wires. */
export interface CassetteWiring {
  readonly id: CassetteId;
  readonly name: string;
  readonly setting: CassetteSetting;
  readonly controller: {
    readonly bus: string;
    readonly driver: string;
    readonly address: number;
    readonly settings: Readonly<Record<string, unknown>>;
    /** The pairing key, 64 hex digits. */
    readonly key: string;
  };
  readonly keyReaders: readonly KeyReaderWiring[];
}

/** Everything that the thread needs to begin. */
export interface CassettesStart {
  readonly buses: readonly BusSetting[];
  readonly cassettes: readonly CassetteWiring[];
  readonly signals: SignalPatterns;
  /** Folder of its own, for journal and states. */
  readonly folder: string;
  /** Stream of the keys. */
  readonly keyStream: string;
  /** Bytes that the journal may hold. */
  readonly journalLimit?: number;
}

/** What is asked of the thread; each call has an answer. */
export type CassetteCall =
  | {
      readonly do: 'command';
      readonly cassette: CassetteId;
      readonly command: CassetteCommand;
      readonly actor: Actor;
      readonly reason: string;
      readonly second?: Actor;
      readonly duress?: boolean;
      readonly refusal?: CassetteRefusal;
    }
  | { readonly do: 'touch'; readonly cassette: CassetteId; readonly reader: string; readonly rom: Rom }
  | {
      readonly do: 'area';
      readonly cassette: CassetteId;
      readonly inside: boolean;
      readonly source: string;
    }
  | {
      readonly do: 'incident';
      readonly cassette: CassetteId;
      readonly sealed: {
        readonly incident: string;
        readonly digest: string;
        readonly fromSeq: number;
        readonly toSeq: number;
      };
    }
  | { readonly do: 'keys'; readonly event: KeyEvent };

export type CassetteAnswer =
  | { readonly ok: true; readonly view?: CassetteView }
  | { readonly ok: false; readonly refusal: CassetteRefusal };

/** An event that was taken a moment ago; whether it is on the disk yet does not matter here. */
export interface TakenEvent {
  readonly cassette: CassetteId;
  readonly event: CassetteEvent;
  /** Its number in the stream of the cassette; left out where no place was found for it on record. */
  readonly seq?: number;
  readonly at: Milliseconds;
  readonly view: CassetteView;
}

export type ToCassettes =
  | {
      readonly kind: 'call';
      readonly call: number;
      readonly request: CassetteCall;
      /** Time of `processTime` after which nobody waits for it any more: then it is not carried out. */
      readonly until: Milliseconds;
    }
  /** The store answers: what it has of the streams that were asked about. */
  | { readonly kind: 'stored'; readonly streams: readonly KeptState[] }
  /** One of the messages that wait for it was heard. */
  | { readonly kind: 'heard' }
  | {
      readonly kind: 'shipped';
      readonly shipment: number;
      readonly outcomes: readonly AppendOutcome[] | undefined;
    }
  | { readonly kind: 'stop' };

export type FromCassettes =
  /** Every cassette of which something is kept works; `unknown`: streams of which the store has to tell first. */
  | {
      readonly kind: 'ready';
      readonly unknown: readonly string[];
      readonly views: readonly CassetteView[];
      readonly keys: readonly CassetteKey[];
    }
  | { readonly kind: 'failed'; readonly code: string; readonly text: string }
  /** What the store has was taken over. */
  | { readonly kind: 'attached' }
  | { readonly kind: 'answer'; readonly call: number; readonly answer: CassetteAnswer }
  | { readonly kind: 'taken'; readonly taken: TakenEvent }
  | { readonly kind: 'view'; readonly view: CassetteView }
  | { readonly kind: 'keys'; readonly keys: readonly CassetteKey[] }
  | { readonly kind: 'bus'; readonly health: BusHealth }
  /** Records for the store, in order; the next come when these are shipped. */
  | { readonly kind: 'ship'; readonly shipment: number; readonly events: readonly LoggedEvent[] }
  | { readonly kind: 'records'; readonly records: CassetteRecords }
  | { readonly kind: 'trouble'; readonly text: string };

/** The state of a stream after its event number `seq`: as it lies on the disk, or as the store has it. */
export interface KeptState {
  readonly version: 1;
  readonly stream: string;
  readonly seq: number;
  readonly hash: string;
  readonly state: RecordedState | readonly CassetteKey[];
}

/** Time of this process in ms, the same on each of its threads; the clocks of threads begin with them. */
export function processTime(): Milliseconds {
  return Number(process.hrtime.bigint() / 1_000_000n);
}
