/** The methods of a cabinet, Open and Release: the same request to the gateway as from anywhere else. */
import {
  type CallMethodResultOptions,
  DataType,
  type ISessionContext,
  type LocalizedText,
  type Namespace,
  type StatusCode,
  StatusCodes,
  type UAMethod,
  type UAObject,
  type UAObjectType,
  type Variant,
} from 'node-opcua';
import { type CabinetId, MOST_COMPARTMENTS } from '../domain/site.ts';
import type { LocalizedText as Sentence } from '../domain/texts/texts.ts';
import { LONGEST_REASON, REASON_ARGUMENT, RESULT_ARGUMENTS, resultOf } from './command-results.ts';
import type { GatewayCalls } from './gateway-calls.ts';
import { english } from './names.ts';
import type { SignIns } from './security.ts';

type CommandName = 'Open' | 'Release';

const COMMANDS: Readonly<
  Record<CommandName, { do: 'open' | 'release'; name: LocalizedText; description: string; done: Sentence }>
> = {
  Open: {
    do: 'open',
    name: english('Open'),
    description:
      'Opens one compartment. Answers when its door is open or the opening has failed. For administrators.',
    done: {
      en: 'The compartment is open.',
      pl: 'Skrytka jest otwarta.',
      it: 'Lo scomparto è aperto.',
    },
  },
  Release: {
    do: 'release',
    name: english('Release'),
    description: 'Ends the right of whoever holds a compartment; its door is not opened. For administrators.',
    done: {
      en: 'The compartment is free.',
      pl: 'Skrytka jest wolna.',
      it: 'Lo scomparto è libero.',
    },
  },
};

/** Adds the declaration of a method to a type, or the method itself to an object. */
export function addCommandNode(
  namespace: Namespace,
  parent: UAObject | UAObjectType,
  parentId: string,
  name: CommandName,
  options: Pick<
    Parameters<Namespace['addMethod']>[1],
    'modellingRule' | 'rolePermissions' | 'accessRestrictions'
  >,
): UAMethod {
  const method = namespace.addMethod(parent, {
    nodeId: `${parentId}/${name}`,
    browseName: name,
    description: COMMANDS[name].description,
    inputArguments: [
      {
        name: 'Compartment',
        dataType: DataType.UInt16,
        description: english(`Number of the compartment, 1 to ${MOST_COMPARTMENTS}.`),
      },
      REASON_ARGUMENT,
    ],
    outputArguments: RESULT_ARGUMENTS,
    ...options,
  });
  method.setDisplayName(COMMANDS[name].name);
  // The library passes over the option.
  if (options.accessRestrictions !== undefined) method.setAccessRestrictions(options.accessRestrictions);
  return method;
}

/** Carries out method calls. */
export class Commands {
  readonly #calls: GatewayCalls;
  readonly #signIns: SignIns;

  constructor(calls: GatewayCalls, signIns: SignIns) {
    this.#calls = calls;
    this.#signIns = signIns;
  }

  /** Lets a method of a cabinet's object ask the gateway. */
  bind(method: UAMethod, cabinet: CabinetId, name: CommandName): void {
    // Two declared parameters tell the library that the handler answers with a promise.
    method.bindMethod((inputs: Variant[], context: ISessionContext) =>
      this.#run(cabinet, name, inputs, context),
    );
  }

  async #run(
    cabinet: CabinetId,
    name: CommandName,
    inputs: readonly Variant[],
    context: ISessionContext,
  ): Promise<CallMethodResultOptions> {
    const principal = this.#signIns.principalOf(context.session);
    if (!principal) return { statusCode: StatusCodes.BadUserAccessDenied };
    const compartment = Number(inputs[0]?.value);
    const reason = String(inputs[1]?.value ?? '');
    const checks: StatusCode[] = [
      compartment >= 1 && compartment <= MOST_COMPARTMENTS ? StatusCodes.Good : StatusCodes.BadOutOfRange,
      reason.length <= LONGEST_REASON ? StatusCodes.Good : StatusCodes.BadOutOfRange,
    ];
    if (checks.some((check) => check !== StatusCodes.Good)) {
      return { statusCode: StatusCodes.BadInvalidArgument, inputArgumentResults: checks };
    }
    const { do: what, done } = COMMANDS[name];
    const outcome = await this.#calls.ask({ do: what, cabinet, compartment, reason, principal });
    return resultOf(outcome, done, context);
  }
}

/** The names of all methods of a cabinet. */
export const COMMAND_NAMES = Object.keys(COMMANDS) as CommandName[];
