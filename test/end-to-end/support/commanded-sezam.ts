/** A Sezam process together with what the operator of its computer can ask of it. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { LoggedEvent } from '../../../domain/event.ts';
import type { CompartmentOccupancy, Possession } from '../../../gateway/api.ts';
import type { CommandAnswer } from '../../../gateway/command-socket.ts';
import { socketPath } from '../../../gateway/data-folder.ts';
import { connectLines } from '../../../scripts/line-client.ts';
import { type Announcement, SezamProcess } from './sezam-process.ts';

/** How long something may take to become as expected on a busy computer. Milliseconds. */
const WITHIN = 60_000;

export class CommandedSezam {
  readonly #environment: Readonly<Record<string, string>>;
  #running: { readonly sezam: SezamProcess; readonly announced: Announcement } | undefined;
  /** What every process printed so far, those that were killed included. */
  #printed = '';

  /** @param environment settings of Sezam; `SEZAM_DATA` is among them */
  constructor(environment: Readonly<Record<string, string>>) {
    this.#environment = environment;
  }

  /** Starts the built program, and waits until it is ready, knows every door and hears every reader. */
  async start(): Promise<Announcement> {
    this.#running = await SezamProcess.start('node', this.#environment);
    await this.until('every door is known', async () =>
      (await this.occupancy()).every(({ door }) => door !== 'unknown'),
    );
    // What is typed before its line is there goes nowhere.
    await this.until('every bus is connected', async () =>
      (await this.health()).buses.every(({ state }) => state === 'connected'),
    );
    return this.#running.announced;
  }

  /** The power goes. */
  async kill(): Promise<void> {
    const { sezam } = this.#here();
    await sezam.kill();
    this.#gone();
  }

  async stop(): Promise<void> {
    const { sezam } = this.#here();
    await sezam.stop();
    this.#gone();
  }

  /** Everything that was printed to standard output and standard error. */
  get printed(): string {
    const { stdout = '', stderr = '' } = this.#running?.sezam ?? {};
    return `${this.#printed}${stdout}${stderr}`;
  }

  /** What the gateway says of itself. */
  async health(): Promise<{
    readonly store: { condition: string };
    readonly journal: { waiting: number };
    readonly buses: readonly { state: string }[];
  }> {
    const response = await fetch(this.#here().announced.health);
    return (await response.json()) as Awaited<ReturnType<CommandedSezam['health']>>;
  }

  /** A command as the command line sends it; rejects with what was refused. */
  async ask<Result>(command: object): Promise<Result> {
    const answer = await this.tell(command);
    if (!answer.ok) throw new Error(`${answer.code}: ${answer.message}`);
    return answer.result as Result;
  }

  /** A command as the command line sends it, and the answer to it. */
  async tell(command: object): Promise<CommandAnswer> {
    const client = await connectLines(await socketPath(this.#environment['SEZAM_DATA'] ?? '', 'command'));
    try {
      client.send(command);
      for await (const message of client.messages) {
        if ('ok' in (message as object)) return message as CommandAnswer;
      }
      throw new Error('Sezam ended the conversation.');
    } finally {
      client.end();
    }
  }

  async occupancy(cabinet?: string): Promise<readonly CompartmentOccupancy[]> {
    const { compartments } = await this.ask<{ compartments: CompartmentOccupancy[] }>({
      do: 'occupancy',
      ...(cabinet !== undefined && { cabinet }),
    });
    return compartments;
  }

  /** The door and the status of a compartment, e.g. `open occupied`. */
  async stateOf(cabinet: string, compartment: number): Promise<string> {
    const found = (await this.occupancy(cabinet)).find((each) => each.compartment === compartment);
    return `${found?.door} ${found?.status}`;
  }

  /** Waits until a compartment is as described. */
  async becomes(cabinet: string, compartment: number, state: string): Promise<void> {
    let is = '';
    await this.until(
      () => `${cabinet}/${compartment} is "${state}" (it is "${is}")`,
      async () => {
        is = await this.stateOf(cabinet, compartment);
        return is === state;
      },
    );
  }

  async possessions(query: object = {}): Promise<readonly Possession[]> {
    return (await this.ask<{ possessions: Possession[] }>({ do: 'who-has', ...query })).possessions;
  }

  /** Events of a cabinet, of one type, oldest first. */
  async events(cabinet: string, type: string): Promise<readonly LoggedEvent[]> {
    const query = { cabinet, types: [type], order: 'oldest-first', limit: 1000 };
    return (await this.ask<{ events: LoggedEvent[] }>({ do: 'events', query })).events;
  }

  /** Waits until a cabinet has so many events of a type, and gives the last of them. */
  async heard(cabinet: string, type: string, count: number): Promise<LoggedEvent> {
    let events: readonly LoggedEvent[] = [];
    await this.until(`${count} × ${type}`, async () => {
      events = await this.events(cabinet, type);
      return events.length >= count;
    });
    return events[count - 1] as LoggedEvent;
  }

  async until(what: string | (() => string), isSo: () => Promise<boolean>): Promise<void> {
    const end = performance.now() + WITHIN;
    while (!(await isSo())) {
      if (performance.now() > end) {
        const said = typeof what === 'string' ? what : what();
        throw new Error(`Not within ${WITHIN} ms: ${said}\n${this.printed}`);
      }
      await sleep(25);
    }
  }

  #here(): { readonly sezam: SezamProcess; readonly announced: Announcement } {
    if (!this.#running) throw new Error('No Sezam runs.');
    return this.#running;
  }

  #gone(): void {
    this.#printed = this.printed;
    this.#running = undefined;
  }
}
