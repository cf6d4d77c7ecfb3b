/** The build, on a small project of its own. */
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { expect } from 'chai';
import { BuildError, build } from '../../scripts/build.ts';
import { modulePackage } from '../../scripts/module-package.ts';
import { ROOT } from './built-nodes.ts';

const PACKAGE = {
  name: 'sezam',
  version: '1.2.3',
  type: 'module',
  dependencies: { 'node-red': '5.0.0', ajv: '8.0.0' },
};
const COMPILER = {
  compilerOptions: {
    target: 'es2024',
    module: 'nodenext',
    rootDir: '.',
    outDir: 'dist',
    incremental: true,
    tsBuildInfoFile: 'dist/.tsbuildinfo',
    rewriteRelativeImportExtensions: true,
    types: [],
    skipLibCheck: true,
  },
  include: ['*.ts', 'nodes/**/*.ts', 'config/**/*.ts'],
};

describe('the build', () => {
  let root: string;

  const write = (path: string, content: string): void => {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), content);
  };
  const built = (path: string): string => readFileSync(join(root, 'dist', path), 'utf8');
  const isBuilt = (path: string): boolean => existsSync(join(root, 'dist', path));

  beforeEach(() => {
    // Inside the project, so that the compiler is found further up.
    mkdirSync(join(ROOT, 'data'), { recursive: true });
    root = mkdtempSync(join(ROOT, 'data', 'build-'));
    write('package.json', JSON.stringify(PACKAGE));
    write(
      'embedded-mongo/package.json',
      JSON.stringify({ name: 'm', version: '0.0.1', dependencies: { mingo: '7.0.0' } }),
    );
    write('tsconfig.build.json', JSON.stringify(COMPILER));
    write(
      'main.ts',
      "import { answer } from './config/answer.ts';\nexport const doubled: number = answer * 2;\n",
    );
    write('config/answer.ts', 'export const answer: number = 42;\n');
    write('config/schemas/site.schema.json', '{}');
    write('nodes/lock/lock.ts', 'export default function register(): void {}\n');
    write('nodes/lock/lock.html', '<p>lock</p>');
    write('nodes/lock/icons/lock.svg', '<svg/>');
    write('nodes/lock/locales/pl/lock.json', '{}');
    write('nodes/shared.ts', 'export {};\n');
    write('examples/basic.json', '[]');
    write('test/main.test.ts', 'const broken: number = "not looked at";\n');
  });

  afterEach(() => rmSync(root, { recursive: true, force: true }));

  it('compiles, copies what is read at run time, and describes the module', () => {
    expect(build(root).built).to.equal(true);
    expect(built('main.js')).to.contain("from './config/answer.js'");
    for (const path of [
      'config/schemas/site.schema.json',
      'nodes/lock/lock.html',
      'nodes/lock/icons/lock.svg',
      'nodes/lock/locales/pl/lock.json',
      'examples/basic.json',
    ]) {
      expect(isBuilt(path), path).to.equal(true);
    }
    expect(isBuilt('test')).to.equal(false);
    const module = JSON.parse(built('package.json')) as Record<string, unknown>;
    expect(module).to.deep.include({
      name: 'node-red-contrib-sezam',
      version: '1.2.3',
      type: 'module',
      dependencies: { ajv: '8.0.0', mingo: '7.0.0' },
      'node-red': { version: '>=5.0.0', nodes: { lock: 'nodes/lock/lock.js' } },
      files: ['config', 'examples', 'main.js', 'nodes', '!**/*.map'],
    });
  });

  it('does nothing where nothing changed, not even without the compiler', () => {
    build(root);
    expect(build(root).built).to.equal(false);
    const elsewhere = mkdtempSync(join(tmpdir(), 'sezam-build-'));
    try {
      // Copied: other times, same content.
      cpSync(root, elsewhere, { recursive: true });
      expect(build(elsewhere).built).to.equal(false);
      writeFileSync(join(elsewhere, 'config/answer.ts'), 'export const answer: number = 43;\n');
      expect(() => build(elsewhere)).to.throw(BuildError, 'npm ci');
    } finally {
      rmSync(elsewhere, { recursive: true, force: true });
    }
  });

  it('follows each change of a source', () => {
    build(root);
    write('config/answer.ts', 'export const answer: number = 43;\n');
    write('nodes/lock/lock.html', '<p>another</p>');
    expect(build(root).built).to.equal(true);
    expect(built('config/answer.js')).to.contain('43');
    expect(built('nodes/lock/lock.html')).to.equal('<p>another</p>');
  });

  it('deletes what no source stands behind', () => {
    build(root);
    rmSync(join(root, 'nodes/lock'), { recursive: true });
    write('dist/left/over.js', '');
    build(root);
    expect(isBuilt('nodes/lock')).to.equal(false);
    expect(isBuilt('left')).to.equal(false);
    expect(JSON.parse(built('package.json'))['node-red'].nodes).to.deep.equal({});
  });

  it('makes again what was deleted from dist', () => {
    build(root);
    rmSync(join(root, 'dist/config/answer.js'));
    expect(build(root).built).to.equal(true);
    expect(isBuilt('config/answer.js')).to.equal(true);
  });

  it('fails where a source has an error, each time until it is mended', () => {
    write('config/answer.ts', 'export const answer: number = "42";\n');
    expect(() => build(root)).to.throw(BuildError, 'config/answer.ts(1,14)');
    expect(() => build(root)).to.throw(BuildError, 'config/answer.ts(1,14)');
    write('config/answer.ts', 'export const answer: number = 42;\n');
    expect(build(root).built).to.equal(true);
  });

  it('takes a folder for a node only where code and page have its name', () => {
    write('nodes/half/half.html', '');
    write('nodes/other/lock.ts', 'export {};\n');
    write('nodes/other/lock.html', '');
    build(root);
    expect(JSON.parse(built('package.json'))['node-red'].nodes).to.deep.equal({ lock: 'nodes/lock/lock.js' });
  });
});

describe('the package of the module', () => {
  it('is in order, whatever order it was told in', () => {
    const described = modulePackage({
      root: { name: 'r', version: '1.0.0', dependencies: { b: '1.0.0', a: '1.0.0' } },
      embeddedMongo: { name: 'm', version: '1.0.0' },
      nodes: ['z', 'a'],
      files: ['nodes', 'config'],
    }) as { dependencies: object; files: string[]; 'node-red': { nodes: object } };
    expect(Object.keys(described.dependencies)).to.deep.equal(['a', 'b']);
    expect(described.files).to.deep.equal(['config', 'nodes', '!**/*.map']);
    expect(Object.keys(described['node-red'].nodes)).to.deep.equal(['a', 'z']);
  });
});
