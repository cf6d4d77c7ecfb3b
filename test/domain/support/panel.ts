import { offerFor, proposalFor } from '../../../domain/cabinet/authorization.ts';
import type { Decision, Identification } from '../../../domain/cabinet/inputs.ts';
import { isPick, isRefusal } from '../../../domain/schemas/schema.ts';
import { panelState, sessionAt } from '../../../domain/session/prompt.ts';
import type { AccessCodeKind, Session } from '../../../domain/session/session.ts';
import { type CabinetUnderTest, person } from './cabinet.ts';

/** A master at the reader `r1`. */
export function master(user: string, ...groups: string[]): Identification {
  return { ...person(user, ...groups), roles: ['defined', 'master'] };
}

/**
 * What became of an input, in one word: the number of the compartment that opens, the step that is asked next, the
 * type of the event, the code of the refusal, or `nothing`.
 */
export function outcomeOf({ event, refusal }: Decision): string | number {
  if (refusal) return refusal.code;
  if (!event) return 'nothing';
  const { type, data } = event;
  if (type === 'compartment-granted') return data.compartment;
  return type === 'session-started' || type === 'session-moved' ? data.step.step : type;
}

/** A panel of a cabinet, and what people do at it. */
export class PanelUnderTest {
  readonly id: string;
  readonly #cabinet: CabinetUnderTest;
  /** Who began the session, as they are known. */
  #person: Identification | undefined;
  #ids = 0;

  constructor(cabinet: CabinetUnderTest, id = 'hall') {
    this.#cabinet = cabinet;
    this.id = id;
  }

  /** What the panel is about. */
  get session(): Session | undefined {
    return sessionAt(this.#cabinet.state, this.id);
  }

  /** The prompt that it shows. */
  get prompt(): string {
    return panelState(this.#cabinet.state, this.id, this.#cabinet.schema, () => this.offered).prompt.code;
  }

  /** What may be picked. */
  get offered(): readonly number[] {
    const context = { at: this.#cabinet.now, schema: this.#cabinet.schema };
    const { state } = this.#cabinet;
    const proposal = this.#person ? proposalFor(state, this.#person, context) : offerFor(state, context);
    if (isRefusal(proposal)) return [];
    return isPick(proposal) ? proposal.pick : [proposal.compartment];
  }

  /** Somebody identifies: `person('anna')`, `master('mia')`, or just a name. */
  identify(who: string | Identification): string | number {
    const known = typeof who === 'string' ? person(who) : who;
    const grant = this.#id('grant');
    const { step } = this.session ?? {};
    if (step?.step === 'second-person' && this.#person) {
      const session = this.#session;
      return this.#put({ input: 'second', session, person: this.#person, second: known, grant });
    }
    const session = this.#id('session');
    const decision = this.#cabinet.put({ input: 'begin', panel: this.id, person: known, session, grant });
    if (!decision.refusal) this.#person = known;
    return outcomeOf(decision);
  }

  /** A guest wants to deposit something. */
  deposit(): string | number {
    const ids = { session: this.#id('session'), grant: this.#id('grant') };
    this.#person = undefined;
    return this.#put({ input: 'deposit', panel: this.id, ...ids });
  }

  pick(compartment: number): string | number {
    const asks = this.#person && { person: this.#person };
    return this.#put({
      input: 'pick',
      session: this.#session,
      compartment,
      ...asks,
      grant: this.#id('grant'),
    });
  }

  /** Sets a code of the given id. */
  code(id: string, kind: AccessCodeKind = 'pin'): string | number {
    return this.#put({ input: 'set-code', session: this.#session, code: { id, kind, verifier: 'digest' } });
  }

  recipient(recipient: string): string | number {
    return this.#put({ input: 'choose-recipient', session: this.#session, recipient });
  }

  cancel(): string | number {
    return this.#put({ input: 'cancel', session: this.#session, grant: this.#id('grant') });
  }

  /** Nobody answers, or nobody closes the door, for as long as the cabinet waits. */
  timesOut(): string | number {
    const { id = 'none', since = 0 } = this.session ?? {};
    return this.#put({ input: 'session-expired', session: id, since });
  }

  /** Somebody gives a compartment and a code; without one, a wrong code. */
  collect(compartment: number, code?: string): string | number {
    const grant = this.#id('grant');
    const given = code === undefined ? {} : { code };
    return this.#put({ input: 'collect', compartment, ...given, reader: this.id, panel: this.id, grant });
  }

  get #session(): string {
    return this.session?.id ?? 'none';
  }

  #id(kind: string): string {
    this.#ids += 1;
    return `${kind}-${this.id}-${this.#ids}`;
  }

  #put(input: Parameters<CabinetUnderTest['put']>[0]): string | number {
    return outcomeOf(this.#cabinet.put(input));
  }
}

/** A deposit in a compartment, left at the panel with a code of the id `pin`. */
export function leave(cabinet: CabinetUnderTest, panel: PanelUnderTest, pin = 'pin'): number {
  const granted = panel.deposit();
  const compartment = typeof granted === 'number' ? granted : Number(panel.pick(panel.offered[0] ?? 0));
  cabinet.opens(compartment);
  cabinet.closes(compartment);
  panel.code(pin);
  return compartment;
}
