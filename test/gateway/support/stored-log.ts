import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { LoggedEvent } from '../../../domain/event.ts';
import { EventLog } from '../../../gateway/event-log/event-log.ts';
import { Journal } from '../../../gateway/event-log/journal.ts';
import { EventRepository } from '../../../models/events.ts';
import { ManualClock } from '../../support/manual-clock.ts';
import { type FreshStore, openFreshStore, temporaryFolder } from '../../support/store.ts';
import { type Fault, FaultyStore } from './faulty-store.ts';
import { workDone } from './work-under-way.ts';

/** Steps of manual time, short against every deadline of the gateway. Milliseconds. */
const STEP = 50;

/** A log over a real store and a real journal, in manual time, whose line to the store can be made to fail. */
export class StoredLog {
  readonly fresh: FreshStore;
  /** The store itself, past the line. */
  readonly repository: EventRepository;
  fault: Fault = 'none';
  /** The store as the log has it. */
  store!: FaultyStore;
  log!: EventLog;
  journal!: Journal;
  clock = new ManualClock();
  folder = '';
  readonly #limit: number | undefined;

  private constructor(fresh: FreshStore, limit: number | undefined) {
    this.fresh = fresh;
    this.repository = new EventRepository(fresh.connection);
    this.#limit = limit;
  }

  /** @param limit bytes that the journal may hold */
  static async open(limit?: number): Promise<StoredLog> {
    const stored = new StoredLog(await openFreshStore(), limit);
    await stored.repository.prepare();
    await stored.#begin();
    return stored;
  }

  /**
   * Closes the log and opens it again over what store and journal hold. Time goes on on another clock, so that
   * nothing of the life before fires any more.
   */
  async reopen(): Promise<void> {
    await this.until(this.log.close());
    this.clock = new ManualClock(this.clock.now());
    await this.#start();
  }

  /** Lets time pass in small steps, in which store and journal do their work, until a promise settles. */
  async until<Result>(promise: Promise<Result>): Promise<Result> {
    let settled = false;
    const settling = promise.finally(() => {
      settled = true;
    });
    settling.catch(() => {});
    while (!settled) await this.pass(STEP);
    return settling;
  }

  /** Lets some time pass in small steps, in which store and journal do their work. @param duration milliseconds */
  async pass(duration: number): Promise<void> {
    for (let passed = 0; passed < duration; passed += STEP) {
      await this.clock.advance(Math.min(STEP, duration - passed));
      await this.work();
    }
  }

  /** Lets store and journal do what they were asked, and codes be hashed, without letting time pass. */
  async work(): Promise<void> {
    await this.#done();
    await sleep(4);
    await this.#done();
  }

  /** The store may be waited for by what then writes a file, and the other way round. */
  async #done(): Promise<void> {
    await workDone();
    await this.store.idle();
    await workDone();
  }

  /** Empties store and journal, sets the clock back, and opens the log again. */
  async renew(): Promise<void> {
    this.fault = 'none';
    await this.until(this.log.close());
    await rm(this.folder, { recursive: true });
    await this.fresh.empty();
    this.clock = new ManualClock();
    await this.#begin();
  }

  async remove(): Promise<void> {
    await this.until(this.log.close());
    await this.fresh.remove();
    await rm(this.folder, { recursive: true });
  }

  /** The events of a stream in the store. */
  events(stream: string): Promise<LoggedEvent[]> {
    return Array.fromAsync(this.repository.read(stream, 0));
  }

  /** Lets the log find out that the store answers again, and ship its journal. */
  async recover(): Promise<void> {
    this.fault = 'none';
    for (
      let pause = 0;
      pause < 40 && (this.log.health.store === 'down' || this.log.health.waiting > 0);
      pause += 1
    ) {
      await this.clock.advance(250);
      await this.work();
    }
    await this.work();
  }

  async #begin(): Promise<void> {
    this.folder = await temporaryFolder();
    await this.#start();
  }

  async #start(): Promise<void> {
    const { journal, waiting } = await Journal.open(join(this.folder, 'journal'), this.#limit);
    this.journal = journal;
    this.store = new FaultyStore(this.repository, () => this.fault);
    this.log = new EventLog({ store: this.store, journal, waiting, clock: this.clock });
    if (waiting.length > 0) await this.log.ship();
  }
}
