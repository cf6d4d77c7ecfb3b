/** State, Linked and InMachine of a cassette as they were. */
import { DataType, StatusCodes, Variant } from 'node-opcua';
import type { CassetteEvent } from '../../domain/cassette/events.ts';
import type { Phase } from '../../domain/cassette/setting.ts';
import { UNCONFIGURED_CASSETTE } from '../../domain/cassette/state.ts';
import type { LoggedEvent } from '../../domain/event.ts';
import type { CassetteId } from '../../domain/site.ts';
import { CASSETTE_NUMBERS } from '../cassette-enumerations.ts';
import { type HistoryLog, inTime, type Steps } from './log.ts';
import type { Past, Shown, Timeline } from './timeline.ts';

type Types = readonly CassetteEvent['type'][];

/** Events that tell the phase. */
const PHASE_TYPES: Types = [
  'cassette-restarted',
  'key-used',
  'key-overridden',
  'armed-by-insertion',
  'service-entered',
  'service-finished',
  'stained',
];
/** Events that tell whether the controller answers; after a start it has not yet. */
const LINK_TYPES: Types = ['cassette-restarted', 'link-lost', 'link-restored'];

interface Known {
  readonly phase: Phase;
  readonly linked: boolean;
  /** Undefined while nothing has been heard of it. */
  readonly inMachine?: boolean;
  readonly configured: boolean;
}

const NOTHING_KNOWN: Known = { phase: UNCONFIGURED_CASSETTE.phase, linked: false, configured: false };

/** The variables of a cassette that have a history. */
export const CASSETTE_HISTORY = ['State', 'Linked', 'InMachine'] as const;
export type CassetteHistory = (typeof CASSETTE_HISTORY)[number];

/** The history of one variable of a cassette. */
export function cassetteTimeline(cassette: CassetteId, variable: CassetteHistory): Timeline<Known> {
  const stream = `cassette/${cassette}`;
  // Each group is looked back in for the last event that tells: what comes first, in words of the log.
  const groups: readonly Group[] = [
    { types: ['cassette-configured'], tells: () => true },
    ...GROUPS[variable],
  ];
  return {
    sources: groups.map(({ types }) => ({ stream, types })),
    async *before(log: HistoryLog, time): Steps<never, Past<Known>> {
      const events: LoggedEvent[] = [];
      for (const { types, tells } of groups) {
        const past = yield* log.lookBack({ stream, types }, time, tells);
        events.push(...past.events);
      }
      return { state: NOTHING_KNOWN, since: time, events: events.sort(inTime) };
    },
    next: (known, event) => next(known, event as CassetteEvent & LoggedEvent),
    shown: (known) => (known.configured ? shown(known, variable) : undefined),
  };
}

interface Group {
  readonly types: Types;
  readonly tells: (event: LoggedEvent) => boolean;
}

const LINK: Group = { types: LINK_TYPES, tells: () => true };
const GROUPS: Readonly<Record<CassetteHistory, readonly Group[]>> = {
  State: [{ types: PHASE_TYPES, tells: () => true }],
  Linked: [LINK],
  InMachine: [
    LINK,
    {
      types: ['part-changed'],
      tells: (event) =>
        (event as CassetteEvent & LoggedEvent & { type: 'part-changed' }).data.part === 'machine',
    },
  ],
};

function next(known: Known, event: CassetteEvent): Known {
  const { type, data } = event;
  if (type === 'cassette-configured') return { ...known, configured: true };
  if (type === 'cassette-restarted') return { ...known, configured: true, phase: data.phase, linked: false };
  if (type === 'link-lost' || type === 'link-restored') return { ...known, linked: type === 'link-restored' };
  if (type === 'part-changed') {
    return data.part === 'machine' ? { ...known, inMachine: data.state === 'inserted' } : known;
  }
  return 'to' in data ? { ...known, phase: data.to } : known;
}

function shown({ phase, linked, inMachine }: Known, variable: CassetteHistory): Shown {
  if (variable === 'State') {
    const value = CASSETTE_NUMBERS.CassetteStateEnumeration[phase];
    return { value: new Variant({ dataType: DataType.Int32, value }), status: StatusCodes.Good };
  }
  if (variable === 'Linked') return { value: flag(linked), status: StatusCodes.Good };
  return {
    value: inMachine === undefined ? new Variant() : flag(inMachine),
    status: !linked
      ? StatusCodes.BadNoCommunication
      : inMachine === undefined
        ? StatusCodes.BadNoData
        : StatusCodes.Good,
  };
}

function flag(value: boolean): Variant {
  return new Variant({ dataType: DataType.Boolean, value });
}
