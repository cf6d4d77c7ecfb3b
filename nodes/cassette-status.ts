/** What nodes show of cassettes. */
import type { CassetteView } from '../domain/cassette/view.ts';
import { STATUS, type StatusText } from './status.ts';

const dot = (fill: StatusText['fill'], key: string): StatusText => ({ fill, shape: 'dot', key });
const ring = (fill: StatusText['fill'], key: string): StatusText => ({ fill, shape: 'ring', key });

/** How urgent a status is, the most urgent first. */
const URGENCY: readonly string[] = [
  'red dot',
  'red ring',
  'yellow dot',
  'yellow ring',
  'green ring',
  'green dot',
];

/**
 * What one cassette shows. Red dot: it is stained, or about to be. Red ring: its controller does not answer. Yellow dot:
 * somebody should look. Green ring: something is under way. Green dot: fine.
 */
function statusOf({ phase, subState, linked, transportOverdue, outsideArea }: CassetteView): StatusText {
  if (phase === 'stained') return dot('red', 'cassette-stained');
  if (subState === 'firing' || subState === 'pre-alarm') return dot('red', `cassette-${subState}`);
  if (subState === 'not-configured') return STATUS.notConfigured;
  if (!linked) return STATUS.lost;
  if (subState === 'overdue' || transportOverdue) return dot('yellow', 'cassette-overdue');
  if (outsideArea) return dot('yellow', 'cassette-outside');
  if (subState === 'second-factor' || subState === 'test') return ring('green', `cassette-${subState}`);
  const underWay = phase === 'service' || phase === 'grace';
  return (underWay ? ring : dot)('green', `cassette-${phase}`);
}

/** What several cassettes show: the most urgent of them; of none, that they are still to begin. */
export function cassetteStatus(views: Iterable<CassetteView>): StatusText {
  const [first = STATUS.starting] = Array.from(views, statusOf).toSorted(
    (one, other) => urgency(one) - urgency(other),
  );
  return first;
}

function urgency({ fill, shape }: StatusText): number {
  return URGENCY.indexOf(`${fill} ${shape}`);
}

/** Every key of a status that only cassettes show, beside those of `SOURCES`. */
export const CASSETTE_STATUS_KEYS = [
  'key-used',
  'key-awaits',
  'cassette-service',
  'cassette-rest',
  'cassette-transit',
  'cassette-grace',
  'cassette-full',
  'cassette-stained',
  'cassette-pre-alarm',
  'cassette-second-factor',
  'cassette-firing',
  'cassette-test',
  'cassette-overdue',
  'cassette-outside',
] as const;
