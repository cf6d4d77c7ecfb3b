/** Where people, flows and clients come with what they want of cassettes: who they are is settled here, and what they may. */

import { alarmOf } from '../../domain/cassette/alarms.ts';
import type { CassetteEvent } from '../../domain/cassette/events.ts';
import type { CassetteCommand, CommandName } from '../../domain/cassette/inputs.ts';
import { type CassetteRefusal, cassetteRefusal } from '../../domain/cassette/refusal.ts';
import type { SignalPatterns } from '../../domain/cassette/signal.ts';
import type { CassetteView } from '../../domain/cassette/view.ts';
import type { Actor, LoggedEvent } from '../../domain/event.ts';
import type { Role } from '../../domain/identification.ts';
import type { CassetteId, UserId } from '../../domain/site.ts';
import { cassetteEventText, cassetteRefusalText } from '../../domain/texts/cassette-texts.ts';
import type { IdentityReference, PresentationReference, Principal } from '../api.ts';
import type { Scan, Unsubscribe } from '../ports.ts';
import type {
  CassetteDone,
  CassetteNotice,
  CassetteRecords,
  CassetteRefused,
  CassetteRequest,
  CassetteRequester,
  Cassettes,
  SecondPerson,
} from './api.ts';
import type { CassetteThread } from './cassette-thread.ts';
import { machineMayCommand, mayCommand } from './permissions.ts';
import type { CassetteAnswer, CassetteCall, TakenEvent } from './protocol.ts';

/** Characters of a reason, and of what follows a cassette. */
const LONGEST_REASON = 500;
const LONGEST_SOURCE = 100;

/** How people are found out. */
export interface People {
  /** Who identified a moment ago; once. */
  identified(identity: IdentityReference): { readonly user: UserId; readonly duress: boolean } | undefined;
  /** The roles of somebody who is let in; none otherwise. */
  rolesOf(user: UserId): readonly Role[];
  authenticate(login: string, password: string): Promise<Principal | undefined>;
  /** What was held to a reader of the site; once. */
  presented(
    presentation: PresentationReference,
  ): { readonly reader: string; readonly scan: Scan } | undefined;
}

interface Person {
  readonly actor: Actor;
  readonly roles: readonly Role[];
  readonly duress: boolean;
}

export class CassetteDesk implements Cassettes {
  readonly #names: readonly CassetteId[];
  readonly #thread: Pick<CassetteThread, 'ask' | 'views' | 'records'>;
  readonly #people: People;
  readonly #noticeListeners = new Set<(notice: CassetteNotice) => void>();
  readonly #loggedListeners = new Set<(event: LoggedEvent) => void>();
  readonly #viewListeners = new Set<(view: CassetteView) => void>();

  readonly signals: SignalPatterns;

  /** @param cassettes ids of those of the site, in their order */
  constructor(
    cassettes: readonly CassetteId[],
    signals: SignalPatterns,
    thread: Pick<CassetteThread, 'ask' | 'views' | 'records'>,
    people: People,
  ) {
    this.#names = cassettes;
    this.signals = signals;
    this.#thread = thread;
    this.#people = people;
  }

  /** To be told of what the thread takes. */
  taken({ cassette, event, at, view }: TakenEvent): void {
    const alarm = alarmOf(event);
    const notice: CassetteNotice = {
      cassette,
      type: event.type,
      actor: event.actor,
      at,
      data: withoutRoms(event),
      ...(alarm && { alarm }),
      text: cassetteEventText(event),
      view,
    };
    for (const listener of this.#noticeListeners) tell(() => listener(notice));
    this.shown(view);
  }

  /** To be told of what is in the log. */
  logged(events: readonly LoggedEvent[]): void {
    for (const event of events) for (const listener of this.#loggedListeners) tell(() => listener(event));
  }

  /** To be told of what a cassette shows. */
  shown(view: CassetteView): void {
    for (const listener of this.#viewListeners) tell(() => listener(view));
  }

  list(): readonly CassetteView[] {
    return this.#names.flatMap((id) => this.view(id) ?? []);
  }

  view(id: CassetteId): CassetteView | undefined {
    return this.#thread.views.get(id);
  }

  onNotice(listener: (notice: CassetteNotice) => void): Unsubscribe {
    const own = (notice: CassetteNotice): void => listener(notice);
    this.#noticeListeners.add(own);
    return () => this.#noticeListeners.delete(own);
  }

  onLogged(listener: (event: LoggedEvent) => void): Unsubscribe {
    const own = (event: LoggedEvent): void => listener(event);
    this.#loggedListeners.add(own);
    return () => this.#loggedListeners.delete(own);
  }

  onView(listener: (view: CassetteView) => void): Unsubscribe {
    const own = (view: CassetteView): void => listener(view);
    this.#viewListeners.add(own);
    return () => this.#viewListeners.delete(own);
  }

  async command(
    { cassette, command, reason, second }: CassetteRequest,
    requester: CassetteRequester,
  ): Promise<CassetteDone | CassetteRefused> {
    if (!this.#names.includes(cassette)) return refused(cassetteRefusal('cassette-unknown', { cassette }));
    const words = shortened(reason, LONGEST_REASON);
    const first = this.#requester(requester);
    if ('code' in first) return refused(first);
    const barred = againstFirst(requester.kind, command.do, first);
    // Nobody tries out passwords of others with a command that is not theirs to give.
    const other = second && !barred ? await this.#second(second) : undefined;
    const refusal = barred ?? (second && againstSecond(command.do, other));
    const duress = first.duress || other?.duress === true;
    return this.#ask(cassette, {
      do: 'command',
      cassette,
      command: asGiven(command),
      actor: first.actor,
      reason: words,
      ...(other && { second: other.actor }),
      ...(duress && { duress }),
      ...(refusal && { refusal }),
    });
  }

  async touch(
    cassette: CassetteId,
    presentation: PresentationReference,
  ): Promise<CassetteDone | CassetteRefused> {
    if (!this.#names.includes(cassette)) return refused(cassetteRefusal('cassette-unknown', { cassette }));
    const presented = this.#people.presented(presentation);
    if (!presented) return refused(cassetteRefusal('presentation-expired'));
    const { reader, scan } = presented;
    if (scan.kind !== 'ibutton') return refused(cassetteRefusal('not-a-key'));
    return this.#ask(cassette, { do: 'touch', cassette, reader, rom: scan.value });
  }

  area(cassette: CassetteId, inside: boolean, source: string): Promise<CassetteDone | CassetteRefused> {
    if (!this.#names.includes(cassette)) {
      return Promise.resolve(refused(cassetteRefusal('cassette-unknown', { cassette })));
    }
    return this.#ask(cassette, { do: 'area', cassette, inside, source: shortened(source, LONGEST_SOURCE) });
  }

  textOf = cassetteRefusalText;

  records(): CassetteRecords {
    return this.#thread.records;
  }

  async #ask(cassette: CassetteId, call: CassetteCall): Promise<CassetteDone | CassetteRefused> {
    const answer: CassetteAnswer = await this.#thread.ask(call);
    if (!answer.ok) return refused(answer.refusal);
    const view = answer.view ?? this.view(cassette);
    return view ? { ok: true, cassette, view } : refused(cassetteRefusal('cassettes-not-running'));
  }

  #requester(requester: CassetteRequester): Person | CassetteRefusal {
    switch (requester.kind) {
      case 'machine':
        return { actor: { kind: 'machine', id: requester.id }, roles: [], duress: false };
      case 'administrator':
        return this.#person(requester.principal.user, false);
      case 'person': {
        const found = this.#people.identified(requester.identity);
        return found ? this.#person(found.user, found.duress) : cassetteRefusal('person-needed');
      }
    }
  }

  async #second(second: SecondPerson): Promise<Person | undefined> {
    if (second.kind === 'person') {
      const found = this.#people.identified(second.identity);
      return found && this.#person(found.user, found.duress);
    }
    const principal = await this.#people.authenticate(second.login, second.password);
    return principal && this.#person(principal.user, false);
  }

  /** Rights are those of the moment; whoever was blocked meanwhile has none. */
  #person(user: UserId, duress: boolean): Person {
    const roles = this.#people.rolesOf(user);
    return {
      actor: { kind: roles.includes('administrator') ? 'administrator' : 'user', id: user },
      roles,
      duress,
    };
  }
}

/** Why somebody may not give a command; undefined where they may. */
function againstFirst(
  kind: CassetteRequester['kind'],
  command: CommandName,
  { roles }: Person,
): CassetteRefusal | undefined {
  if (kind === 'machine') return machineMayCommand(command) ? undefined : cassetteRefusal('person-needed');
  return mayCommand(command, roles) ? undefined : cassetteRefusal('not-permitted');
}

function againstSecond(command: CommandName, second: Person | undefined): CassetteRefusal | undefined {
  if (!second) return cassetteRefusal('second-person-not-known');
  return mayCommand(command, second.roles) ? undefined : cassetteRefusal('not-permitted');
}

/** A command with what belongs to it and nothing else; a time that is none is over at once. */
function asGiven(command: CassetteCommand): CassetteCommand {
  if (command.do === 'finish-service') return { do: command.do, loaded: command.loaded };
  if (command.do !== 'enter-service') return { do: command.do };
  const { lasts } = command;
  return { do: command.do, ...(lasts !== undefined && { lasts: Math.max(0, lasts) || 0 }) };
}

/** What people wrote, as a record can hold it: cutting may leave half a character, which it cannot. */
function shortened(text: string, length: number): string {
  return text.trim().slice(0, length).toWellFormed();
}

/** What is told outside of an event: which key it was, never its number. */
function withoutRoms({ data }: CassetteEvent): Readonly<Record<string, unknown>> {
  const { rom: _rom, armedBy: _armedBy, ...rest } = data as Readonly<Record<string, unknown>>;
  return rest;
}

function refused(refusal: CassetteRefusal): CassetteRefused {
  return { ok: false, refusal, text: cassetteRefusalText(refusal) };
}

/** What a listener does with it is its own affair. */
function tell(work: () => void): void {
  try {
    work();
  } catch (error) {
    process.emitWarning(error instanceof Error ? error : String(error), { code: 'cassette-listener-failed' });
  }
}
