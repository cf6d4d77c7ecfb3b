/**
 * A gateway in memory: keeps the promises of the interface that nodes rely on (references work once, a grant opens
 * once, a flow port takes one flow) without stores, buses and timers, so that a test says itself what happens when.
 */

import type { CabinetEvent } from '../../domain/cabinet/events.ts';
import type { CabinetState } from '../../domain/cabinet/state.ts';
import { GATEWAY } from '../../domain/event.ts';
import { type RefusalCode, refusal } from '../../domain/refusals.ts';
import type {
  CabinetChange,
  CabinetLoggedEvent,
  Gateway,
  Granted,
  Identified,
  Opened,
  PresentationNotice,
  Principal,
  Refused,
} from '../../gateway/api.ts';
import type { BusHealth, Scan, Unsubscribe } from '../../gateway/ports.ts';

/** The number on the only known card: must never be seen outside the gateway. */
export const KNOWN_CARD = '62E3086CED';

export class TestGateway implements Gateway {
  readonly site = {
    id: 'test',
    name: 'Test site',
    cabinets: [
      { id: 'A', name: 'Cabinet A' },
      { id: 'B', name: 'Cabinet B' },
    ],
    readers: [
      { id: 'card-reader-1', cabinet: 'A', bus: 'wire', decide: 'flow' as const },
      { id: 'keypad-1', cabinet: 'A', bus: 'wire', decide: 'flow' as const },
    ],
    buses: [
      { id: 'wire', transport: 'tcp' as const },
      { id: 'own', transport: 'flow' as const },
    ],
  };
  readonly received: Buffer[] = [];
  readonly opened: string[] = [];
  /** While set, `unlock` waits for it: a door that takes its time. */
  doorMoves: Promise<void> | undefined;
  busState: BusHealth['state'] = 'connected';
  users: Record<string, { password: string; principal: Principal }> = {};
  authentications = 0;

  #next = 1;
  readonly #scans = new Map<string, { reader: string; scan: Scan }>();
  readonly #identities = new Set<string>();
  readonly #grants = new Map<string, string>();
  readonly #presentationListeners = new Map<string, Set<(notice: PresentationNotice) => void>>();
  readonly #changeListeners = new Set<(change: CabinetChange) => void>();
  readonly #busListeners = new Set<(bus: BusHealth) => void>();
  #flowSend: ((bytes: Buffer) => void) | undefined;

  /** Somebody holds a card to a reader. */
  hold(card: string, reader = 'card-reader-1'): void {
    const presentation = this.present(reader, { kind: 'card', value: card });
    const notice: PresentationNotice = {
      presentation,
      reader,
      cabinet: 'A',
      kind: 'card',
      at: 1_700_000_000_000,
    };
    for (const listener of this.#presentationListeners.get(reader) ?? []) listener(notice);
  }

  /** An event became durable. */
  store(event: CabinetEvent, cabinet = 'A', seq = this.#next++): void {
    const at = new Date().toISOString();
    const logged = {
      ...event,
      stream: `cabinet/${cabinet}`,
      seq,
      at,
      prev: '0'.repeat(64),
      hash: 'f'.repeat(64),
    };
    const state = { setting: { id: cabinet } } as CabinetState;
    const change: CabinetChange = { event: logged as CabinetLoggedEvent, cabinet: state };
    for (const listener of this.#changeListeners) listener(change);
  }

  becomeBus(state: BusHealth['state'], id = 'wire'): void {
    this.busState = state;
    for (const listener of this.#busListeners) listener({ id, state, since: 0 });
  }

  /** A driver has bytes for the wire of the bus `own`. */
  write(bytes: Buffer): void {
    this.#flowSend?.(bytes);
  }

  get listeners(): number {
    const presentations = [...this.#presentationListeners.values()].reduce((sum, { size }) => sum + size, 0);
    return presentations + this.#changeListeners.size + this.#busListeners.size + (this.#flowSend ? 1 : 0);
  }

  cabinets(): readonly CabinetState[] {
    return [];
  }

  cabinet(): CabinetState | undefined {
    return undefined;
  }

  onChange(listener: (change: CabinetChange) => void): Unsubscribe {
    this.#changeListeners.add(listener);
    return () => this.#changeListeners.delete(listener);
  }

  onBus(listener: (bus: BusHealth) => void): Unsubscribe {
    this.#busListeners.add(listener);
    return () => this.#busListeners.delete(listener);
  }

  onPresentation(reader: string, listener: (notice: PresentationNotice) => void): Unsubscribe {
    if (!this.site.readers.some(({ id }) => id === reader)) {
      throw Object.assign(new Error(`The site has no reader "${reader}".`), { code: 'reader-unknown' });
    }
    const listeners = this.#presentationListeners.get(reader) ?? new Set();
    this.#presentationListeners.set(reader, listeners.add(listener));
    return () => listeners.delete(listener);
  }

  present(reader: string, scan: Scan): string {
    const reference = `presentation-${this.#next++}`;
    this.#scans.set(reference, { reader, scan });
    return reference;
  }

  async identify(presentation: string): Promise<Identified | Refused> {
    const found = this.#scans.get(presentation);
    this.#scans.delete(presentation);
    if (!found) return this.#refused('identification-expired');
    if (found.scan.value !== KNOWN_CARD) return this.#refused('unknown-credential');
    const identity = `identity-${this.#next++}`;
    this.#identities.add(identity);
    return {
      ok: true,
      identity,
      user: 'user-1',
      credential: 'credential-1',
      reader: found.reader,
      cabinet: 'A',
    };
  }

  async allocate(identity: string): Promise<Granted | Refused> {
    if (!this.#identities.delete(identity)) return this.#refused('identification-expired');
    const grant = `grant-secret-${this.#next++}`;
    const grantId = `g${this.#next++}`;
    this.#grants.set(grant, grantId);
    return {
      ok: true,
      grant,
      grantId,
      cabinet: 'A',
      compartment: 12,
      allocation: 'new',
      validUntil: 1_700_000_010_000,
    };
  }

  async unlock(grant: string): Promise<Opened | Refused> {
    const grantId = this.#grants.get(grant);
    this.#grants.delete(grant);
    await this.doorMoves;
    if (grantId === undefined) return this.#refused('grant-expired');
    this.opened.push(grantId);
    this.store({
      type: 'door-opened',
      actor: GATEWAY,
      data: { compartment: 12, grant: grantId, user: 'user-1' },
    });
    return { ok: true, cabinet: 'A', compartment: 12, grantId };
  }

  async operate(): Promise<Refused> {
    return this.#refused('not-permitted');
  }

  async authenticate(login: string, password: string): Promise<Principal | undefined> {
    this.authentications += 1;
    const user = this.users[login];
    return user?.password === password ? user.principal : undefined;
  }

  principalOf(login: string): Principal | undefined {
    return this.users[login]?.principal;
  }

  textOf({ code }: Refused['refusal']) {
    return { en: `en ${code}`, pl: `pl ${code}`, it: `it ${code}` };
  }

  flowPort(bus: string) {
    if (bus !== 'own') throw Object.assign(new Error(`No flow owns bus "${bus}".`), { code: 'bus-unknown' });
    return {
      receive: (bytes: Buffer): void => {
        this.received.push(bytes);
      },
      connect: (send: (bytes: Buffer) => void): Unsubscribe => {
        if (this.#flowSend) {
          throw Object.assign(new Error('A flow is connected to bus "own" already.'), { code: 'bus-taken' });
        }
        this.#flowSend = send;
        return () => {
          this.#flowSend = undefined;
        };
      },
    };
  }

  health() {
    const ok = { condition: 'ok' as const, detail: '' };
    const buses = this.site.buses.map(({ id }) => ({
      id,
      state: this.busState,
      since: 0,
      condition: 'ok' as const,
    }));
    return {
      condition: 'ok' as const,
      store: ok,
      journal: { ...ok, waiting: 0 },
      opcua: ok,
      buses,
      cabinets: [],
    };
  }

  reportHealth(): void {}

  #refused(code: RefusalCode): Refused {
    const reason = refusal(code);
    return { ok: false, refusal: reason, text: this.textOf(reason) };
  }
}
