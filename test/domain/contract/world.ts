import { expect } from 'chai';
import { offerFor, proposalFor } from '../../../domain/cabinet/authorization.ts';
import { decide } from '../../../domain/cabinet/decide.ts';
import { evolve, UNCONFIGURED } from '../../../domain/cabinet/evolve.ts';
import type { CabinetInput, Decision, Identification } from '../../../domain/cabinet/inputs.ts';
import { fromSnapshot, toSnapshot } from '../../../domain/cabinet/snapshot.ts';
import type { CabinetState } from '../../../domain/cabinet/state.ts';
import type { Right } from '../../../domain/rights.ts';
import { isPick, isRefusal } from '../../../domain/schemas/schema.ts';
import { panelState } from '../../../domain/session/prompt.ts';
import type { Session } from '../../../domain/session/session.ts';
import { CabinetUnderTest } from '../support/cabinet.ts';
import { expectNamed, expectOpenable, expectPermitted } from './grant-rules.ts';
import { Ledger } from './ledger.ts';
import { at, BOARDS, cabinetOf, NAMES, NUMBERS, PANELS, type Premises, rightOf } from './people.ts';
import {
  expectOnRecord,
  expectOwners,
  expectPatience,
  expectReasons,
  expectSessions,
} from './state-rules.ts';
import { told } from './story.ts';

/** How often each event and each refusal was reached. */
export type Reached = Map<string, number>;

/** What people ask for, and are owed an answer to on record. */
const ASKING: ReadonlySet<CabinetInput['input']> = new Set(['access', 'begin', 'deposit', 'collect']);

/** Fields of events that tell one kind of them from another. */
const TELLING: ReadonlySet<string> = new Set(['purpose', 'outcome', 'cause', 'unverified']);

/** A state as it is stored; sessions in their order, which matters. */
function plain(state: CabinetState): unknown {
  return JSON.parse(JSON.stringify(toSnapshot(state)));
}

/** A cabinet and everybody around it; every rule is looked at after every input. */
export class World {
  readonly story: string[] = [];
  readonly cabinet: CabinetUnderTest;
  readonly ledger = new Ledger();
  readonly rights = new Map<string, Right>();
  readonly #reached: Reached;
  readonly #snapshots: { readonly after: number; readonly stored: string }[] = [];
  #read = 0;
  #ids = 0;

  constructor(schema: string, premises: Premises, reached: Reached) {
    this.#reached = reached;
    for (const user of NAMES) this.rights.set(user, rightOf(user, premises.pickers.includes(user)));
    this.cabinet = new CabinetUnderTest(cabinetOf(schema, premises));
    this.#note();
    for (const board of premises.allHeard ? BOARDS : BOARDS.slice(0, 1)) this.boardFound(board);
  }

  get state(): CabinetState {
    return this.cabinet.state;
  }

  get now(): number {
    return this.cabinet.now;
  }

  /** An id that was never used before. */
  id(kind: string): string {
    this.#ids += 1;
    return `${kind}-${this.#ids}`;
  }

  /** Sets the clock of the gateway. */
  setClock(by: number): void {
    this.cabinet.now += by;
    // What happened in hours that are yet to come keeps nobody waiting.
    if (by < 0) this.ledger.opened.clear();
    this.story.push(`the clock is set ${by < 0 ? 'back' : 'on'} by ${Math.abs(by) / 1_000} s`);
  }

  boardFound(board: string): void {
    const closed = this.state.compartments.filter((each) => each.board === board).map((each) => each.number);
    this.put(
      { input: 'doors-found', board, open: [], closed },
      `the board ${board} speaks for the first time`,
    );
  }

  person(user: string, reader: string, duress = false): Identification {
    return at(reader, user, this.rights.get(user) ?? rightOf(user, false), duress);
  }

  /** Puts an input, tells it, looks at every rule, and has a replacement asked for where a lock failed. */
  put(input: CabinetInput, words: string, stops = false): Decision {
    const before = this.state;
    const decision = this.cabinet.put(input);
    this.story.push(`${words} → ${told(decision)}`);
    if (decision.refusal) this.#count(decision.refusal.code);
    this.#expectAnswer(input, decision);
    if (decision.event?.type === 'compartment-granted') {
      const { schema } = this.cabinet;
      const deciding = { before, schema, input, at: this.now, ledger: this.ledger };
      const { actor, data } = decision.event;
      expectNamed(actor, data, deciding);
      expectOpenable(actor, data, deciding);
      expectPermitted(data, deciding);
    }
    this.#note();
    this.#expectState(before);
    for (const effect of stops ? [] : decision.effects) {
      if (effect.effect !== 'ask-again') continue;
      const { replacing } = effect;
      const person = replacing.user === undefined ? undefined : this.person(replacing.user, 'none');
      const again = { input: 'access-again', grant: this.id('grant'), replacing } as const;
      this.put({ ...again, ...(person && { person }) }, 'another compartment is asked for');
    }
    return decision;
  }

  /** The gateway stops and comes back with the state that it had stored. */
  restart(): void {
    const restored = fromSnapshot(JSON.parse(JSON.stringify(toSnapshot(this.state))));
    this.story.push('the gateway is started again');
    expect(restored, 'the state after a restart').to.deep.equal(this.state);
    if (restored) this.cabinet.state = restored;
  }

  /** Keeps a snapshot to replay from at the end. */
  keepSnapshot(): void {
    const stored = JSON.stringify(toSnapshot(this.state));
    this.#snapshots.push({ after: this.cabinet.log.length, stored });
  }

  /** Replaying the log, from the start and from each kept snapshot, gives the same state. */
  expectReplay(): void {
    const fold = (from: CabinetState, after: number): unknown =>
      plain(
        this.cabinet.log
          .slice(after)
          .reduce((state, { event, at: time }) => evolve(state, event, time), from),
      );
    const now = plain(this.state);
    expect(fold(UNCONFIGURED, 0), 'the log replayed').to.deep.equal(now);
    for (const { after, stored } of this.#snapshots) {
      const restored = fromSnapshot(JSON.parse(stored));
      expect(restored && fold(restored, after), `the log replayed after event ${after}`).to.deep.equal(now);
    }
  }

  /** What a person at a panel may pick from, as whoever shows the panel finds it out. */
  pickable(session: Session): readonly number[] {
    const context = { at: this.now, schema: this.cabinet.schema };
    const { person } = session;
    const proposal = person
      ? proposalFor(this.state, this.person(person.user, person.reader), context)
      : offerFor(this.state, context);
    if (isRefusal(proposal)) return [];
    return isPick(proposal) ? proposal.pick : [proposal.compartment];
  }

  /** The answer to `choose-compartment`. */
  pick(session: Session, compartment: number): CabinetInput {
    const { person } = session;
    return {
      input: 'pick',
      session: session.id,
      compartment,
      ...(person && { person: this.person(person.user, person.reader) }),
      grant: this.id('grant'),
    };
  }

  /** Whoever asked for something is answered, and the answer is on record. */
  #expectAnswer(input: CabinetInput, { event, refusal }: Decision): void {
    if (ASKING.has(input.input)) expect(event, 'what is on record').to.not.equal(undefined);
    if (input.input !== 'collect' || refusal?.code !== 'wrong-code') return;
    const opens = input.code === undefined ? undefined : this.ledger.live.get(input.code);
    expect(opens, `what ${input.code} opens`).to.not.equal(input.compartment);
  }

  #expectState(before: CabinetState): void {
    const { state, ledger } = this;
    const { schema } = this.cabinet;
    expectOwners(state, schema, ledger);
    expectReasons(state, schema, ledger);
    expectOnRecord(state, ledger);
    expectSessions(state, ledger);
    expectPatience(before, state);
    for (const panel of PANELS) this.#expectPanel(panel);
  }

  /** A panel offers nothing that is refused once it is picked. */
  #expectPanel(panel: string): void {
    const { schema } = this.cabinet;
    const { prompt, session: id } = panelState(this.state, panel, schema, (each) => this.pickable(each));
    const session = id === undefined ? undefined : this.state.sessions.get(id);
    if (!session || !prompt.compartments) return;
    for (const compartment of prompt.compartments) {
      expect(NUMBERS, 'compartments offered').to.include(compartment);
      const input = this.pick(session, compartment);
      const { event } = decide(this.state, input, { at: this.now, schema });
      expect(event?.type, `picking ${compartment} at ${panel}`).to.be.oneOf([
        'compartment-granted',
        'session-moved',
      ]);
    }
  }

  #note(): void {
    for (const { event, at: time } of this.cabinet.log.slice(this.#read)) {
      this.ledger.read(event, time);
      this.#count(event.type);
      for (const [name, value] of Object.entries(event.data)) {
        if (TELLING.has(name)) this.#count(`${event.type} ${value}`);
      }
      if (event.type === 'compartment-granted') {
        this.#count(`${this.state.setting.schema} ${event.data.purpose}`);
      }
    }
    this.#read = this.cabinet.log.length;
  }

  #count(what: string): void {
    this.#reached.set(what, (this.#reached.get(what) ?? 0) + 1);
  }
}
