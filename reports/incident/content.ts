/** What the statement of a staining says, in the words of one language. It never holds the ROM of a key. */
import type { Arming, CassetteLoggedEvent, Incident, SensorMark } from '../../domain/cassette/incident.ts';
import type { Readings } from '../../domain/cassette/readings.ts';
import type { Actor } from '../../domain/event.ts';
import {
  cassetteEventText,
  durationText,
  measureText,
  type NameCode,
  type NameKind,
  nameOf,
} from '../../domain/texts/cassette-texts.ts';
import type { Language } from '../../domain/texts/texts.ts';
import { large, type TimeWriter, timeWriter, type Word, word } from './words.ts';

/** Rows of the timeline at most: the last ones. */
export const MOST_ROWS = 200;

/** A name and what goes with it. */
export interface Fact {
  readonly name: string;
  readonly value: string;
}

export interface TimelineRow {
  readonly seq: number;
  /** Day at the site, where it is another one than in the row before. */
  readonly day?: string;
  /** Time of day at the site, to the millisecond. */
  readonly time: string;
  /** The same, UTC. */
  readonly utc: string;
  readonly text: string;
  /** Who did it, where it was a person. */
  readonly who?: string;
  /** Whether it belongs to the attack itself. */
  readonly attack: boolean;
}

export interface Content {
  readonly title: string;
  /** What it is about, without anything that people have named. */
  readonly subject: string;
  readonly lead: string;
  /** Said where the record has a flaw; undefined where it has none. */
  readonly warning?: string;
  readonly facts: readonly Fact[];
  readonly armedBy: readonly string[];
  readonly sensors: readonly (readonly [sensor: string, state: string, found: string, measured: string])[];
  readonly parts: readonly Fact[];
  readonly timeline: readonly TimelineRow[];
  /** What is said of the events that the timeline leaves out. */
  readonly leftOut: readonly string[];
  readonly proof: readonly Fact[];
}

/** What proves a record, as it is printed. */
export interface Proof {
  readonly digest: string;
  /** Of the key that signed it. */
  readonly fingerprint: string;
  /** Whether its events follow one another. */
  readonly sound: boolean;
}

/** Words and times of one language and one site. */
interface Pen {
  readonly language: Language;
  readonly times: TimeWriter;
  readonly say: (code: Word, values?: Readonly<Record<string, string | number>>) => string;
  readonly name: <Kind extends NameKind>(kind: Kind, code: NameCode<Kind>) => string;
}

/** Everything that a statement says. */
export function contentOf(incident: Incident, proof: Proof, language: Language): Content {
  const pen: Pen = {
    language,
    times: timeWriter(language, incident.site.timeZone),
    say: (code, values) => word(language, code, values),
    name: (kind, code) => nameOf(kind, code)[language],
  };
  const told = incident.events.filter(({ type }) => type !== 'time-checkpoint');
  const earlier = Math.max(0, told.length - MOST_ROWS);
  const times = incident.events.length - told.length;
  return {
    title: pen.say('title'),
    subject: large(pen.name('cause', incident.stained.cause)),
    lead: leadOf(incident, pen),
    ...(!proof.sound && { warning: pen.say('flawed') }),
    facts: factsOf(incident, pen),
    armedBy: armedByOf(incident, pen),
    sensors: incident.sensors.map((mark) => sensorRow(mark, incident.attack?.readings, pen)),
    parts: partsOf(incident, pen),
    timeline: timelineOf(told.slice(earlier), pen),
    leftOut: [
      ...(earlier > 0 ? [pen.say('left-out', { count: earlier })] : []),
      ...(times > 0 ? [pen.say('left-out-times', { count: times })] : []),
    ],
    proof: proofOf(incident, proof, pen),
  };
}

function leadOf({ stained, cassette, site }: Incident, { say, name, times }: Pen): string {
  return say('lead', {
    date: times.date(stained.at),
    time: times.time(stained.at),
    cassette: cassette.name,
    site: site.name,
    cause: name('cause', stained.cause),
  });
}

function factsOf(incident: Incident, { say, name, times }: Pen): readonly Fact[] {
  const { site, cassette, stained, attack, setting, keys } = incident;
  const facts: (readonly [Word, string])[] = [
    ['site', `${site.name} (${site.id})`],
    ['cassette', `${cassette.name} (${cassette.id})`],
    ['site-time', times.full(stained.at)],
    ['universal-time', stained.at],
    ['cause', large(name('cause', stained.cause))],
    ['phase', large(name('phase', stained.phase))],
    ['mode', large(name('mode', setting.mode))],
    [
      'keys-there',
      say('keys-counted', {
        used: keys.filter(({ outcome }) => outcome === 'used').length,
        refused: keys.filter(({ outcome }) => outcome === 'refused').length,
      }),
    ],
  ];
  if (attack) facts.push(['delay', durationText(Date.parse(stained.at) - Date.parse(attack.at))]);
  return facts.map(([code, value]) => ({ name: say(code), value }));
}

function armedByOf({ armedBy, stained, events }: Incident, pen: Pen): readonly string[] {
  const { say } = pen;
  const last = events.at(-1);
  const armed = last?.type === 'stained' ? last.data.armedBy : {};
  const lines = (['first', 'second'] as const).flatMap((stage) => {
    if (armed[stage] === undefined) return [];
    const arming = armedBy.find((candidate) => candidate.stage === stage);
    return [arming ? armingLine(arming, pen) : say('armed-unknown', { stage: say(`${stage}-stage`) })];
  });
  return lines.length === 0 && stained.phase === 'rest' ? [say('not-armed')] : lines;
}

function armingLine({ stage, how, at, key, role }: Arming, { say, name, times }: Pen): string {
  const values = { stage: say(`${stage}-stage`), time: times.full(at) };
  if (how === 'armed-by-insertion') return say('armed-by-insertion', values);
  if (how === 'key-overridden') return say('armed-by-override', values);
  const unknown = name('word', 'not-known');
  return say('armed-by-key', {
    ...values,
    key: key ?? unknown,
    role: role === undefined ? unknown : name('role', role),
  });
}

function sensorRow(
  { sensor, liveness, active, since, value: told }: SensorMark,
  readings: Readings | undefined,
  { language, say, name, times }: Pen,
): Content['sensors'][number] {
  const sinceWhen = since === undefined ? say('active') : say('active-since', { time: times.exact(since) });
  const value = (readings && measuredBy(sensor, readings)) ?? (active ? told : undefined);
  return [
    large(name('sensor', sensor)),
    name('liveness', liveness),
    active ? sinceWhen : say('not-active'),
    value === undefined ? '–' : measureText(sensor, value, language),
  ];
}

function measuredBy(sensor: SensorMark['sensor'], readings: Readings): number | undefined {
  switch (sensor) {
    case 'gas':
    case 'tilt':
    case 'light':
    case 'temperature':
      return readings[sensor];
    case 'lid':
    case 'break-in':
    case 'position':
    // What counts are the blows of its whole window, of which the event of the sensor tells the hardest.
    case 'shock':
      return undefined;
  }
}

function partsOf({ parts, linked }: Incident, { say, name }: Pen): readonly Fact[] {
  const heard = Object.entries(parts).map(([part, state]) => ({
    name: name('part', part as NameCode<'part'>),
    value: name('part-state', state),
  }));
  return [...heard, { name: say('controller'), value: say(linked ? 'answers' : 'answers-not') }];
}

function timelineOf(events: readonly CassetteLoggedEvent[], pen: Pen): readonly TimelineRow[] {
  const { language, times } = pen;
  let day: string | undefined;
  return events.map((event) => {
    const { at, seq, type } = event;
    const today = times.date(at);
    const another = today !== day;
    day = today;
    const who = whoOf(event, pen);
    return {
      seq,
      ...(another && { day: today }),
      time: times.exact(at),
      utc: at.slice(11, 23),
      text: cassetteEventText(event)[language],
      ...(who !== '' && { who }),
      attack: type === 'attack-confirmed' || type === 'stained' || type === 'firing-failed',
    };
  });
}

/** The persons who did it. What the gateway notices by itself was done by nobody. */
function whoOf(event: CassetteLoggedEvent, { say }: Pen): string {
  const second = 'second' in event.data ? event.data.second : undefined;
  const all = [event.actor, ...(second ? [second as Actor] : [])];
  return all.flatMap(({ kind, id }) => (kind === 'gateway' ? [] : [say(kind, { id })])).join(', ');
}

function proofOf({ id, chain, software }: Incident, proof: Proof, { say }: Pen): readonly Fact[] {
  const { stream, fromSeq: from, toSeq: to } = chain;
  const facts: readonly (readonly [Word, string])[] = [
    ['record', id],
    ['digest', proof.digest],
    ['fingerprint', proof.fingerprint],
    ['position', say('position-text', { stream, from, to })],
    ['hash-before', chain.prev],
    ['hash-last', chain.hash],
    ['software', `${software.name} ${software.version}`],
  ];
  return facts.map(([code, value]) => ({ name: say(code), value }));
}
