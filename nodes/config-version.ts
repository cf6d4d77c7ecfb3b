/** Every node stores the version of its settings, so that flows of older releases keep working. */
import { NodeError } from './errors.ts';

/** The settings of a node as a flow file has them. */
export type StoredSettings = Readonly<Record<string, unknown>>;

/** Turns settings of the version before into settings of the next one. */
export type Migration = (settings: StoredSettings) => StoredSettings;

/**
 * Brings a node's stored settings up to date. `migrations[n]` leads from version n to version n + 1, so their
 * number is the current version. Settings without a version, as a flow written by hand has them, are version 0.
 * @throws NodeError `settings-too-new` where a newer release stored them.
 */
export function migrate<Settings>(stored: object, migrations: readonly Migration[]): Settings {
  let settings = stored as StoredSettings;
  const found = settings['configVersion'];
  const version = typeof found === 'number' && Number.isInteger(found) && found >= 0 ? found : 0;
  if (version > migrations.length) {
    throw new NodeError(
      'settings-too-new',
      `Node ${String(settings['id'])} (${String(settings['type'])}) was stored by a newer release: its settings ` +
        `have version ${version}, this release knows ${migrations.length}. Update Sezam, or place the node anew.`,
    );
  }
  for (const step of migrations.slice(version)) settings = step(settings);
  return { ...settings, configVersion: migrations.length } as Settings;
}

/** The first migration of every node: fills in what a flow written by hand left out. */
export function withDefaults(defaults: StoredSettings): Migration {
  return (settings) => ({ ...defaults, ...settings });
}
