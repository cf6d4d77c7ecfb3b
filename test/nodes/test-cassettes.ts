/**
 * Cassettes in memory: real machines behind a real desk, on a clock that the test advances, with controllers that say
 * what the test wants them to.
 */
import type { CassetteKey, KeyRole, Rom } from '../../domain/cassette/key.ts';
import type { Readings } from '../../domain/cassette/readings.ts';
import {
  CASSETTE_DEFAULTS,
  type CassetteSetting,
  type ManagementMode,
} from '../../domain/cassette/setting.ts';
import { DEFAULT_SIGNALS } from '../../domain/cassette/signal.ts';
import { UNCONFIGURED_CASSETTE } from '../../domain/cassette/state.ts';
import type { CassetteView } from '../../domain/cassette/view.ts';
import type { CassetteNotice } from '../../gateway/cassettes/api.ts';
import { Cassette } from '../../gateway/cassettes/cassette.ts';
import { CassetteDesk, type People } from '../../gateway/cassettes/desk.ts';
import type { CassetteAnswer, CassetteCall } from '../../gateway/cassettes/protocol.ts';
import type { CassetteController, CassetteControllerListener, Unsubscribe } from '../../gateway/ports.ts';
import { ManualClock } from '../support/manual-clock.ts';

/** All is well, loaded, and in the machine. */
const CALM: Readings = {
  lidOpen: false,
  brokenIn: false,
  shocks: [],
  displaced: false,
  gas: 0,
  inMachine: true,
  notes: 'present',
  battery: 'ok',
  power: 'mains',
  ink: 'ok',
  trigger: 'ok',
  selfTest: 'passed',
  stainer: 'ready',
};

/** A controller without a wire: fires when it is told to, and samples when the test says so. */
class ControllerInMemory implements CassetteController {
  readonly id: string;
  readings: Readings = CALM;
  firings = 0;
  #listener: CassetteControllerListener | undefined;

  constructor(id: string) {
    this.id = id;
  }

  start(listener: CassetteControllerListener): void {
    this.#listener = listener;
    listener.linked(true);
    listener.sampled(this.readings);
  }

  async sample(): Promise<void> {
    this.#listener?.sampled(this.readings);
  }

  link(up: boolean): void {
    this.#listener?.linked(up);
  }

  async prepare(): Promise<void> {}

  async fire(): Promise<void> {
    this.firings += 1;
    this.readings = { ...this.readings, stainer: 'fired' };
  }

  async inhibit(inhibited: boolean): Promise<void> {
    this.readings = { ...this.readings, stainer: inhibited ? 'inhibited' : 'ready' };
  }

  async signal(): Promise<void> {}
  async antiGas(): Promise<void> {}
  async selfTest(): Promise<void> {}
  async stop(): Promise<void> {}
}

interface Placed {
  readonly cassette: Cassette;
  readonly controller: ControllerInMemory;
}

/** The ROM of a key for tests, by its number. */
export function romOf(number: number): Rom {
  return `01${number.toString(16).toUpperCase().padStart(12, '0')}00`;
}

const ROLES: readonly KeyRole[] = ['K1', 'K2'];
const MODES: readonly (readonly [id: string, mode: ManagementMode])[] = [
  ['C1', 'outsourced'],
  ['C3', 'internal-protected-zone'],
];

export class TestCassettes extends CassetteDesk {
  readonly clock: ManualClock;
  readonly #placed: ReadonlyMap<string, Placed>;
  readonly #keys: readonly CassetteKey[];
  readonly #waiting = new Set<string>();
  #listening = 0;

  /** Two cassettes: `C1` in mode 1 and `C3` in mode 3; every key of the site opens both. */
  static of(
    people: People,
    change: Partial<CassetteSetting>,
    keyChange: Partial<CassetteKey>,
  ): TestCassettes {
    const clock = new ManualClock();
    const placed = new Map<string, Placed>();
    const views = { get: (id: string): CassetteView | undefined => placed.get(id)?.cassette.view };
    const keys = ROLES.map((role, index): CassetteKey => {
      const rom = romOf(index + 1);
      return { id: `key-${role}`, rom, role, cassettes: [], duress: false, revoked: false, ...keyChange };
    });
    const desk = new TestCassettes(clock, placed, keys, views as ReadonlyMap<string, CassetteView>, people);
    for (const [id, mode] of MODES) {
      const controller = new ControllerInMemory(id);
      const setting: CassetteSetting = { ...CASSETTE_DEFAULTS, ...change, id, mode };
      const cassette = new Cassette(
        {
          id,
          name: `Cassette ${id}`,
          setting,
          controller,
          signals: DEFAULT_SIGNALS,
          clock,
          record: () => {},
          onEvents: (events, at, view) => {
            for (const event of events) desk.taken({ cassette: id, event, at, view });
          },
          onChange: () => desk.shown(cassette.view),
          onTrouble: (text) => {
            throw new Error(text);
          },
          onKey: () => {},
        },
        UNCONFIGURED_CASSETTE,
      );
      placed.set(id, { cassette, controller });
      cassette.start();
    }
    return desk;
  }

  private constructor(
    clock: ManualClock,
    placed: ReadonlyMap<string, Placed>,
    keys: readonly CassetteKey[],
    views: ReadonlyMap<string, CassetteView>,
    people: People,
  ) {
    const thread = {
      views,
      records: { waiting: 0 },
      ask: async (call: CassetteCall): Promise<CassetteAnswer> => this.#answer(call),
    };
    super(['C1', 'C3'], DEFAULT_SIGNALS, thread, people);
    this.clock = clock;
    this.#placed = placed;
    this.#keys = keys;
  }

  override view(id: string): CassetteView | undefined {
    return this.#waiting.has(id) ? undefined : super.view(id);
  }

  /** A cassette does not work yet: the store has to say first what it knows of it. */
  wait(id: string): void {
    this.#waiting.add(id);
  }

  /** It begins to work. */
  begin(id: string): void {
    this.#waiting.delete(id);
    this.shown(this.#of(id).cassette.view);
  }

  /** Who listens at the moment. */
  get listeners(): number {
    return this.#listening;
  }

  override onNotice(listener: (notice: CassetteNotice) => void): Unsubscribe {
    return this.#counted(super.onNotice(listener));
  }

  override onView(listener: (view: CassetteView) => void): Unsubscribe {
    return this.#counted(super.onView(listener));
  }

  /** Somebody touches the reader of a cassette with a key. */
  touchController(id: string, rom: Rom): void {
    this.#touch(id, `${id}/controller`, rom);
  }

  /** The controller measures something else. */
  async measure(id: string, change: Partial<Readings>): Promise<void> {
    const { controller } = this.#of(id);
    controller.readings = { ...controller.readings, ...change };
    await controller.sample();
  }

  link(id: string, up: boolean): void {
    this.#of(id).controller.link(up);
  }

  firings(id: string): number {
    return this.#of(id).controller.firings;
  }

  #counted(leave: Unsubscribe): Unsubscribe {
    this.#listening += 1;
    return () => {
      this.#listening -= 1;
      leave();
    };
  }

  #answer(call: CassetteCall): CassetteAnswer {
    if (call.do === 'keys' || call.do === 'incident') return { ok: true };
    const { cassette } = this.#of(call.cassette);
    const refusal =
      call.do === 'touch'
        ? this.#touch(call.cassette, call.reader, call.rom)
        : cassette.take(call.do === 'area' ? { input: 'area', ...call } : { input: 'command', ...call });
    return refusal ? { ok: false, refusal } : { ok: true, view: cassette.view };
  }

  #touch(id: string, reader: string, rom: Rom): ReturnType<Cassette['take']> {
    const known = this.#keys.find((key) => key.rom === rom);
    return this.#of(id).cassette.take({ input: 'key', rom, reader, ...(known && { known }) });
  }

  #of(id: string): Placed {
    const placed = this.#placed.get(id);
    if (!placed) throw new Error(`There is no cassette ${id}.`);
    return placed;
  }
}
