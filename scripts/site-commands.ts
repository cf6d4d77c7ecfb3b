/** Commands of `npm run admin` about the site as a whole. */
import type { ParseArgsOptionsConfig } from 'node:util';
import type { SiteCommand } from '../gateway/commands/site.ts';
import type { ReloadAnswer } from '../gateway/site-reload.ts';

export const SITE_USAGE = `Site
  reload [--dry-run] [--force]                   takes over the site file as it is now; --dry-run only says what would
                                                 change; refused while people would lose something, unless --force`;

export const SITE_OPTIONS = {
  'dry-run': { type: 'boolean' },
  force: { type: 'boolean' },
} as const satisfies ParseArgsOptionsConfig;

type SiteValues = { readonly [Name in keyof typeof SITE_OPTIONS]?: boolean | undefined };

/** What the lists of a site file are called, one and many. */
const NAMES = {
  cabinets: ['cabinet', 'cabinets'],
  panels: ['panel', 'panels'],
  buses: ['bus', 'buses'],
  boards: ['board', 'boards'],
  readers: ['reader', 'readers'],
  itemReaders: ['item reader', 'item readers'],
} as const satisfies Partial<Record<keyof ReloadAnswer['difference'], readonly [string, string]>>;

/** The command for what was typed; undefined where there is none of that name. */
export function siteCommandFor(name: string, values: SiteValues): SiteCommand | undefined {
  if (name !== 'reload') return undefined;
  return { do: name, dryRun: values['dry-run'] ?? false, force: values.force ?? false };
}

/** What a reload did or would do, as lines for a person. */
export function reloadLines({ difference, disturbed, obstacles, done }: ReloadAnswer): readonly string[] {
  const would = done ? '' : 'would be ';
  const lists = Object.entries(NAMES).flatMap(([list, [one, many]]) => {
    const changes = difference[list as keyof typeof NAMES];
    return (['added', 'removed', 'changed'] as const).flatMap((what) => {
      const ids = changes[what];
      return ids.length === 0 ? [] : [`${ids.length === 1 ? one : many} ${ids.join(', ')}: ${would}${what}`];
    });
  });
  const fields = difference.fields.map((field) => `${field}: ${would}changed`);
  if (!done && lists.length + fields.length === 0)
    return ['The site is as its file says. Nothing was changed.'];
  return [
    ...lists,
    ...fields,
    ...disturbed.map(
      (id) => `cabinet ${id}: its wires ${done ? 'were' : 'would be'} interrupted for a moment`,
    ),
    ...obstacles.map((obstacle) => (done ? `forced: ${obstacle}` : `needs --force: ${obstacle}`)),
    done ? 'The site is as its file says now.' : 'Nothing was changed.',
  ];
}
