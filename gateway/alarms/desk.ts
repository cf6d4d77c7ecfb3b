/** The book of all alarms: what events say goes into it, and what people do to alarms. */
import { type Alarm, type AlarmId, calls, isRetained } from '../../domain/alarms/alarm.ts';
import { decideCommand, decideDue, decideSigns, nextShelvingEnd } from '../../domain/alarms/decide.ts';
import type { AlarmCommand, AlarmEvent, Origin } from '../../domain/alarms/events.ts';
import { alarmAfter } from '../../domain/alarms/evolve.ts';
import { ALARM_KINDS } from '../../domain/alarms/kinds.ts';
import { type AlarmRefusal, alarmRefusal } from '../../domain/alarms/refusal.ts';
import type { AlarmSign } from '../../domain/alarms/sign.ts';
import type { AlarmState } from '../../domain/alarms/state.ts';
import type { Actor, LoggedEvent } from '../../domain/event.ts';
import type { Role } from '../../domain/identification.ts';
import type { CabinetId, Milliseconds, UserId } from '../../domain/site.ts';
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

export interface AlarmDeskParts {
  readonly stream: Pick<Stream<AlarmState, AlarmEvent>, 'state' | 'submit' | 'onEvent'>;
  readonly clock: Clock;
  /** The roles of somebody who is let in; none otherwise. */
  readonly rolesOf: (user: UserId) => readonly Role[];
}

export class AlarmDesk implements Alarms {
  readonly #parts: AlarmDeskParts;
  readonly #listeners = new Set<(change: AlarmChange) => void>();
  /** What an alarm looks like, made once as long as nothing about it changes. */
  readonly #views = new WeakMap<Alarm, AlarmView>();
  /** Alarms that go on, by the cabinet that they are about. */
  readonly #standing = new Map<CabinetId, Set<AlarmId>>();
  readonly #unfollow: Unsubscribe;
  #before: AlarmState;
  #cancelDue: Unsubscribe = () => {};
  #stopped = false;

  constructor(parts: AlarmDeskParts) {
    this.#parts = parts;
    this.#before = parts.stream.state;
    for (const alarm of this.#before.alarms.values()) this.#followStanding(alarm);
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

  /** Alarms about a cabinet and its compartments that go on. */
  standingAt(cabinet: CabinetId): readonly Alarm[] {
    return [...(this.#standing.get(cabinet) ?? [])].flatMap((id) => this.state.alarms.get(id) ?? []);
  }

  /**
   * Makes of signs what they make of their alarms; resolves when that is durable, with whether there was anything. What
   * rejects, as `Stream.submit` does, can be asked once more: nothing is done twice.
   *
   * @param origin the event that they are from, and whether some of them are settled already
   */
  async record(signs: readonly AlarmSign[], origin?: Origin): Promise<boolean> {
    const { signs: before = 0, ...event } = origin ?? {};
    const from = origin && (event as Omit<Origin, 'signs'>);
    let recorded = false;
    // Most events say nothing: those need no turn of their own.
    for (let settled = before; settled < signs.length; ) {
      if (decideSigns(this.state, signs, settled, from).event === undefined && !recorded) break;
      const decision = await this.#parts.stream.submit((state) => decideSigns(state, signs, settled, from));
      recorded ||= decision.event !== undefined;
      settled = decision.settled;
    }
    return recorded;
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
    this.#followStanding(alarm);
    if (event.type === 'alarm-shelved' || event.type === 'alarm-unshelved') this.#planDue();
    // The very alarm of the book, where it is kept: what was made of it once is made of it no more.
    const change = { event, alarm: this.#view(this.state.alarms.get(alarm.id) ?? alarm) };
    for (const listener of this.#listeners) tell(() => listener(change));
  }

  #followStanding({ id, kind, source, current }: Alarm): void {
    if (ALARM_KINDS[kind].endsBy !== 'sign' || !('cabinet' in source)) return;
    const standing = this.#standing.get(source.cabinet) ?? new Set();
    this.#standing.set(source.cabinet, standing);
    if (current.ended === undefined) standing.add(id);
    else standing.delete(id);
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
