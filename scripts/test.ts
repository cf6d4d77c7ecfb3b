/**
 * `npm run test:mocha`: all suites, in two runs of mocha side by side, since most of the time a test waits for wires, disks and
 * clocks. The first tells what it does as it goes; what the second has to tell comes after it.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

const MOCHA = 'node_modules/mocha/bin/mocha.js';

/** What Node has compiled: threads and processes that tests start one after the other load the same modules. */
const COMPILED = fileURLToPath(new URL('../node_modules/.cache/compiled', import.meta.url));

/** Half of the time. Everything that builds the program, or starts what was built, is in the second: no two builds at once. */
const FIRST = ['gateway', 'opcua-server'];

function suites(...rooms: readonly string[]): readonly string[] {
  return rooms.map((room) => `test/${room}/**/*.test.ts`);
}

function run(patterns: readonly string[], ignored: readonly string[], output: 'inherit' | 'pipe') {
  const ignore = ignored.flatMap((pattern) => ['--ignore', pattern]);
  const colour = process.stdout.isTTY ? ['--color'] : [];
  return spawn(process.execPath, [MOCHA, ...colour, ...ignore, ...patterns], {
    stdio: ['ignore', output, output],
    env: { NODE_COMPILE_CACHE: COMPILED, ...process.env },
  });
}

const first = run(suites(...FIRST), [], 'inherit');
const second = run(['test/**/*.test.ts', 'embedded-mongo/test/**/*.test.ts'], suites(...FIRST), 'pipe');

const told: Buffer[] = [];
for (const stream of [second.stdout, second.stderr]) stream?.on('data', (chunk: Buffer) => told.push(chunk));

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.on(signal, () => {
    first.kill(signal);
    second.kill(signal);
  });
}

// The output of a run that ended is whole only when it is closed.
const ended = await Promise.all([once(first, 'close'), once(second, 'close')]);
process.stdout.write(Buffer.concat(told));
const failed = ended.some(([code]) => code !== 0);
console.log(failed ? '\nSome tests failed.' : '\nAll tests passed.');
process.exitCode = failed ? 1 : 0;
