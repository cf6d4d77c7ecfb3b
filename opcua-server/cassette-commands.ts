/** The methods of a cassette: the same commands to the gateway, under the same rights, as from anywhere else. */
import {
  type CallMethodResultOptions,
  type ISessionContext,
  type StatusCode,
  StatusCodes,
  type UAMethod,
  type Variant,
} from 'node-opcua';
import type { CassetteCommand } from '../domain/cassette/inputs.ts';
import type { CassetteRefusalCode } from '../domain/cassette/refusal.ts';
import type { CassetteId } from '../domain/site.ts';
import type { Principal } from '../gateway/api.ts';
import { CASSETTE_COMMANDS, type CassetteCommandName } from './cassette-command-table.ts';
import { LONGEST_REASON, resultOf } from './command-results.ts';
import type { CallOutcome, GatewayCalls } from './gateway-calls.ts';
import { LONGEST_LOGIN, LONGEST_PASSWORD, type SignIns } from './security.ts';

/**
 * Most commands that may be under way, those that wait for another try of the same second person among them: few enough to leave
 * log-ins, history and cabinets their share of the calls to the gateway.
 */
const MOST_UNDER_WAY = 12;
const SECOND_UNKNOWN: CassetteRefusalCode = 'second-person-not-known';

type ArgumentName = 'Reason' | 'Minutes' | 'Loaded' | 'SecondLogin' | 'SecondPassword';

/** What a method was called with. */
interface Given {
  readonly reason: string;
  readonly minutes: number;
  readonly loaded: boolean;
  readonly login: string;
  readonly password: string;
}

/** The arguments of a method, in their order. */
function argumentsOf(name: CassetteCommandName): readonly ArgumentName[] {
  const { more, twoPersons } = CASSETTE_COMMANDS[name];
  return [
    'Reason',
    ...(more ? [more] : []),
    ...(twoPersons ? (['SecondLogin', 'SecondPassword'] as const) : []),
  ];
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
    const names = argumentsOf(name);
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
