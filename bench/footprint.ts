/** Memory of a cabinet of 512 compartments, OPC UA nodes included, and the time from `npm start` until ready. */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import { benchSite, type CabinetWires } from './site.ts';
import { milliseconds, percentile, type Row } from './statistics.ts';

const ROOT = fileURLToPath(new URL('../', import.meta.url));
/** Cabinets of the product that is started, and of the ones whose memory is compared. */
const STARTED = 4;
const FEW = 1;
const MANY = 9;
const STARTS = 3;
const READY_WITHIN = 60_000;
/** How long memory may settle. Milliseconds. */
const SETTLES = 8_000;

interface Running {
  readonly process: ChildProcess;
  /** From the start of `npm start` until `/health/ready` answered 200. Milliseconds. */
  readonly readyAfter: number;
}

/** Measures and returns the rows of the report. */
export async function benchFootprint(): Promise<Row[]> {
  const hardware = new Worker(new URL('./hardware.ts', import.meta.url), { workerData: { cabinets: MANY } });
  const folder = await mkdtemp(join(tmpdir(), 'sezam-bench-'));
  try {
    const wires = await new Promise<readonly CabinetWires[]>((resolve, reject) => {
      hardware.once('message', resolve);
      hardware.once('error', reject);
    });
    const starts = await measureStarts(folder, wires.slice(0, STARTED));
    const few = await measureMemory(folder, wires.slice(0, FEW));
    const many = await measureMemory(folder, wires.slice(0, MANY));
    const each = (many - few) / (MANY - FEW);
    return [
      {
        name: `npm start with ${STARTED} cabinets of 512 until ready, seconds`,
        measured: starts.map(milliseconds).join(', '),
        baseline: '',
        figure: percentile(starts, 0.5) / 1_000,
        bound: { at: 'most', value: 5 },
      },
      {
        name: 'memory of one cabinet of 512, MB',
        measured: `${MANY} cabinets ${many.toFixed(0)} MB`,
        baseline: `${FEW} cabinet ${few.toFixed(0)} MB`,
        figure: each,
        bound: { at: 'most', value: 12 },
      },
    ];
  } finally {
    await hardware.terminate();
    await rm(folder, { recursive: true, force: true });
  }
}

async function measureStarts(folder: string, wires: readonly CabinetWires[]): Promise<number[]> {
  const data = join(folder, 'starts');
  const times: number[] = [];
  for (let start = 0; start <= STARTS; start += 1) {
    console.error(`  start ${start} with ${wires.length} cabinets …`);
    const running = await startProduct(folder, data, wires);
    // The first start makes certificates and folders, as only the very first of an installation does.
    if (start > 0) times.push(running.readyAfter);
    await stop(running);
  }
  return times;
}

/** Resident memory of the whole process with so many cabinets, in MB. */
async function measureMemory(folder: string, wires: readonly CabinetWires[]): Promise<number> {
  console.error(`  memory of ${wires.length} cabinet(s) …`);
  const running = await startProduct(folder, join(folder, `memory-${wires.length}`), wires);
  await sleep(SETTLES);
  const kilobytes = await residentOf(running.process.pid ?? 0);
  await stop(running);
  return kilobytes / 1_024;
}

/** The largest process among a process and those that it started: npm starts a shell that starts Node. */
async function residentOf(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  const own = Number(/VmRSS:\s+(\d+)/.exec(status)?.[1] ?? 0);
  const children = (await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8'))
    .trim()
    .split(' ')
    .filter(Boolean);
  const theirs = await Promise.all(children.map((child) => residentOf(Number(child))));
  return Math.max(own, ...theirs);
}

async function startProduct(folder: string, data: string, wires: readonly CabinetWires[]): Promise<Running> {
  const site = join(folder, `site-${wires.length}.json`);
  await writeFile(site, JSON.stringify(benchSite(wires, false)));
  const port = await freePort();
  const started = performance.now();
  const child = spawn('npm', ['start'], {
    cwd: ROOT,
    detached: true,
    stdio: ['ignore', 'ignore', 'inherit'],
    env: {
      ...process.env,
      SEZAM_DATA: data,
      SEZAM_SITE: site,
      SEZAM_HTTP_PORT: String(port),
      SEZAM_OPCUA_PORT: String(await freePort()),
      MONGODB_URI: '',
    },
  });
  while (!(await isReady(port))) {
    if (performance.now() - started > READY_WITHIN || child.exitCode !== null) {
      throw new Error('The product did not become ready.');
    }
    await sleep(20);
  }
  return { process: child, readyAfter: performance.now() - started };
}

/** Ready as a person would call it: everything answers, OPC UA and the boards included, and the editor is there. */
async function isReady(port: number): Promise<boolean> {
  try {
    const address = `http://127.0.0.1:${port}`;
    const health = await fetch(`${address}/health/ready`, { signal: AbortSignal.timeout(1_000) });
    const { condition } = (await health.json()) as { condition?: string };
    if (!health.ok || condition !== 'ok') return false;
    const editor = await fetch(`${address}/editor/`, { signal: AbortSignal.timeout(1_000) });
    return editor.ok;
  } catch {
    return false;
  }
}

async function stop({ process: child }: Running): Promise<void> {
  const ended = new Promise((resolve) => child.once('exit', resolve));
  if (child.pid !== undefined) process.kill(-child.pid, 'SIGTERM');
  await ended;
}

function freePort(): Promise<number> {
  const server = createServer();
  return new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address ? address.port : 0));
    });
  });
}
