/** The runtime of cassettes in this process, with a clock, a disk and a store of the test's own. */
import { createSecretKey, randomBytes } from 'node:crypto';
import { cassetteSetting, signalPatterns } from '../../../../config/cassette-setting.ts';
import type { BusSetting } from '../../../../config/site.ts';
import type { SiteCassette } from '../../../../config/site-cassette.ts';
import type { CassetteEvent } from '../../../../domain/cassette/events.ts';
import type { CassetteView } from '../../../../domain/cassette/view.ts';
import type { LoggedEvent } from '../../../../domain/event.ts';
import { type DriverRegistry, loadDrivers } from '../../../../drivers/registry.ts';
import type {
  CassetteCall,
  CassettesStart,
  FromCassettes,
  TakenEvent,
} from '../../../../gateway/cassettes/protocol.ts';
import { CassetteRuntime } from '../../../../gateway/cassettes/runtime.ts';
import { keyStreamOf, StreamStates } from '../../../../gateway/cassettes/stream-states.ts';
import type { AppendOutcome } from '../../../../gateway/event-log/event-store.ts';
import type { Clock } from '../../../../gateway/ports.ts';
import { CassetteControllerSimulator } from '../../../../simulators/cassette-controller.ts';
import { type ServedSimulator, serveTcp } from '../../../../simulators/serve.ts';
import { SharedLine } from '../../../../simulators/shared-line.ts';
import { eventually } from '../../../support/eventually.ts';
import { realClock } from '../../../support/real-clock.ts';

export const KEY_STREAM = keyStreamOf('gateway-test');

type Ship = (events: readonly LoggedEvent[]) => Promise<readonly AppendOutcome[] | undefined>;

/** A cassette of a test: what a site file says of it, without its wires. */
export type TestCassette = Omit<SiteCassette, 'controller' | 'name'>;

/** Controllers on loopback TCP, several to a bus where that is asked for. */
export class Controllers {
  readonly #keys: ReadonlyMap<string, Buffer>;
  readonly #simulators = new Map<string, CassetteControllerSimulator>();
  readonly #places = new Map<string, { readonly bus: string; readonly address: number }>();
  readonly #served: ServedSimulator[] = [];

  private constructor(keys: ReadonlyMap<string, Buffer>) {
    this.#keys = keys;
  }

  /**
   * @param perBus controllers on one bus, at most
   * @param keyOf the pairing key of a cassette; made up where it is left out
   */
  static async serve(
    ids: readonly string[],
    perBus = 1,
    keyOf: (id: string) => Promise<string> = () => Promise.resolve(randomBytes(32).toString('hex')),
  ): Promise<Controllers> {
    const keys = new Map<string, Buffer>();
    for (const id of ids) keys.set(id, Buffer.from(await keyOf(id), 'hex'));
    const controllers = new Controllers(keys);
    for (let from = 0; from < ids.length; from += perBus) {
      const bus = `bus-${controllers.#served.length + 1}`;
      const line = ids.slice(from, from + perBus).map((id, index) => {
        const key = createSecretKey(controllers.#keyOf(id));
        const simulator = new CassetteControllerSimulator({ key, address: index + 1 });
        controllers.#simulators.set(id, simulator);
        controllers.#places.set(id, { bus, address: index + 1 });
        return simulator;
      });
      controllers.#served.push(await serveTcp(new SharedLine(line), 0));
    }
    return controllers;
  }

  get buses(): readonly BusSetting[] {
    return this.#served.map(({ port }, index) => ({
      id: `bus-${index + 1}`,
      transport: { type: 'tcp', host: '127.0.0.1', port },
    }));
  }

  of(id: string): CassetteControllerSimulator {
    const found = this.#simulators.get(id);
    if (!found) throw new Error(`There is no controller of ${id}.`);
    return found;
  }

  wireOf(id: string): { readonly bus: string; readonly address: number; readonly key: string } {
    const place = this.#places.get(id);
    if (!place) throw new Error(`There is no controller of ${id}.`);
    return { ...place, key: this.#keyOf(id).toString('hex') };
  }

  /** Cuts every line; new connections are taken. */
  dropConnections(): void {
    for (const served of this.#served) served.dropConnections();
  }

  /** The line of a cassette is gone for good. */
  async cut(id: string): Promise<void> {
    const index = Number(this.wireOf(id).bus.slice('bus-'.length)) - 1;
    await this.#served[index]?.close();
  }

  #keyOf(id: string): Buffer {
    const key = this.#keys.get(id);
    if (!key) throw new Error(`There is no controller of ${id}.`);
    return key;
  }

  async close(): Promise<void> {
    await Promise.all(this.#served.map((each) => each.close()));
    for (const simulator of this.#simulators.values()) simulator.close();
  }
}

/** Controllers that nobody is connected to. */
export function withoutWires(id: string): { bus: string; address: number; key: string } {
  return { bus: `bus-of-${id}`, address: 1, key: '11'.repeat(32) };
}

let drivers: Promise<DriverRegistry> | undefined;

export interface RuntimeOptions {
  readonly folder: string;
  readonly cassettes: readonly TestCassette[];
  /** Cassettes hang in the air where it is left out. */
  readonly controllers?: Controllers;
  readonly clock?: Clock;
  readonly ship?: Ship;
  readonly journalLimit?: number;
  readonly drivers?: DriverRegistry;
  /** Drivers of controllers that are not the usual one, by cassette. */
  readonly driverOf?: Readonly<Record<string, string>>;
}

export class RuntimeAtWork {
  readonly runtime: CassetteRuntime;
  readonly told: FromCassettes[];

  private constructor(runtime: CassetteRuntime, told: FromCassettes[]) {
    this.runtime = runtime;
    this.told = told;
  }

  static async open(options: RuntimeOptions): Promise<RuntimeAtWork> {
    const { controllers, clock = realClock, ship = () => Promise.resolve(undefined) } = options;
    drivers ??= loadDrivers();
    const told: FromCassettes[] = [];
    const runtime = await CassetteRuntime.open({
      start: startOf(options, controllers),
      drivers: options.drivers ?? (await drivers),
      clock,
      tell: (message) => told.push(message),
      ship,
    });
    return new RuntimeAtWork(runtime, told);
  }

  get ready(): Extract<FromCassettes, { kind: 'ready' }> {
    const ready = this.told.find((message) => message.kind === 'ready');
    if (!ready) throw new Error('It was never ready.');
    return ready;
  }

  get troubles(): string[] {
    return this.told.flatMap((message) => (message.kind === 'trouble' ? [message.text] : []));
  }

  get taken(): TakenEvent[] {
    return this.told.flatMap((message) => (message.kind === 'taken' ? [message.taken] : []));
  }

  /** What was last told of the records. */
  get records(): { readonly waiting: number; readonly trouble?: string } {
    const last = this.told.findLast((message) => message.kind === 'records');
    return last?.records ?? { waiting: 0 };
  }

  /** What a cassette shows, as far as it was told. */
  view(id: string): CassetteView {
    for (const message of this.told.toReversed()) {
      if (message.kind === 'view' && message.view.id === id) return message.view;
      if (message.kind === 'taken' && message.taken.cassette === id) return message.taken.view;
      if (message.kind !== 'ready') continue;
      const view = message.views.find((each) => each.id === id);
      if (view) return view;
    }
    throw new Error(`Nothing was told of ${id}.`);
  }

  /** Events of a cassette, of one type. */
  events<Type extends CassetteEvent['type']>(
    id: string,
    type: Type,
  ): Extract<CassetteEvent, { type: Type }>[] {
    return this.taken.flatMap(({ cassette, event }) =>
      cassette === id && event.type === type ? [event as Extract<CassetteEvent, { type: Type }>] : [],
    );
  }

  /** Codes of the refusals of keys, in their order. */
  refusals(id: string): string[] {
    return this.events(id, 'key-refused').map(({ data }) => data.refusal.code);
  }

  /** The store answers, and has nothing. */
  attachEmpty(): void {
    const nothing = new StreamStates();
    this.runtime.attach(this.ready.unknown.map((stream) => nothing.kept(stream)));
  }

  /** Arms a cassette of mode `internal` in the machine with a key that is registered. */
  async arm(id: string, simulator: CassetteControllerSimulator, rom: string): Promise<void> {
    simulator.insert();
    await eventually(`${id} can be armed`, () => {
      const { readings } = this.view(id);
      return readings?.inMachine === true && readings.stainer === 'ready' && readings.selfTest === 'passed';
    });
    const answer = this.ask({ do: 'touch', cassette: id, reader: 'elsewhere', rom });
    if (!answer.ok) throw new Error(`${id} was not armed: ${answer.refusal.code}`);
  }

  async heard(id: string, type: CassetteEvent['type'], count = 1): Promise<void> {
    await eventually(`${id}: ${count} × ${type}`, () => this.events(id, type).length >= count);
  }

  ask(call: CassetteCall): ReturnType<CassetteRuntime['answer']> {
    return this.runtime.answer(call);
  }

  register(id: string, role: 'K' | 'K1' | 'K2', rom: string): void {
    const data = { id, rom, role, cassettes: [], duress: false };
    this.ask({ do: 'keys', event: { type: 'key-registered', actor: { kind: 'machine', id: 'test' }, data } });
  }
}

function startOf(
  { folder, cassettes, journalLimit, driverOf = {} }: RuntimeOptions,
  controllers: Controllers | undefined,
): CassettesStart {
  const inTheAir = cassettes.map(({ id }) => ({
    id: withoutWires(id).bus,
    transport: { type: 'flow' } as const,
  }));
  return {
    buses: controllers?.buses ?? inTheAir,
    cassettes: cassettes.map((cassette) => {
      const { id } = cassette;
      const { bus, address, key } = controllers?.wireOf(id) ?? withoutWires(id);
      const site: SiteCassette = { name: id, ...cassette, controller: { bus } };
      const driver = driverOf[id] ?? 'cassette-controller';
      const controller = { bus, driver, address, settings: {}, key };
      return { id, name: id, setting: cassetteSetting(site), controller, keyReaders: [] };
    }),
    signals: signalPatterns({}),
    folder,
    keyStream: KEY_STREAM,
    ...(journalLimit !== undefined && { journalLimit }),
  };
}
