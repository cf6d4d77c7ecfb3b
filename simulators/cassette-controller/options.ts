import type { KeyObject } from 'node:crypto';
import type { Readings, StainerState } from '../../domain/cassette/readings.ts';
import type { Shown } from './signal-player.ts';

export interface CassetteControllerOptions {
  /** 1 to 32. Default 1. */
  readonly address?: number;
  /** The pairing key, 32 bytes. */
  readonly key: KeyObject;
  /** Whether the trigger is cut off at first, as it is on delivery. Default true. */
  readonly inhibited?: boolean;
  /** From a request until its reply. Default 0. */
  readonly replyMilliseconds?: number;
  /** How long the stainer stays prepared. Default 2000. */
  readonly preparedMilliseconds?: number;
  /** Without a request for so long the gateway counts as gone. Default 3000. */
  readonly linkLossMilliseconds?: number;
  /** How long a blow waits to be told. Default 3000. */
  readonly blowMilliseconds?: number;
  /** Default 200. */
  readonly selfTestMilliseconds?: number;
  /** Silence in the middle of a frame after which the rest is not waited for. Default 20. */
  readonly idleMilliseconds?: number;
  /** Whether the line returns what the gateway sends, as two-wire adapters do. */
  readonly echo?: boolean;
}

/** What a bystander would notice, and what a person does to the cassette. */
export type CassetteControllerEvent =
  /** LED or tone has changed. */
  | { readonly type: 'shown'; readonly shown: Shown }
  | { readonly type: 'stainer'; readonly state: StainerState }
  /** The ink is out. */
  | { readonly type: 'fired'; readonly ticket: number }
  | { readonly type: 'anti-gas'; readonly on: boolean }
  /** A gateway leads, or does not any more. */
  | { readonly type: 'linked'; readonly up: boolean }
  | { readonly type: 'self-test'; readonly result: Readings['selfTest'] }
  | { readonly type: 'blow'; readonly milliG: number }
  /** The keys at the reader, in the order of transmission. */
  | { readonly type: 'keys'; readonly keys: readonly string[] }
  /** Anything else that is measured: `lid`, `break-in`, `position`, `inMachine`, `gas` and so on. */
  | {
      readonly type: 'sensor';
      readonly sensor: string;
      readonly value: boolean | number | string | undefined;
    };

/** What is done to a reply on its way. */
export type Spoiling = 'drop' | 'corrupt' | 'truncate' | 'split' | 'after-garbage';

/** The requests, by the names that the protocol gives them. */
export const REQUEST_NAMES = [
  'hello',
  'sample',
  'prepare',
  'fire',
  'inhibit',
  'signal',
  'anti-gas',
  'self-test',
] as const;
export type RequestName = (typeof REQUEST_NAMES)[number];

/** A request as it came in. */
export interface RecordedRequest {
  readonly name: RequestName;
  readonly bytes: Buffer;
}
