import type { ErrorObject } from 'ajv';

/** What is wrong with something that was sent, by its field. Holds no value of it. */
export function wordsFor(what: string, errors: readonly ErrorObject[] | null | undefined): string {
  const [error] = errors ?? [];
  const field = `${what}${(error?.instancePath ?? '').replaceAll('/', '.')}`;
  const { additionalProperty, allowedValues } = (error?.params ?? {}) as {
    readonly additionalProperty?: string;
    readonly allowedValues?: readonly string[];
  };
  if (additionalProperty !== undefined) return `${field} must not have “${additionalProperty.slice(0, 40)}”.`;
  const values = allowedValues ? `: ${allowedValues.join(', ')}` : '';
  return `${field} ${error?.message ?? 'is wrong'}${values}.`;
}
