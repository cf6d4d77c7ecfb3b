import type { CabinetEvent } from '../domain/cabinet/events.ts';
import type { Identification } from '../domain/cabinet/inputs.ts';
import type { CabinetState } from '../domain/cabinet/state.ts';
import type { SignalPatterns } from '../domain/cassette/signal.ts';
import { refusal } from '../domain/refusals.ts';
import type { Schema } from '../domain/schemas/schema.ts';
import type { CabinetId, CassetteId, PanelId, ReaderId } from '../domain/site.ts';
import { textOf } from '../domain/texts/texts.ts';
import type {
  Alarms,
  AllOpened,
  AllOpening,
  AllOpeningProgress,
  CabinetChange,
  CabinetRoles,
  Condition,
  Done,
  FlowPort,
  Gateway,
  Granted,
  GrantToken,
  Health,
  Identified,
  IdentityReference,
  ModeChange,
  Opened,
  OperatorRequest,
  PanelAnswer,
  PanelView,
  PresentationNotice,
  PresentationReference,
  Principal,
  Recipient,
  Refused,
  Requester,
  ScanNotice,
  SiteView,
} from './api.ts';
import type { Cabinet } from './cabinet.ts';
import { cabinetRoles } from './cabinet-permissions.ts';
import type { CassetteThread } from './cassettes/cassette-thread.ts';
import { CassetteDesk } from './cassettes/desk.ts';
import type { Directory } from './directory.ts';
import type { EventLogHealth } from './event-log/event-log.ts';
import type { EventSearch } from './event-log/event-store.ts';
import type { Hardware } from './hardware.ts';
import { healthOf } from './health.ts';
import { Identifier } from './identifier.ts';
import type { ItemRegistry } from './item-registry.ts';
import type { Keyring } from './keyring.ts';
import type { LiveSite } from './live-site.ts';
import type { Logins } from './logins.ts';
import type { OpeningEnd } from './opening.ts';
import { Operations } from './operations.ts';
import { PanelDisplay } from './panel-display.ts';
import { Panels } from './panels.ts';
import type {
  BusHealth,
  Clock,
  CodeMail,
  CredentialReaderListener,
  NoticeMail,
  Scan,
  Unsubscribe,
} from './ports.ts';
import { Presentations } from './presentations.ts';
import { GatewayQueries } from './query/gateway-queries.ts';
import type { Queries } from './query/queries.ts';
import { References } from './references.ts';
import { refused } from './refused.ts';
import { newId } from './secrets.ts';

/** How long a presentation may wait to be identified, and a person to be allocated. Milliseconds. */
const REFERENCE_VALID = 15_000;

interface IdentifiedPerson {
  readonly cabinet: Cabinet;
  readonly person: Identification;
}

interface GrantReference {
  readonly cabinet: Cabinet;
  readonly grant: string;
}

/** Everything that a gateway is composed of. */
export interface GatewayParts {
  readonly site: LiveSite;
  /** Every schema by its number. */
  readonly schemas: ReadonlyMap<string, Schema>;
  readonly directory: Directory;
  readonly logins: Logins;
  readonly ring: Keyring;
  readonly items: Pick<ItemRegistry, 'has'>;
  /** Who may ask for what of a cabinet; left out: administrators. */
  readonly cabinetRoles?: CabinetRoles;
  /** Item readers that do not answer. */
  readonly silentItemReaders: () => Iterable<ReaderId>;
  /** Mail to recipients; left out where none is set up. */
  readonly codeMail?: CodeMail | undefined;
  readonly mail: NoticeMail;
  readonly search: EventSearch;
  readonly hardware: Hardware;
  /** What stands for the thread of the cassettes, and what they are. */
  readonly cassettes: {
    readonly ids: readonly CassetteId[];
    readonly signals: SignalPatterns;
    readonly thread: Pick<CassetteThread, 'ask' | 'views' | 'records' | 'buses'>;
  };
  readonly alarms: Alarms;
  readonly clock: Clock;
  readonly logHealth: () => EventLogHealth;
  readonly onTrouble: (message: string) => void;
}

/**
 * The gateway: the one pipeline from a presentation to an open door. People come in through `present`,
 * `identify`, `allocate` and `unlock`, or through `answer` at a panel; administrators through `operate`. Nothing else
 * opens a lock.
 */
export class SezamGateway implements Gateway {
  readonly queries: Queries;
  readonly mail: NoticeMail;
  readonly cassettes: CassetteDesk;
  readonly alarms: Alarms;
  readonly cabinetRoles: CabinetRoles;
  readonly #parts: GatewayParts;
  readonly #identifier: Identifier;
  readonly #operations: Operations;
  readonly #display: PanelDisplay;
  readonly #panels: Panels;
  readonly #presentations: Presentations;
  readonly #identities: References<IdentifiedPerson>;
  readonly #grants: References<GrantReference>;
  #unfollow: Unsubscribe = () => {};
  #opcua: { condition: Condition; detail: string } = { condition: 'down', detail: 'not started' };
  #stopping = false;

  constructor(parts: GatewayParts) {
    const { site, clock } = parts;
    const { cabinets, seats, texts } = site;
    this.mail = parts.mail;
    this.alarms = parts.alarms;
    this.#parts = parts;
    this.queries = new GatewayQueries({ cabinets: () => this.cabinets(), search: parts.search, clock });
    this.#identities = new References(clock, REFERENCE_VALID);
    this.#grants = new References(clock, 60_000);
    this.#identifier = new Identifier(parts);
    this.#presentations = new Presentations({
      ...parts,
      validFor: REFERENCE_VALID,
      identifier: this.#identifier,
      say: (saying) => this.#display.say(saying),
      decide: (panel, presentation) => void this.answer(panel, { answer: 'presentation', presentation }),
    });
    this.cabinetRoles = parts.cabinetRoles ?? cabinetRoles();
    this.#operations = new Operations({ ...parts, cabinets, cabinetRoles: this.cabinetRoles });
    const { ids, signals, thread } = parts.cassettes;
    this.cassettes = new CassetteDesk(ids, signals, thread, {
      identified: (identity) => {
        const found = this.#identities.take(identity)?.person;
        return found && { user: found.user, duress: found.duress === true };
      },
      rolesOf: (user) => parts.directory.rolesOf(user),
      authenticate: (login, password) => parts.logins.authenticate(login, password),
      presented: (presentation) => {
        const found = this.#presentations.take(presentation);
        return found && { reader: found.at.reader, scan: found.scan };
      },
    });
    const seated = { ...parts, seats, texts, identifier: this.#identifier };
    this.#display = new PanelDisplay(seated);
    this.#panels = new Panels({
      ...seated,
      display: this.#display,
      take: (presentation) => this.#presentations.take(presentation),
    });
  }

  /** Starts cabinets, boards and readers. */
  start(): void {
    const { site } = this.#parts;
    const unfollowSite = site.onSite(({ readers }) => {
      this.#presentations.become(readers);
      this.#display.siteChanged();
    });
    const unfollow = this.onChange(({ event, cabinet }) => {
      this.#display.follow(cabinet.setting.id, event);
      this.#panels.follow(event);
    });
    this.#unfollow = () => {
      unfollowSite();
      unfollow();
    };
    for (const cabinet of site.cabinets.values()) this.startCabinet(cabinet);
    this.#parts.hardware.start((reader) => this.listenerFor(reader));
  }

  /** Starts a cabinet of the site. */
  startCabinet(cabinet: Cabinet): void {
    cabinet.start();
    this.#panels.resume(cabinet);
  }

  /** Who is told what a reader read. */
  listenerFor(reader: ReaderId): CredentialReaderListener {
    return this.#presentations.listenerFor(reader);
  }

  /** Takes nothing more and stops what `start` started; grants that wait are void. */
  async stop(): Promise<void> {
    this.#stopping = true;
    this.#presentations.stop();
    this.#operations.stop();
    // Before the wires: a pulse that ends with them must not look like a lock that failed.
    await Promise.all([...this.#parts.site.cabinets.values()].map((cabinet) => cabinet.stop()));
    this.#unfollow();
    this.#display.stop();
    await this.#parts.hardware.stop();
  }

  get site(): SiteView {
    return this.#parts.site.view;
  }

  onSite(listener: (site: SiteView) => void): Unsubscribe {
    return this.#parts.site.onSite(listener);
  }

  cabinets(): readonly CabinetState[] {
    return [...this.#parts.site.cabinets.values()].map((cabinet) => cabinet.state);
  }

  cabinet(id: CabinetId): CabinetState | undefined {
    return this.#parts.site.cabinets.get(id)?.state;
  }

  onChange(listener: (change: CabinetChange) => void): Unsubscribe {
    return this.#parts.site.onChange(listener);
  }

  onBus(listener: (bus: BusHealth) => void): Unsubscribe {
    return this.#parts.hardware.onHealth(listener);
  }

  onScan(listener: (scan: ScanNotice) => void): Unsubscribe {
    return this.#presentations.onScan(listener);
  }

  onPresentation(reader: ReaderId, listener: (notice: PresentationNotice) => void): Unsubscribe {
    return this.#presentations.listen(reader, listener);
  }

  present(reader: ReaderId, scan: Scan): PresentationReference {
    return this.#presentations.present(reader, scan);
  }

  async identify(presentation: PresentationReference): Promise<Identified | Refused> {
    const presented = this.#presentations.take(presentation);
    if (!presented) return refused(refusal('identification-expired'));
    const { cabinet, reader } = presented.at;
    const identified = await this.#identifier.identify(presented.at, presented.scan);
    if (!identified.known) return refused(identified.refusal);
    const { person } = identified;
    return {
      ok: true,
      identity: this.#identities.issue({ cabinet, person }),
      user: person.user,
      credential: person.credential,
      reader,
      cabinet: cabinet.id,
    };
  }

  async allocate(identity: IdentityReference): Promise<Granted | Refused> {
    const identified = this.#identities.take(identity);
    if (!identified) return refused(refusal('identification-expired'));
    const { cabinet } = identified;
    const again = await this.#identifier.again(cabinet, identified.person);
    if (!again.known) return refused(again.refusal);
    const { person } = again;
    const grant = newId('grant');
    const answer = await cabinet.submit({ input: 'access', person, grant });
    if (answer.refusal) return refused(answer.refusal);
    return this.#granted(cabinet, grant, answer.event);
  }

  async unlock(grant: GrantToken): Promise<Opened | Refused> {
    const reference = this.#grants.take(grant);
    if (!reference) return refused(refusal('grant-expired'));
    return this.#ended(reference.cabinet, await reference.cabinet.open(reference.grant));
  }

  panels(): readonly { readonly panel: PanelId; readonly cabinet: CabinetId }[] {
    return [...this.#parts.site.seats.values()].map(({ panel, cabinet }) => ({ panel, cabinet: cabinet.id }));
  }

  panel(panel: PanelId): PanelView | undefined {
    return this.#display.view(panel);
  }

  onPanel(panel: PanelId, listener: (view: PanelView) => void): Unsubscribe {
    return this.#display.onPanel(panel, listener);
  }

  answer(
    panel: PanelId,
    answer: PanelAnswer,
    session?: string,
  ): Promise<{ readonly ok: true; readonly view: PanelView } | Refused> {
    return this.#panels.answer(panel, answer, session);
  }

  recipients(nameContains: string): readonly Recipient[] {
    return this.#display.recipients(nameContains);
  }

  operate(request: OperatorRequest, requester: Requester): Promise<Done | Refused> {
    return this.#operations.operate(request, requester);
  }

  openAll(cabinet: CabinetId, reason: string, requester: Requester): Promise<AllOpened | Refused> {
    return this.#operations.openAll(cabinet, reason, requester);
  }

  beginOpenAll(cabinet: CabinetId, reason: string, requester: Requester): AllOpening | Refused {
    return this.#operations.beginOpenAll(cabinet, reason, requester);
  }

  allOpening(cabinet: CabinetId): AllOpeningProgress | undefined {
    return this.#operations.allOpenings.progressOf(cabinet);
  }

  onAllOpening(listener: (progress: AllOpeningProgress) => void): Unsubscribe {
    return this.#operations.allOpenings.onProgress(listener);
  }

  changeMode(
    change: Parameters<Operations['changeMode']>[0],
    requester: Requester,
  ): Promise<ModeChange | Refused> {
    return this.#operations.changeMode(change, requester);
  }

  authenticate(login: string, password: string): Promise<Principal | undefined> {
    return this.#parts.logins.authenticate(login, password);
  }

  principalOf(login: string): Principal | undefined {
    return this.#parts.directory.principalOf(login);
  }

  principalOfCertificate(thumbprint: string): Principal | undefined {
    return this.#parts.directory.principalOfCertificate(thumbprint);
  }

  textOf = textOf;

  flowPort(bus: string): FlowPort {
    const port = this.#parts.hardware.flowPort(bus);
    if (!port) throw new Error(`There is no bus "${bus}" whose transport is "flow".`);
    return port;
  }

  reportHealth(_part: 'opcua', condition: Condition, detail: string): void {
    this.#opcua = { condition, detail };
  }

  health(): Health {
    return healthOf({
      stopping: this.#stopping,
      log: this.#parts.logHealth(),
      opcua: this.#opcua,
      buses: [...this.#parts.hardware.health(), ...this.#parts.cassettes.thread.buses],
      cassettes: this.cassettes.list(),
      silentItemReaders: [...this.#parts.silentItemReaders()],
      cabinets: [...this.#parts.site.streams].map(([id, { fenced, state }]) => ({
        id,
        fenced,
        lostBoards: [...state.lostBoards],
      })),
    });
  }

  #granted(cabinet: Cabinet, grant: string, event: CabinetEvent | undefined): Granted | Refused {
    const held = cabinet.heldGrant(grant);
    if (!held || event?.type !== 'compartment-granted') {
      return refused(refusal(this.#stopping ? 'gateway-stopping' : 'grant-expired'));
    }
    return {
      ok: true,
      grant: this.#grants.issue({ cabinet, grant }),
      grantId: grant,
      cabinet: cabinet.id,
      compartment: held.compartment,
      allocation: event.data.allocation,
      validUntil: held.validUntil,
    };
  }

  #ended(cabinet: Cabinet, end: OpeningEnd): Opened | Refused {
    return end.opened
      ? { ok: true, cabinet: cabinet.id, compartment: end.compartment, grantId: end.grant }
      : refused(end.refusal);
  }
}
