/** A site with touch panels: a gateway, its web server and a simulated lock board in this process. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { MailSettings } from '../../../config/mail-settings.ts';
import { readSettings } from '../../../config/settings.ts';
import type { SiteCabinet, SiteFile } from '../../../config/site.ts';
import { type CompartmentStatus, compartmentOf, statusOf } from '../../../domain/cabinet/state.ts';
import type { OpcUaAdministration } from '../../../gateway/opcua-administration.ts';
import { type StartedGateway, startGateway } from '../../../gateway/start.ts';
import { Cu48Simulator } from '../../../simulators/kerong-cu48.ts';
import { type ServedSimulator, serveTcp } from '../../../simulators/serve.ts';
import { startWebServer, type WebServer } from '../../../web/server.ts';
import { TestStore } from '../../end-to-end/support/test-store.ts';
import { eventually } from '../../support/eventually.ts';

export const ACTOR = { kind: 'machine', id: 'test' } as const;

/** Times cut short, so that a door that moves is known within a test. */
const QUICK_BOARD = {
  pollMilliseconds: 30,
  fastPollMilliseconds: 20,
  silentPollMilliseconds: 50,
  replyMilliseconds: 100,
  missedPolls: 2,
  retries: 1,
};

/** Cabinet `A`, with the panels `left` and `right`, under schema 4.2 where a test says nothing else. */
export class PanelSite {
  readonly board: Cu48Simulator;
  readonly notices: string[] = [];
  /** The OPC UA server, where a test starts one. */
  opcua: OpcUaAdministration | undefined;
  readonly #folder: string;
  readonly #line: ServedSimulator;
  readonly #file: SiteFile;
  readonly #mail: MailSettings | undefined;
  readonly #store = new TestStore();
  #started: StartedGateway | undefined;
  #web: WebServer | undefined;

  private constructor(
    folder: string,
    board: Cu48Simulator,
    line: ServedSimulator,
    file: SiteFile,
    mail: MailSettings | undefined,
  ) {
    this.#folder = folder;
    this.board = board;
    this.#line = line;
    this.#file = file;
    this.#mail = mail;
  }

  /**
   * @param cabinet what of the cabinet is otherwise
   * @param mail where mail is handed over
   */
  static async start(cabinet: Partial<SiteCabinet> = {}, mail?: MailSettings): Promise<PanelSite> {
    const folder = await mkdtemp(join(tmpdir(), 'sezam-panels-'));
    const board = new Cu48Simulator({ openMilliseconds: 20 });
    const line = await serveTcp(board, 0);
    const file: SiteFile = {
      version: 1,
      site: { id: 'test', name: 'Test site', timeZone: 'Europe/Warsaw', language: 'en' },
      buses: [{ id: 'locks', transport: { type: 'tcp', host: '127.0.0.1', port: line.port } }],
      boards: [{ id: 'board-1', bus: 'locks', driver: 'kerong-cu48', address: 0, settings: QUICK_BOARD }],
      readers: [],
      panels: [
        { id: 'left', name: 'Left panel', cabinet: 'A' },
        { id: 'right', name: 'Right panel', cabinet: 'A' },
      ],
      cabinets: [
        {
          id: 'A',
          name: 'Parcels',
          kind: 'multi',
          schema: '4.2',
          compartments: [{ from: 1, to: 4, board: 'board-1', firstLock: 0 }],
          doors: { opensWithinSeconds: 0.5, attempts: 2, leftOpenAfterSeconds: 30, grantValidSeconds: 5 },
          ...cabinet,
        },
      ],
    };
    const site = new PanelSite(folder, board, line, file, mail);
    await site.startGateway();
    await site.startWeb();
    return site;
  }

  get gateway(): StartedGateway['gateway'] {
    return this.#running.gateway;
  }

  get administration(): StartedGateway['administration'] {
    return this.#running.administration;
  }

  /** Where the web server listens, without a slash at the end. */
  get address(): string {
    return `http://127.0.0.1:${this.#web?.port ?? 0}`;
  }

  statusOf(number: number): CompartmentStatus {
    const cabinet = this.gateway.cabinet('A');
    const compartment = cabinet && compartmentOf(cabinet, number);
    if (!compartment) throw new Error(`There is no compartment ${number}.`);
    return statusOf(cabinet, compartment);
  }

  /** A new token of a panel. */
  async tokenFor(panel: string): Promise<string> {
    return (await this.administration.panelTokens.add(panel, ACTOR)).token;
  }

  /** Somebody closes a door; resolves once the gateway knows. */
  async closeDoor(number: number): Promise<void> {
    await eventually(`door ${number} is known to be open`, () => this.#doorOf(number) === 'open');
    this.board.setDoor(number - 1, false);
    await eventually(`door ${number} is known to be closed`, () => this.#doorOf(number) === 'closed');
  }

  /** Stops gateway and web server, as when the computer goes down. */
  async stop(): Promise<void> {
    await this.#web?.close();
    await this.#started?.close();
    this.#started = undefined;
  }

  async startGateway(): Promise<void> {
    this.#started = await startGateway({
      siteFile: 'site.json',
      site: this.#file,
      dataFolder: join(this.#folder, 'data'),
      mongodbUri: this.#store.uri,
      mail: this.#mail,
      notice: (message) => this.notices.push(message),
    });
    await eventually('the gateway knows its doors', () =>
      Boolean(this.gateway.cabinet('A')?.compartments.every(({ door }) => door !== 'unknown')),
    );
  }

  /** Starts them again: at the same address, over the same data. */
  async restart(): Promise<void> {
    await this.startGateway();
    await this.startWeb(this.#web?.port);
  }

  /** A web server of its own counts wrong tokens from the beginning. */
  async startWeb(port = 0): Promise<void> {
    await this.#web?.close();
    this.#web = await startWebServer({
      notice: (message) => this.notices.push(message),
      settings: readSettings({ SEZAM_HTTP_PORT: String(port) }),
      gateway: () => this.#started?.gateway,
      administration: () => this.#started?.administration,
      opcua: () => this.opcua,
    });
  }

  async close(): Promise<void> {
    await this.stop();
    await this.#line.close();
    this.board.close();
    await this.#store.remove();
    await rm(this.#folder, { recursive: true, force: true });
  }

  get #running(): StartedGateway {
    if (!this.#started) throw new Error('The gateway does not run.');
    return this.#started;
  }

  #doorOf(number: number): string | undefined {
    const cabinet = this.gateway.cabinet('A');
    return cabinet && compartmentOf(cabinet, number)?.door;
  }
}
