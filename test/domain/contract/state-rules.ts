import { expect } from 'chai';
import type { CabinetState, CompartmentState } from '../../../domain/cabinet/state.ts';
import type { Schema } from '../../../domain/schemas/schema.ts';
import { sessionAt } from '../../../domain/session/prompt.ts';
import { awaitsAnswer, hasLeftSomething, type Session } from '../../../domain/session/session.ts';
import type { Ledger } from './ledger.ts';
import { PANELS } from './people.ts';

/** No compartment has two owners, no user two compartments, no item two places. */
export function expectOwners(state: CabinetState, schema: Schema, ledger: Ledger): void {
  const holders = state.compartments.flatMap((each) => each.holders);
  expect(holders, 'holders').to.have.length(new Set(holders).size);
  for (const each of state.compartments) {
    const recorded = [...(ledger.holders.get(each.number) ?? [])];
    expect(each.holders, `holders of ${each.number} on record`).to.have.members(recorded);
    if (schema.assignment !== 'several-users') expect(each.holders.length).to.be.at.most(1);
  }
  const watched = state.setting.compartments.some(({ itemReader }) => itemReader);
  const borrowers = state.loans.map(({ user }) => user);
  if (!watched) expect(borrowers, 'who has items').to.have.length(new Set(borrowers).size);
  const places = [
    ...state.compartments.flatMap(({ contents }) => contents.map(({ item }) => item)),
    ...state.loans.map(({ item }) => item),
  ].filter((item) => item !== undefined);
  expect(places, 'items in one place each').to.have.length(new Set(places).size);
}

/** Nothing is taken without a reason that will end, and since when it is taken is known exactly then. */
export function expectReasons(state: CabinetState, schema: Schema, ledger: Ledger): void {
  for (const each of state.compartments) {
    const { number, holders, deposit, codes, contents, occupiedSince } = each;
    const watched = state.setting.compartments.some((one) => one.number === number && one.itemReader);
    const taken = holders.length > 0 || deposit !== undefined || codes.length > 0 || contents.length > 0;
    expect(occupiedSince !== undefined, `${number} is taken since`).to.equal(taken);
    if (deposit) expect(schema.deposits, `what lies in ${number}`).to.not.equal(undefined);
    if (codes.length > 0) {
      expect(deposit !== undefined || schema.once, `what the code of ${number} opens`).to.equal(true);
    }
    if (contents.length > 0) {
      expect(schema.lends || watched, `what lies in ${number} for lending`).to.equal(true);
    }
    for (const { id } of codes) {
      const opens = deposit === undefined || deposit.stage === 'stored';
      if (opens) expect(ledger.live.get(id), `what ${id} opens`).to.equal(number);
    }
    expectEnd(state, each);
  }
}

/** Every opening is on record, and every deposit that is not stored has somebody or something to end it. */
function expectEnd(state: CabinetState, { number, deposit, opening, use, codes }: CompartmentState): void {
  if (!deposit) return;
  const purposes = [opening?.purpose, use?.purpose];
  if (deposit.stage === 'open') expect(purposes, `what fills ${number}`).to.include('deposit');
  if (deposit.stage === 'unfinished') {
    const asked = [...state.sessions.values()].some((session) => isAbout(session, number));
    expect(asked || purposes.includes('collect'), `who ends ${number}`).to.equal(true);
  }
  if (deposit.stage === 'stored') expect(codes, `codes of ${number}`).to.have.length(1);
}

function isAbout({ step }: Session, number: number): boolean {
  return 'compartment' in step && step.compartment === number;
}

/** Every opening under way, and what every open door was opened for, is on record and has not ended. */
export function expectOnRecord(state: CabinetState, ledger: Ledger): void {
  for (const { number, opening, use, unsettled } of state.compartments) {
    if (opening) {
      const known = ledger.grants.get(opening.grant);
      expect(known?.data.compartment, `the grant that opens ${number}`).to.equal(number);
      expect(known?.ended, `the end of ${opening.grant}`).to.equal(undefined);
    }
    for (const each of [use, unsettled]) {
      if (each) expect(ledger.grants.get(each.grant)?.ended, each.grant).to.equal('door-opened');
    }
  }
}

/** No session is about a compartment that knows nothing of it, and a panel asks one person at a time. */
export function expectSessions(state: CabinetState, ledger: Ledger): void {
  for (const session of state.sessions.values()) {
    const { step, id } = session;
    if (!('compartment' in step)) continue;
    const about = state.compartments.find(({ number }) => number === step.compartment);
    if (!about) throw new Error(`${id} is about compartment ${step.compartment}, which is not there.`);
    if (hasLeftSomething(session)) {
      expect(about.deposit?.stage, `what ${id} has left in ${about.number}`).to.equal('unfinished');
    } else {
      const waits = about.opening?.session === id || about.use?.session === id;
      // Another compartment is to take the place of one whose lock failed.
      const last = [...ledger.grants.values()].findLast(({ data }) => data.session === id);
      const replaced = last?.ended === 'unlock-failed';
      expect(waits || replaced, `the door of ${about.number} that ${id} waits for`).to.equal(true);
    }
  }
  for (const panel of PANELS) {
    const asked = [...state.sessions.values()].filter(
      (session) => session.panel === panel && awaitsAnswer(session) && !hasLeftSomething(session),
    );
    expect(asked.length, `people who are asked at ${panel} before anything opened`).to.be.at.most(1);
  }
}

/** Who has something inside and is being asked is asked until they have answered. */
export function expectPatience(before: CabinetState, after: CabinetState): void {
  for (const panel of PANELS) {
    const asked = sessionAt(before, panel);
    const still = asked && hasLeftSomething(asked) && after.sessions.get(asked.id);
    if (still && hasLeftSomething(still)) {
      expect(sessionAt(after, panel)?.id, `whom ${panel} asks`).to.equal(asked.id);
    }
  }
}
