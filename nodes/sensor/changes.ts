/** What events of a cassette say of its sensors and parts. */
import type { CassetteEventType, EventOf } from '../../domain/cassette/events.ts';
import { SENSORS } from '../../domain/cassette/readings.ts';
import type { Phase } from '../../domain/cassette/setting.ts';
import type { CassetteId, Milliseconds } from '../../domain/site.ts';
import type { LocalizedText } from '../../domain/texts/texts.ts';
import type { CassetteNotice } from '../../gateway/api.ts';

/** What can change: sensors, parts of the controller, the link to it, and the area that a cassette is to stay in. */
export const SOURCES = [
  ...SENSORS,
  'battery',
  'power',
  'ink',
  'trigger',
  'self-test',
  'stainer',
  'notes',
  'machine',
  'link',
  'area',
] as const;
export type Source = (typeof SOURCES)[number];

/** How it changed, with what belongs to it. */
type Change =
  | {
      readonly change: 'active' | 'clear';
      /** What the sensor measured, where it measures. */
      readonly value?: number;
      /** What the sensor does in this phase: `off`, `report`, `log`; `live`, `low`, `high`: it stains. */
      readonly liveness: string;
    }
  /** A level of gas: `none`, `warning`, `critical`; in % of the lower explosive limit. */
  | { readonly change: 'level'; readonly level: string; readonly value: number }
  /** It changed so often that it can no longer be relied on. */
  | { readonly change: 'unsteady'; readonly changes: number }
  /** A countdown began: what caused it can still be undone. Milliseconds. */
  | { readonly change: 'pre-alarm'; readonly lasts: Milliseconds }
  | { readonly change: 'pre-alarm-over' }
  /** The sensor was tried in a test, and answered. */
  | { readonly change: 'proved' }
  /** A part, the link or the area is now in another state. `by`: who said so of the area. */
  | { readonly change: 'state'; readonly state: string; readonly by?: string }
  /** Frames that were passed over: `malformed`, `not-authentic` or `replayed`. */
  | { readonly change: 'frames-rejected'; readonly reason: string; readonly count: number };

type SourceChange = { readonly source: Source } & Change;

/** A change as a message carries it. */
export type SensorPayload = SourceChange & {
  readonly cassette: CassetteId;
  readonly phase: Phase;
  /** Where it calls for somebody: 1 to 1000, as in OPC UA. */
  readonly severity?: number;
  /** Milliseconds since 1970-01-01T00:00:00Z. */
  readonly at: Milliseconds;
  /** The sentence for people. */
  readonly text: LocalizedText;
};

type ChangeTable = {
  readonly [Type in CassetteEventType]?: (data: EventOf<Type>['data']) => SourceChange;
};

const TOLD: ChangeTable = {
  'sensor-changed': ({ sensor, active, value, liveness }) => ({
    source: sensor,
    change: active ? 'active' : 'clear',
    ...(value !== undefined && { value }),
    liveness,
  }),
  'gas-level-changed': ({ level, value }) => ({ source: 'gas', change: 'level', level, value }),
  'sensor-unsteady': ({ sensor, changes }) => ({ source: sensor, change: 'unsteady', changes }),
  'pre-alarm-begun': ({ sensor, lasts }) => ({ source: sensor, change: 'pre-alarm', lasts }),
  'pre-alarm-ended': ({ sensor }) => ({ source: sensor, change: 'pre-alarm-over' }),
  'sensor-proved': ({ sensor }) => ({ source: sensor, change: 'proved' }),
  'part-changed': ({ part, state }) => ({ source: part, change: 'state', state }),
  'link-lost': () => ({ source: 'link', change: 'state', state: 'lost' }),
  'link-restored': () => ({ source: 'link', change: 'state', state: 'restored' }),
  'frames-rejected': ({ reason, count }) => ({ source: 'link', change: 'frames-rejected', reason, count }),
  'area-left': ({ source }) => ({ source: 'area', change: 'state', state: 'outside', by: source }),
  'area-entered': ({ source }) => ({ source: 'area', change: 'state', state: 'inside', by: source }),
};

/** What an event says of a sensor or part, or undefined where it is about something else. */
export function sensorPayload(notice: CassetteNotice): SensorPayload | undefined {
  // The entry of a type takes the data of that type, which the compiler does not follow through the union.
  const change = (TOLD[notice.type] as ((data: object) => SourceChange) | undefined)?.(notice.data);
  if (!change) return undefined;
  return {
    ...change,
    cassette: notice.cassette,
    phase: notice.view.phase,
    ...(notice.alarm && { severity: notice.alarm.severity }),
    at: notice.at,
    text: { ...notice.text },
  };
}
