/** The object of one cassette: writes what changed, each value with its quality and the time of the change. */
import {
  DataType,
  LocalizedText,
  NodeId,
  type StatusCode,
  StatusCodes,
  type UAObject,
  type UAVariable,
  VariantArrayType,
  type VariantOptions,
} from 'node-opcua';
import type { SignalPatterns } from '../domain/cassette/signal.ts';
import type { CassetteView } from '../domain/cassette/view.ts';
import { type ArmingStep, armingState, armingTransition } from './arming.ts';
import { isCassetteCommand } from './cassette-command-table.ts';
import { type CassetteVariable, type Shown, shownOf } from './cassette-variable.ts';
import { CASSETTE_VARIABLES } from './cassette-variables.ts';
import { measuredPaths } from './design/members.ts';
import { MODEL } from './design/model.ts';
import { WITH_EVENT_HISTORY } from './history/attributes.ts';
import { addInstance, type Instance, shapeOf } from './instances.ts';
import type { Model } from './model.ts';
import { nodeIds } from './names.ts';
import type { CassetteValue } from './protocol.ts';
import { declaredBy } from './security.ts';
import { type Plain, qualityOf } from './shown-value.ts';
import { english, shown } from './words.ts';

/** What the controller says: unknown while that does not answer. Everything else is the gateway's own word. */
const MEASURED: ReadonlySet<string> = new Set(measuredPaths(MODEL, 'CassetteType'));

/** What a variable shows at the moment. */
interface Last {
  /** Undefined where nothing was ever known. */
  readonly value: Plain | undefined;
  readonly status: StatusCode;
  /** To compare it by. */
  readonly key: string;
}

export class CassetteObject {
  readonly #model: Model;
  readonly #signals: SignalPatterns;
  readonly #instance: Instance;
  readonly #last = new Map<string, Last>();
  #value: CassetteValue;
  /** The state that is shown, and whether as one that may no longer be so. */
  #armed: { readonly view: CassetteView; readonly stale: boolean } | undefined;

  constructor(model: Model, folder: UAObject, value: CassetteValue, signals: SignalPatterns, stale: boolean) {
    const { permissions, types } = model;
    const { id, name } = value.view;
    const nodeId = nodeIds.cassette(id);
    const type = types.type('CassetteType');
    const declared = declaredBy(permissions.cassetteCommand);
    this.#model = model;
    this.#signals = signals;
    this.#instance = addInstance(model, {
      type,
      shape: shapeOf(type),
      under: { organizedBy: folder },
      nodeId,
      browseName: id,
      displayName: name,
      ...WITH_EVENT_HISTORY,
      access: permissions.cassette,
      accessOf: ({ kind, path }) => {
        if (kind === 'method') return permissions.cassetteCommand;
        return path.endsWith('Arguments') ? declared : permissions.cassette;
      },
    });
    for (const variable of this.#instance.variables.values()) {
      if (variable.historizing) model.history.describeValues(variable);
    }
    model.history.describeEvents(this.node, nodeId, permissions.cassette);
    for (const [path, method] of this.#instance.methods) {
      if (isCassetteCommand(path)) model.cassetteCommands.bind(method, id, path);
    }
    this.#value = value;
    this.show(value, stale);
  }

  get node(): UAObject {
    return this.#instance.node;
  }

  /** What is shown. */
  get value(): CassetteValue {
    return this.#value;
  }

  /**
   * Writes the values that differ from those shown.
   * @param stale whether they may no longer be so
   */
  show(value: CassetteValue, stale: boolean): void {
    const { view, at } = value;
    if (view.name !== this.#value.view.name) this.node.setDisplayName(english(view.name));
    this.#value = value;
    const shown = shownOf(view, this.#signals);
    const time = new Date(at);
    for (const variable of CASSETTE_VARIABLES) {
      const last = this.#last.get(variable.path);
      const now = nowOf(variable, shown, last, stale);
      if (now.key === last?.key) continue;
      this.#last.set(variable.path, now);
      this.#instance
        .variable(variable.path)
        .setValueFromSource(variantOf(now.value, this.#instance.variable(variable.path)), now.status, time);
    }
    this.#showArming(view, at, stale);
    this.#armed = { view, stale };
  }

  #showArming(view: CassetteView, at: number, stale: boolean): void {
    const before = this.#armed?.view;
    const unmoved = before?.phase === view.phase;
    if (unmoved && this.#armed?.stale === stale) return;
    const time = new Date(at);
    this.#showStep('Arming/CurrentState', armingState(view), time, qualityOf(stale));
    if (unmoved) return;
    const transition = before ? armingTransition(before, view, at) : 'unknown';
    if (transition === 'unchanged') return;
    const known = transition === 'unknown' ? undefined : transition;
    this.#showStep('Arming/LastTransition', known, time, StatusCodes.Good);
    this.#instance
      .variable('Arming/LastTransition/TransitionTime')
      .setValueFromSource(
        { dataType: DataType.DateTime, value: before ? time : null },
        StatusCodes.Good,
        time,
      );
  }

  /** @param step undefined where it is not known */
  #showStep(path: string, step: ArmingStep | undefined, at: Date, quality: StatusCode): void {
    const write = (variable: string, value: VariantOptions): void =>
      this.#instance.variable(variable).setValueFromSource(value, quality, at);
    const id = step ? this.#model.types.nodeId(step.id) : new NodeId();
    write(path, {
      dataType: DataType.LocalizedText,
      value: step ? shown(step.text) : new LocalizedText(null),
    });
    write(`${path}/Id`, { dataType: DataType.NodeId, value: id });
    write(`${path}/Number`, { dataType: DataType.UInt32, value: step?.number ?? 0 });
  }
}

/** A value that cannot be known keeps what it last showed, with a status that says so. */
function nowOf(variable: CassetteVariable, shown: Shown, last: Last | undefined, stale: boolean): Last {
  const { linked, readings } = shown.view;
  const value = variable.of(shown);
  const status = statusOf(MEASURED.has(variable.path) && (!linked || !readings), value, stale);
  const kept = value === undefined ? last?.value : value;
  return { value: kept, status, key: `${status.name} ${JSON.stringify(kept)}` };
}

function statusOf(unheard: boolean, value: Plain | undefined, stale: boolean): StatusCode {
  if (unheard) return StatusCodes.BadNoCommunication;
  return value === undefined ? StatusCodes.BadNotConnected : qualityOf(stale);
}

/** The value in the type that the model declares for it. */
function variantOf(value: Plain | undefined, node: UAVariable): VariantOptions {
  if (value === undefined) return { dataType: DataType.Null };
  const arrayType = node.valueRank >= 0 ? VariantArrayType.Array : VariantArrayType.Scalar;
  return { dataType: node.getBasicDataType(), arrayType, value };
}
