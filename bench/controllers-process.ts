/** The process of the controllers, from the side of whoever measures. */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import type { FromControllers, Reaction, ToControllers } from './controllers-protocol.ts';

/** How long it may take to start, and an attack, or a ping, to come to its end. Milliseconds. */
const ANSWERS_WITHIN = 30_000;

type Answer<Kind extends FromControllers['kind']> = Extract<FromControllers, { readonly kind: Kind }>;

export class Controllers {
  readonly #process: ChildProcess;
  /** Who waits for what: `reacted` of each cassette by its number, everything else by its kind. */
  readonly #waiting = new Map<string, (message: FromControllers) => void>();

  constructor() {
    this.#process = fork(new URL('./controllers.ts', import.meta.url), { stdio: 'inherit' });
    this.#process.on('message', (message: FromControllers) => {
      const name = message.kind === 'reacted' ? nameOf(message.cassette) : message.kind;
      this.#waiting.get(name)?.(message);
    });
  }

  /** Serves controllers by the keys of each bus; resolves to a port for each, and one for the bare reactor. */
  serve(buses: readonly (readonly string[])[]): Promise<Answer<'served'>> {
    return this.#ask('served', { kind: 'serve', buses }) as Promise<Answer<'served'>>;
  }

  /** Attacks a cassette; resolves when its stainer has fired and was replaced. */
  async attack(cassette: number): Promise<Reaction> {
    const answer = await this.#ask(nameOf(cassette), { kind: 'attack', cassette });
    return (answer as Answer<'reacted'>).reaction;
  }

  /** Lets the bare reactor react; resolves to the milliseconds until its order to fire. */
  async ping(): Promise<number> {
    const answer = await this.#ask('pinged', { kind: 'ping' });
    return (answer as Answer<'pinged'>).toFire;
  }

  async close(): Promise<void> {
    const ended = once(this.#process, 'exit');
    this.#process.disconnect();
    await ended;
  }

  #ask(name: string, message: ToControllers): Promise<FromControllers> {
    const { promise, resolve, reject } = Promise.withResolvers<FromControllers>();
    const late = setTimeout(() => reject(new Error(`The controllers: no ${name}.`)), ANSWERS_WITHIN);
    this.#waiting.set(name, resolve);
    this.#process.send(message);
    return promise.finally(() => clearTimeout(late));
  }
}

function nameOf(cassette: number): string {
  return `reaction of cassette ${cassette}`;
}
