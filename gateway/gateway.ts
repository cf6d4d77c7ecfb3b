import { lockedFor } from '../domain/attempts.ts';
import type { CabinetEvent } from '../domain/cabinet/events.ts';
import type { CabinetState } from '../domain/cabinet/state.ts';
import type { Actor } from '../domain/event.ts';
import { type Refusal, refusal } from '../domain/refusals.ts';
import type { CabinetId, ReaderId, UserId } from '../domain/site.ts';
import { textOf } from '../domain/texts/texts.ts';
import type {
  CabinetChange,
  CabinetLoggedEvent,
  Condition,
  Done,
  FlowPort,
  Gateway,
  Granted,
  GrantToken,
  Health,
  Identified,
  IdentityReference,
  Opened,
  OperatorRequest,
  PresentationNotice,
  PresentationReference,
  Principal,
  Refused,
  Requester,
  SiteView,
} from './api.ts';
import type { Cabinet } from './cabinet.ts';
import type { Directory } from './directory.ts';
import type { EventLogHealth } from './event-log/event-log.ts';
import type { Hardware } from './hardware.ts';
import { healthOf } from './health.ts';
import type { Logins } from './logins.ts';
import type { OpeningEnd } from './opening.ts';
import type { BusHealth, Clock, CredentialReaderListener, Scan, Unsubscribe } from './ports.ts';
import { Reader } from './readers.ts';
import { References } from './references.ts';
import { newId } from './secrets.ts';
import type { Stream } from './stream.ts';

/** How long a presentation may wait to be identified, and a person to be allocated. Milliseconds. */
const REFERENCE_VALID = 15_000;

interface Presented {
  readonly reader: Reader;
  readonly scan: Scan;
}

interface IdentifiedPerson {
  readonly cabinet: Cabinet;
  readonly reader: ReaderId;
  readonly user: string;
  readonly groups: readonly string[];
  readonly credential: string;
}

interface GrantReference {
  readonly cabinet: Cabinet;
  readonly grant: string;
}

/** Everything that a gateway is composed of. */
export interface GatewayParts {
  readonly site: SiteView;
  readonly cabinets: ReadonlyMap<CabinetId, Cabinet>;
  readonly streams: ReadonlyMap<CabinetId, Stream<CabinetState, CabinetEvent>>;
  readonly directory: Directory;
  readonly logins: Logins;
  readonly hardware: Hardware;
  readonly clock: Clock;
  readonly logHealth: () => EventLogHealth;
  readonly onTrouble: (message: string) => void;
}

/**
 * The gateway: the one pipeline from a presentation to an open door. People come in through `present`,
 * `identify`, `allocate` and `unlock`; administrators through `operate`. Nothing else opens a lock.
 */
export class SezamGateway implements Gateway {
  readonly site: SiteView;
  readonly #parts: GatewayParts;
  readonly #readers: ReadonlyMap<ReaderId, Reader>;
  readonly #presentations: References<Presented>;
  readonly #identities: References<IdentifiedPerson>;
  readonly #grants: References<GrantReference>;
  #opcua: { condition: Condition; detail: string } = { condition: 'down', detail: 'not started' };
  #stopping = false;

  constructor(parts: GatewayParts) {
    this.site = parts.site;
    this.#parts = parts;
    this.#presentations = new References(parts.clock, REFERENCE_VALID);
    this.#identities = new References(parts.clock, REFERENCE_VALID);
    this.#grants = new References(parts.clock, 60_000);
    this.#readers = new Map(
      parts.site.readers.map((view) => [
        view.id,
        new Reader(view, parts.clock, (notice) => this.#unhandled(notice)),
      ]),
    );
  }

  /** Starts cabinets, boards and readers. */
  start(): void {
    for (const cabinet of this.#parts.cabinets.values()) cabinet.start();
    this.#parts.hardware.start((reader) => this.#listenerFor(reader));
  }

  /** Takes nothing more and stops what `start` started; grants that wait are void. */
  async stop(): Promise<void> {
    this.#stopping = true;
    for (const reader of this.#readers.values()) reader.stop();
    // Before the wires: a pulse that ends with them must not look like a lock that failed.
    await Promise.all([...this.#parts.cabinets.values()].map((cabinet) => cabinet.stop()));
    await this.#parts.hardware.stop();
  }

  cabinets(): readonly CabinetState[] {
    return [...this.#parts.cabinets.values()].map((cabinet) => cabinet.state);
  }

  cabinet(id: CabinetId): CabinetState | undefined {
    return this.#parts.cabinets.get(id)?.state;
  }

  onChange(listener: (change: CabinetChange) => void): Unsubscribe {
    const unsubscribe = [...this.#parts.streams.values()].map((stream) =>
      stream.onEvent((event, cabinet) => listener({ event: event as CabinetLoggedEvent, cabinet })),
    );
    return () => {
      for (const each of unsubscribe) each();
    };
  }

  onBus(listener: (bus: BusHealth) => void): Unsubscribe {
    return this.#parts.hardware.onHealth(listener);
  }

  onPresentation(reader: ReaderId, listener: (notice: PresentationNotice) => void): Unsubscribe {
    return this.#reader(reader).listen(listener);
  }

  present(readerId: ReaderId, scan: Scan): PresentationReference {
    const reader = this.#reader(readerId);
    return this.#presentations.issue({ reader, scan });
  }

  async identify(presentation: PresentationReference): Promise<Identified | Refused> {
    const presented = this.#presentations.take(presentation);
    if (!presented) return this.#refused(refusal('identification-expired'));
    const { reader, scan } = presented;
    const cabinet = this.#parts.cabinets.get(reader.view.cabinet);
    if (!cabinet) return this.#refused(refusal('cabinet-unknown', { cabinet: reader.view.cabinet }));
    if (scan.kind === 'card') return this.#identified(cabinet, presented);
    const answer = await reader.tryPin(() => this.#identified(cabinet, presented));
    return answer ?? this.#refused(refusal('gateway-busy'));
  }

  async #identified(cabinet: Cabinet, { reader, scan }: Presented): Promise<Identified | Refused> {
    const record = { kind: scan.kind, reader: reader.id } as const;
    const locked = scan.kind === 'pin' ? this.#lockedFor(cabinet, reader.id) : 0;
    if (locked > 0) {
      const wait = refusal('too-many-attempts', { seconds: Math.ceil(locked / 1_000) });
      return this.#turnAway(cabinet, wait, record);
    }
    const identity = await this.#parts.directory.identify(scan);
    if (!identity.known) {
      const { credential } = identity;
      const whose = credential && { user: credential.user, credential: credential.id };
      return this.#turnAway(cabinet, identity.refusal, { ...record, ...whose });
    }
    const { user, credential } = identity;
    return {
      ok: true,
      identity: this.#identities.issue({
        cabinet,
        reader: reader.id,
        user: user.id,
        groups: user.groups,
        credential: credential.id,
      }),
      user: user.id,
      credential: credential.id,
      reader: reader.id,
      cabinet: cabinet.id,
    };
  }

  async allocate(identity: IdentityReference): Promise<Granted | Refused> {
    const person = this.#identities.take(identity);
    if (!person) return this.#refused(refusal('identification-expired'));
    const { cabinet, reader, user, groups, credential } = person;
    const grant = newId('grant');
    const answer = await cabinet.submit({
      input: 'access',
      person: { user, groups, credential, reader },
      grant,
    });
    if (answer.refusal) return this.#refused(answer.refusal);
    return this.#granted(cabinet, grant, answer.event);
  }

  async unlock(grant: GrantToken): Promise<Opened | Refused> {
    const reference = this.#grants.take(grant);
    if (!reference) return this.#refused(refusal('grant-expired'));
    return this.#ended(reference.cabinet, await reference.cabinet.open(reference.grant));
  }

  async operate(request: OperatorRequest, requester: Requester): Promise<Done | Refused> {
    if (!this.#mayOperate(requester)) return this.#refused(refusal('not-permitted'));
    const cabinet = this.#parts.cabinets.get(request.cabinet);
    if (!cabinet) return this.#refused(refusal('cabinet-unknown', { cabinet: request.cabinet }));
    const { compartment, reason } = request;
    const common = { actor: actorFor(requester), compartment, reason };
    if (request.do === 'open') {
      const grant = newId('grant');
      const answer = await cabinet.submit({ input: 'open', grant, ...common });
      if (answer.refusal) return this.#refused(answer.refusal);
      return this.#ended(cabinet, await cabinet.open(grant));
    }
    if (request.do === 'assign' && !this.#parts.directory.user(request.user)) {
      return this.#refused(refusal('user-unknown', { user: request.user }));
    }
    const answer = await cabinet.submit(
      request.do === 'assign' || request.do === 'withdraw'
        ? { input: request.do, user: request.user, ...common }
        : { input: request.do, ...common },
    );
    return answer.refusal ? this.#refused(answer.refusal) : { ok: true, cabinet: cabinet.id, compartment };
  }

  authenticate(login: string, password: string): Promise<Principal | undefined> {
    return this.#parts.logins.authenticate(login, password);
  }

  principalOf(login: string): Principal | undefined {
    return this.#parts.directory.principalOf(login);
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
      buses: this.#parts.hardware.health(),
      cabinets: [...this.#parts.streams].map(([id, { fenced, state }]) => ({
        id,
        fenced,
        lostBoards: [...state.lostBoards],
      })),
    });
  }

  /** Sessions live long: what counts is the right that somebody has now. */
  #mayOperate(requester: Requester): boolean {
    return requester.kind === 'machine' || this.#parts.directory.isAdministrator(requester.principal.user);
  }

  #listenerFor(id: ReaderId): CredentialReaderListener {
    const reader = this.#reader(id);
    return {
      scanned: (scan) => this.#scanned(reader, scan),
      rejected: (reason) => this.#parts.onTrouble(`Reader ${id}: a frame was not taken (${reason}).`),
    };
  }

  #scanned(reader: Reader, scan: Scan): void {
    if (this.#stopping) return;
    if (scan.kind === 'card') {
      const meaning = reader.meaningOf(this.#parts.directory.digest(scan));
      if (meaning === 'repeated') return;
      if (meaning === 'two-cards') {
        const cabinet = this.#parts.cabinets.get(reader.view.cabinet);
        if (cabinet) {
          void this.#turnAway(cabinet, refusal('two-cards'), { kind: scan.kind, reader: reader.id });
        }
        return;
      }
    }
    const notice: PresentationNotice = {
      presentation: this.present(reader.id, scan),
      reader: reader.id,
      cabinet: reader.view.cabinet,
      kind: scan.kind,
      at: this.#parts.clock.now(),
    };
    if (reader.view.decide === 'flow') reader.notify(notice);
    else void this.#serve(notice);
  }

  /** The whole way of a presentation without a flow. Every refusal on it is on record already. */
  async #serve({ presentation }: PresentationNotice): Promise<void> {
    const identified = await this.identify(presentation);
    if (!identified.ok) return;
    const granted = await this.allocate(identified.identity);
    if (granted.ok) await this.unlock(granted.grant);
  }

  #unhandled({ presentation, reader, cabinet: id, kind }: PresentationNotice): void {
    this.#presentations.take(presentation);
    const cabinet = this.#parts.cabinets.get(id);
    if (cabinet) void this.#turnAway(cabinet, refusal('not-handled', { reader }), { kind, reader });
  }

  #granted(cabinet: Cabinet, grant: string, event: CabinetEvent | undefined): Granted | Refused {
    const held = cabinet.heldGrant(grant);
    if (!held || event?.type !== 'compartment-granted') {
      return this.#refused(refusal(this.#stopping ? 'gateway-stopping' : 'grant-expired'));
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
      : this.#refused(end.refusal);
  }

  async #turnAway(
    cabinet: Cabinet,
    reason: Refusal,
    record: {
      readonly kind: 'card' | 'pin';
      readonly reader: ReaderId;
      readonly user?: UserId;
      readonly credential?: string;
    },
  ): Promise<Refused> {
    const answer = await cabinet.submit({ input: 'turned-away', reason: reason.code, ...record });
    if (answer.refusal) {
      this.#parts.onTrouble(`Reader ${record.reader}: "${reason.code}" could not be recorded.`);
    }
    return this.#refused(reason);
  }

  /** Milliseconds for which a reader still takes no PIN. */
  #lockedFor(cabinet: Cabinet, reader: ReaderId): number {
    const tries = cabinet.state.wrongTries.get(reader);
    return tries ? lockedFor(tries.count, tries.last, this.#parts.clock.now()) : 0;
  }

  #reader(id: ReaderId): Reader {
    const reader = this.#readers.get(id);
    if (!reader) throw new Error(`The site has no reader "${id}".`);
    return reader;
  }

  #refused(reason: Refusal): Refused {
    return { ok: false, refusal: reason, text: textOf(reason) };
  }
}

function actorFor(requester: Requester): Actor {
  return requester.kind === 'machine'
    ? { kind: 'machine', id: requester.id }
    : { kind: 'administrator', id: requester.principal.user };
}
