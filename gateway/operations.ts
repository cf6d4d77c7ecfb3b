import { lossesOf } from '../domain/cabinet/mode.ts';
import type { Actor } from '../domain/event.ts';
import { type Refusal, refusal } from '../domain/refusals.ts';
import type { Schema } from '../domain/schemas/schema.ts';
import type { CabinetId, CompartmentNumber, Milliseconds } from '../domain/site.ts';
import type { AllOpened, Done, ModeChange, OperatorRequest, Refused, Requester } from './api.ts';
import type { Cabinet } from './cabinet.ts';
import { refusedCode } from './credential-kinds.ts';
import type { Directory } from './directory.ts';
import type { ItemRegistry } from './item-registry.ts';
import type { Keyring } from './keyring.ts';
import type { Clock } from './ports.ts';
import { refused } from './refused.ts';
import { newId } from './secrets.ts';
import { Waits } from './waits.ts';

/** Between two openings of an opening of all: one lock at a time draws current. Milliseconds. */
const BETWEEN_OPENINGS: Milliseconds = 500;

export interface OperationParts {
  readonly cabinets: ReadonlyMap<CabinetId, Cabinet>;
  readonly schemas: ReadonlyMap<string, Schema>;
  readonly directory: Directory;
  readonly ring: Keyring;
  readonly items: Pick<ItemRegistry, 'has'>;
  readonly clock: Clock;
}

/** What administrators ask of cabinets: each is an input like any other, with a reason on record. */
export class Operations {
  readonly #parts: OperationParts;
  readonly #waits: Waits;
  /** Cabinets of which every compartment is being opened. */
  readonly #openingAll = new Set<CabinetId>();

  constructor(parts: OperationParts) {
    this.#parts = parts;
    this.#waits = new Waits(parts.clock);
  }

  /** Whoever opens all goes on no further. */
  stop(): void {
    this.#waits.end();
  }

  /** See `Gateway.operate`. */
  async operate(request: OperatorRequest, requester: Requester): Promise<Done | Refused> {
    const cabinet = this.#cabinetFor(request.cabinet, requester);
    if ('refusal' in cabinet) return cabinet;
    const { compartment, reason } = request;
    const common = { actor: actorFor(requester), compartment, reason };
    switch (request.do) {
      case 'open':
      case 'service-open':
        return this.#open(cabinet, { input: request.do, grant: newId('grant'), ...common });
      case 'assign':
      case 'withdraw': {
        const { do: input, user } = request;
        if (input === 'assign' && !this.#parts.directory.user(user)) {
          return refused(refusal('user-unknown', { user }));
        }
        return this.#done(cabinet, compartment, await cabinet.submit({ input, user, ...common }));
      }
      case 'assign-code': {
        const { pin } = request;
        const flaw = refusedCode({ kind: 'pin', value: pin }, cabinet.state.setting.pins);
        if (flaw) return refused(flaw);
        const verifier = await this.#parts.ring.hashAccessCode(pin);
        const code = { id: newId('code'), kind: 'pin', verifier } as const;
        return this.#done(
          cabinet,
          compartment,
          await cabinet.submit({ input: 'assign-code', code, ...common }),
        );
      }
      case 'stock': {
        const { item } = request;
        if (item !== undefined && !this.#parts.items.has(item))
          return refused(refusal('item-unknown', { item }));
        const given = item === undefined ? {} : { item };
        return this.#done(
          cabinet,
          compartment,
          await cabinet.submit({ input: 'stock', ...given, ...common }),
        );
      }
      case 'release':
      case 'block':
      case 'unblock':
      case 'return-to-service':
      case 'empty':
        return this.#done(cabinet, compartment, await cabinet.submit({ input: request.do, ...common }));
    }
  }

  /**
   * See `Gateway.openAll`. One after the other, whatever becomes of each; not twice at once, since two locks would draw
   * current then.
   */
  async openAll(id: CabinetId, reason: string, requester: Requester): Promise<AllOpened | Refused> {
    const cabinet = this.#cabinetFor(id, requester);
    if ('refusal' in cabinet) return cabinet;
    if (reason.trim() === '') return refused(refusal('reason-required'));
    if (this.#openingAll.has(id)) return refused(refusal('gateway-busy'));
    this.#openingAll.add(id);
    try {
      return await this.#openEach(cabinet, reason, requester);
    } finally {
      this.#openingAll.delete(id);
    }
  }

  async #openEach(cabinet: Cabinet, reason: string, requester: Requester): Promise<AllOpened> {
    const opened: CompartmentNumber[] = [];
    const failed: { compartment: CompartmentNumber; refusal: Refusal }[] = [];
    for (const { number: compartment } of cabinet.state.compartments) {
      const request = { do: 'service-open', cabinet: cabinet.id, compartment, reason } as const;
      const end = await this.operate(request, requester);
      if (end.ok) opened.push(compartment);
      else failed.push({ compartment, refusal: end.refusal });
      if (!end.ok && end.refusal.code === 'gateway-stopping') break;
      await this.#waits.wait(BETWEEN_OPENINGS);
    }
    return { ok: true, cabinet: cabinet.id, opened, failed };
  }

  /** See `Gateway.changeMode`. */
  async changeMode(
    change: {
      readonly cabinet: CabinetId;
      readonly schema: string;
      readonly dryRun: boolean;
      readonly force: boolean;
      readonly reason: string;
    },
    requester: Requester,
  ): Promise<ModeChange | Refused> {
    const cabinet = this.#cabinetFor(change.cabinet, requester);
    if ('refusal' in cabinet) return cabinet;
    const { schema, dryRun, force, reason } = change;
    if (!this.#parts.schemas.has(schema)) return refused(refusal('schema-unknown', { schema }));
    const from = cabinet.state.setting.schema;
    const looked = { ok: true, cabinet: cabinet.id, from, to: schema } as const;
    if (dryRun) return { ...looked, lost: lossesOf(cabinet.state), done: false };
    const answer = await cabinet.submit({
      input: 'change-mode',
      actor: actorFor(requester),
      schema,
      force,
      reason,
    });
    if (answer.refusal) return refused(answer.refusal);
    return {
      ...looked,
      lost: answer.event?.type === 'mode-changed' ? answer.event.data.lost : [],
      done: true,
    };
  }

  /** Sessions live long: what counts is the right that somebody has now. */
  #cabinetFor(id: CabinetId, requester: Requester): Cabinet | Refused {
    const may =
      requester.kind === 'machine' || this.#parts.directory.isAdministrator(requester.principal.user);
    if (!may) return refused(refusal('not-permitted'));
    return this.#parts.cabinets.get(id) ?? refused(refusal('cabinet-unknown', { cabinet: id }));
  }

  async #open(
    cabinet: Cabinet,
    input: Extract<Parameters<Cabinet['submit']>[0], { input: 'open' | 'service-open' }>,
  ): Promise<Done | Refused> {
    const answer = await cabinet.submit(input);
    if (answer.refusal) return refused(answer.refusal);
    const end = await cabinet.open(input.grant);
    return end.opened
      ? { ok: true, cabinet: cabinet.id, compartment: end.compartment }
      : refused(end.refusal);
  }

  #done(
    cabinet: Cabinet,
    compartment: CompartmentNumber,
    answer: { readonly refusal?: Refusal },
  ): Done | Refused {
    return answer.refusal ? refused(answer.refusal) : { ok: true, cabinet: cabinet.id, compartment };
  }
}

function actorFor(requester: Requester): Actor {
  return requester.kind === 'machine'
    ? { kind: 'machine', id: requester.id }
    : { kind: 'administrator', id: requester.principal.user };
}
