/** State and Door of a compartment as they were: the gateway's own fold, over the events of that compartment alone. */
import { DataType, StatusCodes, Variant } from 'node-opcua';
import type { CabinetEvent } from '../../domain/cabinet/events.ts';
import { evolve, UNCONFIGURED } from '../../domain/cabinet/evolve.ts';
import { type CabinetState, compartmentOf, statusOf } from '../../domain/cabinet/state.ts';
import type { LoggedEvent } from '../../domain/event.ts';
import type { CabinetId, CompartmentNumber, Milliseconds } from '../../domain/site.ts';
import { DOOR_NUMBERS, STATE_NUMBERS } from '../enumerations.ts';
import { type HistoryLog, inTime, type Source, type Steps } from './log.ts';
import type { Past, Shown, Timeline } from './timeline.ts';

interface Known {
  /** A cabinet of one compartment. */
  readonly cabinet: CabinetState;
  /** Whether enough of the past was seen to be sure. */
  readonly sure: boolean;
}

type OfType<Type extends CabinetEvent['type']> = LoggedEvent & Extract<CabinetEvent, { readonly type: Type }>;

const DOOR_TYPES = ['door-opened', 'door-closed', 'door-forced', 'door-left-open'];
const BOARD_TYPES = ['board-lost', 'board-found'];

/** The history of a compartment's State or Door. */
export function compartmentTimeline(
  cabinet: CabinetId,
  number: CompartmentNumber,
  variable: 'State' | 'Door',
): Timeline<Known> {
  const stream = `cabinet/${cabinet}`;
  const state = variable === 'State';
  const own: Source = { stream, compartment: number, ...(!state && { types: DOOR_TYPES }) };
  const wide: Source = {
    stream,
    types: ['cabinet-configured', ...BOARD_TYPES, ...(state ? ['mode-changed'] : ['doors-found'])],
  };
  return {
    sources: [own, wide],
    before: (log, time) =>
      before(log, stream, number, time, state ? own : { ...own, types: DOOR_TYPES }, state),
    next: (known, event) => ({
      cabinet: folded(known.cabinet, event, number),
      sure: known.sure || !state || settles(event),
    }),
    shown: ({ cabinet: known, sure }) => {
      const shown = state ? stateOf(known, number) : doorOf(known, number);
      return !shown || sure ? shown : { ...shown, status: StatusCodes.UncertainDataSubNormal };
    },
  };
}

/** What has to be known of the past: the configuration, what happened to the compartment, and whether its board answered. */
async function* before(
  log: HistoryLog,
  stream: string,
  number: CompartmentNumber,
  time: Milliseconds,
  own: Source,
  state: boolean,
): Steps<never, Past<Known>> {
  const setUp = yield* log.lookBack({ stream, types: ['cabinet-configured'] }, time, (event) =>
    has(event as OfType<'cabinet-configured'>, number),
  );
  const [configured] = setUp.events;
  const begin: Known = { cabinet: UNCONFIGURED, sure: true };
  if (!configured || !has(configured as OfType<'cabinet-configured'>, number))
    return { state: begin, since: time, events: [] };
  const past = yield* log.lookBack(own, time, state ? settles : () => true);
  const first = past.events[0]?.at ?? configured.at;
  const board = boardOf(configured as OfType<'cabinet-configured'>, number);
  // The last word of the board is enough: what it found, or finds next, is in service again either way.
  const boards = yield* log.lookBack(
    { stream, types: BOARD_TYPES },
    time,
    (event) => (event as OfType<'board-lost'>).data.board === board,
  );
  const others = yield* state
    ? all(log, { stream, types: ['mode-changed'] }, Date.parse(first), time)
    : found(log, stream, number, time, past.events.length > 0);
  const events = [...past.events, ...boards.events, ...others].sort(inTime);
  const cabinet = seeded(
    folded(UNCONFIGURED, configured, number),
    past.whole ? past.events[0] : undefined,
    number,
  );
  const since = Math.min(Date.parse(configured.at), Date.parse(first));
  return { state: { cabinet, sure: past.whole }, since, events };
}

/** Events of a short list, from a time on. */
async function* all(
  log: HistoryLog,
  source: Source,
  from: Milliseconds,
  time: Milliseconds,
): Steps<never, LoggedEvent[]> {
  const events: LoggedEvent[] = [];
  for await (const event of log.read(source, from, time)) {
    if (event) events.push(event);
    else yield undefined;
  }
  return events;
}

/** What a board said at first counts while nothing else is known of the door. */
async function* found(
  log: HistoryLog,
  stream: string,
  number: CompartmentNumber,
  time: Milliseconds,
  known: boolean,
): Steps<never, LoggedEvent[]> {
  if (known) return [];
  const names = (event: LoggedEvent): boolean => {
    const { open, closed } = (event as OfType<'doors-found'>).data;
    return open.includes(number) || closed.includes(number);
  };
  const { events } = yield* log.lookBack({ stream, types: ['doors-found'] }, time, names);
  return events.filter(names);
}

/**
 * Whether an event tells all about a compartment. Whoever is given one for themselves finds it neither blocked nor out of order,
 * and holds it from then on; where something is to be left or brought back, it is empty besides.
 */
function settles(event: LoggedEvent): boolean {
  if (event.type !== 'compartment-granted') return false;
  const { allocation, user, purpose, deposit } = (event as OfType<'compartment-granted'>).data;
  if (purpose === 'deposit') return deposit !== undefined;
  return purpose === 'return' || (user !== undefined && allocation !== 'none');
}

/** A person who opens what is theirs already held it before. */
function seeded(
  cabinet: CabinetState,
  first: LoggedEvent | undefined,
  number: CompartmentNumber,
): CabinetState {
  if (!first || !settles(first)) return cabinet;
  const { allocation, user } = (first as OfType<'compartment-granted'>).data;
  if (allocation !== 'existing' || user === undefined) return cabinet;
  const compartments = cabinet.compartments.map((known) =>
    known.number === number ? { ...known, holders: [user] } : known,
  );
  return { ...cabinet, compartments };
}

function has({ data }: OfType<'cabinet-configured'>, number: CompartmentNumber): boolean {
  return data.cabinet.compartments.some((compartment) => compartment.number === number);
}

function boardOf({ data }: OfType<'cabinet-configured'>, number: CompartmentNumber): string | undefined {
  return data.cabinet.compartments.find((compartment) => compartment.number === number)?.board;
}

/** The state after an event, of a cabinet in which nothing but that compartment exists. */
function folded(cabinet: CabinetState, event: LoggedEvent, number: CompartmentNumber): CabinetState {
  const at = Date.parse(event.at);
  if (event.type !== 'cabinet-configured') return evolve(cabinet, event as CabinetEvent & LoggedEvent, at);
  const { actor, type, data } = event as OfType<'cabinet-configured'>;
  const compartments = data.cabinet.compartments.filter((compartment) => compartment.number === number);
  return evolve(cabinet, { type, actor, data: { ...data, cabinet: { ...data.cabinet, compartments } } }, at);
}

function stateOf(cabinet: CabinetState, number: CompartmentNumber): Shown | undefined {
  const compartment = compartmentOf(cabinet, number);
  return compartment && int32(STATE_NUMBERS[statusOf(cabinet, compartment)]);
}

function doorOf(cabinet: CabinetState, number: CompartmentNumber): Shown | undefined {
  const compartment = compartmentOf(cabinet, number);
  if (!compartment) return undefined;
  const status = cabinet.lostBoards.has(compartment.board)
    ? StatusCodes.BadNoCommunication
    : StatusCodes.Good;
  return { ...int32(DOOR_NUMBERS[compartment.door]), status };
}

function int32(value: number): Shown {
  return { value: new Variant({ dataType: DataType.Int32, value }), status: StatusCodes.Good };
}
