/** What reaches the machine of a cassette. */
import type { Actor } from '../event.ts';
import type { Milliseconds } from '../site.ts';
import type { EventOf, FrameFault } from './events.ts';
import type { CassetteKey, Rom } from './key.ts';
import type { Readings } from './readings.ts';
import type { CassetteRefusal } from './refusal.ts';
import type { CassetteSetting } from './setting.ts';

/** What somebody with the right may ask of a cassette. Every one carries a reason. */
export type CassetteCommand =
  /** From rest, for at most the time of the setting: loading in a secured room. */
  | { readonly do: 'enter-service'; readonly lasts?: Milliseconds }
  /** Back to rest. `loaded`: notes lie inside, where the controller cannot tell. */
  | { readonly do: 'finish-service'; readonly loaded: boolean }
  /**
   * From stained into service, to put in a new cartridge. By two persons also from an attack whose controller does not
   * answer, or fails again and again.
   */
  | { readonly do: 'reset-stained' }
  /** In place of a key that was lost: one stage down, as the same key would. Always takes two persons. */
  | { readonly do: 'override-key' }
  /** The second factor of a use of K1. */
  | { readonly do: 'confirm-key' }
  /** In service: each sensor that is tried is recorded, and nothing can fire. */
  | { readonly do: 'begin-test' }
  | { readonly do: 'end-test' }
  /** At rest or in service: has the controller test its battery, ink and trigger. */
  | { readonly do: 'self-test' };

export type CommandName = CassetteCommand['do'];

export type CassetteInput =
  /** The site file's word for this cassette, at every start. */
  | { readonly input: 'configure'; readonly setting: CassetteSetting }
  /** The machine was made again from the log. The first input after a start. */
  | { readonly input: 'restart' }
  | { readonly input: 'sample'; readonly readings: Readings }
  | { readonly input: 'link'; readonly up: boolean }
  /** A key touched its reader for long enough. `known`: what is registered under its ROM. */
  | {
      readonly input: 'key';
      readonly rom: Rom;
      readonly reader: string;
      readonly known?: CassetteKey;
      /** Whether its time is over, which the caller's calendar tells. */
      readonly expired?: boolean;
    }
  /** What was at a reader cannot be taken as a key. */
  | {
      readonly input: 'key-fault';
      readonly reader: string;
      readonly rom?: Rom;
      readonly refusal: CassetteRefusal;
    }
  | {
      readonly input: 'command';
      readonly command: CassetteCommand;
      readonly actor: Actor;
      readonly reason: string;
      /** The second person, who was identified as well. */
      readonly second?: Actor;
      /** One of them identified in the way that calls for help. */
      readonly duress?: boolean;
      /** Why whoever gives it may not: it does nothing but go on record. */
      readonly refusal?: CassetteRefusal;
    }
  /** What became of a step of firing. */
  | {
      readonly input: 'answer';
      readonly to: 'prepare' | 'fire';
      readonly ticket: number;
      readonly ok: boolean;
      /** A code, where it failed. */
      readonly reason?: string;
    }
  /** Frames that were passed over since the last such input. */
  | { readonly input: 'rejected'; readonly reason: FrameFault; readonly count: number }
  /** Whoever follows the cassette on its way says that it left its area, or is back in it. */
  | { readonly input: 'area'; readonly inside: boolean; readonly source: string }
  /** The record of a staining was sealed. */
  | { readonly input: 'incident'; readonly sealed: EventOf<'incident-sealed'>['data'] }
  /** Records that found no place. */
  | { readonly input: 'records-lost'; readonly count: number }
  /** Time has passed: something may be due. */
  | { readonly input: 'tick' };
