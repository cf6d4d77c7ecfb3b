/** One cassette of mode `internal` with its controller, to be given what it must not take. */
import { rm } from 'node:fs/promises';
import type { Clock, Unsubscribe } from '../../../../gateway/ports.ts';
import type { CassetteControllerSimulator } from '../../../../simulators/cassette-controller.ts';
import { eventually } from '../../../support/eventually.ts';
import { realClock } from '../../../support/real-clock.ts';
import { temporaryFolder } from '../../../support/store.ts';
import { ROMS } from './cassettes-at-work.ts';
import { Controllers, RuntimeAtWork, type RuntimeOptions, type TestCassette } from './runtime-at-work.ts';

/** The time of this computer, with a wall clock that somebody sets. */
export class SetClock implements Clock {
  #ahead = 0;

  now(): number {
    return realClock.now() + this.#ahead;
  }

  monotonic(): number {
    return realClock.monotonic();
  }

  after(delay: number, action: () => void): Unsubscribe {
    return realClock.after(delay, action);
  }

  /** @param by milliseconds, also back */
  set(by: number): void {
    this.#ahead += by;
  }
}

export class BadInput {
  readonly clock = new SetClock();
  readonly #folder: string;
  readonly #controllers: Controllers;
  readonly #cassette: TestCassette;
  readonly #lives: RuntimeAtWork[] = [];

  private constructor(folder: string, controllers: Controllers, cassette: TestCassette) {
    this.#folder = folder;
    this.#controllers = controllers;
    this.#cassette = cassette;
  }

  /** A cassette at work, with a key K that is registered. */
  static async begin(
    cassette: Partial<TestCassette> = {},
    options: Partial<RuntimeOptions> = {},
  ): Promise<BadInput> {
    const folder = await temporaryFolder();
    const controllers = await Controllers.serve(['C1']);
    const bad = new BadInput(folder, controllers, { id: 'C1', mode: 'internal', ...cassette });
    await bad.start(options);
    bad.work.attachEmpty();
    for (const role of ['K', 'K1', 'K2'] as const) bad.work.register(role, role, ROMS[role]);
    return bad;
  }

  /** The life of the runtime that goes on. */
  get work(): RuntimeAtWork {
    const work = this.#lives.at(-1);
    if (!work) throw new Error('It was never started.');
    return work;
  }

  get simulator(): CassetteControllerSimulator {
    return this.#controllers.of('C1');
  }

  /** Folder of the journal and the states. */
  get folder(): string {
    return this.#folder;
  }

  get phase(): string {
    return this.work.view('C1').phase;
  }

  /** Starts the runtime, on what the life before left on the disk. */
  async start(options: Partial<RuntimeOptions> = {}): Promise<void> {
    const { clock } = this;
    const controllers = this.#controllers;
    const cassettes = [this.#cassette];
    this.#lives.push(
      await RuntimeAtWork.open({ folder: this.#folder, cassettes, controllers, clock, ...options }),
    );
  }

  /** Arms it in the machine. */
  arm(): Promise<void> {
    return this.work.arm('C1', this.simulator, ROMS.K);
  }

  /** Holds a key to the controller's reader until it was refused so often since the start, and takes it away. */
  async refused(rom: string, times: number): Promise<void> {
    this.simulator.touchKey(rom);
    await eventually(`${rom} is refused`, () => this.work.refusals('C1').length >= times);
    this.simulator.leaveKey(rom);
  }

  /** Waits until the controller has answered so many samples more. */
  async samples(count: number): Promise<void> {
    const counted = (): number => this.simulator.requests.filter(({ name }) => name === 'sample').length;
    // It keeps the last 1000 only.
    this.simulator.requests.splice(0);
    await eventually(`${count} samples`, () => counted() > count);
  }

  async fired(): Promise<void> {
    await eventually('it has fired', () => this.simulator.firings === 1);
    await this.work.heard('C1', 'stained');
  }

  async end(): Promise<void> {
    for (const life of this.#lives) await life.runtime.stop();
    await this.#controllers.close();
    await rm(this.#folder, { recursive: true });
  }
}
