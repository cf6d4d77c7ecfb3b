/** The value below which a share of the values lies; nearest rank. */
export function percentile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.ceil(share * sorted.length) - 1)] ?? Number.NaN;
}

/** A row of the report: what was measured, its baseline, and the bound that the ratio must keep. */
export interface Row {
  readonly name: string;
  readonly measured: string;
  readonly baseline: string;
  /** The ratio, or another figure that has a bound of its own. */
  readonly figure: number;
  readonly bound?: { readonly at: 'most' | 'least'; readonly value: number };
}

/** Whether a row keeps its bound; undefined where it has none. */
export function keeps({ figure, bound }: Row): boolean | undefined {
  if (!bound) return undefined;
  return bound.at === 'most' ? figure <= bound.value : figure >= bound.value;
}

/** A time in words, with so many digits behind the point. */
export function milliseconds(value: number, digits = 2): string {
  return `${value.toFixed(digits)} ms`;
}
