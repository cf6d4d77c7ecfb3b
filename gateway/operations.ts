import { lossesOf } from '../domain/cabinet/mode.ts';
import type { Actor } from '../domain/event.ts';
import { type Refusal, refusal } from '../domain/refusals.ts';
import type { Schema } from '../domain/schemas/schema.ts';
import type { CabinetId, CompartmentNumber } from '../domain/site.ts';
import { AllOpenings } from './all-openings.ts';
import type {
  AllOpened,
  AllOpening,
  CabinetOperation,
  CabinetRoles,
  Done,
  ModeChange,
  OperatorRequest,
  Refused,
  Requester,
} from './api.ts';
import type { Cabinet } from './cabinet.ts';
import { refusedCode } from './credential-kinds.ts';
import type { Directory } from './directory.ts';
import type { ItemRegistry } from './item-registry.ts';
import type { Keyring } from './keyring.ts';
import type { Clock } from './ports.ts';
import { refused } from './refused.ts';
import { newId } from './secrets.ts';

export interface OperationParts {
  readonly cabinets: ReadonlyMap<CabinetId, Cabinet>;
  readonly schemas: ReadonlyMap<string, Schema>;
  readonly directory: Directory;
  readonly ring: Keyring;
  readonly items: Pick<ItemRegistry, 'has'>;
  /** Who may ask for what. */
  readonly cabinetRoles: CabinetRoles;
  readonly clock: Clock;
}

/** What is asked of cabinets by whoever has the right to: each is an input like any other, with a reason on record. */
export class Operations {
  readonly allOpenings: AllOpenings;
  readonly #parts: OperationParts;

  constructor(parts: OperationParts) {
    this.#parts = parts;
    this.allOpenings = new AllOpenings(parts.clock);
  }

  /** Whoever opens all goes on no further. */
  stop(): void {
    this.allOpenings.stop();
  }

  /** See `Gateway.operate`. */
  async operate(request: OperatorRequest, requester: Requester): Promise<Done | Refused> {
    const cabinet = this.#cabinetFor(request.cabinet, request.do, requester);
    return 'refusal' in cabinet ? cabinet : this.#carryOut(cabinet, request, requester);
  }

  async #carryOut(cabinet: Cabinet, request: OperatorRequest, requester: Requester): Promise<Done | Refused> {
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

  /** See `Gateway.openAll`. */
  async openAll(id: CabinetId, reason: string, requester: Requester): Promise<AllOpened | Refused> {
    const begun = this.beginOpenAll(id, reason, requester);
    return begun.ok ? begun.ended : begun;
  }

  /** See `Gateway.beginOpenAll`. */
  beginOpenAll(id: CabinetId, reason: string, requester: Requester): AllOpening | Refused {
    const cabinet = this.#cabinetFor(id, 'open-all', requester);
    if ('refusal' in cabinet) return cabinet;
    if (reason.trim() === '') return refused(refusal('reason-required'));
    // The right to all is looked at once: in an emergency nobody is to be left half way.
    return this.allOpenings.begin(cabinet, (compartment) =>
      this.#carryOut(cabinet, { do: 'service-open', cabinet: id, compartment, reason }, requester),
    );
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
    const cabinet = this.#cabinetFor(change.cabinet, 'change-mode', requester);
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
  #cabinetFor(id: CabinetId, operation: CabinetOperation, requester: Requester): Cabinet | Refused {
    const { cabinetRoles, directory, cabinets } = this.#parts;
    const may =
      requester.kind === 'machine' ||
      directory.rolesOf(requester.principal.user).some((role) => cabinetRoles[operation].includes(role));
    if (!may) return refused(refusal('not-permitted'));
    return cabinets.get(id) ?? refused(refusal('cabinet-unknown', { cabinet: id }));
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
