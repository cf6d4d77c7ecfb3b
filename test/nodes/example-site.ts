/** A gateway at work for the examples: the demo site with its devices simulated, and every decision left to flows. */
import { createSecretKey, type KeyObject } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import demoSite from '../../config/demo-site.json' with { type: 'json' };
import { checkSite } from '../../config/read-site.ts';
import type { CompartmentState } from '../../domain/cabinet/state.ts';
import { compartmentOf } from '../../domain/cabinet/state.ts';
import type { CassetteView } from '../../domain/cassette/view.ts';
import type { CassetteNotice, Role } from '../../gateway/api.ts';
import { pairingKey } from '../../gateway/cassettes/open-cassettes.ts';
import { type StartedGateway, startGateway } from '../../gateway/start.ts';
import { DemoCassettes } from '../../simulators/demo/cassettes.ts';
import { DemoDevices, type DemoPlace } from '../../simulators/demo/devices.ts';
import { DEMO_KEYS } from '../../simulators/demo/keys.ts';
import { readMail } from '../mail/support/read-mail.ts';
import { TestSmtpServer } from '../mail/support/smtp-server.ts';
import { eventually } from '../support/eventually.ts';
import { temporaryFolder } from '../support/store.ts';
import { type NodeRegistration, ROOT } from './built-nodes.ts';

const require = createRequire(import.meta.url);
const ACTOR = { kind: 'administrator', id: 'user-admin' } as const;
const DOOR_OPENS = 20;
const POLL = 30;
/** How a key has to touch a cassette: as quick as the site file may have it. */
const CONTACT = { milliseconds: 0, againAfterSeconds: 0.5, goneAfterMilliseconds: 250 };
/** Until a key that is away counts as another touch. Milliseconds. */
const KEY_AWAY = 850;

/** The nodes of Node-RED itself that the examples use. */
export const CORE_NODES = [
  'common/20-inject',
  'common/25-catch',
  'function/15-change',
  'function/80-template',
  'sequence/17-split',
].map((name) => require(`@node-red/nodes/core/${name}.js`) as NodeRegistration);

/** A keypad for cabinet F, at which PINs are set under 6.1. */
const KEYPAD = { id: 'keypad-F', bus: 'keypad-F', driver: 'keypad', cabinet: 'F', panel: 'panel-F' };
const KEYPAD_BUS = { id: 'keypad-F', transport: { type: 'tcp', host: '127.0.0.1', port: 4899 } };
/** A reader of keys that belongs to the site, not to a cassette. */
const KEY_READER = {
  id: 'key-reader',
  bus: 'key-reader',
  driver: 'line-reader',
  cabinet: 'A',
  settings: { kind: 'ibutton' },
};
const KEY_READER_BUS = { id: 'key-reader', transport: { type: 'tcp', host: '127.0.0.1', port: 4898 } };

/** The demo site as it stands in its file, but quick, and with the decisions left to flows. */
function siteOn(ports: ReadonlyMap<string, number>) {
  const { boards, cabinets, cassettes } = demoSite;
  const buses = [...demoSite.buses, KEYPAD_BUS, KEY_READER_BUS];
  const readers = [...demoSite.readers, KEYPAD, KEY_READER];
  return checkSite('demo-site.json', {
    ...demoSite,
    buses: buses.map((bus) => ({
      ...bus,
      transport: { ...bus.transport, port: ports.get(bus.id) ?? bus.transport.port },
    })),
    boards: boards.map((board) => ({
      ...board,
      settings: { pollMilliseconds: POLL, fastPollMilliseconds: POLL },
    })),
    // Each test holds a card for one frame only.
    readers: readers.map((reader) => ({ ...reader, decide: 'flow', quietMilliseconds: 0 })),
    cabinets: cabinets.map((cabinet) => ({ ...cabinet, doors: { leftOpenAfterSeconds: 1 } })),
    // Keys count soon, and no grace time ends while a slow machine works through a test.
    cassettes: cassettes.map((cassette) => ({
      ...cassette,
      contact: CONTACT,
      ...(cassette.grace && { grace: { ...cassette.grace, minutes: 10 } }),
    })),
  });
}

const KEY_EVENTS: ReadonlySet<CassetteNotice['type']> = new Set([
  'key-used',
  'key-refused',
  'second-factor-awaited',
]);

/** What a key is refused for that came before the last one had left. */
const TOO_EARLY: ReadonlySet<string | undefined> = new Set(['key-too-soon', 'two-keys']);

/** What is unusual about a person. */
interface PersonChange {
  readonly groups?: readonly string[];
  readonly roles?: readonly Role[];
  readonly email?: string;
  readonly duressPin?: string;
}

export class ExampleSite {
  readonly #started: StartedGateway;
  readonly #devices: DemoDevices;
  readonly #smtp: TestSmtpServer;
  readonly #folder: string;
  readonly #cassettes: DemoCassettes;
  readonly #notices: CassetteNotice[] = [];
  /** By cassette or reader, when a key was last taken away. */
  readonly #lifted = new Map<string, number>();

  private constructor(
    started: StartedGateway,
    devices: DemoDevices,
    cassettes: DemoCassettes,
    smtp: TestSmtpServer,
    folder: string,
  ) {
    this.#started = started;
    this.#devices = devices;
    this.#cassettes = cassettes;
    started.gateway.cassettes.onNotice((notice) => this.#notices.push(notice));
    this.#smtp = smtp;
    this.#folder = folder;
  }

  static async start(): Promise<ExampleSite> {
    const folder = await temporaryFolder();
    const pairing = new Map<string, KeyObject>();
    for (const { id } of demoSite.cassettes) {
      pairing.set(id, createSecretKey(await pairingKey(join(folder, 'data'), id), 'hex'));
    }
    const cassettes = new DemoCassettes(
      siteOn(new Map()),
      (id) => pairing.get(id),
      () => {},
    );
    const devices = new DemoDevices(siteOn(new Map()), DOOR_OPENS);
    devices.join(cassettes.lines);
    const ports = await devices.serve({});
    const smtp = await TestSmtpServer.start();
    const started = await startGateway({
      siteFile: 'demo-site.json',
      site: siteOn(ports),
      dataFolder: join(folder, 'data'),
      mail: {
        host: '127.0.0.1',
        port: smtp.port,
        security: 'none',
        login: undefined,
        ca: undefined,
        from: { name: '', address: 'lockers@example.com' },
      },
    });
    const site = new ExampleSite(started, devices, cassettes, smtp, folder);
    for (const key of Object.values(DEMO_KEYS)) {
      await started.administration.cassetteKeys.register(key, ACTOR);
    }
    await eventually('every door is known', () =>
      started.gateway
        .cabinets()
        .every(({ compartments }) => compartments.every(({ door }) => door === 'closed')),
    );
    return site;
  }

  async close(): Promise<void> {
    await this.#started.close();
    await this.#devices.close();
    await this.#smtp.close();
    await rm(this.#folder, { recursive: true });
  }

  /** What was mailed: to whom, and the text. */
  get mails(): readonly { readonly to: readonly string[]; readonly text: string }[] {
    return this.#smtp.received.map(({ to, raw }) => ({ to, text: readMail(raw).text }));
  }

  get gateway() {
    return this.#started.gateway;
  }

  /** Adds somebody with a card; returns their id. */
  person(
    name: string,
    card: string,
    { groups = ['staff'], roles = ['defined'], email, duressPin }: PersonChange = {},
  ): Promise<string> {
    const user = { name, roles, groups, ...(email !== undefined && { email }) };
    return this.#started.administration.addUser(user, ACTOR, [
      { kind: 'card', value: card },
      ...(duressPin === undefined ? [] : [{ kind: 'pin', value: duressPin, duress: true } as const]),
    ]);
  }

  /** Registers a tagged thing and lays it into a compartment; returns its id. */
  async thing(name: string, tag: string, place: DemoPlace): Promise<string> {
    const item = await this.#started.administration.addItem({ name, tag, tagKind: 'rfid' }, ACTOR);
    this.put(tag, place);
    await eventually(`${name} is seen`, () =>
      this.compartment(place).contents.some((content) => content.item === item),
    );
    return item;
  }

  async hold(reader: string, card: string): Promise<void> {
    await found(this.#devices.readers.card.get(reader), reader).presentCard(card);
  }

  async type(reader: string, digits: string): Promise<void> {
    await found(this.#devices.readers.pin.get(reader), reader).enterPin(digits);
  }

  async scan(reader: string, text: string): Promise<void> {
    await found(this.#devices.readers.code.get(reader), reader).scan(text);
  }

  put(tag: string, place: DemoPlace): void {
    const { reader, antenna } = found(this.#devices.antennaOf(place), 'antenna');
    reader.put(antenna, tag);
  }

  take(tag: string, place: DemoPlace): void {
    const { reader, antenna } = found(this.#devices.antennaOf(place), 'antenna');
    reader.take(antenna, tag);
  }

  /** Something is done to a cassette, e.g. its lid is opened. */
  handle(id: string, act: string, value?: number | string): void {
    this.#cassettes.obey({ do: 'cassette', cassette: id, act, ...(value !== undefined && { value }) });
  }

  cassette(id: string): CassetteView {
    return found(this.gateway.cassettes.view(id), `cassette ${id}`);
  }

  /** Holds a key to a cassette, again where it came too soon after the one before, until it was taken or refused. */
  async touch(id: string, rom: string): Promise<CassetteNotice> {
    for (;;) {
      await this.#keyAway(id);
      const before = this.#notices.length;
      this.handle(id, 'touch-key', rom);
      const answer = (): CassetteNotice | undefined =>
        this.#notices.slice(before).find(({ cassette, type }) => cassette === id && KEY_EVENTS.has(type));
      await eventually('the key has its answer', () => answer() !== undefined);
      this.handle(id, 'leave-key');
      this.#lifted.set(id, performance.now());
      const notice = found(answer(), 'answer');
      const { code } = (notice.data['refusal'] ?? {}) as { readonly code?: string };
      if (!TOO_EARLY.has(code)) return notice;
    }
  }

  /** Holds a key to a reader of the site, which says so once. */
  async holdKey(reader: string, rom: string): Promise<void> {
    await this.#keyAway(reader);
    await this.scan(reader, rom);
    this.#lifted.set(reader, performance.now());
  }

  /** Waits for a cassette to be in a phase. */
  async phase(id: string, phase: CassetteView['phase']): Promise<void> {
    await eventually(`${id} is in ${phase}`, () => this.cassette(id).phase === phase);
  }

  /** Brings every cassette back to rest, linked and loaded, out of the machine. */
  async calm(): Promise<void> {
    for (const { id } of demoSite.cassettes) {
      this.handle(id, 'load');
      await eventually(`${id} is ready`, () => {
        const { readings } = this.cassette(id);
        return readings?.stainer === 'ready' && readings.selfTest === 'passed';
      });
    }
  }

  /** Somebody moves a door, by force where it is closed. */
  moveDoor(place: DemoPlace, open: boolean): void {
    const { board, lock, address } = found(this.#devices.lockOf(place), 'lock');
    board.setDoor(lock, open, address);
  }

  compartment({ cabinet, compartment }: DemoPlace): CompartmentState {
    const state = this.gateway.cabinet(cabinet);
    return found(state && compartmentOf(state, compartment), `compartment ${compartment}`);
  }

  async opened(place: DemoPlace): Promise<void> {
    await eventually(`${place.cabinet} ${place.compartment} is open`, () => this.#doorOf(place) === 'open');
  }

  /** Closes a door and waits until the gateway has heard of it. */
  async shut(place: DemoPlace): Promise<void> {
    this.moveDoor(place, false);
    await eventually(
      `${place.cabinet} ${place.compartment} is closed`,
      () => this.#doorOf(place) === 'closed',
    );
  }

  async #keyAway(reader: string): Promise<void> {
    const lifted = this.#lifted.get(reader) ?? 0;
    await eventually('the key before has left', () => performance.now() - lifted > KEY_AWAY);
  }

  #doorOf(place: DemoPlace): CompartmentState['door'] {
    return this.compartment(place).door;
  }
}

/** A node of a flow file. */
export interface StoredNode {
  readonly id: string;
  readonly type: string;
  readonly [setting: string]: unknown;
}

/** A flow as shipped, by its path. */
export function shippedFlow(path: string): StoredNode[] {
  return JSON.parse(readFileSync(join(ROOT, path), 'utf8')) as StoredNode[];
}

/** The same with debug nodes that record what reaches them, without comments and groups, which are for people. */
export function recorded(flow: readonly StoredNode[]): StoredNode[] {
  return flow
    .filter(({ type }) => type !== 'comment' && type !== 'group')
    .map(({ g: _group, ...node }) => ({
      ...(node as StoredNode),
      type: node.type === 'debug' ? 'helper' : node.type,
    }));
}

function found<Thing>(thing: Thing | undefined, name: string): Thing {
  if (thing === undefined) throw new Error(`The demo site has no ${name}.`);
  return thing;
}
