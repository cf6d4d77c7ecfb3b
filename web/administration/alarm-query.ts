import { Ajv } from 'ajv';
import type { AlarmSource } from '../../domain/alarms/alarm.ts';
import type { AlarmView } from '../../gateway/api.ts';
import { byPlace, type Place, placeOf } from './alarm-json.ts';
import { ALARM_QUERY, USUAL_PAGE } from './shapes.ts';
import { wordsFor } from './words.ts';

/** Which alarms are asked for. */
export interface AlarmQuery {
  /** `all`: those as well that were set apart for when they come up again. */
  readonly which?: 'retained' | 'all';
  /** The least severity. */
  readonly severity?: number;
  readonly source?: AlarmSource['source'];
  readonly cabinet?: string;
  readonly cassette?: string;
  readonly limit?: number;
  /** Where the page before ended. */
  readonly after?: string;
}

/** A page of alarms, the most urgent and oldest first. */
export interface AlarmPage {
  readonly alarms: readonly AlarmView[];
  /** How many fit on all pages. */
  readonly total: number;
  /** For the next page; left out where this is the last one. */
  readonly next?: string;
}

// Addresses hold texts: numbers are read from them.
const isQuery = new Ajv({ coerceTypes: true }).compile<AlarmQuery>(ALARM_QUERY);

/** Reads the query of an address; a sentence that says what is wrong with it where it is none. */
export function readAlarmQuery(given: object): AlarmQuery | string {
  const query: unknown = { ...given };
  if (!isQuery(query)) return wordsFor('query', isQuery.errors);
  return query.after !== undefined && placeFrom(query.after) === undefined
    ? 'query.after is not what a page before this one gave as `next`.'
    : query;
}

/** The page of alarms that a query asks for. */
export function pageOf(alarms: readonly AlarmView[], query: AlarmQuery): AlarmPage {
  const { limit = USUAL_PAGE, after } = query;
  const all = alarms.filter((alarm) => fits(alarm, query)).sort((a, b) => byPlace(placeOf(a), placeOf(b)));
  const place = after === undefined ? undefined : placeFrom(after);
  const rest = place ? all.filter((alarm) => byPlace(placeOf(alarm), place) > 0) : all;
  const page = rest.slice(0, limit);
  const last = page.at(-1);
  return {
    alarms: page,
    total: all.length,
    ...(last && rest.length > page.length && { next: asText(placeOf(last)) }),
  };
}

function fits(
  { source, severity, retained }: AlarmView,
  { which = 'retained', severity: least = 1, source: about, cabinet, cassette }: AlarmQuery,
): boolean {
  return (
    (retained || which === 'all') &&
    severity >= least &&
    (about === undefined || source.source === about) &&
    (cabinet === undefined || ('cabinet' in source && source.cabinet === cabinet)) &&
    (cassette === undefined || ('cassette' in source && source.cassette === cassette))
  );
}

function asText(place: Place): string {
  return Buffer.from(JSON.stringify(place)).toString('base64url');
}

function placeFrom(text: string): Place | undefined {
  try {
    const parts: unknown = JSON.parse(Buffer.from(text, 'base64url').toString());
    if (!Array.isArray(parts) || parts.length !== 3) return undefined;
    const [severity, since, id] = parts as unknown[];
    return typeof severity === 'number' && typeof since === 'number' && typeof id === 'string'
      ? [severity, since, id]
      : undefined;
  } catch {
    return undefined;
  }
}
