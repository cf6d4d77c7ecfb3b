/** The object of one cassette: writes what changed, each value with its quality and the time of the change. */
import {
  DataType,
  type StatusCode,
  StatusCodes,
  type UAObject,
  type UAVariable,
  VariantArrayType,
  type VariantOptions,
} from 'node-opcua';
import type { SignalPatterns } from '../domain/cassette/signal.ts';
import { CASSETTE_COMMAND_NAMES } from './cassette-command-table.ts';
import { addCassetteCommandNode } from './cassette-commands.ts';
import { addCassetteNodes, isEnumeration } from './cassette-nodes.ts';
import { type CassetteVariable, type Plain, type Shown, shownOf } from './cassette-variable.ts';
import { CASSETTE_VARIABLES } from './cassette-variables.ts';
import { WITH_EVENT_HISTORY } from './history/attributes.ts';
import { CASSETTE_HISTORY } from './history/cassette-timeline.ts';
import type { Model } from './model.ts';
import { nodeIds } from './names.ts';
import type { CassetteValue } from './protocol.ts';

/** What a variable shows at the moment. */
interface Last {
  /** Undefined where nothing was ever known. */
  readonly value: Plain | undefined;
  readonly status: StatusCode;
  /** To compare it by. */
  readonly key: string;
}

export class CassetteObject {
  readonly #signals: SignalPatterns;
  readonly #variables: ReadonlyMap<string, UAVariable>;
  readonly #last = new Map<string, Last>();

  constructor(model: Model, folder: UAObject, value: CassetteValue, signals: SignalPatterns) {
    const { namespace, permissions, cassettes, cassetteCommands } = model;
    const { id, name: displayName } = value.view;
    const rootId = nodeIds.cassette(id);
    const root = namespace.addObject({
      organizedBy: folder,
      nodeId: rootId,
      browseName: id,
      displayName,
      typeDefinition: cassettes.cassetteType.nodeId,
      ...WITH_EVENT_HISTORY,
      ...permissions.cassette,
    });
    this.#signals = signals;
    this.#variables = addCassetteNodes(
      { namespace, root, rootId, access: permissions.cassette },
      cassettes.enumerations,
      cassettes,
    );
    for (const name of CASSETTE_HISTORY) {
      const variable = this.#variables.get(name);
      if (variable) model.history.describeValues(variable);
    }
    model.history.describeEvents(root, rootId, permissions.cassette);
    for (const name of CASSETTE_COMMAND_NAMES) {
      const method = addCassetteCommandNode(namespace, root, rootId, name, permissions.cassetteCommand);
      cassetteCommands.bind(method, id, name);
    }
    this.show(value);
  }

  /** Writes the values that differ from those shown. */
  show({ view, at }: CassetteValue): void {
    const shown = shownOf(view, this.#signals);
    const time = new Date(at);
    for (const variable of CASSETTE_VARIABLES) {
      const last = this.#last.get(variable.path);
      const now = nowOf(variable, shown, last);
      if (now.key === last?.key) continue;
      this.#last.set(variable.path, now);
      this.#variables
        .get(variable.path)
        ?.setValueFromSource(variantOf(variable, now.value), now.status, time);
    }
  }
}

/** A value that cannot be known keeps what it last showed, with a status that says so. */
function nowOf(variable: CassetteVariable, shown: Shown, last: Last | undefined): Last {
  const { linked, readings } = shown.view;
  const value = variable.of(shown);
  const status = statusOf(variable.measured === true && (!linked || !readings), value);
  const kept = value === undefined ? last?.value : value;
  return { value: kept, status, key: `${status.name} ${JSON.stringify(kept)}` };
}

function statusOf(unheard: boolean, value: Plain | undefined): StatusCode {
  if (unheard) return StatusCodes.BadNoCommunication;
  return value === undefined ? StatusCodes.BadNotConnected : StatusCodes.Good;
}

function variantOf(variable: CassetteVariable, value: Plain | undefined): VariantOptions {
  if (value === undefined) return { dataType: DataType.Null };
  const arrayType = variable.array ? VariantArrayType.Array : VariantArrayType.Scalar;
  return { dataType: dataTypeOf(variable), arrayType, value };
}

function dataTypeOf({ type }: CassetteVariable): DataType {
  if (isEnumeration(type)) return DataType.Int32;
  return type === 'Duration' ? DataType.Double : type;
}
