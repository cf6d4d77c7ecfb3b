import { isOpen } from '../../../domain/cabinet/door.ts';
import type { CompartmentState } from '../../../domain/cabinet/state.ts';
import { sessionAt } from '../../../domain/session/prompt.ts';
import type { AccessCode, Session } from '../../../domain/session/session.ts';
import { ADMINISTRATOR } from '../support/cabinet.ts';
import { ITEMS, NAMES, NUMBERS, PANELS } from './people.ts';
import type { World } from './world.ts';

/** One thing that happens. Which compartment, person or session it concerns is found in the world as it is then. */
export type Step = (world: World) => void;

/** One of a list, by a number of any size; undefined where it is empty. */
export function one<Each>(list: readonly Each[], number: number): Each | undefined {
  return list[number % Math.max(1, list.length)];
}

export function opening(world: World): CompartmentState[] {
  return world.state.compartments.filter((each) => each.opening);
}

export function open(world: World): CompartmentState[] {
  return world.state.compartments.filter((each) => isOpen(each.door));
}

export function unsettled(world: World): CompartmentState[] {
  return world.state.compartments.filter((each) => each.unsettled);
}

/** Somebody holds their card to a panel: as the second person where one is awaited, and for themselves otherwise. */
export function identify(world: World, user: string, panel: string, duress: boolean): void {
  const who = world.person(user, panel, duress);
  const session = sessionAt(world.state, panel);
  const words = `${user} holds ${duress ? 'the card of duress' : 'a card'} to ${panel}`;
  const grant = world.id('grant');
  if (session?.step.step === 'second-person' && session.person) {
    const person = world.person(session.person.user, session.person.reader);
    world.put({ input: 'second', session: session.id, person, second: who, grant }, words);
  } else {
    world.put({ input: 'begin', panel, person: who, session: world.id('session'), grant }, words);
  }
}

export function deposit(world: World, panel: string): void {
  const ids = { session: world.id('session'), grant: world.id('grant') };
  world.put({ input: 'deposit', panel, ...ids }, `a guest at ${panel} wants to deposit something`);
}

/** Answers what a panel asks, with something that may be answered. */
function answer(world: World, session: Session, number: number): void {
  const { step, id, panel } = session;
  switch (step.step) {
    case 'choose-compartment': {
      const compartment = one(world.pickable(session), number) ?? 1;
      world.put(world.pick(session, compartment), `compartment ${compartment} is picked at ${panel}`);
      return;
    }
    case 'second-person':
      identify(world, one(NAMES, number) ?? 'anna', panel, false);
      return;
    case 'set-code':
    case 'set-pin': {
      const kind = one(['pin', 'pin', 'pin', 'barcode', 'qr'] as const, number) ?? 'pin';
      const code: AccessCode = { id: world.id('code'), kind, verifier: 'digest' };
      world.put({ input: 'set-code', session: id, code }, `${code.id} (${kind}) is set at ${panel}`);
      return;
    }
    case 'choose-recipient': {
      const recipient = one(NAMES, number) ?? 'anna';
      world.put({ input: 'choose-recipient', session: id, recipient }, `${recipient} is chosen at ${panel}`);
      return;
    }
    case 'deposit':
      return;
  }
}

export function collect(world: World, compartment: number, code: string | undefined, panel: string): void {
  const given = code ?? 'a wrong code';
  world.put(
    {
      input: 'collect',
      compartment,
      ...(code !== undefined && { code }),
      reader: panel,
      panel,
      grant: world.id('grant'),
    },
    `${given} is given for compartment ${compartment} at ${panel}`,
  );
}

export function door(
  world: World,
  compartment: number,
  isOpened: boolean,
  expected: boolean,
  late = false,
): void {
  const moves = isOpened ? (expected ? 'opens after the pulse' : 'opens by itself') : 'closes';
  world.put(
    { input: 'door', compartment, open: isOpened, expected, afterAbsence: late },
    `door ${compartment} ${moves}${late ? ' while nobody looks' : ''}`,
  );
}

/** What the item reader sees once a door is closed: what was meant, something else, nothing, or no word at all. */
function settle(world: World, compartment: CompartmentState, how: number): void {
  const { number } = compartment;
  const kind = one(['meant', 'meant', 'other', 'silent', 'nothing'] as const, how);
  if (kind === 'meant') seeMeant(world, compartment);
  if (kind === 'other') seeOther(world, compartment, how >> 3);
  const answered = kind !== 'silent';
  world.put(
    { input: 'settle', compartment: number, answered },
    `the item reader of ${number} ${answered ? 'has said everything' : 'is silent'}`,
  );
}

function seeMeant(world: World, { number, contents, unsettled: use }: CompartmentState): void {
  const loan = world.state.loans.find(({ user: borrower }) => borrower === use?.user);
  if (use?.purpose === 'take') see(world, number, contents[0]?.item, false);
  if (use?.purpose === 'return') see(world, number, loan?.item ?? ITEMS[0], true);
}

function seeOther(world: World, { number, contents, unsettled: use }: CompartmentState, how: number): void {
  const missing = contents.find(({ item }) => item !== undefined)?.item;
  if (use?.purpose === 'return' || missing === undefined) see(world, number, one(ITEMS, how), true);
  else see(world, number, missing, false);
}

export function see(world: World, compartment: number, item: string | undefined, present: boolean): void {
  if (item === undefined) return;
  world.put(
    { input: 'item-seen', compartment, item, present },
    `the item reader of ${compartment} ${present ? 'sees' : 'misses'} the ${item}`,
  );
}

function mail(world: World, { number, deposit: left }: CompartmentState, how: number): void {
  const outcome = one(['sent', 'refused', 'deferred'] as const, how) ?? 'sent';
  if (!left) return;
  world.put(
    {
      input: 'mail-outcome',
      compartment: number,
      deposit: left.id,
      outcome,
      ...(outcome !== 'sent' && { status: '550 5.1.1' }),
      session: world.id('session'),
    },
    `the mail about compartment ${number} is ${outcome}`,
  );
}

export function timeOut(world: World, session: Session): void {
  const { id, since, step } = session;
  world.put({ input: 'session-expired', session: id, since }, `nobody answers ${id} at ${step.step}`);
}

export function checkOverdue(world: World): void {
  for (let looks = 0; looks < 20; looks += 1) {
    if (!world.put({ input: 'overdue-check' }, 'what is overdue is looked for').event) return;
  }
  throw new Error('What is overdue is said again and again.');
}

/** Everything that somebody would do next in the world as it is: flows come to an end by these. */
export function whatIsNext(world: World, how: number): Step[] {
  const { state, ledger } = world;
  const next: Step[] = [];
  for (const { number } of opening(world)) next.push((each) => door(each, number, true, true));
  for (const { number } of open(world)) next.push((each) => door(each, number, false, false));
  for (const compartment of unsettled(world)) next.push((each) => settle(each, compartment, how));
  for (const panel of PANELS) {
    const session = sessionAt(state, panel);
    if (session && session.step.step !== 'deposit') next.push((each) => answer(each, session, how));
  }
  for (const [code, number] of ledger.live) {
    next.push((each) => collect(each, number, code, one(PANELS, how) ?? 'hall'));
  }
  for (const compartment of state.compartments) {
    if (compartment.deposit?.recipient && compartment.deposit.mail !== 'sent') {
      next.push((each) => mail(each, compartment, how));
    }
  }
  return next;
}

/** What has to be there before anybody can use the cabinet; tells whether there was anything to do. */
export function prepare(world: World, compartment: number, how: number): boolean {
  const { assignment, lends, once } = world.cabinet.schema;
  if (once && how % 3 === 0) administer(world, 'assign-code', compartment, how);
  else if (assignment !== 'none') administer(world, 'assign', compartment, how);
  // Under every one of these schemas the compartments 3 to 5 are within reach of the shift.
  else if (lends) administer(world, 'stock', 3 + (compartment % 3), how);
  return lends === true || assignment !== 'none';
}

/** Those whom the cabinet has something for, under its schema: most people who come are some of them. */
function expected(world: World): readonly string[] {
  const { assignment, lends, deposits } = world.cabinet.schema;
  const { schema } = world.state.setting;
  if (deposits) return ['carl', 'dora'];
  if (assignment !== 'none') return world.state.compartments.flatMap(({ holders }) => holders);
  const shift = ['anna', 'bert', 'dora'];
  if (!lends) return schema === '2.2' ? NAMES : shift;
  const borrowers = world.state.loans.map(({ user: borrower }) => borrower);
  const stocked = world.state.compartments.some(({ contents }) => contents.length > 0);
  return stocked ? [...borrowers, ...borrowers, ...shift] : borrowers;
}

/** Somebody comes, as people come under this schema. */
export function arrive(world: World, how: number): void {
  const where = one(PANELS, how) ?? 'hall';
  const stranger = how % 8 === 0;
  if (world.cabinet.schema.deposits?.by === 'anybody' && !stranger) {
    deposit(world, where);
    return;
  }
  const stocked = world.state.compartments.filter(({ contents }) => contents.length > 0);
  const inspected = how % 8 === 1 ? one(stocked, how >> 5) : undefined;
  if (inspected) {
    administer(world, 'service-open', inspected.number, how);
    return;
  }
  const who = one(stranger ? NAMES : expected(world), how >> 5);
  if (who === undefined) prepare(world, one(NUMBERS, how >> 5) ?? 1, how);
  else identify(world, who, where, how % 16 === 15);
}

/** What an administrator may ask. */
type Administering =
  | 'open'
  | 'service-open'
  | 'release'
  | 'block'
  | 'unblock'
  | 'return-to-service'
  | 'assign'
  | 'withdraw'
  | 'assign-code'
  | 'stock'
  | 'empty';

export function administer(world: World, input: Administering, compartment: number, how: number): void {
  const item = one([undefined, ...ITEMS], how);
  const request = {
    actor: ADMINISTRATOR,
    reason: how % 50 === 49 ? ' ' : 'asked for by the shift leader',
    compartment,
    user: one(NAMES, how) ?? 'anna',
    grant: world.id('grant'),
    code: { id: world.id('code'), kind: 'pin', verifier: 'digest' },
  } as const;
  const words = `the administrator asks to ${input} compartment ${compartment}`;
  world.put({ ...request, input, ...(input === 'stock' && item !== undefined && { item }) }, words);
}

/** Everybody leaves: grants lapse, doors are closed, item readers speak, nobody answers any more. */
export function everybodyLeaves(world: World): void {
  for (let round = 0; round < 20; round += 1) {
    for (const { number: compartment, opening: under } of opening(world)) {
      if (under)
        world.put({ input: 'grant-expired', compartment, grant: under.grant }, 'nobody used it in time');
    }
    for (const { number: compartment } of open(world)) door(world, compartment, false, false);
    for (const compartment of unsettled(world)) settle(world, compartment, 4);
    for (const session of world.state.sessions.values()) timeOut(world, session);
    const { state } = world;
    if (state.sessions.size + opening(world).length + open(world).length + unsettled(world).length === 0)
      return;
  }
  throw new Error('Something goes on for ever.');
}
