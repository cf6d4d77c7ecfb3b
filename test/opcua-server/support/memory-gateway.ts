/**
 * A gateway that keeps its cabinets in memory, for tests of the OPC UA server: the real fold of the domain over events that
 * the test appends, and an `operate` that opens and releases at once. Cassettes show what the test says, behind the real
 * desk that settles who may do what.
 */
import type { CabinetEvent } from '../../../domain/cabinet/events.ts';
import { evolve, UNCONFIGURED } from '../../../domain/cabinet/evolve.ts';
import { type CabinetState, compartmentOf } from '../../../domain/cabinet/state.ts';
import { DEFAULT_SIGNALS } from '../../../domain/cassette/signal.ts';
import type { CassetteView } from '../../../domain/cassette/view.ts';
import { GATEWAY } from '../../../domain/event.ts';
import { type Refusal, refusal } from '../../../domain/refusals.ts';
import { CABINET_DEFAULTS, type CabinetId, type CassetteId } from '../../../domain/site.ts';
import { textOf } from '../../../domain/texts/texts.ts';
import { AllOpenings } from '../../../gateway/all-openings.ts';
import type {
  AllOpening,
  CabinetChange,
  CabinetLoggedEvent,
  Condition,
  Done,
  Gateway,
  Health,
  OperatorRequest,
  Principal,
  Refused,
  Requester,
  ScanNotice,
} from '../../../gateway/api.ts';

import { cabinetRoles } from '../../../gateway/cabinet-permissions.ts';
import { CassetteDesk } from '../../../gateway/cassettes/desk.ts';
import type { CassetteAnswer, CassetteCall } from '../../../gateway/cassettes/protocol.ts';
import type { EventLogHealth } from '../../../gateway/event-log/event-log.ts';
import { healthOf, type PartsHealth } from '../../../gateway/health.ts';
import { memoryAlarms } from '../../support/memory-alarms.ts';
import { realClock } from '../../support/real-clock.ts';

type Account = Principal & { readonly password: string };

const ACCOUNTS: readonly Account[] = [
  { user: 'u-admin', login: 'admin', password: 'correct horse', roles: ['administrator'] },
  { user: 'u-operator', login: 'operator', password: 'battery staple', roles: ['operator'] },
  { user: 'u-master', login: 'master', password: 'paper clip', roles: ['master', 'defined'] },
];

const notHere = (): never => {
  throw new Error('The gateway in memory has no readers and panels.');
};

export class MemoryGateway implements Gateway {
  site: Gateway['site'];
  /** Everything that was reported of the OPC UA server, oldest first. */
  readonly reports: { condition: Condition; detail: string }[] = [];
  /** Everything that was asked, oldest first. */
  readonly requests: { request: OperatorRequest; requester: Requester }[] = [];
  /** Everything that cassettes were asked for, oldest first. */
  readonly cassetteCalls: CassetteCall[] = [];
  readonly cassettes: CassetteDesk;
  readonly alarms = memoryAlarms({
    rolesOf: (user) => ACCOUNTS.find((account) => account.user === user)?.roles ?? [],
  });
  /** As the real gateway decides them; set before the server starts. */
  cabinetRoles = cabinetRoles();
  /** While set, doors wait for it. */
  doorsMove: Promise<void> | undefined;
  readonly #allOpenings = new AllOpenings(realClock);
  /** How many passwords were checked. */
  passwordsChecked = 0;
  readonly #states = new Map<CabinetId, CabinetState>();
  readonly #views = new Map<CassetteId, CassetteView>();
  readonly #listeners = new Set<(change: CabinetChange) => void>();
  readonly #siteListeners = new Set<(site: Gateway['site']) => void>();
  readonly #scanListeners = new Set<(scan: ScanNotice) => void>();
  readonly #reported = new Set<() => void>();
  #seq = 0;

  /**
   * @param cabinets number of compartments by cabinet id; every sixteen of them share a board
   * @param cassettes as they are at first
   */
  constructor(cabinets: Readonly<Record<CabinetId, number>>, cassettes: readonly CassetteView[] = []) {
    const ids = Object.keys(cabinets);
    this.site = {
      id: 'test',
      name: 'Test site',
      cabinets: ids.map((id) => ({ id, name: `Cabinet ${id}` })),
      cassettes: cassettes.map(({ id, name }) => ({ id, name })),
      boards: [],
      panels: [],
      readers: [],
      buses: [],
    };
    for (const id of ids) this.configure(id, cabinets[id] ?? 0);
    for (const view of cassettes) this.#views.set(view.id, view);
    this.cassettes = new CassetteDesk(
      cassettes.map(({ id }) => id),
      DEFAULT_SIGNALS,
      { views: this.#views, records: { waiting: 0 }, ask: (call) => this.#takeCall(call) },
      {
        identified: notHere,
        presented: notHere,
        authenticate: (login, password) => this.authenticate(login, password),
        rolesOf: (user) => ACCOUNTS.find((each) => each.user === user)?.roles ?? [],
      },
    );
  }

  configure(id: CabinetId, compartments: number): void {
    this.append(id, {
      type: 'cabinet-configured',
      actor: GATEWAY,
      data: {
        cabinet: {
          id,
          kind: 'multi',
          schema: '2.2',
          compartments: Array.from({ length: compartments }, (_, index) => ({
            number: index + 1,
            board: `${id}-${Math.floor(index / 16)}`,
          })),
          groups: [],
          userGroups: [],
          doors: { opensWithin: 1000, attempts: 2, leftOpenAfter: 60_000, grantValidFor: 10_000 },
          ...CABINET_DEFAULTS,
        },
      },
    });
  }

  /** A cabinet comes to the site, as after a reload. */
  addCabinet(id: CabinetId, compartments: number): void {
    this.configure(id, compartments);
    this.#become([...this.site.cabinets, { id, name: `Cabinet ${id}` }]);
  }

  /** A cabinet leaves the site, as after a reload. */
  removeCabinet(id: CabinetId): void {
    this.#states.delete(id);
    this.#become(this.site.cabinets.filter((cabinet) => cabinet.id !== id));
  }

  /** A cabinet is called otherwise, as after a reload. */
  renameCabinet(id: CabinetId, name: string): void {
    this.#become(this.site.cabinets.map((cabinet) => (cabinet.id === id ? { id, name } : cabinet)));
  }

  #become(cabinets: Gateway['site']['cabinets']): void {
    this.site = { ...this.site, cabinets };
    for (const listener of this.#siteListeners) listener(this.site);
  }

  onScan(listener: (scan: ScanNotice) => void): () => void {
    this.#scanListeners.add(listener);
    return () => this.#scanListeners.delete(listener);
  }

  /** Something is read at a reader. */
  scan(notice: ScanNotice): void {
    for (const listener of this.#scanListeners) listener(notice);
  }

  onSite(listener: (site: Gateway['site']) => void): () => void {
    this.#siteListeners.add(listener);
    return () => this.#siteListeners.delete(listener);
  }

  /** Appends an event and tells everybody, as the real gateway does once it is durable. */
  append(id: CabinetId, draft: CabinetEvent, at: number = Date.now()): void {
    const cabinet = evolve(this.#states.get(id) ?? UNCONFIGURED, draft, at);
    this.#states.set(id, cabinet);
    this.#seq += 1;
    const event = {
      ...draft,
      stream: `cabinet/${id}`,
      seq: this.#seq,
      at: new Date(at).toISOString(),
      prev: '',
      hash: hashNumber(this.#seq),
    } as CabinetLoggedEvent;
    for (const listener of this.#listeners) listener({ event, cabinet });
  }

  /** Shows a cassette as it is now. */
  showCassette(view: CassetteView): void {
    this.#views.set(view.id, view);
    this.cassettes.shown(view);
  }

  /** What the desk has refused is put on record by the cassettes, and then answered. */
  async #takeCall(call: CassetteCall): Promise<CassetteAnswer> {
    if (call.do === 'command' && call.refusal) return { ok: false, refusal: call.refusal };
    this.cassetteCalls.push(call);
    return { ok: true };
  }

  cabinets(): readonly CabinetState[] {
    return [...this.#states.values()];
  }

  cabinet(id: CabinetId): CabinetState | undefined {
    return this.#states.get(id);
  }

  onChange(listener: (change: CabinetChange) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** How many listen to changes of cabinets and of the site. */
  get listeners(): number {
    return this.#listeners.size + this.#siteListeners.size;
  }

  async operate(request: OperatorRequest, requester: Requester): Promise<Done | Refused> {
    this.requests.push({ request, requester });
    await this.doorsMove;
    const { cabinet, compartment, reason } = request;
    const known = this.#states.get(cabinet);
    const state = known && compartmentOf(known, compartment);
    if (!state) return refused(refusal('compartment-unknown', { cabinet, compartment }));
    if (reason.trim() === '') return refused(refusal('reason-required'));
    if (reason === 'fail') throw new Error('the store is on fire');
    const actor = GATEWAY;
    if (request.do === 'release') {
      if (state.holders.length === 0) return refused(refusal('compartment-free', { compartment }));
      this.append(cabinet, {
        type: 'compartment-released',
        actor,
        data: { compartment, users: state.holders, reason },
      });
    } else if (request.do === 'open' || request.do === 'service-open') {
      this.append(cabinet, { type: 'door-opened', actor, data: { compartment, grant: 'g1' } });
    }
    return { ok: true, cabinet, compartment };
  }

  openAll = notHere;
  allOpening = (cabinet: CabinetId) => this.#allOpenings.progressOf(cabinet);
  onAllOpening: Gateway['onAllOpening'] = (listener) => this.#allOpenings.onProgress(listener);

  beginOpenAll(id: CabinetId, reason: string, requester: Requester): AllOpening | Refused {
    const state = this.#states.get(id);
    if (!state) return refused(refusal('cabinet-unknown', { cabinet: id }));
    if (reason.trim() === '') return refused(refusal('reason-required'));
    return this.#allOpenings.begin({ id, state }, (compartment) =>
      this.operate({ do: 'service-open', cabinet: id, compartment, reason }, requester),
    );
  }

  /** Openings of all that are under way go on without a wait. */
  hurry(): void {
    this.#allOpenings.stop();
  }

  async authenticate(login: string, password: string): Promise<Principal | undefined> {
    this.passwordsChecked += 1;
    const account = ACCOUNTS.find((each) => each.login === login && each.password === password);
    return account && { user: account.user, login: account.login, roles: account.roles };
  }

  /** Logins whose rights were withdrawn meanwhile. */
  readonly withdrawn = new Set<string>();

  principalOf(login: string): Principal | undefined {
    if (this.withdrawn.has(login)) return undefined;
    const account = ACCOUNTS.find((each) => each.login === login);
    return account && { user: account.user, login: account.login, roles: account.roles };
  }

  /** Users by the thumbprint of the certificate that is registered for them. */
  readonly certificates = new Map<string, string>();

  principalOfCertificate(thumbprint: string): Principal | undefined {
    const login = this.certificates.get(thumbprint);
    return login === undefined ? undefined : this.principalOf(login);
  }

  reportHealth(_part: 'opcua', condition: Condition, detail: string): void {
    this.reports.push({ condition, detail });
    for (const notice of this.#reported) notice();
  }

  /** Resolves at the next report of that condition, of those after number `from`. */
  async reported(condition: Condition, from: number): Promise<void> {
    while (!this.reports.slice(from).some((report) => report.condition === condition)) {
      await new Promise<void>((resolve) => {
        const notice = (): void => {
          this.#reported.delete(notice);
          resolve();
        };
        this.#reported.add(notice);
      });
    }
  }

  textOf = textOf;
  onBus = (): (() => void) => () => {};
  onPresentation = notHere;
  present = notHere;
  identify = notHere;
  allocate = notHere;
  unlock = notHere;
  panels = notHere;
  panel = notHere;
  onPanel = notHere;
  answer = notHere;
  recipients = notHere;
  changeMode = notHere;
  queries = { occupancy: notHere, whoHasWhat: notHere, events: notHere };
  mail = { notify: notHere };
  flowPort = notHere;
  /** What the parts of the gateway say, besides cabinets and cassettes. */
  readonly parts: { log: EventLogHealth } & Pick<PartsHealth, 'buses' | 'silentItemReaders'> = {
    log: { store: 'ok', error: undefined, journal: 'ok', waiting: 0, conflicts: [] },
    buses: [],
    silentItemReaders: [],
  };

  health(): Health {
    return healthOf({
      ...this.parts,
      stopping: false,
      opcua: { condition: 'ok', detail: '' },
      cassettes: this.cassettes.list(),
      cabinets: this.cabinets().map(({ setting, lostBoards }) => ({
        id: setting.id,
        fenced: false,
        lostBoards: [...lostBoards],
      })),
    });
  }
}

function refused(why: Refusal): Refused {
  return { ok: false, refusal: why, text: textOf(why) };
}

/** What stands for the hash of an event, by its number. */
export function hashNumber(seq: number): string {
  return seq.toString(16).padStart(64, '0');
}
