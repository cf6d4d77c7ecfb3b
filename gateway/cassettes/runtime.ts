/** All cassettes of a gateway at work, with their wires and their records. */
import { createSecretKey } from 'node:crypto';
import { join } from 'node:path';
import type { CassetteEvent } from '../../domain/cassette/events.ts';
import { evolveCassette } from '../../domain/cassette/evolve.ts';
import type { CassetteKey } from '../../domain/cassette/key.ts';
import { evolveKeys, type KeyEvent, type KeyRegister, NO_KEYS } from '../../domain/cassette/key-register.ts';
import { cassetteRefusal } from '../../domain/cassette/refusal.ts';
import { type RecordedState, UNCONFIGURED_CASSETTE } from '../../domain/cassette/state.ts';
import type { LoggedEvent } from '../../domain/event.ts';
import type { CassetteId, Milliseconds } from '../../domain/site.ts';
import { Bus } from '../../drivers/bus.ts';
import type { LineSetting } from '../../drivers/driver.ts';
import type { DriverRegistry } from '../../drivers/registry.ts';
import { createTransport } from '../../drivers/transport/create.ts';
import type { AppendOutcome } from '../event-log/event-store.ts';
import { Journal } from '../event-log/journal.ts';
import type { Clock, CredentialReader } from '../ports.ts';
import { Cassette } from './cassette.ts';
import { keepState, readKeptStates } from './kept-states.ts';
import { KeyReading } from './key-reading.ts';
import { LocalStream } from './local-stream.ts';
import type {
  CassetteAnswer,
  CassetteCall,
  CassettesStart,
  CassetteWiring,
  FromCassettes,
  KeptState,
  StoredStream,
} from './protocol.ts';
import { RecordLog } from './record-log.ts';
import { streamOf } from './stream-of.ts';
import { ViewFeed } from './view-feed.ts';

/** Events on which the state after a restart depends: they are kept even where nothing else finds room any more. */
const ESSENTIAL: ReadonlySet<CassetteEvent['type']> = new Set([
  'cassette-configured',
  'cassette-restarted',
  'key-used',
  'key-overridden',
  'armed-by-insertion',
  'service-entered',
  'service-finished',
  'attack-confirmed',
  'stained',
]);

interface Working {
  readonly wiring: CassetteWiring;
  readonly stream: LocalStream;
  readonly cassette: Cassette;
  readonly readings: readonly KeyReading[];
  readonly readers: readonly CredentialReader[];
  /** The readers of others of the site, by their id. */
  readonly guests: Map<string, KeyReading>;
  /** Records that found no place since the last word about it. */
  lost: number;
}

export interface RuntimeParts {
  readonly start: CassettesStart;
  readonly drivers: DriverRegistry;
  readonly clock: Clock;
  readonly tell: (message: FromCassettes) => void;
  readonly ship: (events: readonly LoggedEvent[]) => Promise<readonly AppendOutcome[] | undefined>;
}

export class CassetteRuntime {
  readonly #parts: RuntimeParts;
  readonly #buses: ReadonlyMap<string, Bus>;
  readonly #working = new Map<CassetteId, Working>();
  readonly #recorded: Map<string, RecordedState>;
  readonly #streams: Map<string, LocalStream>;
  readonly #log: RecordLog;
  readonly #views: ViewFeed;
  #keys: KeyRegister = NO_KEYS;
  /** Streams of which nothing lies here: the store has to say what it has. */
  readonly #unknown = new Set<string>();

  private constructor(
    parts: RuntimeParts,
    kept: ReadonlyMap<string, KeptState>,
    journal: { readonly journal: Journal; readonly waiting: readonly LoggedEvent[] },
  ) {
    this.#parts = parts;
    const { start, clock, tell } = parts;
    this.#recorded = new Map();
    this.#streams = new Map();
    this.#log = new RecordLog({
      ...journal,
      clock,
      ship: parts.ship,
      keepStates: () => this.#keepStates(),
      onHealth: (records) => tell({ kind: 'records', records }),
      onConflict: (stream) =>
        tell({
          kind: 'trouble',
          text: `Another gateway writes ${stream}: see cassettes/conflicts.jsonl. Stop one of the two.`,
        }),
    });
    this.#views = new ViewFeed(clock, (view) => tell({ kind: 'view', view }));
    for (const name of [start.keyStream, ...start.cassettes.map(({ id }) => streamOf(id))]) {
      this.#restore(name, kept.get(name), journal.waiting);
    }
    this.#buses = openBuses(parts);
    for (const wiring of start.cassettes) if (!this.#unknown.has(streamOf(wiring.id))) this.#work(wiring);
  }

  /** Restores what lies on the disk, and lets every cassette work of which something does. */
  static async open(parts: RuntimeParts): Promise<CassetteRuntime> {
    const { folder, journalLimit } = parts.start;
    const trouble = (text: string): void => parts.tell({ kind: 'trouble', text });
    const kept = await readKeptStates(join(folder, 'states'), trouble);
    const journal = await Journal.open(folder, journalLimit);
    if (journal.torn > 0) {
      trouble(
        `The journal of the cassettes ended in ${journal.torn} bytes of an unfinished record; see torn.bin.`,
      );
    }
    const runtime = new CassetteRuntime(parts, kept, journal);
    for (const bus of runtime.#buses.values()) bus.start();
    parts.tell({
      kind: 'ready',
      unknown: [...runtime.#unknown],
      views: runtime.#views.of([...runtime.#working.values()].map(({ cassette }) => cassette)),
      keys: [...runtime.#keys.values()],
    });
    return runtime;
  }

  /** The store answers, and says what it has of the streams that are not known here. */
  attach(streams: readonly StoredStream[]): void {
    for (const { stream, seq, hash, events } of streams) {
      if (!this.#unknown.delete(stream)) continue;
      this.#streams.set(stream, new LocalStream(stream, { seq, hash }));
      this.#fold(stream, events);
      const wiring = this.#parts.start.cassettes.find(({ id }) => streamOf(id) === stream);
      if (wiring) this.#work(wiring);
      else this.#tellKeys();
    }
    this.#log.attach();
  }

  answer(call: CassetteCall): CassetteAnswer {
    if (call.do === 'keys') {
      this.#recordKeys(call.event);
      return { ok: true };
    }
    const working = this.#working.get(call.cassette);
    if (!working) return { ok: false, refusal: cassetteRefusal('cassettes-not-running') };
    const { cassette } = working;
    const refusal = this.#take(working, call);
    return refusal ? { ok: false, refusal } : { ok: true, view: cassette.view };
  }

  async stop(): Promise<void> {
    this.#views.stop();
    for (const { readings, guests } of this.#working.values()) {
      for (const reading of [...readings, ...guests.values()]) reading.stop();
    }
    const working = [...this.#working.values()];
    await Promise.all(working.flatMap(({ readers }) => readers.map((reader) => reader.stop())));
    await Promise.all(working.map(({ cassette }) => cassette.stop()));
    await Promise.all([...this.#buses.values()].map((bus) => bus.stop()));
    await this.#log.close();
  }

  #take(
    working: Working,
    call: Exclude<CassetteCall, { readonly do: 'keys' }>,
  ): ReturnType<Cassette['take']> {
    const { cassette, guests } = working;
    switch (call.do) {
      case 'command':
        return cassette.take({ input: 'command', ...call });
      case 'area':
        return cassette.take({ input: 'area', ...call });
      case 'incident':
        return cassette.take({ input: 'incident', ...call });
      case 'touch': {
        let reading = guests.get(call.reader);
        if (!reading) {
          reading = this.#reading(call.reader, cassette, false);
          guests.set(call.reader, reading);
        }
        return reading.seen(call.rom);
      }
    }
  }

  #restore(name: string, kept: KeptState | undefined, waiting: readonly LoggedEvent[]): void {
    const own = waiting.filter(({ stream }) => stream === name);
    if (!kept && own.length === 0) {
      this.#unknown.add(name);
      return;
    }
    const stream = new LocalStream(name, kept && { seq: kept.seq, hash: kept.hash });
    this.#streams.set(name, stream);
    if (name === this.#parts.start.keyStream) {
      const keys = (kept?.state ?? []) as readonly CassetteKey[];
      this.#keys = new Map(keys.map((key) => [key.id, key]));
    } else this.#recorded.set(name, (kept?.state as RecordedState | undefined) ?? UNCONFIGURED_CASSETTE);
    const fresh = own.filter((event) => {
      const { passed, flaw } = stream.follow(event);
      if (flaw !== undefined) {
        const text = `The records of ${name} are damaged at number ${event.seq}: ${flaw}. They are gone on with; run "npm run verify-log".`;
        this.#parts.tell({ kind: 'trouble', text });
      }
      return !passed;
    });
    this.#fold(name, fresh);
  }

  #fold(name: string, events: readonly LoggedEvent[]): void {
    if (name === this.#parts.start.keyStream) {
      for (const event of events) this.#keys = evolveKeys(this.#keys, event as LoggedEvent & KeyEvent);
      return;
    }
    let state = this.#recorded.get(name) ?? UNCONFIGURED_CASSETTE;
    for (const event of events) {
      state = evolveCassette(state, event as LoggedEvent & CassetteEvent, Date.parse(event.at));
    }
    this.#recorded.set(name, state);
  }

  #work(wiring: CassetteWiring): void {
    const { drivers, clock, start, tell } = this.#parts;
    const name = streamOf(wiring.id);
    const stream = this.#streams.get(name) ?? new LocalStream(name);
    const { controller: wired } = wiring;
    const bus = this.#bus(wired.bus);
    const controller = drivers.cassetteController(wired.driver).create({
      id: wiring.id,
      bus,
      address: wired.address,
      settings: wired.settings,
      clock,
      key: createSecretKey(wired.key, 'hex'),
    });
    const cassette = new Cassette(
      {
        id: wiring.id,
        name: wiring.name,
        setting: wiring.setting,
        controller,
        signals: start.signals,
        clock,
        record: (events, wall) => this.#record(working, events, wall),
        onEvents: (events, at, view) => {
          for (const event of events)
            tell({ kind: 'taken', taken: { cassette: wiring.id, event, at, view } });
        },
        onChange: () => this.#views.changed(cassette),
        onTrouble: (text) => tell({ kind: 'trouble', text }),
        onKey: (rom) => own.seen(rom),
      },
      this.#recorded.get(name) ?? UNCONFIGURED_CASSETTE,
    );
    const own = this.#reading(`${wiring.id}/controller`, cassette, true);
    const extra = wiring.keyReaders.map(({ id, bus: on, driver, settings }) => {
      const readerDriver = drivers.reader(driver);
      const reader = readerDriver.create({ id, bus: this.#bus(on), settings, clock });
      return { reader, reading: this.#reading(id, cassette, readerDriver.repeats === true) };
    });
    const working: Working = {
      wiring,
      stream,
      cassette,
      readings: [own, ...extra.map(({ reading }) => reading)],
      readers: extra.map(({ reader }) => reader),
      guests: new Map(),
      lost: 0,
    };
    this.#working.set(wiring.id, working);
    cassette.start();
    for (const { reader, reading } of extra) {
      reader.start({
        scanned: ({ kind, value }) => {
          if (kind === 'ibutton') reading.seen(value);
        },
        rejected: (reason) => reading.rejected(reason),
      });
    }
  }

  #reading(reader: string, cassette: Cassette, repeats: boolean): KeyReading {
    return new KeyReading({ reader, cassette, repeats, keys: () => this.#keys, clock: this.#parts.clock });
  }

  #bus(id: string): Bus {
    const bus = this.#buses.get(id);
    if (!bus) throw new Error(`There is no bus "${id}".`);
    return bus;
  }

  /** Puts events on record. Where nothing finds room any more, only what the state depends on does; the rest is counted. */
  #record(working: Working, events: readonly CassetteEvent[], wall: Milliseconds): void {
    const taken = this.#log.hasRoom ? events : events.filter(({ type }) => ESSENTIAL.has(type));
    working.lost += events.length - taken.length;
    this.#log.append(working.stream.place(taken, wall));
    if (working.lost === 0 || !this.#log.hasRoom) return;
    const count = working.lost;
    working.lost = 0;
    working.cassette.take({ input: 'records-lost', count });
  }

  #recordKeys(event: KeyEvent): void {
    const { keyStream } = this.#parts.start;
    let stream = this.#streams.get(keyStream);
    if (!stream) {
      stream = new LocalStream(keyStream);
      this.#streams.set(keyStream, stream);
    }
    this.#keys = evolveKeys(this.#keys, event);
    this.#log.append(stream.place([event], this.#parts.clock.now()));
    this.#tellKeys();
  }

  #tellKeys(): void {
    this.#parts.tell({ kind: 'keys', keys: [...this.#keys.values()] });
  }

  async #keepStates(): Promise<void> {
    const folder = join(this.#parts.start.folder, 'states');
    // All of one moment, so that none says more than what is shipped.
    const states: KeptState[] = [...this.#streams.values()].map(({ name, head }) => ({
      version: 1,
      stream: name,
      ...head,
      state: name === this.#parts.start.keyStream ? [...this.#keys.values()] : this.#recordedOf(name),
    }));
    for (const state of states) await keepState(folder, state);
  }

  #recordedOf(name: string): RecordedState {
    for (const { stream, cassette } of this.#working.values()) {
      if (stream.name === name) return cassette.recorded;
    }
    return this.#recorded.get(name) ?? UNCONFIGURED_CASSETTE;
  }
}

/** A bus for each that a cassette needs; nothing is opened yet. */
function openBuses({ start, drivers, clock, tell }: RuntimeParts): ReadonlyMap<string, Bus> {
  const lines = new Map<string, LineSetting>();
  for (const { controller, keyReaders } of start.cassettes) {
    lines.set(controller.bus, drivers.cassetteController(controller.driver).line);
    for (const { bus, driver } of keyReaders) lines.set(bus, drivers.reader(driver).line);
  }
  const buses = new Map<string, Bus>();
  for (const { id, transport } of start.buses) {
    const line = lines.get(id);
    if (!line) continue;
    const bus = new Bus({ id, transport: createTransport(transport, line), clock });
    bus.onHealth((health) => tell({ kind: 'bus', health }));
    buses.set(id, bus);
  }
  return buses;
}
