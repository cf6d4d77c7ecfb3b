/**
 * Makes `dist/`: what Node runs in production, and at the same time an ordinary Node-RED module
 * (`node-red-contrib-sezam`) that any Node-RED 5 can install. It runs before every start, so it does
 * nothing at all where the sources are the ones that `dist/` was made from.
 */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, relative, resolve, sep } from 'node:path';
import { modulePackage, type NodeRedPackage } from './module-package.ts';

/** Compiling or copying failed; the message is what the user sees. */
export class BuildError extends Error {
  readonly code = 'build-failed';

  constructor(message: string) {
    super(message);
    this.name = 'BuildError';
  }
}

/** What a build did. */
export interface BuildReport {
  /** False where `dist/` was up to date. */
  readonly built: boolean;
  /** Absolute path of `dist/`. */
  readonly dist: string;
}

/** Files that are needed at run time as they are: read, served to the editor, or imported as data. */
const ASSETS = /\.(json|html|svg|png|xml|css)$|\/pages\/[^/]+\.js$/;
/** Not part of the product, wherever they lie. */
const SKIPPED = /^(node_modules|test|dist|package(-lock)?\.json|tsconfig.*\.json|\..*)$/;
/** Rooms without code of their own that belong to the module. */
const ROOMS_OF_DATA = ['examples', 'flows'];
/** Compiled for this project's own use; who installs the module has none for them. */
const UNPUBLISHED = ['scripts'];
const STAMP = '.build-stamp';
const COMPILER_STATE = '.tsbuildinfo';

/**
 * Builds `dist/` of the project at `root`.
 * @throws BuildError where a source has an error, or where sources changed and the compiler is not installed.
 */
export function build(root: string): BuildReport {
  const dist = join(root, 'dist');
  const sources = findSources(root);
  const outputs = new Map(sources.map((source) => [outputOf(source), source]));
  const fingerprint = fingerprintOf(root, sources);
  const complete = [...outputs.keys()].every((output) => existsSync(join(dist, output)));
  if (complete && readIfThere(join(dist, STAMP)) === fingerprint) return { built: false, dist };

  mkdirSync(dist, { recursive: true });
  rmSync(join(dist, STAMP), { force: true });
  // The compiler trusts its own notes on what it wrote: without them it writes everything again.
  if (!complete) rmSync(join(dist, COMPILER_STATE), { force: true });
  removeStale(dist, outputs);
  for (const [output, source] of outputs) {
    if (ASSETS.test(source)) copyIfChanged(join(root, source), join(dist, output));
  }
  const module = modulePackage({
    root: readPackage(join(root, 'package.json')),
    embeddedMongo: readPackage(join(root, 'embedded-mongo', 'package.json')),
    nodes: nodesAmong(sources),
    files: [...new Set([...outputs.keys()].map(topOf))].filter((name) => !UNPUBLISHED.includes(name)),
  });
  writeIfChanged(join(dist, 'package.json'), `${JSON.stringify(module, null, 2)}\n`);
  for (const document of ['LICENSE', 'README.md']) {
    if (existsSync(join(root, document))) copyIfChanged(join(root, document), join(dist, document));
  }
  compile(root);
  writeFileSync(join(dist, STAMP), fingerprint);
  return { built: true, dist };
}

/** Source files of the product, relative to the root, with `/`, sorted. */
function findSources(root: string): string[] {
  const settings = JSON.parse(readFileSync(join(root, 'tsconfig.build.json'), 'utf8')) as {
    include: string[];
  };
  const rooms = new Set(settings.include.map((pattern) => pattern.split('/')[0] ?? ''));
  const found: string[] = [];
  for (const entry of readdirSync(root, { withFileTypes: true })) {
    if (entry.isFile() && entry.name.endsWith('.ts')) found.push(entry.name);
    if (entry.isDirectory() && (rooms.has(entry.name) || ROOMS_OF_DATA.includes(entry.name))) {
      found.push(...walk(root, join(root, entry.name)));
    }
  }
  return found.filter((file) => !/\.(test|d)\.ts$/.test(file)).sort();
}

function walk(root: string, folder: string): string[] {
  const found: string[] = [];
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    if (SKIPPED.test(entry.name)) continue;
    const path = join(folder, entry.name);
    const name = relative(root, path).split(sep).join('/');
    if (entry.isDirectory()) found.push(...walk(root, path));
    else if (name.endsWith('.ts') || ASSETS.test(name)) found.push(name);
  }
  return found;
}

/** Where a source lands in `dist/`. */
function outputOf(source: string): string {
  return source.replace(/\.ts$/, '.js');
}

function topOf(output: string): string {
  return output.split('/')[0] ?? output;
}

/** Folders of `nodes/` that hold a node: code and editor page of the folder's own name. */
function nodesAmong(sources: readonly string[]): string[] {
  const known = new Set(sources);
  return sources
    .map((source) => /^nodes\/([^/]+)\/\1\.html$/.exec(source)?.[1])
    .filter((name): name is string => name !== undefined && known.has(`nodes/${name}/${name}.ts`));
}

/** Changes whenever the content of a source, of the settings of the compiler or of a dependency does. */
function fingerprintOf(root: string, sources: readonly string[]): string {
  const hash = createHash('sha256');
  const settings = ['package.json', 'embedded-mongo/package.json', 'tsconfig.json', 'tsconfig.build.json'];
  const documents = ['LICENSE', 'README.md', 'scripts/build.ts', 'scripts/module-package.ts'];
  for (const file of [...settings, ...documents, ...sources]) {
    const path = join(root, file);
    if (existsSync(path)) hash.update(`${file}\0`).update(readFileSync(path)).update('\0');
  }
  return hash.digest('hex');
}

function compile(root: string): void {
  const require = createRequire(join(root, 'package.json'));
  let compiler: string;
  try {
    compiler = join(dirname(require.resolve('typescript/package.json')), 'bin', 'tsc');
  } catch {
    throw new BuildError(
      'The sources are not the ones that dist/ was made from, and the compiler is not installed. ' +
        'Run "npm ci" (without --omit=dev), then "npm run build".',
    );
  }
  const run = spawnSync(process.execPath, [compiler, '-p', 'tsconfig.build.json'], {
    cwd: root,
    encoding: 'utf8',
    timeout: 120_000,
  });
  if (run.error) throw new BuildError(`The compiler could not be run: ${run.error.message}`);
  if (run.status !== 0) throw new BuildError(`${run.stdout}${run.stderr}`.trim());
}

/** Deletes from `dist/` whatever no source stands behind any more. */
function removeStale(dist: string, outputs: ReadonlyMap<string, string>): void {
  const kept = new Set(['package.json', 'LICENSE', 'README.md', STAMP, COMPILER_STATE]);
  const clean = (folder: string): void => {
    for (const entry of readdirSync(folder, { withFileTypes: true })) {
      const path = join(folder, entry.name);
      if (entry.isDirectory()) {
        clean(path);
        if (readdirSync(path).length === 0) rmSync(path, { recursive: true });
        continue;
      }
      const name = relative(dist, path).split(sep).join('/');
      if (!kept.has(name) && !outputs.has(name.replace(/\.map$/, ''))) rmSync(path);
    }
  };
  clean(dist);
}

function copyIfChanged(from: string, to: string): void {
  writeIfChanged(to, readFileSync(from));
}

function writeIfChanged(path: string, content: string | Buffer): void {
  const bytes = Buffer.from(content);
  if (existsSync(path) && statSync(path).size === bytes.length && readFileSync(path).equals(bytes)) return;
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, bytes);
}

function readIfThere(path: string): string | undefined {
  return existsSync(path) ? readFileSync(path, 'utf8') : undefined;
}

function readPackage(path: string): NodeRedPackage {
  return JSON.parse(readFileSync(path, 'utf8')) as NodeRedPackage;
}

if (process.argv[1] !== undefined && realpathSync(process.argv[1]) === import.meta.filename) {
  try {
    build(resolve(import.meta.dirname, '..'));
  } catch (error) {
    if (!(error instanceof BuildError)) throw error;
    console.error(error.message);
    process.exitCode = 1;
  }
}
