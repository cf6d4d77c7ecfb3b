/** Node processes that tests start and that end with the test. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';

/** A process that has said it is ready. */
export interface RunningChild {
  /** What the awaited line said. */
  readonly ready: RegExpExecArray;
  /** Everything it has printed so far. */
  output(): string;
  write(text: string): void;
  /** Ends its standard input and waits; kills it where that does not end it. */
  end(): Promise<void>;
}

const READY_WITHIN = 60_000;
const ENDS_WITHIN = 30_000;

/** Starts a Node process and waits for a line that matches. */
export async function startChild(
  script: string,
  ready: RegExp,
  options: { readonly args?: readonly string[]; readonly cwd: string; readonly env?: NodeJS.ProcessEnv },
): Promise<RunningChild> {
  const child = spawn(process.execPath, [script, ...(options.args ?? [])], {
    cwd: options.cwd,
    env: { ...process.env, ...options.env },
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  let printed = '';
  const found = await new Promise<RegExpExecArray>((resolve, reject) => {
    const fail = (what: string): void => reject(new Error(`${script} ${what}. It printed:\n${printed}`));
    const timer = setTimeout(() => {
      child.kill('SIGKILL');
      fail('was not ready in time');
    }, READY_WITHIN);
    const hear = (chunk: Buffer): void => {
      printed += chunk.toString();
      const match = ready.exec(printed);
      if (!match) return;
      clearTimeout(timer);
      resolve(match);
    };
    child.stdout.on('data', hear);
    child.stderr.on('data', hear);
    child.once('exit', (code) => {
      clearTimeout(timer);
      fail(`ended with ${code}`);
    });
  });
  return {
    ready: found,
    output: () => printed,
    write: (text) => {
      child.stdin.write(text);
    },
    end: () => endOf(child),
  };
}

async function endOf(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null) return;
  const exit = once(child, 'exit');
  child.stdin?.end();
  const timer = setTimeout(() => child.kill('SIGKILL'), ENDS_WITHIN);
  await exit;
  clearTimeout(timer);
}
