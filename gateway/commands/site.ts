import type { Actor } from '../../domain/event.ts';
import { AdministrationError } from '../administration.ts';
import type { ReloadAnswer, SiteReload } from '../site-reload.ts';
import { shape } from './shapes.ts';

/** What the command line asks about the site as a whole. */
export type SiteCommand = {
  /** Takes over the site file as it is now. */
  readonly do: 'reload';
  /** Only says what would change. */
  readonly dryRun: boolean;
  /** Takes cabinets out although they hold something, and touches wires although doors are being opened. */
  readonly force: boolean;
};

/** JSON schema of the command. */
export const SITE_SHAPES: readonly object[] = [
  shape(['reload'], { dryRun: { type: 'boolean' }, force: { type: 'boolean' } }),
];

/** Carries out what was asked. What cannot be done rejects with an `AdministrationError`. */
export function carryOutForSite(
  { dryRun, force }: SiteCommand,
  site: Pick<SiteReload, 'reload'> | undefined,
  actor: Actor,
): Promise<ReloadAnswer> {
  if (!site) throw new AdministrationError('site-fixed', 'The site of this gateway is not read from a file.');
  return site.reload({ dryRun, force }, actor);
}
