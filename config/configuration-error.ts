import type { ErrorObject } from 'ajv';

/** Something in the environment or in a file that a person wrote is wrong; the message names file, field and reason. */
export class ConfigurationError extends Error {
  readonly code = 'configuration-wrong';
  /** The file, or `environment`. */
  readonly file: string;
  /** The field as a person finds it, e.g. `cabinets[0].compartments[1].to`. */
  readonly field: string;
  readonly reason: string;

  constructor(file: string, field: string, reason: string) {
    super(`${file}: ${field === '' ? '' : `${field}: `}${reason}`);
    this.name = 'ConfigurationError';
    this.file = file;
    this.field = field;
    this.reason = reason;
  }
}

/** The first thing that ajv found wrong, in words. */
export function wrongField(
  file: string,
  errors: readonly ErrorObject[] | null | undefined,
): ConfigurationError {
  const error = errors?.[0];
  if (!error) return new ConfigurationError(file, '', 'is not valid');
  const path = error.instancePath
    .split('/')
    .slice(1)
    .reduce((field, part) => {
      const name = part.replaceAll('~1', '/').replaceAll('~0', '~');
      if (/^\d+$/.test(name)) return `${field}[${name}]`;
      return field === '' ? name : `${field}.${name}`;
    }, '');
  const within = (name: unknown): string => (path === '' ? String(name) : `${path}.${String(name)}`);
  switch (error.keyword) {
    case 'required':
      return new ConfigurationError(file, within(error.params['missingProperty']), 'is missing');
    case 'additionalProperties':
      return new ConfigurationError(
        file,
        within(error.params['additionalProperty']),
        'is not a known field; is it misspelt?',
      );
    case 'enum':
      return new ConfigurationError(
        file,
        path,
        `must be one of ${(error.params['allowedValues'] as unknown[]).join(', ')}`,
      );
    case 'pattern':
    case 'format':
      return new ConfigurationError(file, path, `must be ${described(error)}`);
    case 'const':
      return new ConfigurationError(file, path, `must be ${JSON.stringify(error.params['allowedValue'])}`);
    default:
      return new ConfigurationError(file, path, error.message ?? 'is not valid');
  }
}

/** What a schema says in words of a field whose shape it gives as a pattern; validate with `verbose` for it. */
function described({ parentSchema, schema }: ErrorObject): string {
  return (parentSchema as { description?: string } | undefined)?.description ?? `as ${String(schema)} asks`;
}
