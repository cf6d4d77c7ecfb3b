/** A gateway in manual time, and the command line that administers it. */
import { once } from 'node:events';
import { rm } from 'node:fs/promises';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { type CommandAnswer, openCommandSocket } from '../../../../gateway/command-socket.ts';
import type { LineSocket } from '../../../../gateway/line-socket.ts';
import { temporaryFolder } from '../../../support/store.ts';
import { GatewayAtWork, type SiteChange } from '../../support/gateway-at-work.ts';
import type { StoredLog } from '../../support/stored-log.ts';

/** One conversation over a command socket. */
interface Conversation {
  readonly socket: LineSocket;
  readonly client: Socket;
  readonly lines: AsyncIterator<string>;
}

export class CommandedWork {
  readonly work: GatewayAtWork;
  /** A folder for files that commands name. */
  readonly folder: string;
  #conversation: Conversation;
  #begun = 1;

  private constructor(work: GatewayAtWork, folder: string, conversation: Conversation) {
    this.work = work;
    this.folder = folder;
    this.#conversation = conversation;
  }

  static async start(stored: StoredLog, change: SiteChange = {}): Promise<CommandedWork> {
    const work = await GatewayAtWork.start(stored, change);
    const folder = await temporaryFolder();
    return new CommandedWork(work, folder, await converse(work, join(folder, 'commands-0.sock')));
  }

  /** Sends a command; gives what is told before the answer, and the answer. */
  async tell(command: object): Promise<{ readonly told: readonly object[]; readonly answer: CommandAnswer }> {
    const { client, lines } = this.#conversation;
    client.write(`${JSON.stringify(command)}\n`);
    const told: object[] = [];
    for (;;) {
      const { value } = (await this.work.stored.until(lines.next())) as { value: string };
      const message = JSON.parse(value) as object;
      if ('ok' in message) return { told, answer: message as CommandAnswer };
      told.push(message);
    }
  }

  /** What a command results in; rejects where it is refused. */
  async ask<Result>(command: object): Promise<Result> {
    const { answer } = await this.tell(command);
    if (!answer.ok) throw new Error(`${answer.code}: ${answer.message}`);
    return answer.result as Result;
  }

  /** Why a command is refused, as `code: sentence`; rejects where it is carried out. */
  async refused(command: object): Promise<string> {
    const { answer } = await this.tell(command);
    if (answer.ok) throw new Error(`It was carried out: ${JSON.stringify(answer.result)}`);
    return `${answer.code}: ${answer.message}`;
  }

  /** Starts the gateway again, with the doors as they were. */
  async restart(): Promise<void> {
    await this.#end();
    await this.work.restart();
    await this.work.report();
    this.#conversation = await converse(this.work, join(this.folder, `commands-${this.#begun}.sock`));
    this.#begun += 1;
  }

  async stop(): Promise<void> {
    await this.#end();
    await this.work.stop();
    await rm(this.folder, { recursive: true });
  }

  async #end(): Promise<void> {
    this.#conversation.client.destroy();
    await this.#conversation.socket.close();
  }
}

async function converse(work: GatewayAtWork, path: string): Promise<Conversation> {
  const socket = await openCommandSocket(path, work.gateway, work.people.administration);
  const client = connect(path);
  client.on('error', () => client.destroy());
  await once(client, 'connect');
  return { socket, client, lines: createInterface({ input: client })[Symbol.asyncIterator]() };
}
