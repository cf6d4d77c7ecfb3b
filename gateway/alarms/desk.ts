/** The book of all alarms: what events say goes into it, and what people do to alarms. */
import { type Alarm, type AlarmId, calls, isRetained } from '../../domain/alarms/alarm.ts';
import { decideCommand, decideDue, decideSigns, nextShelvingEnd } from '../../domain/alarms/decide.ts';
import type { AlarmCommand, AlarmEvent, Origin } from '../../domain/alarms/events.ts';
import { alarmAfter, evolveAlarms } from '../../domain/alarms/evolve.ts';
import { ALARM_KINDS } from '../../domain/alarms/kinds.ts';
import { type AlarmRefusal, alarmRefusal } from '../../domain/alarms/refusal.ts';
import type { AlarmSign } from '../../domain/alarms/sign.ts';
import type { AlarmState } from '../../domain/alarms/state.ts';
import type { Actor, LoggedEvent } from '../../domain/event.ts';
import type { Role } from '../../domain/identification.ts';
import type { Milliseconds, UserId } from '../../domain/site.ts';
import { alarmRefusalText, alarmText } from '../../domain/texts/alarm-texts.ts';
import type { Requester } from '../api.ts';
import { LogUnavailable } from '../event-log/event-log.ts';
import type { Clock, Unsubscribe } from '../ports.ts';
import { type Stream, StreamError } from '../stream.ts';
import type { AlarmChange, AlarmDone, AlarmRefused, Alarms, AlarmView } from './api.ts';
import { machineMayHandle, mayHandle } from './permissions.ts';

/** The ends of shelvings are looked at no less often, since the clock of the computer may be set. */
const LOOK_AT_LEAST_EVERY: Milliseconds = 60_000;
/** Before an end that could not be stored is tried again. */
const RETRY_AFTER: Milliseconds = 1_000;

/** Events whose signs are recorded in one go: few enough for the store to take them in its time. */
const ENOUGH_AT_ONCE = 200;

/** An event with the signs in it. */
export interface SignedEvent {
  /** Asked in its turn, with what came of everything before it. */
  readonly signs: (alarms: AlarmState) => readonly AlarmSign[];
  /** The event, and how many of its signs are settled already; left out where the signs are not from an event. */
  readonly origin?: Origin;
}

interface RecordRequest {
  readonly entries: readonly SignedEvent[];
  readonly resolve: (said: number) => void;
  readonly reject: (reason: unknown) => void;
}

export interface AlarmDeskParts {
  readonly stream: Pick<Stream<AlarmState, AlarmEvent>, 'state' | 'submit' | 'submitRun' | 'onEvent'>;
  readonly clock: Clock;
  /** The roles of somebody who is let in; none otherwise. */
  readonly rolesOf: (user: UserId) => readonly Role[];
}

export class AlarmDesk implements Alarms {
  readonly #parts: AlarmDeskParts;
  readonly #listeners = new Set<(change: AlarmChange) => void>();
  /** What an alarm looks like, made once as long as nothing about it changes. */
  readonly #views = new WeakMap<Alarm, AlarmView>();
  readonly #requests: RecordRequest[] = [];
  #recording = false;
  readonly #unfollow: Unsubscribe;
  #before: AlarmState;
  #cancelDue: Unsubscribe = () => {};
  #stopped = false;

  constructor(parts: AlarmDeskParts) {
    this.#parts = parts;
    this.#before = parts.stream.state;
    this.#unfollow = parts.stream.onEvent((event) => this.#follow(event as LoggedEvent & AlarmEvent));
    this.#planDue();
  }

  get state(): AlarmState {
    return this.#parts.stream.state;
  }

  list(): readonly AlarmView[] {
    return [...this.state.alarms.values()]
      .map((alarm) => this.#view(alarm))
      .sort((a, b) => b.severity - a.severity || a.current.since - b.current.since);
  }

  alarm(id: AlarmId): AlarmView | undefined {
    const alarm = this.state.alarms.get(id);
    return alarm && this.#view(alarm);
  }

  onChange(listener: (change: AlarmChange) => void): Unsubscribe {
    const own = (change: AlarmChange): void => listener(change);
    this.#listeners.add(own);
    return () => this.#listeners.delete(own);
  }

  async command(command: AlarmCommand, requester: Requester): Promise<AlarmDone | AlarmRefused> {
    const by = this.#requester(command, requester);
    if ('code' in by) return refused(by);
    try {
      const decision = await this.#parts.stream.submit<Handled>((state, at) => {
        const decided = decideCommand(state, command, by, at);
        if ('refusal' in decided) return decided;
        const { event } = decided;
        return { event, after: afterCommand(state, event, at) };
      });
      return decision.refusal
        ? refused(decision.refusal)
        : { ok: true, alarm: this.#view(this.state.alarms.get(command.alarm) ?? decision.after) };
    } catch (error) {
      return refused(refusalFor(error));
    }
  }

  /**
   * Makes of the signs in events what they make of their alarms; resolves when that is durable, with how many events
   * said something. What rejects, as `Stream.submit` does, can be asked once more: nothing is done twice.
   */
  async record(entries: readonly SignedEvent[]): Promise<number> {
    // Most events say nothing: those need no turn of their own.
    const { state } = this;
    if (!entries.some((entry) => decided(state, entry, 0).events.length > 0)) return 0;
    return new Promise((resolve, reject) => {
      this.#requests.push({ entries, resolve, reject });
      if (!this.#recording) void this.#recordAll();
    });
  }

  /** What is asked for while something is on its way to the store goes there together. */
  async #recordAll(): Promise<void> {
    this.#recording = true;
    for (let requests = this.#taken(); requests.length > 0; requests = this.#taken()) {
      try {
        const { said } = await this.#parts.stream.submitRun((state, at) => decidedAll(state, requests, at));
        for (const [index, { resolve }] of requests.entries()) resolve(said[index] ?? 0);
      } catch (error) {
        for (const { reject } of requests) reject(error);
      }
    }
    this.#recording = false;
  }

  #taken(): readonly RecordRequest[] {
    let events = 0;
    const enough = this.#requests.findIndex(({ entries }) => {
      events += entries.length;
      return events >= ENOUGH_AT_ONCE;
    });
    return this.#requests.splice(0, enough === -1 ? this.#requests.length : enough + 1);
  }

  /** Puts on record how far streams have been read, where the book does not say so yet. */
  async recordReads(reads: () => readonly Origin[]): Promise<void> {
    await this.#parts.stream.submit(({ read }) => {
      const news = reads().filter(({ stream, seq, at }) => {
        const known = read.get(stream);
        return known === undefined || seq > known.seq || at > known.at;
      });
      if (news.length === 0) return {};
      return {
        event: { type: 'alarms-caught-up', actor: { kind: 'gateway', id: 'gateway' }, data: { read: news } },
      };
    });
  }

  stop(): void {
    this.#stopped = true;
    this.#cancelDue();
    this.#unfollow();
  }

  /** Rights are those of the moment; whoever was blocked meanwhile has none. */
  #requester(command: AlarmCommand, requester: Requester): Actor | AlarmRefusal {
    if (requester.kind === 'machine') {
      const { kind, id } = requester;
      return machineMayHandle(command.do) ? { kind, id } : alarmRefusal('not-permitted');
    }
    const { user } = requester.principal;
    const roles = this.#parts.rolesOf(user);
    if (!mayHandle(command.do, roles)) return alarmRefusal('not-permitted');
    return { kind: roles.includes('administrator') ? 'administrator' : 'user', id: user };
  }

  #follow(event: LoggedEvent & AlarmEvent): void {
    const before = this.#before;
    this.#before = this.state;
    if (event.type === 'alarms-caught-up') return;
    const alarm = alarmAfter(before.alarms.get(event.data.alarm), event, Date.parse(event.at));
    if (!alarm) return;
    if (event.type === 'alarm-shelved' || event.type === 'alarm-unshelved') this.#planDue();
    // The very alarm of the book, where it is kept: what was made of it once is made of it no more.
    const change = { event, alarm: this.#view(this.state.alarms.get(alarm.id) ?? alarm) };
    for (const listener of this.#listeners) tell(() => listener(change));
  }

  #view(alarm: Alarm): AlarmView {
    const known = this.#views.get(alarm);
    if (known) return known;
    const { severity, silent } = ALARM_KINDS[alarm.kind];
    const { kind, source, current } = alarm;
    const view: AlarmView = {
      ...alarm,
      text: alarmText({ kind, source, values: current.values }),
      severity,
      silent,
      retained: isRetained(alarm),
      calls: calls(alarm),
    };
    this.#views.set(alarm, view);
    return view;
  }

  #planDue(after?: Milliseconds): void {
    this.#cancelDue();
    const next = nextShelvingEnd(this.state);
    if (next === undefined || this.#stopped) return;
    const { clock } = this.#parts;
    const delay = after ?? Math.min(Math.max(0, next - clock.now()), LOOK_AT_LEAST_EVERY);
    this.#cancelDue = clock.after(delay, () => void this.#endShelvings());
  }

  async #endShelvings(): Promise<void> {
    try {
      for (;;) {
        const { event } = await this.#parts.stream.submit((state, at) => {
          const due = decideDue(state, at);
          return due ? { event: due } : {};
        });
        if (!event) break;
      }
      this.#planDue();
    } catch {
      // What cannot be stored now, or finds too many others waiting, is tried again.
      this.#planDue(RETRY_AFTER);
    }
  }
}

/** What becomes of the entries of many requests, one after the other. */
function decidedAll(
  state: AlarmState,
  requests: readonly RecordRequest[],
  at: Milliseconds,
): { readonly events: readonly AlarmEvent[]; readonly said: readonly number[] } {
  const events: AlarmEvent[] = [];
  let folded = state;
  const said = requests.map(({ entries }) => {
    let count = 0;
    for (const entry of entries) {
      const step = decided(folded, entry, at);
      folded = step.state;
      events.push(...step.events);
      if (step.events.length > 0) count += 1;
    }
    return count;
  });
  return { events, said };
}

function decided(
  state: AlarmState,
  { signs, origin }: SignedEvent,
  at: Milliseconds,
): { readonly state: AlarmState; readonly events: readonly AlarmEvent[] } {
  const { signs: before = 0, ...event } = origin ?? {};
  const from = origin && (event as Omit<Origin, 'signs'>);
  const all = signs(state);
  const events: AlarmEvent[] = [];
  let folded = state;
  for (let settled = before; settled < all.length; ) {
    const step = decideSigns(folded, all, settled, from);
    settled = step.settled;
    if (!step.event) break;
    events.push(step.event);
    folded = evolveAlarms(folded, step.event, at);
  }
  return { state: folded, events };
}

/** What became of a command. */
type Handled =
  | { readonly refusal: AlarmRefusal; readonly event?: never }
  | { readonly refusal?: never; readonly event: AlarmEvent; readonly after: Alarm };

function afterCommand(state: AlarmState, event: AlarmEvent, at: Milliseconds): Alarm {
  const after =
    event.type === 'alarms-caught-up' ? undefined : alarmAfter(state.alarms.get(event.data.alarm), event, at);
  if (!after) throw new Error(`A command came to ${event.type}, which is no change of an alarm.`);
  return after;
}

function refused(refusal: AlarmRefusal): AlarmRefused {
  return { ok: false, refusal, text: alarmRefusalText(refusal) };
}

function refusalFor(error: unknown): AlarmRefusal {
  if (error instanceof LogUnavailable) return alarmRefusal('not-stored');
  if (error instanceof StreamError) {
    return alarmRefusal(error.code === 'stream-busy' ? 'alarms-busy' : 'alarms-not-running');
  }
  throw error;
}

/** What a listener does with it is its own affair. */
function tell(work: () => void): void {
  try {
    work();
  } catch (error) {
    process.emitWarning(error instanceof Error ? error : String(error), { code: 'alarm-listener-failed' });
  }
}
