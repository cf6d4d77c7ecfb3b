import type { CassetteId } from '../../domain/site.ts';

/** The stream of a cassette. */
export function streamOf(cassette: CassetteId): string {
  return `cassette/${cassette}`;
}
