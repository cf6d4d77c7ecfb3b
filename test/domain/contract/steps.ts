import fc from 'fast-check';
import { FAULT_REASONS } from '../../../domain/cabinet/events.ts';
import { sessionAt } from '../../../domain/session/prompt.ts';
import { ADMINISTRATOR, SCHEMAS } from '../support/cabinet.ts';
import {
  administer,
  arrive,
  checkOverdue,
  collect,
  deposit,
  door,
  identify,
  one,
  open,
  opening,
  prepare,
  type Step,
  see,
  timeOut,
  unsettled,
  whatIsNext,
} from './acts.ts';
import { BOARDS, ITEMS, NAMES, NUMBERS, PANELS, type Premises, rightOf } from './people.ts';
import type { World } from './world.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

/** A step from what is drawn for it. */
function happens<Drawn>(
  drawn: fc.Arbitrary<Drawn>,
  act: (world: World, drawn: Drawn) => void,
): fc.Arbitrary<Step> {
  return drawn.map((each) => (world) => act(world, each));
}

const any = fc.nat({ max: 1_000_000 });
const number = fc.constantFrom(...NUMBERS);
const user = fc.constantFrom(...NAMES);
const panel = fc.constantFrom(...PANELS);

/** What somebody would do next; where there is nothing to do, somebody comes. */
const proceeds = happens(any, (world, how) => {
  const step = one(whatIsNext(world, how >> 4), how);
  if (step) step(world);
  else arrive(world, how);
});

const comes = happens(any, arrive);

const prepares = happens(fc.tuple(number, any), (world, [compartment, how]) => {
  if (!prepare(world, compartment, how)) arrive(world, how);
});

const anybody = happens(fc.tuple(user, panel, fc.nat(15)), (world, [who, where, how]) => {
  identify(world, who, where, how === 0);
});

const inAFlow = happens(user, (world, who) => {
  const input = { input: 'access', person: world.person(who, 'flow'), grant: world.id('grant') } as const;
  world.put(input, `${who} is let in by a flow`);
});

const guest = happens(panel, deposit);

const picksAny = happens(fc.tuple(panel, number), (world, [where, compartment]) => {
  const session = sessionAt(world.state, where);
  if (session) {
    world.put(world.pick(session, compartment), `compartment ${compartment} is picked at ${where}`);
  }
});

const cancels = happens(panel, (world, where) => {
  const session = sessionAt(world.state, where)?.id ?? 'none';
  world.put({ input: 'cancel', session, grant: world.id('grant') }, `${where} is left with "cancel"`);
});

/** Codes that are wrong, of another compartment, used up, or right. */
const tries = happens(fc.tuple(number, any, panel), (world, [compartment, how, where]) => {
  const codes = [...world.ledger.known.keys()];
  collect(world, compartment, how % 3 === 0 ? undefined : one(codes, how), where);
});

const doorMoves = happens(
  fc.tuple(number, fc.boolean(), fc.boolean(), fc.boolean()),
  (world, [compartment, isOpened, expected, late]) => door(world, compartment, isOpened, expected, late),
);

const lockFails = happens(
  fc.tuple(any, fc.constantFrom('no-answer', 'door-did-not-open'), fc.nat(7)),
  (world, [which, cause, how]) => {
    const failing = one(opening(world), which);
    if (!failing?.opening) return;
    const stops = how === 0;
    const { number: compartment, opening: under } = failing;
    world.put(
      { input: 'lock-failed', compartment, grant: under.grant, cause, attempts: 3 },
      `the lock of ${compartment} fails${stops ? ', and the gateway stops' : ''}`,
      stops,
    );
    if (stops) world.restart();
  },
);

const grantExpires = happens(any, (world, which) => {
  const waiting = one(opening(world), which);
  if (!waiting?.opening) return;
  const { number: compartment, opening: under } = waiting;
  world.put({ input: 'grant-expired', compartment, grant: under.grant }, `nobody used ${under.grant}`);
});

/** The gateway is away for a while; doors tell how openings that were under way ended. */
const restarts = happens(any, (world, how) => {
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
});

/** The end of a grant that ended before. */
const endsAgain = happens(
  fc.tuple(any, fc.constantFrom('grant-expired', 'grant-orphaned')),
  (world, [which, input]) => {
    const ended = [...world.ledger.grants.values()].filter((each) => each.ended !== undefined);
    const { compartment, grant } = one(ended, which)?.data ?? { compartment: 1, grant: 'none' };
    const { event } = world.put({ input, compartment, grant }, `${grant} ends once more (${input})`);
    if (event) throw new Error('A grant that had ended ended something.');
  },
);

const boardSpeaks = happens(
  fc.tuple(fc.constantFrom(...BOARDS), fc.constantFrom(true, true, false)),
  (world, [board, answers]) => {
    const isNew = world.state.compartments.some((each) => each.board === board && each.door === 'unknown');
    if (answers && isNew) world.boardFound(board);
    world.put({ input: 'board', board, answers }, `the board ${board} ${answers ? 'answers' : 'is silent'}`);
  },
);

const clockIsSet = happens(
  fc.constantFrom(-HOUR, -MINUTE, 30_000, 2 * MINUTE, HOUR, 2 * HOUR, 25 * HOUR),
  (world, by) => world.setClock(by),
);

const nobodyAnswers = happens(any, (world, which) => {
  const session = one([...world.state.sessions.values()], which);
  if (session) timeOut(world, session);
});

const staysOpen = happens(any, (world, which) => {
  const compartment = one(open(world), which)?.number ?? 1;
  world.put({ input: 'open-too-long', compartment }, `door ${compartment} has stood open for too long`);
});

const itemReaderLooks = happens(any, (world, which) => {
  const compartment = one(unsettled(world), which) ?? one(open(world), which);
  const watched = world.state.setting.compartments.find((each) => each.number === compartment?.number);
  if (compartment && watched?.itemReader) see(world, compartment.number, one(ITEMS, which), which % 2 === 0);
});

const overdue = happens(fc.boolean(), (world, isLate) => {
  if (isLate) world.setClock(2 * HOUR);
  checkOverdue(world);
});

const administers = happens(
  fc.tuple(
    fc.constantFrom(
      'open',
      'service-open',
      'release',
      'block',
      'unblock',
      'return-to-service',
      'assign',
      'withdraw',
      'assign-code',
      'stock',
      'empty',
    ),
    number,
    any,
  ),
  (world, [input, compartment, how]) => administer(world, input, compartment, how),
);

/** Blocks and faults come to an end. */
const repairs = happens(number, (world, compartment) => {
  const known = world.state.compartments.find((each) => each.number === compartment);
  if (known?.blocked !== undefined) administer(world, 'unblock', compartment, 0);
  if (known?.outOfOrder !== undefined) administer(world, 'return-to-service', compartment, 0);
  const board = known?.board ?? 'left';
  world.put({ input: 'board', board, answers: true }, `the board ${board} answers`);
});

const RIGHTS = {
  'the usual right': () => ({}),
  'the right to pick': () => ({ pick: true }),
  'no right any more': (now: number) => ({ validUntil: now }),
  'the right to some compartments': () => ({ compartmentGroups: ['late'] }),
};
const rightsChange = happens(
  fc.tuple(
    user,
    fc.constantFrom<keyof typeof RIGHTS>(
      'the usual right',
      'the right to pick',
      'no right any more',
      'the right to some compartments',
    ),
  ),
  (world, [who, what]) => {
    world.rights.set(who, { ...rightOf(who, false), ...RIGHTS[what](world.now) });
    world.story.push(`${who} has ${what}`);
  },
);

const modeChanges = happens(
  fc.tuple(fc.constantFrom(...Object.keys(SCHEMAS)), fc.nat(15)),
  (world, [schema, how]) => {
    const force = how < 3;
    const empty = world.state.compartments.every(({ occupiedSince }) => occupiedSince === undefined);
    // Most histories stay with the schema that they began with.
    if (!force && empty && how < 14) return;
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

const siteFileIsRead = happens(fc.constant(undefined), (world) => {
  world.put({ input: 'configure', setting: world.state.setting }, 'the site file is read again');
});

const faultIsTold = happens(
  fc.tuple(number, fc.constantFrom(...FAULT_REASONS), panel),
  (world, [compartment, fault, where]) => {
    const words = `somebody at ${where} says that ${compartment} is ${fault}`;
    world.put({ input: 'report-fault', compartment, fault, panel: where }, words);
  },
);

const wrongPin = happens(panel, (world, reader) => {
  const input = { input: 'turned-away', reason: 'unknown-credential', kind: 'pin', reader } as const;
  world.put(input, `a wrong PIN is typed at ${reader}`);
});

const snapshot = happens(fc.constant(undefined), (world) => world.keepSnapshot());

/** What happens, weighted so that flows come to their ends often and are disturbed often enough. */
export const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 40, arbitrary: proceeds },
  { weight: 8, arbitrary: comes },
  { weight: 6, arbitrary: prepares },
  { weight: 4, arbitrary: anybody },
  { weight: 2, arbitrary: inAFlow },
  { weight: 1, arbitrary: guest },
  { weight: 1, arbitrary: picksAny },
  { weight: 2, arbitrary: cancels },
  { weight: 3, arbitrary: tries },
  { weight: 3, arbitrary: doorMoves },
  { weight: 4, arbitrary: lockFails },
  { weight: 2, arbitrary: grantExpires },
  { weight: 2, arbitrary: restarts },
  { weight: 1, arbitrary: endsAgain },
  { weight: 2, arbitrary: boardSpeaks },
  { weight: 2, arbitrary: clockIsSet },
  { weight: 3, arbitrary: nobodyAnswers },
  { weight: 1, arbitrary: staysOpen },
  { weight: 2, arbitrary: itemReaderLooks },
  { weight: 2, arbitrary: overdue },
  { weight: 6, arbitrary: administers },
  { weight: 4, arbitrary: repairs },
  { weight: 3, arbitrary: rightsChange },
  { weight: 1, arbitrary: modeChanges },
  { weight: 1, arbitrary: siteFileIsRead },
  { weight: 1, arbitrary: faultIsTold },
  { weight: 1, arbitrary: wrongPin },
  { weight: 2, arbitrary: snapshot },
);

export const premises: fc.Arbitrary<Premises> = fc.record({
  watched: fc.subarray([...NUMBERS]),
  twoPersons: fc.constantFrom('no', 'no', 'no', 'no', 'no', 'no', 'anybody', 'night'),
  closeFirst: fc.constantFrom(false, false, true),
  waitFor: fc.constantFrom(0, 0, 0, 0, 20_000),
  overdue: fc.boolean(),
  pickers: fc.subarray([...NAMES]),
  allHeard: fc.boolean(),
});
