import { dueNext } from '../domain/cabinet/deposits.ts';
import type { CabinetInput } from '../domain/cabinet/inputs.ts';
import type { CabinetState } from '../domain/cabinet/state.ts';
import { restsFor } from '../domain/session/prompt.ts';
import type { Session } from '../domain/session/session.ts';
import type { Milliseconds } from '../domain/site.ts';
import type { Clock, Unsubscribe } from './ports.ts';

/** The longest that one timer waits; what is due later is looked at again then. Milliseconds. */
const LONGEST_WAIT: Milliseconds = 3_600_000;

/**
 * When somebody has to be reminded of a cabinet: sessions that rest for too long, deposits and loans that become
 * overdue. Waits are measured by a clock that nobody sets, so a clock that is set ends no session.
 */
export class Deadlines {
  readonly #clock: Clock;
  readonly #state: () => CabinetState;
  readonly #submit: (input: CabinetInput) => Promise<unknown>;
  /** By session and the time of its step. */
  readonly #sessions = new Map<string, Unsubscribe>();
  #overdue: Unsubscribe = () => {};
  #overdueAt: Milliseconds | undefined;
  #stopped = false;

  /** @param submit puts an input until it is on record; resolves to undefined where it is given up */
  constructor(clock: Clock, state: () => CabinetState, submit: (input: CabinetInput) => Promise<unknown>) {
    this.#clock = clock;
    this.#state = state;
    this.#submit = submit;
  }

  /** Takes up what the state asks for, and forgets what it asks for no more. */
  follow(): void {
    const state = this.#state();
    const open = new Set<string>();
    for (const session of state.sessions.values()) {
      const key = `${session.id} ${session.since}`;
      open.add(key);
      if (!this.#sessions.has(key)) this.#watch(key, session, restsFor(session, state.setting.sessions));
    }
    for (const [key, cancel] of this.#sessions) {
      if (open.has(key)) continue;
      cancel();
      this.#sessions.delete(key);
    }
    if (state.setting.overdueAfter !== undefined) this.#followOverdue(state);
  }

  stop(): void {
    this.#stopped = true;
    for (const cancel of this.#sessions.values()) cancel();
    this.#sessions.clear();
    this.#overdue();
  }

  #watch(key: string, { id, since }: Session, restsAtMost: Milliseconds): void {
    // After a restart part of the time has passed already; a clock that was set does not make it longer.
    const passed = Math.max(0, this.#clock.now() - since);
    const wait = Math.max(0, restsAtMost - passed);
    const expire = (): void => {
      void this.#submit({ input: 'session-expired', session: id, since }).then(() => {
        // An opening under way ends by itself and moves the session on; look again should it not.
        if (this.#sessions.has(key)) this.#sessions.set(key, this.#clock.after(restsAtMost, expire));
      });
    };
    this.#sessions.set(key, this.#clock.after(wait, expire));
  }

  #followOverdue(state: CabinetState): void {
    const due = dueNext(state)?.at;
    if (due === this.#overdueAt) return;
    this.#overdue();
    this.#overdueAt = due;
    if (due === undefined) return;
    const wait = Math.min(LONGEST_WAIT, Math.max(0, due - this.#clock.now()));
    this.#overdue = this.#clock.after(wait, () => {
      this.#overdueAt = undefined;
      // It may not be due yet: the wait was cut, or the clock was set back.
      void this.#submit({ input: 'overdue-check' }).then((answer) => {
        if (answer !== undefined && !this.#stopped) this.follow();
      });
    });
  }
}
