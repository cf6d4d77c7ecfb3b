/** Cassettes that come to be stained, with their log as the gateway writes it. */
import type { CassetteInput } from '../../../../domain/cassette/inputs.ts';
import type { Step } from '../../../../domain/cassette/next.ts';
import type { CassetteSetting } from '../../../../domain/cassette/setting.ts';
import type { LoggedEvent } from '../../../../domain/event.ts';
import { LocalStream } from '../../../../gateway/cassettes/local-stream.ts';
import { Bench, BRUNO, K1, K1_OTHER, K2, settingOf, UNKNOWN_ROM } from '../../../domain/cassette/machine.ts';

const SECOND = 1_000;
const MINUTE = 60 * SECOND;

/** ROMs that are on record in every story. */
export const ROMS_ON_RECORD = [K1.rom, K2.rom, UNKNOWN_ROM];

export const SCENE = {
  site: { id: 'branch-12', name: 'Filiale Łódź – Piazza San Nicolò', timeZone: 'Europe/Warsaw' },
  cassette: { id: 'c1', name: 'ATM 3, cassette 1' },
  software: { name: 'Sezam', version: '0.1.0' },
} as const;

/** A bench that puts what happens into a stream, at a wall-clock time of its own. */
class LoggedBench extends Bench {
  readonly logged: LoggedEvent[] = [];
  readonly #stream = new LocalStream('cassette/c1');
  readonly #begun: number;

  constructor(begun: number) {
    super();
    this.#begun = begun - this.at;
  }

  override take(input: CassetteInput): Step {
    const wall = this.#begun + this.at;
    const step = super.take(input, wall);
    this.logged.push(...this.#stream.place(step.events, wall));
    return step;
  }
}

/** A log that ends soon after a staining. */
export interface Staining {
  readonly events: readonly LoggedEvent[];
  readonly stainedSeq: number;
}

/** Loaded, armed, carried, put into the machine, armed again, and struck until it stains. */
export function struckInTheMachine(
  given: Partial<CassetteSetting> = {},
  from: number = Date.UTC(2026, 2, 14, 8, 31, 7, 250),
): Staining {
  const bench = begun({ mode: 'outsourced', ...given }, from);
  bench.key(K1, { reader: 'counting-room' });
  bench.live(6 * MINUTE);
  bench.samples({ inMachine: false }, SECOND);
  bench.live(18 * MINUTE);
  bench.samples({ inMachine: false, tilt: 52 }, 2 * SECOND);
  bench.samples({ inMachine: false, tilt: 8 }, SECOND);
  bench.live(2 * MINUTE);
  bench.key(K2, { reader: 'atm-3' });
  bench.samples({}, SECOND);
  bench.take({ input: 'key', rom: UNKNOWN_ROM, reader: 'atm-3' });
  bench.live(20 * SECOND);
  bench.key(K2, { reader: 'atm-3' });
  bench.live(11 * MINUTE);
  bench.link(false);
  bench.live(12 * SECOND);
  bench.link(true);
  bench.sample();
  bench.live(4 * MINUTE);
  bench.sample({ gas: 12 });
  bench.live(90 * SECOND);
  bench.key(K1_OTHER, { reader: 'atm-3' });
  bench.live(40 * SECOND);
  return stained(bench, () => bench.sample({ gas: 12, shocks: [3_400, 4_100, 3_900] }), { gas: 12 });
}

/** Armed in the protected zone, and not in the machine in time. */
export function tooLateForTheMachine(): Staining {
  const bench = begun({ mode: 'internal-protected-zone' }, Date.UTC(2026, 2, 14, 8, 31, 7, 250));
  bench.key(K1, { reader: 'counting-room' });
  bench.live(30 * SECOND);
  bench.samples({ inMachine: false }, SECOND);
  return stained(bench, () => bench.live(10 * MINUTE), { inMachine: false });
}

function begun(given: Partial<CassetteSetting>, from: number): LoggedBench {
  const bench = new LoggedBench(from);
  bench.take({ input: 'configure', setting: settingOf(given) });
  bench.take({ input: 'restart' });
  bench.link(true);
  bench.sample();
  bench.live(90 * MINUTE + SECOND);
  bench.do('enter-service', { reason: 'Loading in the counting room.', second: BRUNO });
  bench.live(9 * MINUTE);
  bench.sample({ lidOpen: true, power: 'battery' });
  bench.samples({ lidOpen: true, power: 'battery' }, SECOND);
  bench.sample();
  bench.do({ do: 'finish-service', loaded: true });
  bench.live(7 * MINUTE);
  return bench;
}

function stained(
  bench: LoggedBench,
  attack: () => unknown,
  meanwhile: Parameters<Bench['sample']>[0],
): Staining {
  attack();
  bench.at += 200;
  bench.sample(meanwhile);
  bench.at += 40;
  bench.answer('prepare');
  bench.at += 60;
  bench.answer('fire');
  bench.sample({ ...meanwhile, stainer: 'fired' });
  bench.link(false);
  const last = bench.logged.findLast(({ type }) => type === 'stained');
  if (!last) throw new Error(`Nothing was stained: ${bench.logged.map(({ type }) => type).join(', ')}.`);
  return { events: bench.logged, stainedSeq: last.seq };
}
