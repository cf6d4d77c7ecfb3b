/**
 * `npm run test:mocha`: all suites, in three runs of mocha side by side, since half of the time a test waits for wires, disks and
 * clocks. The first tells what it does as it goes; what the others have to tell comes after it.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

const MOCHA = 'node_modules/mocha/bin/mocha.js';

/** What Node has compiled: threads and processes that tests start one after the other load the same modules. */
const COMPILED = fileURLToPath(new URL('../node_modules/.cache/compiled', import.meta.url));

/** Each about a third of the time. Everything that builds the program, or starts what was built, is in the last: no two builds at once. */
const FIRST = suites('gateway');
const SECOND = suites('opcua-server', 'domain');

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

const first = run(FIRST, [], 'inherit');
const others = [
  run(SECOND, [], 'pipe'),
  run(['test/**/*.test.ts', 'embedded-mongo/test/**/*.test.ts'], [...FIRST, ...SECOND], 'pipe'),
];

const told = others.map(({ stdout, stderr }) => {
  const chunks: Buffer[] = [];
  for (const stream of [stdout, stderr]) stream?.on('data', (chunk: Buffer) => chunks.push(chunk));
  return chunks;
});

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.on(signal, () => {
    for (const each of [first, ...others]) each.kill(signal);
  });
}

// The output of a run that ended is whole only when it is closed.
const ended = await Promise.all([first, ...others].map((each) => once(each, 'close')));
for (const chunks of told) process.stdout.write(Buffer.concat(chunks));
const failed = ended.some(([code]) => code !== 0);
console.log(failed ? '\nSome tests failed.' : '\nAll tests passed.');
process.exitCode = failed ? 1 : 0;
