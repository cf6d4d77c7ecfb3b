/** A gateway at work for the examples: the demo site with its devices simulated, and every decision left to flows. */
import { readFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import demoSite from '../../config/demo-site.json' with { type: 'json' };
import { checkSite } from '../../config/read-site.ts';
import type { CompartmentState } from '../../domain/cabinet/state.ts';
import { compartmentOf } from '../../domain/cabinet/state.ts';
import type { Role } from '../../gateway/api.ts';
import { type StartedGateway, startGateway } from '../../gateway/start.ts';
import { DemoDevices, type DemoPlace } from '../../simulators/demo/devices.ts';
import { readMail } from '../mail/support/read-mail.ts';
import { TestSmtpServer } from '../mail/support/smtp-server.ts';
import { eventually } from '../support/eventually.ts';
import { temporaryFolder } from '../support/store.ts';
import { type NodeRegistration, ROOT } from './built-nodes.ts';

const require = createRequire(import.meta.url);
const ACTOR = { kind: 'administrator', id: 'user-admin' } as const;
const DOOR_OPENS = 20;
const POLL = 30;

/** The nodes of Node-RED itself that the examples use. */
export const CORE_NODES = ['common/20-inject', 'common/25-catch', 'function/80-template'].map(
  (name) => require(`@node-red/nodes/core/${name}.js`) as NodeRegistration,
);

/** A keypad for cabinet F, at which PINs are set under 6.1. */
const KEYPAD = { id: 'keypad-F', bus: 'keypad-F', driver: 'keypad', cabinet: 'F', panel: 'panel-F' };
const KEYPAD_BUS = { id: 'keypad-F', transport: { type: 'tcp', host: '127.0.0.1', port: 4899 } };

/** The cabinets of the demo site as they stand in its file, but quick, and with the decisions left to flows. */
function siteOn(ports: ReadonlyMap<string, number>) {
  const { boards, cabinets, cassettes, ...demo } = demoSite;
  const guarded = new Set(cassettes.map(({ controller }) => controller.bus));
  const buses = [...demo.buses.filter(({ id }) => !guarded.has(id)), KEYPAD_BUS];
  const readers = [...demo.readers, KEYPAD];
  return checkSite('demo-site.json', {
    ...demo,
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
  });
}

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

  private constructor(started: StartedGateway, devices: DemoDevices, smtp: TestSmtpServer, folder: string) {
    this.#started = started;
    this.#devices = devices;
    this.#smtp = smtp;
    this.#folder = folder;
  }

  static async start(): Promise<ExampleSite> {
    const devices = new DemoDevices(siteOn(new Map()), DOOR_OPENS);
    const folder = await temporaryFolder();
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
    const site = new ExampleSite(started, devices, smtp, folder);
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
