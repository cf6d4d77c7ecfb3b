/** Alarms as the adapters of the gateway see them: one book for all of them, whoever acknowledges. */
import type { Alarm, AlarmId } from '../../domain/alarms/alarm.ts';
import type { AlarmCommand, AlarmEvent } from '../../domain/alarms/events.ts';
import type { AlarmRefusal } from '../../domain/alarms/refusal.ts';
import type { LoggedEvent } from '../../domain/event.ts';
import type { LocalizedText } from '../../domain/texts/texts.ts';
import type { Requester } from '../api.ts';
import type { Unsubscribe } from '../ports.ts';

/** An alarm with its sentence in the languages of people. */
export interface AlarmView extends Alarm {
  readonly text: LocalizedText;
  /** 1 to 1000. */
  readonly severity: number;
  /** Nothing near its source may show it. */
  readonly silent: boolean;
  /** It is to be seen: it goes on, or somebody has still to see to it. */
  readonly retained: boolean;
  /** It calls for somebody: retained, and nobody has taken it out. */
  readonly calls: boolean;
}

/** A durable event of an alarm, with the alarm after it. */
export interface AlarmChange {
  readonly event: LoggedEvent & AlarmEvent;
  readonly alarm: AlarmView;
}

export interface AlarmDone {
  readonly ok: true;
  readonly alarm: AlarmView;
}

export interface AlarmRefused {
  readonly ok: false;
  readonly refusal: AlarmRefusal;
  readonly text: LocalizedText;
}

export interface Alarms {
  /** Alarms that are to be seen or were set apart; the most urgent and oldest first. */
  list(): readonly AlarmView[];
  /** Undefined where nothing is kept of it. */
  alarm(id: AlarmId): AlarmView | undefined;
  /** Every durable change, once, in order. */
  onChange(listener: (change: AlarmChange) => void): Unsubscribe;
  /** Does something to an alarm; resolves when that is durable. */
  command(command: AlarmCommand, requester: Requester): Promise<AlarmDone | AlarmRefused>;
}
