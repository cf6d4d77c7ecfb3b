import type { ErrorObject } from 'ajv';
import { type Refusal, refusal } from '../../domain/refusals.ts';

/** An id or a name in a query, as JSON schema. */
export const ID = { type: 'string', minLength: 1, maxLength: 512 } as const;

/** The refusal of a query of which a field is wrong. */
export function malformed(field: string, reason: string): Refusal {
  return refusal('query-malformed', { field, reason });
}

/** The refusal that names the first field that a check found wrong, and what is wrong with it. */
export function refusalFor(errors: readonly ErrorObject[] | null | undefined): Refusal {
  const error = errors?.[0];
  const unknown: unknown = error?.params['additionalProperty'];
  if (typeof unknown === 'string') return malformed(unknown, 'is not known');
  const field = error?.instancePath.slice(1).replaceAll('/', '.');
  const allowed: unknown = error?.params['allowedValues'];
  const list = Array.isArray(allowed) ? `: ${allowed.join(', ')}` : '';
  return malformed(field || 'query', `${error?.message ?? 'is wrong'}${list}`);
}
