/** `npm run check`: types, lint (the purity of `domain/` included), format and dead code, one after the other. */
import { spawnSync } from 'node:child_process';

const CHECKS = [
  ['types', 'tsc', '-p', 'tsconfig.json'],
  ['format, imports and cycles', 'biome', 'check', '--error-on-warnings', '.'],
  ['lint', 'oxlint', '--type-aware', '--deny-warnings', '.'],
  ['dead code', 'knip', '--no-progress'],
] as const;

const failed: string[] = [];
for (const [name, command, ...parameters] of CHECKS) {
  const started = performance.now();
  const { status, error } = spawnSync(command, parameters, { stdio: 'inherit', timeout: 300_000 });
  const passed = ((performance.now() - started) / 1_000).toFixed(1);
  const ok = status === 0 && !error;
  console.log(`${ok ? 'ok    ' : 'FAILED'} ${name} (${passed} s)`);
  if (!ok) failed.push(name);
}
if (failed.length > 0) {
  console.error(`Failed: ${failed.join(', ')}.`);
  process.exitCode = 1;
}
