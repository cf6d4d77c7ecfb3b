import { createSecretKey } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { checkSite } from '../../../../config/read-site.ts';
import type { SiteCassette } from '../../../../config/site-cassette.ts';
import type { KeyRole } from '../../../../domain/cassette/key.ts';
import type { Phase } from '../../../../domain/cassette/setting.ts';
import type { CassetteView } from '../../../../domain/cassette/view.ts';
import type { CassetteNotice } from '../../../../gateway/cassettes/api.ts';
import { pairingKey } from '../../../../gateway/cassettes/open-cassettes.ts';
import { type StartedGateway, startGateway } from '../../../../gateway/start.ts';
import { CassetteControllerSimulator } from '../../../../simulators/cassette-controller.ts';
import { type ServedSimulator, serveTcp } from '../../../../simulators/serve.ts';
import { eventually } from '../../../support/eventually.ts';

/** Keys by what they are, in the order of transmission. */
export const ROMS = {
  K1: '01606CBF03000021',
  K2: '016060CF030000A8',
  K: '23D453570100009E',
} as const;

const TESTER = { kind: 'machine', id: 'test' } as const;

/** A gateway with cassettes over TCP to simulated controllers, on an embedded store or a real one. */
export class CassettesAtWork {
  readonly folder: string;
  readonly simulators: ReadonlyMap<string, CassetteControllerSimulator>;
  readonly troubles: string[] = [];
  readonly notices: CassetteNotice[] = [];
  readonly #cassettes: readonly SiteCassette[];
  readonly #served: readonly ServedSimulator[];
  readonly #mongodbUri: string | undefined;
  #started: StartedGateway | undefined;

  private constructor(
    folder: string,
    cassettes: readonly SiteCassette[],
    simulators: ReadonlyMap<string, CassetteControllerSimulator>,
    served: readonly ServedSimulator[],
    mongodbUri: string | undefined,
  ) {
    this.folder = folder;
    this.#cassettes = cassettes;
    this.simulators = simulators;
    this.#served = served;
    this.#mongodbUri = mongodbUri;
  }

  /** Serves a controller for each cassette and starts the gateway; `controller` of a cassette is filled in. */
  static async start(
    cassettes: readonly Omit<SiteCassette, 'controller' | 'name'>[],
    mongodbUri?: string,
  ): Promise<CassettesAtWork> {
    const folder = await mkdtemp(join(tmpdir(), 'sezam-cassettes-'));
    const simulators = new Map<string, CassetteControllerSimulator>();
    const served: ServedSimulator[] = [];
    for (const { id } of cassettes) {
      const key = createSecretKey(await pairingKey(folder, id), 'hex');
      const simulator = new CassetteControllerSimulator({ key });
      simulators.set(id, simulator);
      served.push(await serveTcp(simulator, 0));
    }
    const wired = cassettes.map((cassette) => ({
      name: `Cassette ${cassette.id}`,
      controller: { bus: `bus-${cassette.id}` },
      ...cassette,
    }));
    const work = new CassettesAtWork(folder, wired, simulators, served, mongodbUri);
    try {
      await work.begin();
      return work;
    } catch (error) {
      await work.close();
      throw error;
    }
  }

  get started(): StartedGateway {
    if (!this.#started) throw new Error('The gateway is not running.');
    return this.#started;
  }

  get gateway(): StartedGateway['gateway'] {
    return this.started.gateway;
  }

  simulator(id: string): CassetteControllerSimulator {
    const found = this.simulators.get(id);
    if (!found) throw new Error(`There is no cassette ${id}.`);
    return found;
  }

  view(id: string): CassetteView {
    const found = this.gateway.cassettes.view(id);
    if (!found) throw new Error(`There is no cassette ${id}.`);
    return found;
  }

  /** Starts the gateway, again or for the first time; resolves when every controller answers. */
  async begin(): Promise<void> {
    const site = checkSite('site.json', {
      version: 1,
      site: { id: 'works', name: 'Works', timeZone: 'Europe/Rome', language: 'it' },
      buses: this.#cassettes.map(({ id }, index) => ({
        id: `bus-${id}`,
        transport: { type: 'tcp', host: '127.0.0.1', port: this.#served[index]?.port },
      })),
      boards: [],
      readers: [],
      cabinets: [],
      cassettes: this.#cassettes,
    });
    this.#started = await startGateway({
      siteFile: 'site.json',
      site,
      dataFolder: this.folder,
      mongodbUri: this.#mongodbUri,
      notice: (text) => this.troubles.push(text),
    });
    this.gateway.cassettes.onNotice((notice) => this.notices.push(notice));
    for (const { id } of this.#cassettes) {
      await eventually(`cassette ${id} answers`, () => {
        const view = this.gateway.cassettes.view(id);
        return view?.linked === true && view.readings?.selfTest === 'passed';
      });
    }
  }

  /** Ends the gateway in order; the controllers stay. */
  async end(): Promise<void> {
    await this.#started?.close();
    this.#started = undefined;
  }

  async close(): Promise<void> {
    await this.end();
    await Promise.all(this.#served.map((each) => each.close()));
    for (const simulator of this.simulators.values()) simulator.close();
    await rm(this.folder, { recursive: true, force: true });
  }

  /** Registers a key under its role, good for every cassette. */
  register(role: KeyRole, id: string = role, rom: string = ROMS[role]): Promise<void> {
    const key = { id, rom, role, cassettes: [], duress: false };
    return this.started.administration.cassetteKeys.register(key, TESTER);
  }

  /** Holds a key to a controller until it has its answer, and takes it away for long enough. */
  async touch(id: string, rom: string): Promise<CassetteNotice> {
    const simulator = this.simulator(id);
    const before = this.notices.length;
    simulator.touchKey(rom);
    const answer = await this.noticed(id, ['key-used', 'key-refused', 'second-factor-awaited'], before);
    simulator.leaveKey(rom);
    await eventually('the key has been away for long enough', () => this.#lifted(id, answer.at));
    return answer;
  }

  /** The first event of one of the types after so many notices. */
  async noticed(id: string, types: readonly string[], after = 0): Promise<CassetteNotice> {
    const find = (): CassetteNotice | undefined =>
      this.notices.slice(after).find(({ cassette, type }) => cassette === id && types.includes(type));
    await eventually(`${id}: ${types.join(' or ')}`, () => find() !== undefined, 10_000);
    return find() as CassetteNotice;
  }

  async phase(id: string, phase: Phase): Promise<void> {
    await eventually(`${id} is in ${phase}`, () => this.view(id).phase === phase, 10_000);
  }

  #lifted(_id: string, at: number): boolean {
    return Date.now() - at > 2_600;
  }
}
