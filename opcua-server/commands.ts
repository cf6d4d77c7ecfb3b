/** The methods of a cabinet: the same requests to the gateway, under the same rights, as from anywhere else. */
import {
  type BaseNode,
  type CallMethodResultOptions,
  DataType,
  type ISessionContext,
  type StatusCode,
  StatusCodes,
  type UAMethod,
  type UAObject,
  type Variant,
} from 'node-opcua';
import { type CabinetId, MOST_COMPARTMENTS } from '../domain/site.ts';
import type { CabinetOperation, Principal } from '../gateway/api.ts';
import { CABINET_COMMANDS, type CabinetCommandName } from './cabinet-command-table.ts';
import { LONGEST_REASON, resultOf } from './command-results.ts';
import type { ArgumentDesign } from './design/design.ts';
import type { CallOutcome, GatewayCalls } from './gateway-calls.ts';
import { OpenAllProgress } from './open-all-progress.ts';
import type { AllOpeningValue } from './protocol.ts';
import { declaredBy, type NodeAccess, type SignIns } from './security.ts';

/**
 * Most commands that may be under way. A door that does not open keeps one for many seconds; log-ins and readings of history
 * have their share of the calls even so.
 */
const MOST_UNDER_WAY = 48;

/** What a method was called with. */
interface Given {
  /** 0 where the method takes none. */
  readonly compartment: number;
  readonly reason: string;
}

/** Carries out method calls. */
export class Commands {
  readonly #calls: GatewayCalls;
  readonly #signIns: SignIns;
  readonly #accessFor: (operation: CabinetOperation) => NodeAccess;
  readonly #progress = new OpenAllProgress();
  #underWay = 0;

  /** @param accessFor who may call a method that asks for something, as the gateway decides it */
  constructor(calls: GatewayCalls, signIns: SignIns, accessFor: (operation: CabinetOperation) => NodeAccess) {
    this.#calls = calls;
    this.#signIns = signIns;
    this.#accessFor = accessFor;
  }

  /**
   * Lets a method of a cabinet's object ask the gateway. Its permissions are those by which the gateway decides, so that
   * clients are told the truth about what they may call.
   */
  bind(method: UAMethod, cabinet: CabinetId, name: CabinetCommandName): void {
    const access = this.#accessFor(CABINET_COMMANDS[name].operation);
    const declared = declaredBy(access);
    give(access, method);
    for (const property of propertiesOf(method)) give(declared, property);
    // Two declared parameters tell the library that the handler answers with a promise.
    method.bindMethod((inputs: Variant[], context: ISessionContext) =>
      this.#run(cabinet, name, inputs, context),
    );
    if (name === 'OpenAll' && method.parent) this.#progress.attach(method.parent as UAObject, cabinet);
  }

  /** Shows how far the opening of every compartment of a cabinet is. */
  showProgress(value: AllOpeningValue): void {
    this.#progress.show(value);
  }

  async #run(
    cabinet: CabinetId,
    name: CabinetCommandName,
    inputs: readonly Variant[],
    context: ISessionContext,
  ): Promise<CallMethodResultOptions> {
    const principal = this.#signIns.principalOf(context.session);
    if (!principal) return { statusCode: StatusCodes.BadUserAccessDenied };
    const { inputs: declared, done } = CABINET_COMMANDS[name];
    const given = (argument: string): unknown =>
      inputs[declared.findIndex((each) => each.name === argument)]?.value;
    const asked = {
      compartment: Number(given('Compartment') ?? 0),
      reason: textOf(given('Reason')),
    };
    const checks = declared.map((argument) => checkOf(argument, asked));
    if (checks.some((check) => check !== StatusCodes.Good)) {
      return { statusCode: StatusCodes.BadInvalidArgument, inputArgumentResults: checks };
    }
    // An emergency does not wait behind doors that do not open.
    if (this.#underWay >= MOST_UNDER_WAY && name !== 'OpenAll')
      return { statusCode: StatusCodes.BadTooManyOperations };
    this.#underWay += 1;
    try {
      const outcome = await this.#ask(cabinet, name, asked, principal);
      const result = resultOf(outcome, done, context);
      return name === 'OpenAll' ? withCount(result, outcome) : result;
    } finally {
      this.#underWay -= 1;
    }
  }

  #ask(
    cabinet: CabinetId,
    name: CabinetCommandName,
    { compartment, reason }: Given,
    principal: Principal,
  ): Promise<CallOutcome> {
    const { operation } = CABINET_COMMANDS[name];
    if (operation === 'open-all') return this.#calls.ask({ do: operation, cabinet, reason, principal });
    return this.#calls.ask({ do: operation, cabinet, compartment, reason, principal });
  }
}

/** A string, empty where null was sent. */
function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

function give({ rolePermissions, accessRestrictions }: NodeAccess, node: BaseNode): void {
  node.setRolePermissions(rolePermissions);
  node.setAccessRestrictions(accessRestrictions);
}

/** What a method takes and answers. */
function propertiesOf(method: UAMethod): readonly BaseNode[] {
  return method.findReferencesExAsObject('HasProperty');
}

/** Adds how many compartments there are to open: none where it was refused. */
function withCount(result: CallMethodResultOptions, outcome: CallOutcome): CallMethodResultOptions {
  if (!result.outputArguments) return result;
  const value = outcome.answer === 'begun' ? outcome.compartments : 0;
  return { ...result, outputArguments: [...result.outputArguments, { dataType: DataType.UInt16, value }] };
}

function checkOf({ name }: ArgumentDesign, { compartment, reason }: Given): StatusCode {
  const fits =
    name === 'Compartment'
      ? compartment >= 1 && compartment <= MOST_COMPARTMENTS
      : reason.length <= LONGEST_REASON;
  return fits ? StatusCodes.Good : StatusCodes.BadOutOfRange;
}
