import { expect } from 'chai';
import { isOpen } from '../../../domain/cabinet/door.ts';
import type { CabinetEvents } from '../../../domain/cabinet/events.ts';
import type { CabinetInput } from '../../../domain/cabinet/inputs.ts';
import {
  type CabinetState,
  type CompartmentState,
  compartmentOf,
  isTaken,
} from '../../../domain/cabinet/state.ts';
import type { Actor } from '../../../domain/event.ts';
import { reachOf } from '../../../domain/rights.ts';
import type { Schema } from '../../../domain/schemas/schema.ts';
import type { Ledger } from './ledger.ts';
import { PEOPLE } from './people.ts';

type Granted = CabinetEvents['compartment-granted'];

/** What a grant was decided upon. */
export interface Deciding {
  readonly before: CabinetState;
  readonly schema: Schema;
  readonly input: CabinetInput;
  readonly at: number;
  readonly ledger: Ledger;
}

/** Whether it says on record who opens: nothing opens without that. */
export function expectNamed(actor: Actor, data: Granted, { input, ledger, before }: Deciding): void {
  const { user, credential, code, insteadOf, session, panel, reason, purpose } = data;
  const takesBack = purpose === 'collect' && session !== undefined && input.input === 'cancel';
  switch (actor.kind) {
    case 'administrator':
      expect(input.input, 'administrators open by asking to').to.be.oneOf(['open', 'service-open']);
      expect(reason, 'the reason of an administrator').to.match(/\S/);
      return;
    case 'user':
      expect(user, 'the user who acts').to.equal(actor.id);
      if (code !== undefined) return;
      if (insteadOf !== undefined) {
        const failed = [...ledger.grants.values()].some(
          ({ data: other, ended }) =>
            ended === 'unlock-failed' && other.user === user && other.compartment === insteadOf,
        );
        expect(failed, `a failure at ${insteadOf} that this replaces`).to.equal(true);
        return;
      }
      expect(credential, 'the credential of the user').to.equal(`card-of-${user}`);
      if (before.setting.twoPersons && !takesBack) {
        expect(data.second?.user, 'the second person').to.be.a('string').and.not.equal(user);
      }
      return;
    case 'guest':
      expect(user, 'a guest has no name').to.equal(undefined);
      expect(panel, 'the panel of a guest').to.equal(actor.id);
      expect(purpose === 'deposit' || code !== undefined || takesBack, 'what a guest opens with').to.equal(
        true,
      );
      return;
    case 'reader':
    case 'machine':
    case 'gateway':
      expect.fail(`${actor.kind} opens nothing`);
  }
}

/** Whether the compartment could be opened at all, and for this. */
export function expectOpenable(actor: Actor, data: Granted, deciding: Deciding): void {
  const { before, ledger } = deciding;
  const compartment = compartmentOf(before, data.compartment);
  if (!compartment) throw new Error(`There is no compartment ${data.compartment}.`);
  expect(compartment.opening, 'an opening that is under way already').to.equal(undefined);
  if (actor.kind === 'administrator') return;
  expect(before.lostBoards.has(compartment.board), 'a board that is not heard').to.equal(false);
  expect(compartment.blocked, 'blocked').to.equal(undefined);
  expect(compartment.outOfOrder, 'out of order').to.equal(undefined);
  if (data.code !== undefined) {
    expect(ledger.live.get(data.code), `the compartment that ${data.code} opens`).to.equal(data.compartment);
  }
  const { user, purpose, allocation } = data;
  const first = { number: data.compartment, picked: data.picked === true };
  if (allocation === 'existing') {
    expect(ledger.holders.get(data.compartment)?.has(user ?? ''), `${user} holds it`).to.equal(true);
  }
  if (allocation === 'new' || purpose === 'deposit' || purpose === 'return') {
    expectFirst(first, (each) => !isTaken(each), deciding);
  }
  if (purpose === 'take') expectFirst(first, (each) => each.contents.length > 0, deciding);
  if (purpose === 'collect') expect(compartment.deposit?.stage, 'the deposit').to.not.equal('open');
  if (purpose === 'once' || purpose === 'collect') {
    expect(compartment.use?.purpose, 'opened already by what opens once').to.not.be.oneOf([
      'once',
      'collect',
    ]);
  }
}

/** Whether the person may be here and open this, as rights, roles and the rules of the cabinet say. */
export function expectPermitted(data: Granted, { before, schema, input, at, ledger }: Deciding): void {
  const { user, purpose, compartment } = data;
  if (purpose === 'deposit') {
    expect(schema.deposits?.by, 'who deposits').to.equal(user === undefined ? 'anybody' : 'master');
    if (user !== undefined) expect(PEOPLE[user]?.roles, user).to.include('master');
  }
  const person = 'person' in input ? input.person : undefined;
  if (!person || person.user !== user) return;
  const reach = reachOf(person, before.setting, at);
  if ('code' in reach) throw new Error(`${user} is admitted in spite of ${reach.code}.`);
  if (reach.among) expect(reach.among.has(compartment), 'within reach').to.equal(true);
  const { closeFirst, waitFor } = before.setting.antiPassback;
  if (closeFirst || schema.lends) {
    const open = before.compartments.find((each) => each.use?.user === user && isOpen(each.door));
    if (open) expect(compartment, `${user} has door ${open.number} open`).to.equal(open.number);
  }
  const last = ledger.opened.get(user);
  if (last !== undefined && at >= last) expect(at - last, 'milliseconds waited').to.be.at.least(waitFor);
}

/** Compartments that this schema sets aside, and the rights of the person leave. */
function isWithinReach({ before, input, at }: Deciding): (number: number) => boolean {
  const { schema } = before.setting;
  const person = 'person' in input ? input.person : undefined;
  const reach = person && reachOf(person, before.setting, at);
  const among = reach && !('code' in reach) ? reach.among : undefined;
  const setAside = SET_ASIDE[schema];
  return (number) => (setAside?.includes(number) ?? true) && (among?.has(number) ?? true);
}

/** What groups leave under the schemas that go by them: the shift's one, and the one for anybody. */
const SET_ASIDE: Readonly<Record<string, readonly number[]>> = {
  '2.3': [3, 4, 5],
  '3.2': [3, 4, 5],
  '3.3': [3, 4, 5],
  '4.4': [2, 5, 6],
};

function isAtHand({ compartments, lostBoards }: CabinetState, each: CompartmentState): boolean {
  const suspect = compartments.some(
    (other) => other.board === each.board && other.outOfOrder === 'no-answer',
  );
  const heard = !lostBoards.has(each.board) && !suspect;
  const idle = each.door === 'closed' && !each.opening && !each.unsettled;
  return heard && idle && each.blocked === undefined && each.outOfOrder === undefined;
}

/** The first of those that fit, or one of them where the person picked. */
function expectFirst(
  { number, picked }: { readonly number: number; readonly picked: boolean },
  fits: (each: CompartmentState) => boolean,
  deciding: Deciding,
): void {
  const { before } = deciding;
  const isReached = isWithinReach(deciding);
  const fitting = before.compartments
    .filter((each) => fits(each) && isAtHand(before, each) && isReached(each.number))
    .map((each) => each.number);
  expect(fitting, 'compartments that fit').to.include(number);
  if (!picked) expect(fitting[0], 'the first that fits').to.equal(number);
}
