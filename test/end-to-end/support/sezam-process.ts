/** Sezam as a process of its own, started and stopped as a person does it. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { resolve } from 'node:path';
import { build } from '../../../scripts/build.ts';

const ROOT = resolve(import.meta.dirname, '../../..');
/** How long a start may take on a busy computer, its build included. Milliseconds. */
const READY_WITHIN = 100_000;
/** How long a process may take to end by itself. Milliseconds. */
const ENDS_WITHIN = 60_000;
/** Characters of output that are kept. */
const MOST_OUTPUT = 200_000;

/** `npm`: `npm start`, as a person types it. `node`: the built program by itself, which starts sooner. */
export type How = 'npm' | 'node';

/** The lines that Sezam prints when it is ready. */
export interface Announcement {
  readonly editor: string;
  /** The web server's address, without a slash at the end. */
  readonly web: string;
  readonly opcua: string;
  readonly health: string;
  readonly account: string | undefined;
  /** The one-time password of the first administrator, while they have not set one of their own. */
  readonly oneTimePassword: string | undefined;
}

export interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Processes that a test has not ended yet. */
const running = new Set<SezamProcess>();

let built = false;

/** Builds what is to be run, once for all tests of this run. */
function buildOnce(): void {
  if (!built) build(ROOT);
  built = true;
}

/** Ends with force whatever a failed test left behind. */
export async function endAll(): Promise<void> {
  await Promise.all([...running].map((each) => each.kill()));
}

export class SezamProcess {
  readonly #child: ChildProcess;
  readonly #how: How;
  readonly #ended: Promise<void>;
  #stdout = '';
  #stderr = '';

  private constructor(child: ChildProcess, how: How) {
    this.#child = child;
    this.#how = how;
    child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      if (this.#stdout.length < MOST_OUTPUT) this.#stdout += text;
    });
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      if (this.#stderr.length < MOST_OUTPUT) this.#stderr += text;
    });
    this.#ended = once(child, 'close').then(() => {
      running.delete(this);
    });
    running.add(this);
  }

  /** Starts Sezam with these variables besides the test's own, without waiting for anything. */
  static spawn(how: How, environment: Readonly<Record<string, string>>): SezamProcess {
    const [command, parameters] = how === 'npm' ? ['npm', ['start']] : [process.execPath, ['dist/main.js']];
    if (how === 'node') buildOnce();
    return new SezamProcess(
      spawn(command, parameters, {
        cwd: ROOT,
        env: { ...inherited(), ...environment },
        stdio: ['ignore', 'pipe', 'pipe'],
        // A process group of its own, so that a signal reaches npm and everything below it, as from a terminal.
        detached: true,
      }),
      how,
    );
  }

  /** Starts Sezam and waits until it says that it is ready. Rejects with its output where it does not. */
  static async start(
    how: How,
    environment: Readonly<Record<string, string>>,
  ): Promise<{ readonly sezam: SezamProcess; readonly announced: Announcement }> {
    const sezam = SezamProcess.spawn(how, environment);
    return { sezam, announced: await sezam.announcement() };
  }

  get stdout(): string {
    return this.#stdout;
  }

  get stderr(): string {
    return this.#stderr;
  }

  /** Waits for the addresses that are printed once everything is up. */
  async announcement(): Promise<Announcement> {
    const until = performance.now() + READY_WITHIN;
    while (!/Sezam is ready[\s\S]*\n\n/.test(this.#stdout)) {
      if (!running.has(this)) throw new Error(`Sezam ended instead of getting ready.\n${this.#output()}`);
      if (performance.now() > until) {
        await this.kill();
        throw new Error(`Sezam was not ready within ${READY_WITHIN} ms.\n${this.#output()}`);
      }
      await new Promise((wake) => setTimeout(wake, 20));
    }
    const find = (pattern: RegExp): string | undefined => pattern.exec(this.#stdout)?.[1];
    const need = (pattern: RegExp): string => {
      const found = find(pattern);
      if (found === undefined) throw new Error(`Nothing printed fits ${pattern}.\n${this.#output()}`);
      return found;
    };
    const health = need(/Health {2,}(\S+)/);
    return {
      editor: need(/Editor {2,}(\S+)/),
      web: new URL(health).origin,
      opcua: need(/OPC UA {2,}(\S+)/),
      health,
      account: find(/Set your own password at (\S+)/),
      oneTimePassword: find(/one-time password (\S+)/),
    };
  }

  /** Waits for the end of the process, whatever ends it. */
  async ended(): Promise<Ended> {
    const late = setTimeout(() => void this.kill(), ENDS_WITHIN);
    await this.#ended;
    clearTimeout(late);
    const { exitCode: code, signalCode: signal } = this.#child;
    return { code, signal, stdout: this.#stdout, stderr: this.#stderr };
  }

  /** Stops Sezam as a person (Ctrl-C under npm) or a service manager (SIGTERM) does. */
  async stop(): Promise<Ended> {
    this.#signal(this.#how === 'npm' ? 'SIGINT' : 'SIGTERM');
    const end = await this.ended();
    if (this.leftovers()) throw new Error('Sezam left processes behind.');
    return end;
  }

  /** The power goes: kill -9 for everything at once. */
  async kill(): Promise<void> {
    this.#signal('SIGKILL');
    await this.#ended;
  }

  /** Whether any process of the group still runs. */
  leftovers(): boolean {
    return this.#signal(0);
  }

  #signal(signal: NodeJS.Signals | 0): boolean {
    if (this.#child.pid === undefined) return false;
    try {
      process.kill(-this.#child.pid, signal);
      return true;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ESRCH') return false;
      throw error;
    }
  }

  #output(): string {
    return `--- stdout\n${this.#stdout}\n--- stderr\n${this.#stderr}`;
  }
}

/** What a command of package.json printed and how it ended. */
export async function npmRun(
  script: string,
  parameters: readonly string[],
  environment: Readonly<Record<string, string>>,
  input = '',
): Promise<Ended> {
  const child = spawn('npm', ['run', '--silent', script, '--', ...parameters], {
    cwd: ROOT,
    env: { ...inherited(), ...environment },
    stdio: ['pipe', 'pipe', 'pipe'],
    timeout: READY_WITHIN,
  });
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  child.stdin.end(input);
  await once(child, 'close');
  return { code: child.exitCode, signal: child.signalCode, stdout, stderr };
}

/** The test's environment without settings of Sezam: a test says itself what it sets. */
function inherited(): NodeJS.ProcessEnv {
  return Object.fromEntries(
    Object.entries(process.env).filter(
      ([name]) => !name.startsWith('SEZAM_') && !name.startsWith('npm_') && name !== 'MONGODB_URI',
    ),
  );
}
