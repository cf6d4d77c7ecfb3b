/** A sealed record to print, and what others make of the print. */
import { execFileSync } from 'node:child_process';
import { createPrivateKey } from 'node:crypto';
import {
  beginTrail,
  type CassetteLoggedEvent,
  followTrail,
  type Incident,
  incidentOf,
} from '../../domain/cassette/incident.ts';
import { publicPart, type SealedIncident, seal } from '../../gateway/cassettes/incident-seal.ts';
import { SCENE, type Staining } from '../gateway/cassettes/support/staining.ts';

/** A key that is the same in every run, so that what is printed is. */
const KEY = createPrivateKey({
  key: Buffer.from(`302e020100300506032b657004220420${'07'.repeat(32)}`, 'hex'),
  format: 'der',
  type: 'pkcs8',
});
export const FINGERPRINT = publicPart(KEY).fingerprint;

export function incidentFrom({ events, stainedSeq }: Staining, scene: typeof SCENE = SCENE): Incident {
  const trail = events
    .filter(({ seq }) => seq <= stainedSeq)
    .reduce((before, event) => followTrail(before, event as CassetteLoggedEvent), beginTrail());
  return incidentOf(trail, scene);
}

export function sealedFrom(incident: Incident): SealedIncident {
  return seal(incident, KEY);
}

/** The text of a PDF as poppler reads it, in the order in which it was written. */
export function textOf(pdf: Buffer): string {
  return execFileSync('pdftotext', ['-raw', '-', '-'], { input: pdf, encoding: 'utf8' });
}

/** A page as a picture of poppler: its colours, each `#rrggbb`, with how many dots have it. */
export function coloursOf(pdf: Buffer, page: number): ReadonlyMap<string, number> {
  const picture = execFileSync('pdftoppm', ['-r', '60', '-f', `${page}`, '-l', `${page}`, '-aa', 'no', '-'], {
    input: pdf,
    maxBuffer: 64 * 1_024 * 1_024,
  });
  const header = /^P6\s+\d+\s+\d+\s+255\s/.exec(picture.subarray(0, 40).toString('latin1'));
  if (!header) throw new Error('pdftoppm did not make a PPM picture.');
  const dots = picture.subarray(header[0].length);
  const counts = new Map<string, number>();
  for (let at = 0; at < dots.length; at += 3) {
    const colour = `#${dots.toString('hex', at, at + 3)}`;
    counts.set(colour, (counts.get(colour) ?? 0) + 1);
  }
  return counts;
}
