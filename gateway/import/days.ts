import type { Milliseconds } from '../../domain/site.ts';

const DAY = /^(\d{4})-(\d{2})-(\d{2})$/;
const INSTANT = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(?::\d{2}(?:\.\d{1,3})?)?(?:Z|[+-]\d{2}:\d{2})$/;

/**
 * When a validity begins: `2026-12-01` at the beginning of that day on the clocks of a time zone (IANA name), or a
 * time with its offset, `2026-12-01T08:00+01:00`. Undefined where a text is neither, or names a day that there is not.
 */
export function beginningOf(text: string, timeZone: string): Milliseconds | undefined {
  return timeOf(text, timeZone, 0);
}

/** When a validity ends: with the end of a day, so that the day itself is within it, or at a time. */
export function endOf(text: string, timeZone: string): Milliseconds | undefined {
  return timeOf(text, timeZone, 1);
}

function timeOf(text: string, timeZone: string, daysLater: number): Milliseconds | undefined {
  if (INSTANT.test(text)) {
    const time = isDay(text.slice(0, 10)) ? Date.parse(text) : Number.NaN;
    return Number.isNaN(time) ? undefined : time;
  }
  if (!isDay(text)) return undefined;
  const [year = 0, month = 0, day = 0] = text.split('-').map(Number);
  return midnight(Date.UTC(year, month - 1, day + daysLater), timeZone);
}

function isDay(text: string): boolean {
  const parts = DAY.exec(text);
  if (!parts) return false;
  const time = Date.parse(`${text}T00:00:00Z`);
  return !Number.isNaN(time) && new Date(time).toISOString().startsWith(text);
}

/** The time at which clocks in a time zone show what clocks in UTC show at `shown`; after a jump over it, the jump. */
function midnight(shown: Milliseconds, timeZone: string): Milliseconds {
  const guess = shown - offset(shown, timeZone);
  return shown - offset(guess, timeZone);
}

/** How far clocks in a time zone are ahead of UTC at a time. Milliseconds. */
function offset(at: Milliseconds, timeZone: string): Milliseconds {
  const parts = new Intl.DateTimeFormat('en-US', {
    timeZone,
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  }).formatToParts(at);
  const value = (wanted: string): number => Number(parts.find(({ type }) => type === wanted)?.value);
  const shown = Date.UTC(
    value('year'),
    value('month') - 1,
    value('day'),
    value('hour'),
    value('minute'),
    value('second'),
  );
  return shown - Math.floor(at / 1_000) * 1_000;
}
