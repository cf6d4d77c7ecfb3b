import fc from 'fast-check';
import { isOpen } from '../../../domain/cabinet/door.ts';
import { FAULT_REASONS } from '../../../domain/cabinet/events.ts';
import type { CompartmentState } from '../../../domain/cabinet/state.ts';
import { sessionAt } from '../../../domain/session/prompt.ts';
import type { AccessCode, Session } from '../../../domain/session/session.ts';
import { ADMINISTRATOR, SCHEMAS } from '../support/cabinet.ts';
import { BOARDS, ITEMS, NAMES, NUMBERS, PANELS, type Premises, rightOf } from './people.ts';
import type { World } from './world.ts';

/** One thing that happens. Which compartment, person or session it concerns is found in the world as it is then. */
export type Step = (world: World) => void;

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

/** One of a list, by a number of any size; undefined where it is empty. */
function one<Each>(list: readonly Each[], number: number): Each | undefined {
  return list[number % Math.max(1, list.length)];
}

function opening(world: World): CompartmentState[] {
  return world.state.compartments.filter((each) => each.opening);
}

function open(world: World): CompartmentState[] {
  return world.state.compartments.filter((each) => isOpen(each.door));
}

function unsettled(world: World): CompartmentState[] {
  return world.state.compartments.filter((each) => each.unsettled);
}

/** Somebody holds their card to a panel: as the second person where one is awaited, and for themselves otherwise. */
function identify(world: World, user: string, panel: string, duress: boolean): void {
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

function deposit(world: World, panel: string): void {
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

function collect(world: World, compartment: number, code: string | undefined, panel: string): void {
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

function door(world: World, compartment: number, isOpened: boolean, expected: boolean, late = false): void {
  const moves = isOpened ? (expected ? 'opens after the pulse' : 'opens by itself') : 'closes';
  world.put(
    { input: 'door', compartment, open: isOpened, expected, afterAbsence: late },
    `door ${compartment} ${moves}${late ? ' while nobody looks' : ''}`,
  );
}

/** What the item reader sees once a door is closed: what was meant, nothing, something else, or no word at all. */
function settle(world: World, { number, contents, unsettled: use }: CompartmentState, how: number): void {
  const kind = how % 5;
  const loan = world.state.loans.find(({ user }) => user === use?.user);
  if (kind <= 1 && use?.purpose === 'take') see(world, number, contents[0]?.item, false);
  if (kind <= 1 && use?.purpose === 'return') see(world, number, loan?.item ?? ITEMS[0], true);
  if (kind === 2) see(world, number, one(ITEMS, how >> 3), (how >> 2) % 2 === 0);
  const answered = kind !== 3;
  world.put(
    { input: 'settle', compartment: number, answered },
    `the item reader of ${number} ${answered ? 'has said everything' : 'is silent'}`,
  );
}

function see(world: World, compartment: number, item: string | undefined, present: boolean): void {
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

function timeOut(world: World, session: Session): void {
  const { id, since, step } = session;
  world.put({ input: 'session-expired', session: id, since }, `nobody answers ${id} at ${step.step}`);
}

function checkOverdue(world: World): void {
  for (let looks = 0; looks < 20; looks += 1) {
    if (!world.put({ input: 'overdue-check' }, 'what is overdue is looked for').event) return;
  }
  throw new Error('What is overdue is said again and again.');
}

/** Everything that somebody would do next in the world as it is: flows come to an end by these. */
function whatIsNext(world: World, how: number): Step[] {
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

/** Somebody comes, as people come under this schema. */
function arrive(world: World, how: number): void {
  const { deposits } = world.cabinet.schema;
  const panel = one(PANELS, how) ?? 'hall';
  if (deposits?.by === 'anybody' && how % 8 !== 0) {
    deposit(world, panel);
    return;
  }
  const masters = ['carl', 'dora'];
  const who = deposits?.by === 'master' && how % 8 !== 0 ? masters : NAMES;
  identify(world, one(who, how >> 1) ?? 'anna', panel, how % 16 === 15);
}

const any = fc.nat({ max: 1_000_000 });
const number = fc.constantFrom(...NUMBERS);
const user = fc.constantFrom(...NAMES);
const panel = fc.constantFrom(...PANELS);

const proceed = any.map(
  (how): Step =>
    (world) => {
      const step = one(whatIsNext(world, how >> 4), how);
      if (step) step(world);
      else arrive(world, how);
    },
);

const comes = any.map(
  (how): Step =>
    (world) =>
      arrive(world, how),
);

const person = fc.tuple(user, panel, fc.nat(15)).map(
  ([who, where, how]): Step =>
    (world) =>
      identify(world, who, where, how === 0),
);

const inAFlow = user.map(
  (who): Step =>
    (world) => {
      const input = { input: 'access', person: world.person(who, 'flow'), grant: world.id('grant') } as const;
      world.put(input, `${who} is let in by a flow`);
    },
);

const guest = panel.map(
  (where): Step =>
    (world) =>
      deposit(world, where),
);

const anyPick = fc.tuple(panel, number).map(
  ([where, compartment]): Step =>
    (world) => {
      const session = sessionAt(world.state, where);
      if (session)
        world.put(world.pick(session, compartment), `compartment ${compartment} is picked at ${where}`);
    },
);

const cancel = panel.map(
  (where): Step =>
    (world) => {
      const session = sessionAt(world.state, where);
      const input = { input: 'cancel', session: session?.id ?? 'none', grant: world.id('grant') } as const;
      world.put(input, `${where} is left with "cancel"`);
    },
);

/** Codes that are wrong, of another compartment, used up, or right. */
const code = fc.tuple(number, any, panel).map(
  ([compartment, how, where]): Step =>
    (world) => {
      const codes = [...world.ledger.known.keys()];
      collect(world, compartment, how % 3 === 0 ? undefined : one(codes, how), where);
    },
);

const doorMoves = fc.tuple(number, fc.boolean(), fc.boolean(), fc.boolean()).map(
  ([compartment, isOpened, expected, late]): Step =>
    (world) => {
      door(world, compartment, isOpened, expected, late);
    },
);

const lockFails = fc
  .tuple(any, fc.constantFrom('no-answer' as const, 'door-did-not-open' as const), fc.nat(7))
  .map(
    ([which, cause, stops]): Step =>
      (world) => {
        const failing = one(opening(world), which);
        if (!failing?.opening) return;
        const { number: compartment, opening: under } = failing;
        world.put(
          { input: 'lock-failed', compartment, grant: under.grant, cause, attempts: 3 },
          `the lock of ${compartment} fails${stops === 0 ? ', and the gateway stops' : ''}`,
          stops === 0,
        );
        if (stops === 0) world.restart();
      },
  );

const grantExpires = any.map(
  (which): Step =>
    (world) => {
      const waiting = one(opening(world), which);
      if (!waiting?.opening) return;
      const { number: compartment, opening: under } = waiting;
      world.put(
        { input: 'grant-expired', compartment, grant: under.grant },
        `nobody used ${under.grant} in time`,
      );
    },
);

/** The gateway is away for a while; doors tell how openings that were under way ended. */
const restart = any.map(
  (how): Step =>
    (world) => {
      world.restart();
      for (const [place, { number: compartment, opening: under }] of opening(world).entries()) {
        if (((how >> place) & 1) === 0 && under) {
          const orphan = { input: 'grant-orphaned', compartment, grant: under.grant } as const;
          world.put(orphan, `door ${compartment} is found closed`);
        } else door(world, compartment, true, true, true);
      }
      for (const [place, { number: compartment }] of open(world).entries()) {
        if (((how >> (place + 6)) & 1) === 0) door(world, compartment, false, false, true);
      }
    },
);

const staleGrant = number.map(
  (compartment): Step =>
    (world) => {
      for (const input of ['grant-expired', 'grant-orphaned'] as const) {
        const decision = world.put(
          { input, compartment, grant: 'grant-0' },
          `a grant of long ago ends (${input})`,
        );
        if (decision.event) throw new Error('A grant that nobody holds ended something.');
      }
    },
);

const board = fc.tuple(fc.constantFrom(...BOARDS), fc.boolean()).map(
  ([which, answers]): Step =>
    (world) => {
      if (
        answers &&
        world.state.compartments.some((each) => each.board === which && each.door === 'unknown')
      ) {
        world.boardFound(which);
      }
      world.put(
        { input: 'board', board: which, answers },
        `the board ${which} ${answers ? 'answers' : 'is silent'}`,
      );
    },
);

const clock = fc.constantFrom(-HOUR, -MINUTE, 30_000, 2 * MINUTE, HOUR, 2 * HOUR, 25 * HOUR).map(
  (by): Step =>
    (world) =>
      world.setClock(by),
);

const nobodyAnswers = any.map(
  (which): Step =>
    (world) => {
      const session = one([...world.state.sessions.values()], which);
      if (session) timeOut(world, session);
    },
);

const tooLong = any.map(
  (which): Step =>
    (world) => {
      const compartment = one(open(world), which)?.number ?? 1;
      world.put({ input: 'open-too-long', compartment }, `door ${compartment} has stood open for too long`);
    },
);

const looks = any.map(
  (which): Step =>
    (world) => {
      const compartment = one(unsettled(world), which) ?? one(open(world), which);
      const watched = world.state.setting.compartments.find((each) => each.number === compartment?.number);
      if (compartment && watched?.itemReader)
        see(world, compartment.number, one(ITEMS, which), which % 2 === 0);
    },
);

const overdue = fc.constant<Step>(checkOverdue);

const administers = fc
  .tuple(
    fc.constantFrom(
      'open' as const,
      'service-open' as const,
      'release' as const,
      'block' as const,
      'unblock' as const,
      'return-to-service' as const,
      'assign' as const,
      'withdraw' as const,
      'assign-code' as const,
      'stock' as const,
      'empty' as const,
    ),
    number,
    any,
  )
  .map(
    ([input, compartment, how]): Step =>
      (world) =>
        administer(world, input, compartment, how),
  );

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

function administer(world: World, input: Administering, compartment: number, how: number): void {
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

/** What has to be there before anybody can use the cabinet. */
const prepares = fc.tuple(number, any).map(
  ([compartment, how]): Step =>
    (world) => {
      const { assignment, lends, once } = world.cabinet.schema;
      if (once && how % 3 === 0) administer(world, 'assign-code', compartment, how);
      else if (assignment !== 'none') administer(world, 'assign', compartment, how);
      else if (lends) administer(world, 'stock', compartment, how);
    },
);

/** Blocks and faults come to an end. */
const repairs = number.map(
  (compartment): Step =>
    (world) => {
      const known = world.state.compartments.find((each) => each.number === compartment);
      if (known?.blocked !== undefined) administer(world, 'unblock', compartment, 0);
      if (known?.outOfOrder !== undefined) administer(world, 'return-to-service', compartment, 0);
    },
);

const rights = fc.tuple(user, fc.nat(3)).map(
  ([who, how]): Step =>
    (world) => {
      const right = rightOf(who, how === 1);
      world.rights.set(who, how === 0 ? { ...right, validUntil: world.now } : right);
      const what = how === 0 ? 'no right any more' : how === 1 ? 'the right to pick' : 'the usual right';
      world.story.push(`${who} has ${what}`);
    },
);

const mode = fc.tuple(fc.constantFrom(...Object.keys(SCHEMAS)), fc.boolean()).map(
  ([schema, force]): Step =>
    (world) => {
      const input = {
        input: 'change-mode',
        actor: ADMINISTRATOR,
        schema,
        force,
        reason: 'another use',
      } as const;
      world.put(input, `the administrator ${force ? 'forces' : 'asks for'} schema ${schema}`);
    },
);

const again = fc.constant<Step>((world) => {
  world.put({ input: 'configure', setting: world.state.setting }, 'the site file is read again');
});

const fault = fc
  .tuple(number, fc.constantFrom(...FAULT_REASONS), panel)
  .map(([compartment, what, where]): Step => {
    const input = { input: 'report-fault', compartment, fault: what, panel: where } as const;
    return (world) => void world.put(input, `somebody at ${where} says that ${compartment} is ${what}`);
  });

const wrongPin = panel.map(
  (reader): Step =>
    (world) => {
      const input = { input: 'turned-away', reason: 'unknown-credential', kind: 'pin', reader } as const;
      world.put(input, `a wrong PIN is typed at ${reader}`);
    },
);

const snapshot = fc.constant<Step>((world) => world.keepSnapshot());

/** What happens, weighted so that flows come to their ends often and are disturbed often enough. */
export const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 40, arbitrary: proceed },
  { weight: 8, arbitrary: comes },
  { weight: 6, arbitrary: prepares },
  { weight: 4, arbitrary: person },
  { weight: 2, arbitrary: inAFlow },
  { weight: 1, arbitrary: guest },
  { weight: 1, arbitrary: anyPick },
  { weight: 2, arbitrary: cancel },
  { weight: 3, arbitrary: code },
  { weight: 3, arbitrary: doorMoves },
  { weight: 4, arbitrary: lockFails },
  { weight: 2, arbitrary: grantExpires },
  { weight: 2, arbitrary: restart },
  { weight: 1, arbitrary: staleGrant },
  { weight: 2, arbitrary: board },
  { weight: 2, arbitrary: clock },
  { weight: 3, arbitrary: nobodyAnswers },
  { weight: 1, arbitrary: tooLong },
  { weight: 1, arbitrary: looks },
  { weight: 1, arbitrary: overdue },
  { weight: 6, arbitrary: administers },
  { weight: 4, arbitrary: repairs },
  { weight: 2, arbitrary: rights },
  { weight: 1, arbitrary: mode },
  { weight: 1, arbitrary: again },
  { weight: 1, arbitrary: fault },
  { weight: 1, arbitrary: wrongPin },
  { weight: 2, arbitrary: snapshot },
);

export const premises: fc.Arbitrary<Premises> = fc.record({
  watched: fc.subarray([...NUMBERS]),
  twoPersons: fc.constantFrom('no', 'no', 'no', 'anybody', 'night'),
  closeFirst: fc.boolean(),
  waitFor: fc.constantFrom(0, 0, 20_000),
  overdue: fc.boolean(),
  pickers: fc.subarray([...NAMES]),
  allHeard: fc.boolean(),
});

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
