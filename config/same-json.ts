/** A value as JSON, the members of its objects in the order of their names, so that equal values have equal texts. */
export function textOfJson(value: unknown): string {
  return JSON.stringify(sorted(value)) ?? '';
}

/** Whether two values are the same as JSON, whatever the order of their members. */
export function sameJson(one: unknown, other: unknown): boolean {
  return textOfJson(one) === textOfJson(other);
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).filter(([, member]) => member !== undefined);
  return Object.fromEntries(entries.toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([k, v]) => [k, sorted(v)]));
}
