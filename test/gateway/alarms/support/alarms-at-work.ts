/** The alarms of a gateway over a real store: a cabinet whose stream the test writes, and a cassette that is told of. */
import type { AlarmEvent } from '../../../../domain/alarms/events.ts';
import type { CabinetEvent, CabinetEvents } from '../../../../domain/cabinet/events.ts';
import { evolve, UNCONFIGURED } from '../../../../domain/cabinet/evolve.ts';
import { type CabinetSnapshot, fromSnapshot, toSnapshot } from '../../../../domain/cabinet/snapshot.ts';
import type { CabinetState } from '../../../../domain/cabinet/state.ts';
import type { CassetteEvent, CassetteEventType, EventOf } from '../../../../domain/cassette/events.ts';
import type { CassetteView } from '../../../../domain/cassette/view.ts';
import { GATEWAY, type LoggedEvent } from '../../../../domain/event.ts';
import type { Role } from '../../../../domain/identification.ts';
import type { CassetteId } from '../../../../domain/site.ts';
import type { AlarmDesk } from '../../../../gateway/alarms/desk.ts';
import { FirstTaken } from '../../../../gateway/alarms/first-taken.ts';
import { openAlarms } from '../../../../gateway/alarms/open-alarms.ts';
import type { AlarmChange, Requester } from '../../../../gateway/api.ts';
import { LocalStream } from '../../../../gateway/cassettes/local-stream.ts';
import type { BusHealth } from '../../../../gateway/ports.ts';
import { Stream } from '../../../../gateway/stream.ts';
import { Undo } from '../../../../gateway/undo.ts';
import { EventFinder } from '../../../../models/event-search.ts';
import { setting } from '../../../domain/support/cabinet.ts';
import type { StoredLog } from '../../support/stored-log.ts';

/** The stream of alarms. */
export const ALARMS = 'alarms/gateway-1';

export const ADMINISTRATOR = person('admin');
export const OPERATOR = person('operator');
export const NOBODY = person('somebody');
export const FLOW: Requester = { kind: 'machine', id: 'flow:1' };

const ROLES: Readonly<Record<string, readonly Role[]>> = { admin: ['administrator'], operator: ['operator'] };

function person(user: string): Requester {
  return { kind: 'administrator', principal: { user, login: user, roles: [] } };
}

export class AlarmsAtWork {
  readonly stored: StoredLog;
  readonly troubles: string[] = [];
  readonly changes: AlarmChange[] = [];
  readonly views = new Map<CassetteId, CassetteView>();
  /** Cassettes of the site. */
  cassettes: readonly CassetteId[] = ['C1'];
  desk!: AlarmDesk;
  cabinet!: Stream<CabinetState, CabinetEvent>;
  /** The stream of the cassette as its thread has it, which the store may not have yet. */
  cassette = new LocalStream('cassette/C1');
  #undo = new Undo();
  #taken = new FirstTaken();
  readonly #busListeners = new Set<(health: BusHealth) => void>();

  constructor(stored: StoredLog) {
    this.stored = stored;
  }

  /** Opens the cabinet, without anybody who follows it. */
  async openCabinet(): Promise<void> {
    const { log, store, clock } = this.stored;
    this.cabinet = await this.stored.until(
      Stream.open<CabinetState, CabinetEvent>({
        name: 'cabinet/A',
        log,
        store,
        clock,
        shape: {
          initial: UNCONFIGURED,
          evolve,
          toSnapshot,
          fromSnapshot: (snapshot) => fromSnapshot(snapshot as CabinetSnapshot),
        },
      }),
    );
    if (this.cabinet.head.seq > 0) return;
    await this.happens('cabinet-configured', { cabinet: setting('2.2') });
    await this.happens('doors-found', { board: 'left', open: [], closed: [1, 2] });
    await this.happens('doors-found', { board: 'right', open: [], closed: [3, 4] });
  }

  /** Opens cabinet and alarms, and lets the alarms read what they have not. */
  async start(): Promise<void> {
    await this.openCabinet();
    const { log, store, clock, fresh } = this.stored;
    this.#undo = new Undo();
    const opening = openAlarms(
      {
        gateway: 'gateway-1',
        log,
        store,
        clock,
        search: new EventFinder(fresh.connection),
        cabinets: new Map([['A', this.cabinet]]),
        cassettes: {
          ids: this.cassettes,
          views: this.views,
          onTaken: (listener) => this.#taken.follow(listener),
        },
        buses: {
          ids: () => ['locks'],
          onHealth: (listener) => {
            this.#busListeners.add(listener);
            return () => this.#busListeners.delete(listener);
          },
        },
        rolesOf: (user) => ROLES[user] ?? [],
        onTrouble: (message) => void this.troubles.push(message),
      },
      this.#undo,
    );
    this.desk = (await this.stored.until(opening)).desk;
    this.desk.onChange((change) => void this.changes.push(change));
  }

  /** Stops cleanly. */
  async stop(): Promise<void> {
    await this.stored.until(this.#undo.run());
    await this.#forget();
  }

  /** The process is gone: nothing of what it would have done later is done. */
  async crash(): Promise<void> {
    await this.#forget();
  }

  /** Something happens to the cabinet; resolves when it is durable. */
  async happens<Type extends keyof CabinetEvents>(type: Type, data: CabinetEvents[Type]): Promise<void> {
    const event = { type, actor: GATEWAY, data } as unknown as CabinetEvent;
    await this.stored.until(this.cabinet.submit(() => ({ event })));
  }

  /** All of this happens to the cabinet at once. */
  async happenAll(events: readonly CabinetEvent[]): Promise<void> {
    await this.stored.until(this.cabinet.submitRun(() => ({ events })));
  }

  /**
   * Something happens to the cassette, and is told at once.
   *
   * @returns what is to go to the store, by `ship`
   */
  takes<Type extends CassetteEventType>(type: Type, data: EventOf<Type>['data']): LoggedEvent {
    const event = { type, actor: GATEWAY, data } as unknown as CassetteEvent;
    const at = this.stored.clock.now();
    const [placed] = this.cassette.place([event], at);
    if (!placed) throw new Error('The event found no place.');
    const view = this.views.get('C1') ?? ({ id: 'C1' } as CassetteView);
    this.#taken.tell({ cassette: 'C1', event, seq: placed.seq, at, view });
    return placed;
  }

  /** Records of the cassette reach the store. */
  async ship(...events: readonly LoggedEvent[]): Promise<void> {
    await this.stored.repository.append(events);
  }

  bus(state: BusHealth['state']): void {
    for (const listener of this.#busListeners) listener({ id: 'locks', state, since: 0 });
  }

  /** Lets the alarms do their work. */
  async work(): Promise<void> {
    for (let times = 0; times < 20; times += 1) await this.stored.work();
  }

  /** What is listed, a line each: id, then what is to be said of it. */
  get listed(): readonly string[] {
    return this.desk.list().map(({ id, current, calls, shelving }) => {
      const said = [
        current.ended === undefined && 'active',
        current.acknowledged && 'acknowledged',
        shelving && 'shelved',
        !calls && 'quiet',
      ].filter((word) => word !== false && word !== undefined);
      return [id, ...said].join(' ');
    });
  }

  /** The types of the events of the alarms that are in the store. */
  async logged(): Promise<readonly string[]> {
    const events = (await this.stored.events(ALARMS)) as (LoggedEvent & AlarmEvent)[];
    return events.map(({ type }) => type);
  }

  async #forget(): Promise<void> {
    await this.stored.reopen();
    this.#taken = new FirstTaken();
    this.#busListeners.clear();
    this.changes.length = 0;
  }
}
