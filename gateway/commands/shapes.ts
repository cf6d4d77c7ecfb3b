/** Pieces of the JSON schema of commands. */

/** A text, as everything that names something: an id, a name, a reason. */
export const TEXT = { type: 'string', minLength: 1, maxLength: 512 } as const;
/** A list of such texts. */
export const TEXTS = { type: 'array', maxItems: 100, items: TEXT } as const;

/** The schema of commands that are called one of these names and have these properties. */
export function shape(
  names: readonly string[],
  properties: Readonly<Record<string, object>>,
  optional: readonly string[] = [],
): object {
  return {
    additionalProperties: false,
    required: ['do', ...Object.keys(properties).filter((name) => !optional.includes(name))],
    properties: { do: { enum: names }, ...properties },
  };
}
