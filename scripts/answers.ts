/** Answers to questions about a site, as rows and lines for a person. Times are UTC. */

import type { CassetteEvent } from '../domain/cassette/events.ts';
import type { LoggedEvent } from '../domain/event.ts';
import type { WeeklyWindow } from '../domain/rights.ts';
import { cassetteEventText } from '../domain/texts/cassette-texts.ts';
import type { CompartmentOccupancy, EventQuery, Possession } from '../gateway/api.ts';
import { lineFor } from './event-line.ts';

/** The answer to one of the questions. */
export interface QueryAnswer {
  readonly events?: readonly LoggedEvent[];
  readonly next?: string;
  readonly compartments?: readonly CompartmentOccupancy[];
  readonly possessions?: readonly Possession[];
}

/** What of the command line says which events are wanted. */
export interface EventOptions {
  readonly cabinet?: string | undefined;
  readonly cassette?: readonly string[] | undefined;
  readonly compartment?: string | undefined;
  readonly user?: string | undefined;
  readonly item?: string | undefined;
  readonly type?: readonly string[] | undefined;
  readonly from?: string | undefined;
  readonly until?: string | undefined;
  readonly 'oldest-first'?: boolean | undefined;
  readonly limit?: string | undefined;
  readonly after?: string | undefined;
}

/** The query for what was typed. Throws where a time or number is none. */
export function eventQueryFor(options: EventOptions): EventQuery {
  const { cabinet, user, item, type, after } = options;
  return {
    ...(cabinet !== undefined && { cabinet }),
    ...streamFor(options),
    ...(user !== undefined && { user }),
    ...(item !== undefined && { item }),
    ...(type !== undefined && { types: type }),
    ...(after !== undefined && { after }),
    ...(options['oldest-first'] && { order: 'oldest-first' as const }),
    ...numberFor(options, 'compartment'),
    ...numberFor(options, 'limit'),
    ...timeFor(options, 'from'),
    ...timeFor(options, 'until'),
  };
}

/** The stream of the one cassette that was named. */
function streamFor({ cassette = [] }: EventOptions) {
  if (cassette.length > 1) throw new Error('Give one --cassette.');
  return cassette.length === 0 ? {} : { stream: `cassette/${cassette[0]}` };
}

function numberFor(options: EventOptions, name: 'compartment' | 'limit') {
  const typed = options[name];
  if (typed === undefined) return {};
  if (!/^\d+$/.test(typed)) throw new Error(`--${name} takes a whole number, not "${typed}".`);
  return { [name]: Number(typed) };
}

function timeFor(options: EventOptions, name: 'from' | 'until') {
  const typed = options[name];
  if (typed === undefined) return {};
  const time = Date.parse(typed);
  if (Number.isNaN(time)) {
    throw new Error(`--${name} takes a time such as 2026-03-01 or 2026-03-01T08:00Z, not "${typed}".`);
  }
  return { [name]: time };
}

/** A page of events as lines, the day included; and how to ask for the next page, where there is one. */
export function eventLines(events: readonly LoggedEvent[], next?: string): string[] {
  if (events.length === 0) return ['Nothing.'];
  const lines = events.map((event) => {
    const data = event.data as Readonly<Record<string, unknown>>;
    const texts = event.stream.startsWith('cassette/')
      ? cassetteEventText(event as LoggedEvent & CassetteEvent)
      : undefined;
    return `${event.at.slice(0, 10)} ${lineFor({ ...event, data, ...(texts && { texts }) })}`;
  });
  return next === undefined ? lines : [...lines, `… and more: the same command with --after ${next}`];
}

/** The compartments of a report on occupancy as rows. */
export function occupancyRows(compartments: readonly CompartmentOccupancy[]): object[] {
  return compartments.map(
    ({ cabinet, compartment, status, door, taken, holders, depositor, recipient, items, ...rest }) => ({
      cabinet,
      compartment,
      status,
      door,
      taken: taken.join(', '),
      holders: holders.join(', '),
      'left by': depositor ?? '',
      for: recipient ?? '',
      items: items.join(', '),
      ...sinceWhen(rest),
    }),
  );
}

/** Names of the days of the week as ISO 8601 counts them, from 1. */
const DAYS = ['', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun'] as const;

/** A list of anything as rows: times as times, weekly hours and lists in words. */
export function listRows(list: readonly object[]): object[] {
  return list.map((entry) =>
    Object.fromEntries(Object.entries(entry).map(([name, value]) => [name, cellOf(name, value)])),
  );
}

function cellOf(name: string, value: unknown): unknown {
  if ((name === 'validFrom' || name === 'validUntil') && typeof value === 'number') {
    return new Date(value).toISOString();
  }
  if (name === 'weekly' && Array.isArray(value)) return value.map(hoursOf).join('; ');
  return Array.isArray(value) ? value.join(', ') : value;
}

function hoursOf({ days, from, to }: WeeklyWindow): string {
  return `${days.map((day) => DAYS[day]).join(' ')} ${from}-${to}`;
}

/** What somebody has, as rows. */
export function possessionRows(possessions: readonly Possession[]): object[] {
  return possessions.map((possession) => ({
    what: possession.kind,
    cabinet: possession.cabinet,
    compartment: possession.compartment,
    user: 'user' in possession ? possession.user : '',
    item: 'item' in possession ? (possession.item ?? '') : '',
    'left by': possession.kind === 'deposit' ? (possession.depositor ?? 'guest') : '',
    for: possession.kind === 'deposit' ? (possession.recipient ?? '') : '',
    ...sinceWhen(possession),
  }));
}

function sinceWhen({
  since,
  age,
  overdue,
}: {
  readonly since?: number;
  readonly age?: number;
  readonly overdue: boolean;
}): object {
  return {
    since: since === undefined ? '' : `${new Date(since).toISOString().slice(0, 16).replace('T', ' ')}`,
    age: age === undefined ? '' : durationFor(age),
    overdue: overdue ? 'overdue' : '',
  };
}

/** A duration by its two largest units, e.g. `3 d 4 h`. */
function durationFor(milliseconds: number): string {
  const minutes = Math.floor(milliseconds / 60_000);
  const hours = Math.floor(minutes / 60);
  const days = Math.floor(hours / 24);
  if (days > 0) return `${days} d ${hours % 24} h`;
  return hours > 0 ? `${hours} h ${minutes % 60} min` : `${minutes} min`;
}
