import type { PanelView } from '../../gateway/api.ts';
import type { Command, CommandAnswer, FollowedEvent } from '../../gateway/command-socket.ts';
import type { PanelMessage } from '../../gateway/commands/panel-visits.ts';
import { socketPath } from '../../gateway/data-folder.ts';
import type { DemoCommand, DemoEvent } from '../../simulators/demo/hardware.ts';
import { connectLines, type LineClient } from '../line-client.ts';
import { Feed } from './feed.ts';

/** How long an answer may take: an opening answers once the door is open. Milliseconds. */
const ANSWERS_WITHIN = 20_000;

/** A story cannot go on; the message says why, and what to do. */
export class StoryError extends Error {
  readonly code = 'story-stopped';

  constructor(message: string) {
    super(message);
    this.name = 'StoryError';
  }
}

type HardwareAnswer = { readonly ok: boolean; readonly error?: string };

/** A running demo site: its command socket, its simulated hardware, and what its log, a panel and the hardware tell. */
export class DemoConnection {
  readonly log = new Feed<FollowedEvent>();
  readonly panel = new Feed<PanelView>();
  readonly hardware = new Feed<DemoEvent>();
  readonly #clients: readonly LineClient[];
  readonly #commands: LineClient;
  readonly #devices: LineClient;
  readonly #commandAnswers = new Feed<CommandAnswer>();
  readonly #deviceAnswers = new Feed<HardwareAnswer>();

  private constructor(commands: LineClient, devices: LineClient) {
    this.#commands = commands;
    this.#devices = devices;
    this.#clients = [commands, devices];
    void this.#hearCommands();
    void this.#hearDevices();
  }

  /** Connects, and follows the log and, where one is named, a panel. Rejects where no Sezam runs the demo site on this data folder. */
  static async open(dataFolder: string, panel?: string): Promise<DemoConnection> {
    const commands = await connectLines(await socketPath(dataFolder, 'command'));
    let devices: LineClient;
    try {
      devices = await connectLines(await socketPath(dataFolder, 'demo-hardware'));
    } catch {
      commands.end();
      throw new StoryError(
        'Sezam runs here, but not the demo site. Start it without SEZAM_SITE, on a data folder of its own.',
      );
    }
    const connection = new DemoConnection(commands, devices);
    try {
      await connection.ask({ do: 'follow' });
      if (panel !== undefined) {
        const { view } = (await connection.ask({ do: 'follow-panel', panel })) as PanelMessage;
        connection.panel.push(view);
      }
      return connection;
    } catch (error) {
      connection.close();
      throw error;
    }
  }

  /** Asks the gateway. Rejects with a `StoryError` where it refuses. */
  async ask(command: Command): Promise<unknown> {
    const answer = await this.tryTo(command);
    if (!answer.ok) throw new StoryError(answer.message);
    return answer.result;
  }

  /** Asks the gateway, which may refuse. */
  async tryTo(command: Command): Promise<CommandAnswer> {
    this.#commands.send(command);
    const answer = await this.#commandAnswers.next(ANSWERS_WITHIN);
    if (!answer) throw new StoryError('Sezam does not answer any more.');
    return answer;
  }

  /** Does something with the simulated hardware. Rejects with a `StoryError` where that cannot be done. */
  async act(command: DemoCommand): Promise<void> {
    this.#devices.send(command);
    const answer = await this.#deviceAnswers.next(ANSWERS_WITHIN);
    if (!answer?.ok)
      throw new StoryError(answer?.error ?? 'The simulated hardware does not answer any more.');
  }

  close(): void {
    for (const client of this.#clients) client.end();
  }

  async #hearCommands(): Promise<void> {
    for await (const message of this.#commands.messages) {
      const told = message as CommandAnswer | FollowedEvent | PanelMessage;
      if ('stream' in told) this.log.push(told);
      else if ('view' in told) this.panel.push(told.view);
      else this.#commandAnswers.push(told);
    }
    for (const feed of [this.log, this.panel, this.#commandAnswers]) feed.end();
  }

  async #hearDevices(): Promise<void> {
    for await (const message of this.#devices.messages) {
      const told = message as DemoEvent | HardwareAnswer;
      if ('event' in told) this.hardware.push(told);
      else this.#deviceAnswers.push(told);
    }
    for (const feed of [this.hardware, this.#deviceAnswers]) feed.end();
  }
}
