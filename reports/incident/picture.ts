/** What the picture of the hour before a staining shows; where it lies on the paper is no matter here. */
import type { CassetteLoggedEvent, Incident } from '../../domain/cassette/incident.ts';
import { INCIDENT_WINDOW } from '../../domain/cassette/incident.ts';
import { SENSORS, type Sensor } from '../../domain/cassette/readings.ts';
import { isLive } from '../../domain/cassette/rules.ts';
import type { Phase } from '../../domain/cassette/setting.ts';
import type { Milliseconds } from '../../domain/site.ts';

/** A stretch of time. Milliseconds since 1970, UTC. */
export interface Span {
  readonly from: Milliseconds;
  readonly to: Milliseconds;
}

/** How long a sensor was active, and whether it could stain then. */
export type SensorSpan = Span & { readonly live: boolean };

export interface KeyPoint {
  readonly at: Milliseconds;
  readonly accepted: boolean;
  /** Its id; undefined where it is not known. */
  readonly key?: string;
}

export interface Picture extends Span {
  readonly phases: readonly (Span & { readonly phase: Phase })[];
  readonly keys: readonly KeyPoint[];
  /** The sensors that showed something, in their usual order. */
  readonly sensors: readonly { readonly sensor: Sensor; readonly spans: readonly SensorSpan[] }[];
  /** While the controller did not answer. */
  readonly silences: readonly Span[];
  /** Full ten minutes. */
  readonly ticks: readonly Milliseconds[];
}

const TICK: Milliseconds = 600_000;

/** The picture of a record: the hour up to the staining, or less where the log begins within it. */
export function pictureOf({ events, stained }: Incident): Picture {
  const to = Date.parse(stained.at);
  const [first] = events;
  const hour = to - INCIDENT_WINDOW;
  const from = first && first.seq === 1 ? Math.min(to - 1, Math.max(hour, timeOf(first))) : hour;
  const range = { from, to };
  return {
    ...range,
    phases: phasesIn(events, stained.phase, range),
    keys: events.flatMap((event) => keyPoint(event)).filter(({ at }) => at >= from && at <= to),
    sensors: SENSORS.map((sensor) => ({ sensor, spans: sensorSpans(events, sensor, range) })).filter(
      ({ spans }) => spans.length > 0,
    ),
    silences: silencesIn(events, range),
    ticks: ticksIn(range),
  };
}

function phasesIn(events: readonly CassetteLoggedEvent[], last: Phase, range: Span): Picture['phases'] {
  const changes = events.flatMap((event) =>
    'to' in event.data ? [{ at: timeOf(event), ...event.data }] : [],
  );
  let phase = changes[0]?.from ?? last;
  let since = range.from;
  const spans: (Span & { readonly phase: Phase })[] = [];
  for (const change of changes) {
    const at = Math.min(Math.max(change.at, range.from), range.to);
    if (at > since) spans.push({ phase, from: since, to: at });
    since = at;
    phase = change.to;
  }
  return spans;
}

function keyPoint(event: CassetteLoggedEvent): readonly KeyPoint[] {
  if (event.type !== 'key-used' && event.type !== 'key-refused') return [];
  const { key } = event.data;
  return [{ at: timeOf(event), accepted: event.type === 'key-used', ...(key !== undefined && { key }) }];
}

/** When a sensor was active. Nothing is known of it any more once the link is lost or the gateway starts again. */
function sensorSpans(
  events: readonly CassetteLoggedEvent[],
  sensor: Sensor,
  range: Span,
): readonly SensorSpan[] {
  const spans: SensorSpan[] = [];
  let open: { readonly from: Milliseconds; readonly live: boolean } | undefined;
  let heard = false;
  const close = (to: Milliseconds): void => {
    if (open && to >= range.from) spans.push({ ...open, from: Math.max(open.from, range.from), to });
    open = undefined;
  };
  for (const event of events) {
    const at = timeOf(event);
    if (event.type === 'link-lost' || event.type === 'cassette-restarted') close(at);
    const change = activityIn(event, sensor);
    if (!change) continue;
    // It was active before the first event that is kept.
    if (!heard && !change.active && !open) open = { from: range.from, live: change.live };
    heard = true;
    if (!change.active) close(at);
    else if (open?.live !== change.live) {
      close(at);
      open = { from: at, live: change.live };
    }
  }
  close(range.to);
  return spans;
}

function activityIn(
  event: CassetteLoggedEvent,
  sensor: Sensor,
): { readonly active: boolean; readonly live: boolean } | undefined {
  if (event.type === 'gas-level-changed' && sensor === 'gas') {
    return { active: event.data.level !== 'none', live: false };
  }
  if (event.type !== 'sensor-changed' || event.data.sensor !== sensor) return undefined;
  const { active, liveness } = event.data;
  // Below its critical level gas is no longer told as a sensor, but its level may still be a warning.
  return sensor === 'gas' && !active ? undefined : { active, live: isLive(liveness) };
}

function silencesIn(events: readonly CassetteLoggedEvent[], range: Span): readonly Span[] {
  const spans: Span[] = [];
  let lost: Milliseconds | undefined;
  for (const event of events) {
    if (event.type === 'link-lost') lost = timeOf(event);
    if (event.type === 'link-restored' && lost !== undefined) {
      if (timeOf(event) >= range.from) spans.push({ from: Math.max(lost, range.from), to: timeOf(event) });
      lost = undefined;
    }
  }
  if (lost !== undefined) spans.push({ from: Math.max(lost, range.from), to: range.to });
  return spans;
}

function ticksIn({ from, to }: Span): readonly Milliseconds[] {
  const first = Math.ceil(from / TICK) * TICK;
  const count = Math.max(0, Math.floor((to - first) / TICK) + 1);
  return Array.from({ length: count }, (_none, index) => first + index * TICK);
}

function timeOf({ at }: CassetteLoggedEvent): Milliseconds {
  return Date.parse(at);
}
