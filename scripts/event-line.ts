import type { Language } from '../domain/texts/texts.ts';
import type { FollowedEvent } from '../gateway/command-socket.ts';

/** What of the data of an event stands in its line; an alarm alone where no sentence names it. */
const NAMED = [
  'compartment',
  'board',
  'alarm',
  'object',
  'method',
  'node',
  'thumbprint',
  'status',
  'result',
  'user',
  'item',
  'reason',
  'count',
] as const;

/** An event of the log as one line for a person; what happened to a cassette in a language of theirs. */
export function lineFor(event: FollowedEvent, language: Language = 'en'): string {
  const { stream, seq, at, type, data } = event;
  const place = seq === undefined ? stream : `${stream} #${seq}`;
  const text = event.texts?.[language] ?? event.text;
  if (event.texts) return `${at.slice(11, 23)}  ${place}  ${type}  “${text}”`;
  const parts = [at.slice(11, 23), place, type];
  for (const name of NAMED) {
    const value = data[name];
    if (name === 'alarm' && text !== undefined) continue;
    if (typeof value === 'string' || typeof value === 'number') parts.push(`${name}=${value}`);
  }
  return text === undefined ? parts.join('  ') : `${parts.join('  ')}  “${text}”`;
}
