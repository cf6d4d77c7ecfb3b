/**
 * The record of a staining: what the log says of the hour before it, put together by following the stream of the
 * cassette from its beginning up to the event `stained`. Everything in it can be told again from the same events.
 */
import type { LoggedEvent } from '../event.ts';
import type { CassetteId, Milliseconds } from '../site.ts';
import { AUTOMATIC, type CassetteEvent, type StainCause } from './events.ts';
import { evolveCassette } from './evolve.ts';
import type { KeyRole, Rom } from './key.ts';
import { type Readings, SENSORS, type Sensor } from './readings.ts';
import type { CassetteRefusalCode } from './refusal.ts';
import { type Liveness, livenessOf, RULES } from './rules.ts';
import type { CassetteSetting, Phase } from './setting.ts';
import { type Parts, type RecordedState, UNCONFIGURED_CASSETTE } from './state.ts';

/** How far back a record goes. */
export const INCIDENT_WINDOW: Milliseconds = 3_600_000;
/** Events that a record has where the stream has as many, however long ago they were. */
const LEAST_EVENTS = 50;
/** Events that a record has at most: the last ones. */
const MOST_EVENTS = 5_000;

/** An event of a cassette in its place. */
export type CassetteLoggedEvent = CassetteEvent & LoggedEvent;

/** How a stage came to be armed. */
export interface Arming {
  readonly stage: 'first' | 'second';
  readonly how: 'key-used' | 'armed-by-insertion' | 'key-overridden';
  /** UTC, ISO 8601. */
  readonly at: string;
  readonly seq: number;
  /** Left out where no key did it. */
  readonly rom?: Rom;
  readonly key?: string;
  readonly role?: KeyRole;
}

/** A key at a reader within the time of the record. */
export interface KeyMark {
  readonly at: string;
  readonly seq: number;
  readonly reader: string;
  readonly rom?: Rom;
  readonly key?: string;
  readonly role?: KeyRole;
  readonly outcome: 'used' | 'awaited' | 'refused';
  /** Why it was refused. */
  readonly refusal?: CassetteRefusalCode;
  readonly duress?: true;
}

/** A sensor as it was when the cassette was stained. */
export interface SensorMark {
  readonly sensor: Sensor;
  /** What it did in the phase of that moment. */
  readonly liveness: Liveness;
  readonly active: boolean;
  /** Since when, as far as the log tells it. UTC, ISO 8601. */
  readonly since?: string;
  /** The last value on record: % of the lower explosive limit, degrees, lux, °C, milli-g. */
  readonly value?: number;
}

/** Where a record stands in the chain of the log. */
export interface ChainPosition {
  readonly stream: string;
  readonly fromSeq: number;
  /** Hash of the event before the first one. */
  readonly prev: string;
  readonly toSeq: number;
  /** Hash of the last event, the one that says `stained`. */
  readonly hash: string;
}

/** Whose cassette it was, and what was on guard. */
export interface IncidentScene {
  readonly site: { readonly id: string; readonly name: string; readonly timeZone: string };
  readonly cassette: { readonly id: CassetteId; readonly name: string };
  readonly software: { readonly name: string; readonly version: string };
}

export interface Incident extends IncidentScene {
  readonly version: 1;
  /** `<cassette>-<UTC time of the staining>-<number of the event>`: the same whenever the same record is made. */
  readonly id: string;
  readonly stained: {
    readonly at: string;
    readonly seq: number;
    readonly cause: StainCause;
    /** The phase in which it happened. */
    readonly phase: Phase;
  };
  /** When the attack was confirmed and what the controller measured then; left out where the controller fired by itself. */
  readonly attack?: { readonly at: string; readonly seq: number; readonly readings?: Readings };
  readonly armedBy: readonly Arming[];
  readonly keys: readonly KeyMark[];
  readonly sensors: readonly SensorMark[];
  /** What supervised itself, as last heard. */
  readonly parts: Parts;
  /** Whether the controller answered. */
  readonly linked: boolean;
  /** The configuration in force. */
  readonly setting: CassetteSetting;
  readonly chain: ChainPosition;
  /** The events of the record as the log has them, oldest first. */
  readonly events: readonly CassetteLoggedEvent[];
}

/** What is known of a stream after some of its events. */
export interface IncidentTrail {
  readonly recorded: RecordedState;
  /** The phase before the last event. */
  readonly phaseBefore: Phase;
  readonly armings: { readonly [Stage in Arming['stage']]?: Arming };
  readonly attack?: NonNullable<Incident['attack']>;
  readonly sensors: { readonly [Name in Sensor]?: Omit<SensorMark, 'sensor' | 'liveness'> };
  readonly linked: boolean;
  /** The last events, oldest first. */
  readonly events: readonly CassetteLoggedEvent[];
}

/** The trail before the first event. @param recorded the state there, where the stream is not followed from its start */
export function beginTrail(recorded: RecordedState = UNCONFIGURED_CASSETTE): IncidentTrail {
  return { recorded, phaseBefore: recorded.phase, armings: {}, sensors: {}, linked: false, events: [] };
}

/** The trail after one more event. */
export function followTrail(trail: IncidentTrail, event: CassetteLoggedEvent): IncidentTrail {
  const recorded = evolveCassette(trail.recorded, event, Date.parse(event.at));
  const { attack: _before, ...rest } = trail;
  const attack = attackAfter(trail, event);
  return {
    ...rest,
    recorded,
    phaseBefore: trail.recorded.phase,
    armings: armingsAfter(trail, recorded, event),
    ...(attack && { attack }),
    sensors: sensorsAfter(trail, event),
    linked: event.type === 'link-restored' || (trail.linked && event.type !== 'link-lost'),
    events: windowAfter(trail.events, event),
  };
}

/**
 * The record of the staining that a trail ends with.
 *
 * @throws TypeError where the last event is not `stained`, or the trail does not hold the configuration
 */
export function incidentOf(trail: IncidentTrail, scene: IncidentScene): Incident {
  const last = trail.events.at(-1);
  const [first] = trail.events;
  const { setting, parts } = trail.recorded;
  if (last?.type !== 'stained' || !first) throw new TypeError('The last event is not one of a staining.');
  if (!setting) throw new TypeError(`The log does not say how cassette ${scene.cassette.id} was configured.`);
  const phase = trail.phaseBefore;
  const { site, cassette, software } = scene;
  return {
    version: 1,
    id: incidentId(cassette.id, last),
    site,
    cassette,
    software,
    stained: { at: last.at, seq: last.seq, cause: last.data.cause, phase },
    ...(trail.attack && { attack: trail.attack }),
    armedBy: [trail.armings.first, trail.armings.second].filter((arming) => arming !== undefined),
    keys: trail.events.flatMap(keyMark),
    sensors: SENSORS.map((sensor) => ({
      sensor,
      liveness: livenessOf(RULES, setting, phase, sensor),
      active: false,
      ...trail.sensors[sensor],
    })),
    parts,
    linked: trail.linked,
    setting,
    chain: {
      stream: last.stream,
      fromSeq: first.seq,
      prev: first.prev,
      toSeq: last.seq,
      hash: last.hash,
    },
    events: trail.events,
  };
}

/** What the record of a staining is called. It is fit for the name of a file. */
export function incidentId(cassette: CassetteId, { at, seq }: Pick<LoggedEvent, 'at' | 'seq'>): string {
  return `${cassette}-${at.slice(0, 19).replace(/[-:]/g, '')}Z-${seq}`;
}

function attackAfter({ attack }: IncidentTrail, event: CassetteLoggedEvent): IncidentTrail['attack'] {
  const { at, seq } = event;
  if (event.type === 'attack-confirmed') {
    const { readings } = event.data;
    return { at, seq, ...(readings && { readings }) };
  }
  // What had begun before a restart was given up by it, and is no part of what comes after.
  return event.type === 'cassette-restarted' ? undefined : attack;
}

function armingsAfter(
  { recorded: before, armings }: IncidentTrail,
  { armedBy }: RecordedState,
  event: CassetteLoggedEvent,
): IncidentTrail['armings'] {
  const after: { -readonly [Stage in Arming['stage']]?: Arming } = {};
  for (const stage of ['first', 'second'] as const) {
    if (armedBy[stage] === undefined) continue;
    const known = armedBy[stage] === before.armedBy[stage] ? armings[stage] : armingBy(stage, event);
    if (known) after[stage] = known;
  }
  return after;
}

function armingBy(stage: Arming['stage'], event: CassetteLoggedEvent): Arming | undefined {
  const { at, seq } = event;
  if (event.type === 'key-used') {
    const { rom, key, role } = event.data;
    return { stage, how: event.type, at, seq, rom, ...(key && { key }), ...(role && { role }) };
  }
  if (event.type !== 'armed-by-insertion' && event.type !== 'key-overridden') return undefined;
  const rom = event.data.armedBy[stage];
  return { stage, how: event.type, at, seq, ...(rom !== undefined && rom !== AUTOMATIC && { rom }) };
}

function sensorsAfter({ sensors }: IncidentTrail, event: CassetteLoggedEvent): IncidentTrail['sensors'] {
  if (event.type === 'cassette-restarted' || event.type === 'link-lost') return {};
  if (event.type !== 'sensor-changed') return sensors;
  const { sensor, active, value } = event.data;
  return { ...sensors, [sensor]: { active, since: event.at, ...(value !== undefined && { value }) } };
}

/** The events of the last hour, and as many before them as a record has in any case. */
function windowAfter(
  events: readonly CassetteLoggedEvent[],
  event: CassetteLoggedEvent,
): readonly CassetteLoggedEvent[] {
  // Times of the log compare as texts.
  const from = new Date(Date.parse(event.at) - INCIDENT_WINDOW).toISOString();
  const within = events.findIndex(({ at }) => at >= from);
  const old = within === -1 ? events.length : within;
  const dispensable = Math.max(0, Math.min(old, events.length + 1 - LEAST_EVENTS));
  const kept = events.slice(Math.max(dispensable, events.length + 1 - MOST_EVENTS));
  kept.push(event);
  return kept;
}

function keyMark(event: CassetteLoggedEvent): readonly KeyMark[] {
  if (event.type !== 'key-used' && event.type !== 'key-refused' && event.type !== 'second-factor-awaited') {
    return [];
  }
  const { at, seq, type, data } = event;
  const { rom, key, role, reader, duress } = data;
  return [
    {
      at,
      seq,
      reader,
      ...(rom && { rom }),
      ...(key && { key }),
      ...(role && { role }),
      outcome: OUTCOMES[type],
      ...(type === 'key-refused' && { refusal: data.refusal.code }),
      ...(duress && { duress }),
    },
  ];
}

const OUTCOMES = {
  'key-used': 'used',
  'key-refused': 'refused',
  'second-factor-awaited': 'awaited',
} as const;
