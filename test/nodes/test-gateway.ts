/**
 * A gateway in memory: keeps the promises of the interface that nodes rely on (references work once, a grant opens
 * once, a flow port takes one flow) without stores, buses and timers, so that a test says itself what happens when.
 */

import type { CabinetEvent } from '../../domain/cabinet/events.ts';
import type { CabinetState } from '../../domain/cabinet/state.ts';
import type { CassetteKey } from '../../domain/cassette/key.ts';
import type { CassetteSetting } from '../../domain/cassette/setting.ts';
import { GATEWAY } from '../../domain/event.ts';
import { type RefusalCode, refusal } from '../../domain/refusals.ts';
import type {
  AllOpened,
  CabinetChange,
  CabinetLoggedEvent,
  CompartmentOccupancy,
  Done,
  EventPage,
  EventQuery,
  FlowPort,
  Gateway,
  Granted,
  Identified,
  ModeChange,
  Opened,
  OperatorRequest,
  PanelAnswer,
  PanelView,
  Possession,
  PossessionQuery,
  PresentationNotice,
  Principal,
  Queries,
  Recipient,
  Refused,
  Requester,
  SiteView,
} from '../../gateway/api.ts';
import { cabinetRoles } from '../../gateway/cabinet-permissions.ts';
import type { People } from '../../gateway/cassettes/desk.ts';
import type { BusHealth, MailOutcome, NoticeMail, Scan, Unsubscribe } from '../../gateway/ports.ts';
import { memoryAlarms } from '../support/memory-alarms.ts';
import { TestCassettes } from './test-cassettes.ts';
import { TestPanel } from './test-panel.ts';

/** The number on the only known card: must never be seen outside the gateway. */
export const KNOWN_CARD = '62E3086CED';
/** The card of somebody else, for what takes two persons. */
export const SECOND_CARD = '3A00C4517B';

const HOLDERS: ReadonlyMap<string, string> = new Map([
  [KNOWN_CARD, 'user-1'],
  [SECOND_CARD, 'user-2'],
]);

export class TestGateway implements Gateway {
  site: SiteView = {
    id: 'test',
    name: 'Test site',
    cabinets: [
      { id: 'A', name: 'Cabinet A' },
      { id: 'B', name: 'Cabinet B' },
    ],
    cassettes: [
      { id: 'C1', name: 'Cassette C1' },
      { id: 'C3', name: 'Cassette C3' },
    ],
    boards: [],
    panels: [{ id: 'panel-1', name: 'Panel at the door', cabinet: 'A' }],
    readers: [
      { id: 'card-reader-1', cabinet: 'A', bus: 'wire', decide: 'flow', panel: 'panel-1' },
      { id: 'keypad-1', cabinet: 'A', bus: 'wire', decide: 'flow', panel: 'keypad-1' },
    ],
    buses: [
      { id: 'wire', transport: 'tcp' },
      { id: 'own', transport: 'flow' },
    ],
  };
  readonly received: Buffer[] = [];
  readonly opened: string[] = [];
  /** While set, `unlock` waits for it: a door that takes its time. */
  doorMoves: Promise<void> | undefined;
  busState: BusHealth['state'] = 'connected';
  readonly shownPanel = new TestPanel();
  /** What was asked of `operate`, `openAll` and `changeMode`, and on whose behalf. */
  readonly operated: { readonly request: object; readonly requester: Requester }[] = [];
  /** While set, whatever is operated or queried is refused for this. */
  refuses: RefusalCode | undefined;
  occupancy: CompartmentOccupancy[] = [];
  possessions: Possession[] = [];
  eventPage: EventPage = { ok: true, events: [] };
  readonly queried: object[] = [];
  /** Real machines of cassettes; both holders of cards are administrators. */
  readonly cassettes: TestCassettes;
  readonly alarms = memoryAlarms();
  readonly cabinetRoles = cabinetRoles();
  users: Record<string, { password: string; principal: Principal }> = {};
  authentications = 0;

  #next = 1;
  readonly #scans = new Map<string, { reader: string; scan: Scan }>();
  readonly #identities = new Map<string, string>();
  readonly #grants = new Map<string, string>();
  readonly #presentationListeners = new Map<string, Set<(notice: PresentationNotice) => void>>();
  /** How often a flow took the port of the bus `own`, or tried to. */
  flowConnections = 0;
  readonly #siteListeners = new Set<(site: SiteView) => void>();
  readonly #changeListeners = new Set<(change: CabinetChange) => void>();
  readonly #busListeners = new Set<(bus: BusHealth) => void>();
  #flowSend: ((bytes: Buffer) => void) | undefined;

  /** @param keys what is unusual about the keys of the cassettes */
  constructor(setting: Partial<CassetteSetting> = {}, keys: Partial<CassetteKey> = {}) {
    const people: People = {
      identified: (identity) => {
        const user = this.#identities.get(identity);
        this.#identities.delete(identity);
        return user === undefined ? undefined : { user, duress: false };
      },
      rolesOf: () => ['administrator'],
      authenticate: (login, password) => this.authenticate(login, password),
      presented: (presentation) => {
        const found = this.#scans.get(presentation);
        this.#scans.delete(presentation);
        return found;
      },
    };
    this.cassettes = TestCassettes.of(people, setting, keys);
  }

  /** Somebody holds a card to a reader. */
  hold(card: string, reader = 'card-reader-1'): void {
    this.holdUp({ kind: 'card', value: card }, reader);
  }

  /** Somebody holds anything to a reader. */
  holdUp(scan: Scan, reader: string): void {
    const presentation = this.present(reader, scan);
    const { kind } = scan;
    const notice: PresentationNotice = { presentation, reader, cabinet: 'A', kind, at: 1_700_000_000_000 };
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

  /** The readers whose presentations somebody takes. */
  get presentationListeners(): readonly string[] {
    return [...this.#presentationListeners].flatMap(([reader, { size }]) => (size > 0 ? [reader] : []));
  }

  get listeners(): number {
    const presentations = [...this.#presentationListeners.values()].reduce((sum, { size }) => sum + size, 0);
    const others =
      this.#changeListeners.size +
      this.#siteListeners.size +
      this.#busListeners.size +
      this.shownPanel.listeners;
    return presentations + others + this.cassettes.listeners + (this.#flowSend ? 1 : 0);
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

  onSite(listener: (site: SiteView) => void): Unsubscribe {
    this.#siteListeners.add(listener);
    return () => this.#siteListeners.delete(listener);
  }

  /** The site is another one from now on, as after a reload. */
  becomeSite(change: Partial<SiteView>): void {
    this.site = { ...this.site, ...change };
    for (const listener of this.#siteListeners) listener(this.site);
  }

  onBus(listener: (bus: BusHealth) => void): Unsubscribe {
    this.#busListeners.add(listener);
    return () => this.#busListeners.delete(listener);
  }

  onScan(): () => void {
    return () => {};
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
    const user = HOLDERS.get(found.scan.value);
    if (user === undefined) return this.#refused('unknown-credential');
    const identity = `identity-${this.#next++}`;
    this.#identities.set(identity, user);
    return {
      ok: true,
      identity,
      user,
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

  panels() {
    return [
      { panel: 'panel-1', cabinet: 'A' },
      { panel: 'keypad-1', cabinet: 'A' },
    ];
  }

  panel(panel: string): PanelView | undefined {
    const there = this.site.panels.some(({ id }) => id === panel);
    return panel === 'panel-1' && there ? this.shownPanel.view : undefined;
  }

  onPanel(panel: string, listener: (view: PanelView) => void): Unsubscribe {
    return panel === 'panel-1' ? this.shownPanel.on(listener) : () => {};
  }

  async answer(
    panel: string,
    answer: PanelAnswer,
    session?: string,
  ): Promise<{ readonly ok: true; readonly view: PanelView } | Refused> {
    return panel === 'panel-1' ? this.shownPanel.answer(answer, session) : this.#refused('panel-unknown');
  }

  recipients(): readonly Recipient[] {
    return [];
  }

  async operate(request: OperatorRequest, requester: Requester): Promise<Done | Refused> {
    this.operated.push({ request, requester });
    if (this.refuses) return this.#refused(this.refuses);
    return { ok: true, cabinet: request.cabinet, compartment: request.compartment };
  }

  async openAll(cabinet: string, reason: string, requester: Requester): Promise<AllOpened | Refused> {
    this.operated.push({ request: { cabinet, reason }, requester });
    if (this.refuses) return this.#refused(this.refuses);
    const failed = [{ compartment: 3, refusal: refusal('lock-failed', { compartment: 3 }) }];
    return { ok: true, cabinet, opened: [1, 2], failed };
  }

  readonly beginOpenAll = (): never => {
    throw new Error('Flows wait for the end of an opening of all.');
  };
  readonly allOpening = (): undefined => undefined;
  readonly onAllOpening = (): Unsubscribe => () => {};

  async changeMode(
    change: Parameters<Gateway['changeMode']>[0],
    requester: Requester,
  ): Promise<ModeChange | Refused> {
    this.operated.push({ request: change, requester });
    if (this.refuses) return this.#refused(this.refuses);
    const { cabinet, schema, dryRun } = change;
    const lost = [{ lost: 'right', compartment: 7, user: 'user-1' }] as const;
    return { ok: true, cabinet, from: '2.2', to: schema, lost, done: !dryRun };
  }

  /** What was mailed, and what becomes of it. */
  readonly mailed: Parameters<NoticeMail['notify']>[0][] = [];
  mailOutcome: MailOutcome = { outcome: 'sent' };
  readonly mail: NoticeMail = {
    notify: async (mail) => {
      this.mailed.push(mail);
      return this.mailOutcome;
    },
  };

  readonly queries: Queries = {
    occupancy: (cabinet?: string) => {
      this.queried.push({ ...(cabinet !== undefined && { cabinet }) });
      return this.refuses ? this.#refused(this.refuses) : { ok: true, compartments: this.occupancy };
    },
    whoHasWhat: (query: PossessionQuery = {}) => {
      this.queried.push(query);
      return this.refuses ? this.#refused(this.refuses) : { ok: true, possessions: this.possessions };
    },
    events: async (query: EventQuery) => {
      this.queried.push(query);
      return this.refuses ? this.#refused(this.refuses) : this.eventPage;
    },
  };

  async authenticate(login: string, password: string): Promise<Principal | undefined> {
    this.authentications += 1;
    const user = this.users[login];
    return user?.password === password ? user.principal : undefined;
  }

  principalOf(login: string): Principal | undefined {
    return this.users[login]?.principal;
  }

  principalOfCertificate(): undefined {
    return undefined;
  }

  textOf({ code }: Refused['refusal']) {
    return { en: `en ${code}`, pl: `pl ${code}`, it: `it ${code}` };
  }

  flowPort(bus: string): FlowPort {
    const owned = this.site.buses.some(({ id, transport }) => id === bus && transport === 'flow');
    if (!owned) throw Object.assign(new Error(`No flow owns bus "${bus}".`), { code: 'bus-unknown' });
    return this.#flowPort;
  }

  /** The port of the bus `own`. */
  readonly #flowPort: FlowPort = {
    receive: (bytes) => {
      this.received.push(bytes);
    },
    connect: (send) => {
      this.flowConnections += 1;
      if (this.#flowSend) {
        throw Object.assign(new Error('A flow is connected to bus "own" already.'), { code: 'bus-taken' });
      }
      this.#flowSend = send;
      return () => {
        this.#flowSend = undefined;
      };
    },
  };

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
      itemReaders: ok,
      cabinets: [],
      cassettes: [],
    };
  }

  reportHealth(): void {}

  #refused(code: RefusalCode): Refused {
    const reason = refusal(code);
    return { ok: false, refusal: reason, text: this.textOf(reason) };
  }
}
