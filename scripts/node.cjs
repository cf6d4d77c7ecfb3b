/**
 * `node scripts/node.cjs FILE …`: runs a program with the Node.js that the project is made for, whatever Node.js and npm
 * are on the machine: the one that runs already where it is new enough, otherwise the pinned one of the optional
 * dependencies. Plain CommonJS, so that any Node.js can run this file.
 */
const { spawn } = require('node:child_process');
const { existsSync } = require('node:fs');
const { delimiter, dirname, join, resolve } = require('node:path');
const { pathToFileURL } = require('node:url');

/** The oldest that serves: argon2 in `node:crypto` came with it. */
const OLDEST = [24, 7];

const root = resolve(__dirname, '..');
const [program, ...parameters] = process.argv.slice(2);

/** @returns {boolean} */
function isNewEnough() {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  return major > OLDEST[0] || (major === OLDEST[0] && minor >= OLDEST[1]);
}

/** The pinned Node.js. npm 10 does not always link it into `node_modules/.bin`, so it is sought where it lies. */
function pinned() {
  const path = join(root, 'node_modules', `node-${process.platform}-${process.arch}`, 'bin', 'node');
  return existsSync(path) ? path : undefined;
}

/** @param {string} node */
function runWith(node) {
  // What the program starts in turn finds the same Node.js.
  const PATH = [dirname(node), process.env.PATH].join(delimiter);
  const child = spawn(node, [...process.execArgv, program, ...parameters], {
    stdio: 'inherit',
    env: { ...process.env, PATH },
  });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
  child.on('exit', (code, signal) => {
    if (signal === null) process.exit(code ?? 1);
    process.removeAllListeners(signal);
    process.kill(process.pid, signal);
  });
}

const node = pinned();
if (program === undefined) {
  console.error('Usage: node scripts/node.cjs FILE …');
  process.exit(2);
} else if (isNewEnough()) {
  const file = resolve(program);
  process.argv = [process.execPath, file, ...parameters];
  import(pathToFileURL(file).href).catch((error) => {
    console.error(error);
    process.exit(1);
  });
} else if (node !== undefined) {
  runWith(node);
} else {
  console.error(
    `Sezam needs Node.js ${OLDEST.join('.')} or later; this is ${process.versions.node}, and none came with the dependencies. ` +
      'Install a newer Node.js, or run "npm ci" without --omit=optional.',
  );
  process.exit(1);
}
