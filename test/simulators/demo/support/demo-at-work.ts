import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { MailSettings } from '../../../../config/mail-settings.ts';
import type { SiteFile } from '../../../../config/site.ts';
import type { SiteCassette } from '../../../../config/site-cassette.ts';
import type { Language } from '../../../../domain/texts/texts.ts';
import type { CassetteRequester } from '../../../../gateway/cassettes/api.ts';
import { openCommandSocket } from '../../../../gateway/command-socket.ts';
import { socketPath } from '../../../../gateway/data-folder.ts';
import { type StartedGateway, startGateway } from '../../../../gateway/start.ts';
import { startWhole } from '../../../../gateway/undo.ts';
import { type CassetteStory, play, type Story } from '../../../../scripts/demo/story.ts';
import { startDemo } from '../../../../simulators/demo/demo.ts';

/** The demo site with a gateway and an embedded store, as `npm start` composes them; quick doors, and no Node-RED. */
export class DemoAtWork {
  readonly folder: string;
  /** What an operator would have been told. */
  readonly notices: string[] = [];
  #started: StartedGateway | undefined;
  #close: () => Promise<void> = async () => {};

  private constructor(folder: string) {
    this.folder = folder;
  }

  /** An empty data folder; nothing runs. */
  static async prepare(): Promise<DemoAtWork> {
    return new DemoAtWork(await mkdtemp(join(tmpdir(), 'sezam-demo-')));
  }

  get gateway(): StartedGateway['gateway'] {
    return this.#running.gateway;
  }

  get administration(): StartedGateway['administration'] {
    return this.#running.administration;
  }

  /** @param mail where mail is handed over; none where it is left out */
  async start(mail?: MailSettings): Promise<void> {
    const running = await startWhole<{ started: StartedGateway }>(async (undo) => {
      const demo = await startDemo(this.folder, { doorOpensMilliseconds: 10, cardHeldMilliseconds: 0 });
      undo.push(() => demo.close());
      const started = await startGateway({
        siteFile: demo.siteFile,
        site: quick(demo.site),
        dataFolder: this.folder,
        mail,
        notice: (message) => this.notices.push(message),
      });
      undo.push(() => started.close());
      const { gateway, administration } = started;
      await administration.firstAdministrator();
      await demo.moveIn(administration, gateway);
      const commands = await openCommandSocket(
        await socketPath(this.folder, 'command'),
        gateway,
        administration,
      );
      undo.push(() => commands.close());
      for (const { id, decide } of gateway.site.readers) {
        if (decide === 'flow') undo.push(flowAt(gateway, id));
      }
      return { started };
    });
    this.#started = running.started;
    this.#close = () => running.close();
  }

  async stop(): Promise<void> {
    const close = this.#close;
    this.#close = async () => {};
    this.#started = undefined;
    await close();
  }

  async remove(): Promise<void> {
    await this.stop();
    await rm(this.folder, { recursive: true, force: true });
  }

  /** Plays a story; returns what it printed, without what differs from one time to the next. */
  async play(story: Story | CassetteStory, language: Language = 'en'): Promise<string[]> {
    const lines: string[] = [];
    const { folder: dataFolder } = this;
    const write = (line: string): void => void lines.push(line);
    try {
      await play(story, { dataFolder, language, pace: 0, cardsApart: 20, keysApart: KEYS_APART, write });
    } catch (error) {
      throw new Error(`${String(error)}\n${lines.join('\n')}`);
    }
    const names = await this.#names();
    return lines.map((line) =>
      line
        .replace(/^ *\d+ ms {2}/, '')
        .replace(/\d\d:\d\d:\d\d\.\d{3} {2}(\S+)(?: #\d+)?/, '$1')
        .replace(/(incident-sealed {2}).*/, '$1…')
        .replace(/(user|item)-[0-9a-f]{24}/g, (id) => names.get(id) ?? id),
    );
  }

  /** An administrator of the demo, who has logged in. */
  get administrator(): CassetteRequester {
    const principal = this.gateway.principalOf('ewa');
    if (!principal) throw new Error('The demo site has no Ewa.');
    return { kind: 'administrator', principal };
  }

  /** Whose the compartments of a cabinet are, and what lies in them; those that are free and empty are left out. */
  lyingIn(cabinet: string): object[] {
    const { compartments = [] } = this.gateway.cabinet(cabinet) ?? {};
    return compartments
      .map(({ number, holders, contents, deposit }) => ({
        number,
        holders,
        items: contents.map(({ item }) => item),
        deposit,
      }))
      .filter(({ holders, items, deposit }) => holders.length > 0 || items.length > 0 || deposit);
  }

  async #names(): Promise<ReadonlyMap<string, string>> {
    const users = (await this.administration.users()).map(({ _id, name }) => [_id, String(name)] as const);
    const items = (await this.administration.items()).map(({ id, name }) => [id, name] as const);
    return new Map([...users, ...items]);
  }

  get #running(): StartedGateway {
    if (!this.#started) throw new Error('The demo site does not run.');
    return this.#started;
  }
}

/** As the demo flow does: identify, allocate, open. */
function flowAt(gateway: StartedGateway['gateway'], reader: string): () => void {
  return gateway.onPresentation(reader, ({ presentation }) => {
    void (async () => {
      const identified = await gateway.identify(presentation);
      const granted = identified.ok ? await gateway.allocate(identified.identity) : identified;
      if (granted.ok) await gateway.unlock(granted.grant);
    })();
  });
}

/** From a key that was lifted to the next one: longer than the two times of `quickCassette` together. */
const KEYS_APART = 1_300;

/** Keys that count at the first touch, and a controller that is waited for on the busiest machine. */
function quickCassette(cassette: SiteCassette): SiteCassette {
  const { controller, grace } = cassette;
  return {
    ...cassette,
    controller: { ...controller, settings: { answerWithinMilliseconds: 2_000, missedPolls: 10 } },
    sensors: { lid: { preAlarmSeconds: { rest: 30 } } },
    contact: { milliseconds: 0, againAfterSeconds: 0.5, goneAfterMilliseconds: 400 },
    ...(grace && { grace: { ...grace, minutes: 1, warningsSeconds: [59], soonSeconds: 59 } }),
  };
}

/** Boards that are asked often, and readers that take one card soon after the other. */
function quick(site: SiteFile): SiteFile {
  return {
    ...site,
    cassettes: (site.cassettes ?? []).map(quickCassette),
    boards: site.boards.map((board) => ({
      ...board,
      settings: { pollMilliseconds: 20, fastPollMilliseconds: 20 },
    })),
    readers: site.readers.map((reader) =>
      reader.driver === 'rdm6300' ? { ...reader, quietMilliseconds: 0 } : reader,
    ),
  };
}
