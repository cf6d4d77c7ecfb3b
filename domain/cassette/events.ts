/** What happens to a cassette, as its stream `cassette/<id>` has it. The recorded state is the fold of these. */
import type { EventDraft } from '../event.ts';
import type { Milliseconds } from '../site.ts';
import type { CommandName } from './inputs.ts';
import type { KeyRole, Rom } from './key.ts';
import type { PartState, Readings, Sensor, StainerState } from './readings.ts';
import type { CassetteRefusal } from './refusal.ts';
import type { Liveness } from './rules.ts';
import type { CassetteSetting, Phase } from './setting.ts';

/** Why a cassette was stained: a live sensor, the end of the grace time, or the controller by itself. */
export type StainCause = Sensor | 'grace-expired' | 'controller';

/** In place of a ROM: insertion into the machine, or two persons. */
export const AUTOMATIC = 'automatic';

/** The keys, by ROM, that armed the first and the second stage; `AUTOMATIC` where no key did. */
export interface ArmedBy {
  readonly first?: Rom;
  readonly second?: Rom;
}

/** Time that is left of what runs. */
export interface TimersLeft {
  readonly grace?: Milliseconds;
  readonly service?: Milliseconds;
  readonly transport?: Milliseconds;
}

/** A change of phase and of everything that goes with it. */
export interface PhaseChange {
  readonly from: Phase;
  readonly to: Phase;
  /** After it. */
  readonly armedBy: ArmedBy;
  /** After it. */
  readonly timers: TimersLeft;
}

/** Whose key was where. The full ROM is kept, as evidence. */
export interface KeyUse {
  readonly rom: Rom;
  /** Its registered id; left out where it is not known. */
  readonly key?: string;
  readonly role?: KeyRole;
  readonly reader: string;
  /** Whoever has it is being forced, whether it was accepted or not. */
  readonly duress?: true;
}

type Type<Name extends string, Data = Readonly<Record<never, never>>> = EventDraft<Name, Data>;

export type CassetteEvent =
  | Type<'cassette-configured', { readonly setting: CassetteSetting }>
  /** The site file says something else than what the cassette was armed under; that goes on until it is disarmed. */
  | Type<'configuration-locked', { readonly phase: Phase }>
  /** The gateway was started again; `interrupted`: firing had begun and was not confirmed, and does not go on by itself. */
  | Type<'cassette-restarted', { readonly phase: Phase; readonly interrupted?: StainCause }>
  | Type<'key-used', KeyUse & PhaseChange>
  | Type<'key-refused', Partial<KeyUse> & { readonly reader: string; readonly refusal: CassetteRefusal }>
  | Type<'second-factor-awaited', KeyUse & { readonly within: Milliseconds }>
  | Type<
      'key-overridden',
      PhaseChange & {
        readonly reason: string;
        readonly second: { readonly kind: string; readonly id: string };
      }
    >
  | Type<'armed-by-insertion', PhaseChange>
  /** Whoever gave a command identified in the way that calls for help. */
  | Type<'duress-told', { readonly command: CommandName }>
  | Type<
      'service-entered',
      PhaseChange & {
        readonly reason: string;
        readonly second?: { readonly kind: string; readonly id: string };
      }
    >
  | Type<'service-finished', PhaseChange & { readonly loaded: boolean; readonly by: 'command' | 'time' }>
  /** The time is over, but the cassette cannot go back to rest. */
  | Type<'service-overdue', { readonly refusal: CassetteRefusal }>
  | Type<'test-begun', { readonly reason: string }>
  | Type<'sensor-proved', { readonly sensor: Sensor }>
  | Type<'test-ended', { readonly proved: readonly Sensor[]; readonly by: 'command' | 'time' }>
  | Type<'self-test-asked', { readonly reason: string }>
  | Type<
      'sensor-changed',
      {
        readonly sensor: Sensor;
        readonly active: boolean;
        readonly value?: number;
        readonly liveness: Liveness;
      }
    >
  | Type<'gas-level-changed', { readonly level: GasLevel; readonly value: number }>
  /** It changes so often that it can neither be relied on nor be trusted to show an attack. */
  | Type<'sensor-unsteady', { readonly sensor: Sensor; readonly changes: number }>
  | Type<'pre-alarm-begun', { readonly sensor: Sensor; readonly lasts: Milliseconds }>
  | Type<'pre-alarm-ended', { readonly sensor: Sensor }>
  | Type<
      'attack-confirmed',
      { readonly cause: StainCause; readonly phase: Phase; readonly readings?: Readings }
    >
  | Type<
      'firing-failed',
      { readonly step: 'prepare' | 'fire'; readonly reason: string; readonly failures: number }
    >
  | Type<'stained', PhaseChange & { readonly cause: StainCause }>
  | Type<'grace-warning', { readonly left: Milliseconds }>
  /** It ended while the controller did not answer; it goes on for a moment when it is back. */
  | Type<'grace-deferred', Readonly<Record<never, never>>>
  | Type<'grace-extended', { readonly left: Milliseconds }>
  | Type<'time-checkpoint', { readonly timers: TimersLeft }>
  | Type<'transport-overdue', Readonly<Record<never, never>>>
  | Type<'part-changed', PartChange>
  | Type<'link-lost', Readonly<Record<never, never>>>
  | Type<'link-restored', Readonly<Record<never, never>>>
  | Type<'frames-rejected', { readonly reason: FrameFault; readonly count: number }>
  | Type<'area-left', { readonly source: string }>
  | Type<'area-entered', { readonly source: string }>
  | Type<'command-refused', { readonly command: CommandName; readonly refusal: CassetteRefusal }>
  /** The record of a staining was put together from the events of so many numbers and sealed. */
  | Type<
      'incident-sealed',
      { readonly incident: string; readonly digest: string; readonly fromSeq: number; readonly toSeq: number }
    >
  /** So many records could be kept neither on the disk nor in the store. */
  | Type<'records-lost', { readonly count: number }>;

export type GasLevel = 'none' | 'warning' | 'critical';
export type FrameFault = 'malformed' | 'not-authentic' | 'replayed';

/** A part of the controller that is now in another state. */
export type PartChange =
  | { readonly part: 'battery' | 'ink' | 'trigger'; readonly state: PartState }
  | { readonly part: 'power'; readonly state: Readings['power'] }
  | { readonly part: 'self-test'; readonly state: Readings['selfTest'] }
  | { readonly part: 'stainer'; readonly state: StainerState }
  | { readonly part: 'notes'; readonly state: Readings['notes'] }
  | { readonly part: 'machine'; readonly state: 'inserted' | 'removed' };

export type CassetteEventType = CassetteEvent['type'];
export type EventOf<Name extends CassetteEventType> = Extract<CassetteEvent, { readonly type: Name }>;
