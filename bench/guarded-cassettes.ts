/** Cassettes that are attacked in turn, stain, and are made ready again. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { CassetteCommand } from '../domain/cassette/inputs.ts';
import type { CassetteView } from '../domain/cassette/view.ts';
import type { Cassettes } from '../gateway/cassettes/api.ts';
import { cassetteAt } from './cassette-site.ts';
import type { Controllers } from './controllers-process.ts';
import type { Reaction } from './controllers-protocol.ts';

/** Between two looks at what a cassette shows, and how long it may take to be ready. Milliseconds. */
const LOOKS_EVERY = 20;
const READY_WITHIN = 60_000;
/** From one attack to the next: by chance within these limits, so that no attack keeps time with the polls. Milliseconds. */
const SHORTEST_PAUSE = 10;
const LONGEST_PAUSE = 50;

/** What a round of attacks gave. */
export interface Round {
  readonly reactions: readonly Reaction[];
  /** What a bare thread took for the same exchange, by turns with the attacks. Milliseconds. */
  readonly bare: readonly number[];
}

export class GuardedCassettes {
  readonly #cassettes: Cassettes;
  readonly #controllers: Controllers;
  /** A user with the role of an administrator. */
  readonly #administrator: string;
  /** Each resolves when that cassette stands ready. */
  readonly #ready: Promise<void>[];
  #next = 0;
  #stopped = false;

  constructor(cassettes: Cassettes, controllers: Controllers, administrator: string) {
    this.#cassettes = cassettes;
    this.#controllers = controllers;
    this.#administrator = administrator;
    this.#ready = cassettes.list().map((_, cassette) => this.#makeReady(cassette));
  }

  async allReady(): Promise<void> {
    await Promise.all(this.#ready);
  }

  /** Attacks so many cassettes, one after the other; the same one again when its turn comes and it is ready. */
  async round(attacks: number): Promise<Round> {
    const reactions: Promise<Reaction>[] = [];
    const bare: number[] = [];
    for (let attack = 0; attack < attacks; attack += 1) {
      const cassette = this.#next % this.#ready.length;
      this.#next += 1;
      await this.#ready[cassette];
      bare.push(await this.#controllers.ping());
      await sleep(SHORTEST_PAUSE + Math.random() * (LONGEST_PAUSE - SHORTEST_PAUSE));
      const reaction = this.#controllers.attack(cassette);
      this.#ready[cassette] = reaction.then(() => this.#makeReady(cassette));
      reactions.push(reaction);
    }
    return { reactions: await Promise.all(reactions), bare };
  }

  /** Nothing is made ready any more. */
  stop(): void {
    this.#stopped = true;
  }

  /** Takes a cassette from wherever it is to rest, with its trigger connected. */
  async #makeReady(cassette: number): Promise<void> {
    const end = performance.now() + READY_WITHIN;
    while (!this.#stopped) {
      const view = this.#cassettes.view(cassetteAt(cassette));
      if (view && isReady(view)) return;
      if (view?.phase === 'stained') await this.#command(cassette, { do: 'reset-stained' });
      else if (view && canFinish(view)) await this.#command(cassette, { do: 'finish-service', loaded: true });
      else await sleep(LOOKS_EVERY);
      if (performance.now() > end) throw new Error(`Cassette ${cassette} is ${view?.phase}, not ready.`);
    }
  }

  async #command(cassette: number, command: CassetteCommand): Promise<void> {
    const principal = { user: this.#administrator, login: this.#administrator, roles: [] };
    const request = { cassette: cassetteAt(cassette), command, reason: 'Benchmark' };
    const done = await this.#cassettes.command(request, { kind: 'administrator', principal });
    // What stood against it, such as an old sample, is gone in a moment.
    if (!done.ok) await sleep(LOOKS_EVERY);
  }
}

function isReady({ phase, linked, readings }: CassetteView): boolean {
  return phase === 'rest' && linked && readings?.stainer === 'ready' && !readings.brokenIn;
}

function canFinish({ phase, readings }: CassetteView): boolean {
  return phase === 'service' && readings?.stainer === 'inhibited' && !readings.brokenIn;
}
