import type { FollowedEvent } from '../gateway/command-socket.ts';

/** An event of the log as one line for a person. */
export function lineFor({ stream, seq, at, type, data, text }: FollowedEvent): string {
  const parts = [at.slice(11, 23), seq === undefined ? stream : `${stream} #${seq}`, type];
  for (const name of ['compartment', 'board', 'user', 'item', 'reason'] as const) {
    const value = data[name];
    if (typeof value === 'string' || typeof value === 'number') parts.push(`${name}=${value}`);
  }
  return text === undefined ? parts.join('  ') : `${parts.join('  ')}  “${text}”`;
}
