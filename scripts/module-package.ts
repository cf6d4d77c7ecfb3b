/** The `package.json` that makes `dist/` an ordinary Node-RED module. */

/** The fields of a `package.json` that are taken over. */
export interface NodeRedPackage {
  readonly name: string;
  readonly version: string;
  readonly description?: string;
  readonly license?: string;
  readonly engines?: Readonly<Record<string, string>>;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly repository?: unknown;
}

/** What the module is made of. */
export interface ModuleContents {
  readonly root: NodeRedPackage;
  /** The workspace package whose code is compiled into the module; its dependencies become the module's. */
  readonly embeddedMongo: NodeRedPackage;
  /** Names of the nodes: folders of `nodes/`. */
  readonly nodes: readonly string[];
  /** Top-level files and folders of `dist/` that are published. */
  readonly files: readonly string[];
}

/** Name under which Node-RED knows the module; the nodes' texts are looked up by it. */
export const MODULE_NAME = 'node-red-contrib-sezam';

/**
 * Composes the module's `package.json`. Node-RED itself is not a dependency: the module is installed into one.
 * The nodes are listed by the compiled file, because Node-RED looks for a node's page beside the listed file.
 */
export function modulePackage({ root, embeddedMongo, nodes, files }: ModuleContents): object {
  const { 'node-red': _host, ...dependencies } = root.dependencies ?? {};
  return {
    name: MODULE_NAME,
    version: root.version,
    description: root.description,
    license: root.license,
    ...(root.repository === undefined ? {} : { repository: root.repository }),
    type: 'module',
    keywords: ['node-red', 'locker', 'access-control', 'opc-ua', 'rs485'],
    engines: root.engines,
    // Maps lead to sources that are not published.
    files: [...[...files].sort(), '!**/*.map'],
    dependencies: sorted({ ...embeddedMongo.dependencies, ...dependencies }),
    'node-red': {
      version: '>=5.0.0',
      nodes: Object.fromEntries([...nodes].sort().map((name) => [name, `nodes/${name}/${name}.js`])),
    },
  };
}

function sorted(record: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(record).sort(([a], [b]) => (a < b ? -1 : 1)));
}
