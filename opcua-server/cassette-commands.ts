/** The methods of a cassette: the same commands to the gateway, under the same rights, as from anywhere else. */
import {
  type CallMethodResultOptions,
  DataType,
  type ISessionContext,
  type Namespace,
  type StatusCode,
  StatusCodes,
  type UAMethod,
  type UAObject,
  type UAObjectType,
  type Variant,
} from 'node-opcua';
import type { CassetteCommand } from '../domain/cassette/inputs.ts';
import type { CassetteRefusalCode } from '../domain/cassette/refusal.ts';
import type { CassetteId } from '../domain/site.ts';
import type { Principal } from '../gateway/api.ts';
import { CASSETTE_COMMANDS, type CassetteCommandName } from './cassette-command-table.ts';
import { LONGEST_REASON, REASON_ARGUMENT, RESULT_ARGUMENTS, resultOf } from './command-results.ts';
import type { CallOutcome, GatewayCalls } from './gateway-calls.ts';
import { english } from './names.ts';
import { LONGEST_LOGIN, LONGEST_PASSWORD, type SignIns } from './security.ts';

/** Most commands that may be under way, those that wait for another try of the same second person among them. */
const MOST_UNDER_WAY = 64;
const SECOND_UNKNOWN: CassetteRefusalCode = 'second-person-not-known';

interface Argument {
  readonly name: ArgumentName;
  readonly dataType: DataType;
  readonly description: ReturnType<typeof english>;
}

type ArgumentName = 'Reason' | 'Minutes' | 'Loaded' | 'SecondLogin' | 'SecondPassword';

const ARGUMENTS: Readonly<Record<ArgumentName, Argument>> = {
  Reason: { ...REASON_ARGUMENT, name: 'Reason' },
  Minutes: {
    name: 'Minutes',
    dataType: DataType.UInt16,
    description: english('How long the service may last, at most; 0 for as long as the site allows.'),
  },
  Loaded: {
    name: 'Loaded',
    dataType: DataType.Boolean,
    description: english('Whether notes lie inside.'),
  },
  SecondLogin: {
    name: 'SecondLogin',
    dataType: DataType.String,
    description: english('Login of the second person, where two have to agree; else empty.'),
  },
  SecondPassword: {
    name: 'SecondPassword',
    dataType: DataType.String,
    description: english('Password of the second person; it is checked and kept nowhere.'),
  },
};

/** What a method was called with. */
interface Given {
  readonly reason: string;
  readonly minutes: number;
  readonly loaded: boolean;
  readonly login: string;
  readonly password: string;
}

function argumentsOf(name: CassetteCommandName): readonly Argument[] {
  const { more, twoPersons } = CASSETTE_COMMANDS[name];
  const names: ArgumentName[] = ['Reason', ...(more ? [more] : [])];
  if (twoPersons) names.push('SecondLogin', 'SecondPassword');
  return names.map((each) => ARGUMENTS[each]);
}

/** Adds the declaration of a method to a type, or the method itself to a cassette. */
export function addCassetteCommandNode(
  namespace: Namespace,
  parent: UAObject | UAObjectType,
  parentId: string,
  name: CassetteCommandName,
  options: Pick<
    Parameters<Namespace['addMethod']>[1],
    'modellingRule' | 'rolePermissions' | 'accessRestrictions'
  >,
): UAMethod {
  const { displayName, description } = CASSETTE_COMMANDS[name];
  const method = namespace.addMethod(parent, {
    nodeId: `${parentId}/${name}`,
    browseName: name,
    description,
    inputArguments: [...argumentsOf(name)],
    outputArguments: RESULT_ARGUMENTS,
    ...options,
  });
  method.setDisplayName(english(displayName));
  // The library passes over the option.
  if (options.accessRestrictions !== undefined) method.setAccessRestrictions(options.accessRestrictions);
  return method;
}

/** Carries out method calls. */
export class CassetteCommands {
  readonly #calls: GatewayCalls;
  readonly #signIns: SignIns;
  #underWay = 0;

  constructor(calls: GatewayCalls, signIns: SignIns) {
    this.#calls = calls;
    this.#signIns = signIns;
  }

  /** Lets a method of a cassette's object ask the gateway. */
  bind(method: UAMethod, cassette: CassetteId, name: CassetteCommandName): void {
    // Two declared parameters tell the library that the handler answers with a promise.
    method.bindMethod((inputs: Variant[], context: ISessionContext) =>
      this.#run(cassette, name, inputs, context),
    );
  }

  async #run(
    cassette: CassetteId,
    name: CassetteCommandName,
    inputs: readonly Variant[],
    context: ISessionContext,
  ): Promise<CallMethodResultOptions> {
    const principal = this.#signIns.principalOf(context.session);
    if (!principal) return { statusCode: StatusCodes.BadUserAccessDenied };
    const names = argumentsOf(name).map((argument) => argument.name);
    const given = givenWith(names, inputs);
    const checks = names.map((each) => checkOf(each, given));
    if (checks.some((check) => check !== StatusCodes.Good))
      return { statusCode: StatusCodes.BadInvalidArgument, inputArgumentResults: checks };
    if (this.#underWay >= MOST_UNDER_WAY) return { statusCode: StatusCodes.BadTooManyOperations };
    this.#underWay += 1;
    try {
      const outcome = await this.#ask(cassette, CASSETTE_COMMANDS[name].command(given), given, principal);
      if (!outcome) return { statusCode: StatusCodes.BadUserAccessDenied };
      return resultOf(outcome, CASSETTE_COMMANDS[name].done, context);
    } finally {
      this.#underWay -= 1;
    }
  }

  /** Undefined where the second person's name is locked after wrong passwords. */
  async #ask(
    cassette: CassetteId,
    command: CassetteCommand,
    { reason, login, password }: Given,
    principal: Principal,
  ): Promise<CallOutcome | undefined> {
    const request = { cassette, command, reason };
    if (login === '') return this.#calls.ask({ do: 'cassette', request, principal });
    const second = { kind: 'login', login, password } as const;
    return this.#signIns.trySecond(login, async () => {
      const outcome = await this.#calls.ask({ do: 'cassette', request: { ...request, second }, principal });
      return { outcome, fits: fitted(outcome) };
    });
  }
}

/** Whether the second person's password fitted, as far as the answer tells. */
function fitted(outcome: CallOutcome): boolean | undefined {
  if (outcome.answer === 'done') return true;
  return outcome.answer === 'refused' && outcome.code === SECOND_UNKNOWN ? false : undefined;
}

function givenWith(names: readonly ArgumentName[], inputs: readonly Variant[]): Given {
  const of = (name: ArgumentName): unknown => inputs[names.indexOf(name)]?.value;
  const textOf = (name: ArgumentName): string => {
    const value = of(name);
    return typeof value === 'string' ? value : '';
  };
  return {
    reason: textOf('Reason'),
    minutes: Number(of('Minutes') ?? 0),
    loaded: of('Loaded') === true,
    login: textOf('SecondLogin'),
    password: textOf('SecondPassword'),
  };
}

function checkOf(name: ArgumentName, { reason, login, password }: Given): StatusCode {
  const fits = {
    Reason: reason.length <= LONGEST_REASON,
    Minutes: true,
    Loaded: true,
    SecondLogin: login.length <= LONGEST_LOGIN,
    SecondPassword: password.length <= LONGEST_PASSWORD,
  }[name];
  return fits ? StatusCodes.Good : StatusCodes.BadOutOfRange;
}
