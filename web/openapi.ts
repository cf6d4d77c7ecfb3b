/** Pieces of descriptions of APIs, OpenAPI 3.1. */

/** A reference to a schema that has a name. */
export const ref = (name: string) => ({ $ref: `#/components/schemas/${name}` });
/** A body of JSON. */
export const json = (schema: object) => ({ 'application/json': { schema } });
export const reply = (description: string, schema: object) => ({ description, content: json(schema) });

/**
 * A schema with references in place of those inside it that have a name: each of `named` is the very object that stands
 * in it.
 */
export function withReferences(schema: object, named: ReadonlyMap<object, string>): object {
  const copy = (part: unknown): unknown => {
    if (Array.isArray(part)) return part.map(copy);
    if (typeof part !== 'object' || part === null) return part;
    const name = part === schema ? undefined : named.get(part);
    return name === undefined
      ? Object.fromEntries(Object.entries(part).map(([key, value]) => [key, copy(value)]))
      : ref(name);
  };
  return copy(schema) as object;
}
