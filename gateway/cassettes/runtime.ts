/** All cassettes of a gateway at work, with their wires and their records. */
import { createSecretKey } from 'node:crypto';
import { join } from 'node:path';
import type { CassetteEvent } from '../../domain/cassette/events.ts';
import { evolveKeys, type KeyEvent, type KeyRegister, NO_KEYS } from '../../domain/cassette/key-register.ts';
import { cassetteRefusal } from '../../domain/cassette/refusal.ts';
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
import { keepStates, readKeptStates } from './kept-states.ts';
import { KeyReading } from './key-reading.ts';
import { LocalStream } from './local-stream.ts';
import type {
  CassetteAnswer,
  CassetteCall,
  CassettesStart,
  CassetteWiring,
  FromCassettes,
  KeptState,
} from './protocol.ts';
import { RecordLog } from './record-log.ts';
import { streamOf } from './stream-of.ts';
import { StreamStates } from './stream-states.ts';
import { ViewFeed } from './view-feed.ts';

/** Bytes of the journal from which on it is emptied, where it may hold much more. */
const WORTH_EMPTYING = 64 * 1024;

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
  /** Numbers that events were given in their streams. */
  readonly #places = new WeakMap<CassetteEvent, number>();
  /** What was known of each stream at the start. */
  readonly #restored = new StreamStates();
  /** What follows from everything that has left the journal: never more than the store has, or what was set aside. */
  readonly #shipped = new StreamStates();
  /** Streams whose shipped state is not kept yet. */
  readonly #unkept = new Set<string>();
  readonly #log: RecordLog;
  readonly #views: ViewFeed;
  /** Undefined until what is registered is known. */
  #keyStream: LocalStream | undefined;
  #keys: KeyRegister = NO_KEYS;
  /** Streams of which too little lies here, with what does: the store has to say what it has. */
  readonly #unknown = new Map<string, readonly LoggedEvent[]>();

  private constructor(
    parts: RuntimeParts,
    kept: ReadonlyMap<string, KeptState>,
    journal: { readonly journal: Journal; readonly waiting: readonly LoggedEvent[] },
  ) {
    this.#parts = parts;
    const { start, clock, tell } = parts;
    this.#log = new RecordLog({
      ...journal,
      emptyFrom: Math.min(WORTH_EMPTYING, (start.journalLimit ?? Number.POSITIVE_INFINITY) / 2),
      clock,
      ship: parts.ship,
      onShipped: (events) => this.#followShipped(events),
      keepStates: () => this.#keepStates(),
      onHealth: (records) => tell({ kind: 'records', records }),
      onConflict: (stream) =>
        this.#trouble(
          `Another gateway writes ${stream}: see cassettes/conflicts.jsonl. Stop one of the two.`,
        ),
    });
    this.#views = new ViewFeed(clock, (view) => tell({ kind: 'view', view }));
    this.#restore(kept, journal.waiting);
    this.#buses = openBuses(parts);
    this.#begin([start.keyStream, ...start.cassettes.map(({ id }) => streamOf(id))]);
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
      unknown: [...runtime.#unknown.keys()],
      views: runtime.#views.of([...runtime.#working.values()].map(({ cassette }) => cassette)),
      keys: [...runtime.#keys.values()],
    });
    return runtime;
  }

  /** The store answers, and says what it has of the streams of which too little is known here. */
  attach(stored: readonly KeptState[]): void {
    for (const state of stored) {
      const { stream } = state;
      const own = this.#unknown.get(stream);
      if (!own) continue;
      this.#unknown.delete(stream);
      if (state.seq > 0) {
        this.#restored.begin(state);
        this.#shipped.begin(state);
        this.#unkept.add(stream);
        // Until it is kept here, another start could not do without the store.
        this.#log.keepSoon();
      }
      for (const event of own) this.#followOwn(event);
      this.#begin([stream]);
    }
    this.#log.attach();
    this.#parts.tell({ kind: 'attached' });
  }

  answer(call: CassetteCall): CassetteAnswer {
    if (call.do === 'keys') return this.#recordKeys(call.event);
    const working = this.#working.get(call.cassette);
    if (!working) return NOT_RUNNING;
    const refusal = this.#take(working, call);
    return refusal ? { ok: false, refusal } : { ok: true, view: working.cassette.view };
  }

  async stop(): Promise<void> {
    const working = [...this.#working.values()];
    await Promise.all(working.flatMap(({ readers }) => readers.map((reader) => reader.stop())));
    await Promise.all(working.map(({ cassette }) => cassette.stop()));
    for (const { readings, guests } of working) {
      for (const reading of [...readings, ...guests.values()]) reading.stop();
    }
    this.#views.stop();
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

  /** Takes what is kept and what waits in the journal; streams that are no longer wired here go on as well. */
  #restore(kept: ReadonlyMap<string, KeptState>, waiting: readonly LoggedEvent[]): void {
    const { start } = this.#parts;
    const wired = [start.keyStream, ...start.cassettes.map(({ id }) => streamOf(id))];
    const own = Map.groupBy(waiting, ({ stream }) => stream);
    for (const stream of new Set([...wired, ...kept.keys(), ...own.keys()])) {
      const state = kept.get(stream);
      const events = own.get(stream) ?? [];
      if (state) {
        this.#restored.begin(state);
        this.#shipped.begin(state);
      } else if (events[0]?.seq !== 1) {
        if (wired.includes(stream)) this.#unknown.set(stream, events);
        continue;
      }
      for (const event of events) this.#followOwn(event);
    }
  }

  #followOwn(event: LoggedEvent): void {
    const flaw = this.#restored.follow(event);
    if (flaw === undefined) return;
    this.#trouble(
      `The records of ${event.stream} are damaged at number ${event.seq}: ${flaw}. They are gone on with; run "npm run verify-log".`,
    );
  }

  /** Lets work what can. */
  #begin(streams: readonly string[]): void {
    const { start } = this.#parts;
    for (const stream of streams) {
      if (this.#unknown.has(stream)) continue;
      if (stream === start.keyStream) {
        this.#keyStream = new LocalStream(stream, this.#restored.head(stream));
        this.#keys = this.#restored.keys(stream);
        this.#tellKeys();
      }
      const wiring = start.cassettes.find(({ id }) => streamOf(id) === stream);
      if (wiring) this.#workAlone(wiring);
    }
  }

  /** Whatever is wrong with one, the others work. */
  #workAlone(wiring: CassetteWiring): void {
    try {
      this.#work(wiring);
    } catch (error) {
      const text = error instanceof Error ? error.message : String(error);
      this.#trouble(`Cassette ${wiring.id} cannot be guarded: ${text}`);
    }
  }

  #work(wiring: CassetteWiring): void {
    const { drivers, clock, start, tell } = this.#parts;
    const name = streamOf(wiring.id);
    const stream = new LocalStream(name, this.#restored.head(name));
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
          for (const event of events) {
            const seq = this.#places.get(event);
            const place = seq === undefined ? {} : { seq };
            tell({ kind: 'taken', taken: { cassette: wiring.id, event, ...place, at, view } });
          }
        },
        onChange: () => this.#views.changed(cassette),
        onTrouble: (text) => this.#trouble(text),
        onKey: (rom) => own.seen(rom),
      },
      this.#restored.recorded(name),
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
    const placed = working.stream.place(taken, wall);
    this.#log.append(placed);
    placed.forEach(({ seq }, index) => {
      const event = taken[index];
      if (event) this.#places.set(event, seq);
    });
    if (working.lost === 0 || !this.#log.hasRoom) return;
    const count = working.lost;
    working.lost = 0;
    working.cassette.take({ input: 'records-lost', count });
  }

  #recordKeys(event: KeyEvent): CassetteAnswer {
    // What is registered has to be known first.
    if (!this.#keyStream) return NOT_RUNNING;
    this.#log.append(this.#keyStream.place([event], this.#parts.clock.now()));
    this.#keys = evolveKeys(this.#keys, event);
    this.#tellKeys();
    return { ok: true };
  }

  #tellKeys(): void {
    this.#parts.tell({ kind: 'keys', keys: [...this.#keys.values()] });
  }

  #trouble(text: string): void {
    this.#parts.tell({ kind: 'trouble', text });
  }

  #followShipped(events: readonly LoggedEvent[]): void {
    for (const event of events) {
      // Without what came before it, there is no state to be kept.
      if (!this.#shipped.has(event.stream) && event.seq !== 1) continue;
      this.#shipped.follow(event);
      this.#unkept.add(event.stream);
    }
  }

  async #keepStates(): Promise<void> {
    const streams = [...this.#unkept];
    const states = streams.map((stream) => this.#shipped.kept(stream));
    this.#unkept.clear();
    try {
      await keepStates(join(this.#parts.start.folder, 'states'), states);
    } catch (error) {
      for (const stream of streams) this.#unkept.add(stream);
      throw error;
    }
  }
}

const NOT_RUNNING: CassetteAnswer = { ok: false, refusal: cassetteRefusal('cassettes-not-running') };

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
