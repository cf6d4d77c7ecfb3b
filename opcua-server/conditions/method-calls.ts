/** Calls of the methods of conditions: each is a command to the book of alarms, by whoever is logged in. */
import {
  type CallMethodRequest,
  type CallMethodResultOptions,
  DataType,
  type LocalizedText,
  type NodeId,
  type ServerSession,
  type StatusCode,
  StatusCodes,
  type Variant,
  VariantArrayType,
} from 'node-opcua';
import type { AlarmId } from '../../domain/alarms/alarm.ts';
import { MOST_EARLIER } from '../../domain/alarms/evolve.ts';
import type { AlarmRefusalCode } from '../../domain/alarms/refusal.ts';
import type { AlarmView, Principal } from '../../gateway/api.ts';
import { isEncrypted, type PrincipalOf, watcherOf } from '../events/watcher.ts';
import type { CallOutcome, GatewayCalls } from '../gateway-calls.ts';
import type { ConditionBook } from './condition-book.ts';
import { conditionPath, notificationOf, shelvingOwner } from './condition-id.ts';
import {
  type ArgumentName,
  type ConditionMethod,
  GET_GROUP_MEMBERSHIPS,
  type Given,
  methodById,
  methodByName,
} from './method-table.ts';

type Result = CallMethodResultOptions;

/** The object that a method is called on. */
interface Target {
  readonly alarm: AlarmId;
  readonly isShelving: boolean;
}

export class ConditionMethods {
  readonly #book: ConditionBook;
  readonly #calls: GatewayCalls;
  readonly #principalOf: PrincipalOf;
  readonly #namespace: number;

  /** @param namespace index of the namespace of the site's objects */
  constructor(book: ConditionBook, calls: GatewayCalls, principalOf: PrincipalOf, namespace: number) {
    this.#book = book;
    this.#calls = calls;
    this.#principalOf = principalOf;
    this.#namespace = namespace;
  }

  /** Calls a method of a condition; undefined where the call is about something else. */
  async call(session: ServerSession, request: CallMethodRequest): Promise<Result | undefined> {
    const { objectId, methodId } = request;
    const path = conditionPath(objectId, this.#namespace);
    if (path === undefined) {
      // Types have the methods, but no state that they could change.
      const isMethod = methodId.namespace === 0 && methodById(Number(methodId.value)) !== undefined;
      return isMethod && objectId.namespace === 0 ? { statusCode: StatusCodes.BadNodeIdInvalid } : undefined;
    }
    if (!isEncrypted(session)) return { statusCode: StatusCodes.BadSecurityModeInsufficient };
    const principal = this.#principalOf(session);
    if (!principal || principal.roles.length === 0) return { statusCode: StatusCodes.BadUserAccessDenied };
    const target = this.#target(path);
    const method = methodOf(methodId, path, this.#namespace);
    const alarm = this.#book.seenBy(watcherOf(session, this.#principalOf), target.alarm);
    if (!alarm) return { statusCode: this.#unknown(session, target.alarm, method, request) };
    if (method === undefined || (target.isShelving && (method === 'groups' || !method.ofShelving))) {
      return { statusCode: StatusCodes.BadMethodInvalid };
    }
    if (method === 'groups') return groupsOf(request);
    return this.#run(alarm, method, principal, request.inputArguments ?? []);
  }

  #target(path: string): Target {
    const owner = this.#book.get(path) ? undefined : shelvingOwner(path);
    return { alarm: owner ?? path, isShelving: owner !== undefined };
  }

  /**
   * An EventId of a condition that is not there shows that it was: its alarm was seen to, and is forgotten. To whoever
   * was a moment later than somebody else that says more than that there is none.
   */
  #unknown(
    session: ServerSession,
    alarm: AlarmId,
    method: ConditionMethod | 'groups' | undefined,
    { inputArguments }: CallMethodRequest,
  ): StatusCode {
    const observes = watcherOf(session, this.#principalOf).observes && !this.#book.get(alarm);
    const [eventId] = inputArguments ?? [];
    if (observes && typeof method === 'object' && eventId?.dataType === DataType.ByteString) {
      const was = notificationOf(alarm, eventId.value as Buffer | null) !== undefined;
      if (was && method.name === 'Acknowledge') return StatusCodes.BadConditionBranchAlreadyAcked;
      if (was && method.name === 'Confirm') return StatusCodes.BadConditionBranchAlreadyConfirmed;
    }
    return StatusCodes.BadNodeIdUnknown;
  }

  async #run(
    alarm: AlarmView,
    method: ConditionMethod,
    principal: Principal,
    inputs: readonly Variant[],
  ): Promise<Result> {
    const wrong = wrongArguments(method.takes, inputs);
    if (wrong) return wrong;
    const refusal = refusalBefore(alarm, method);
    if (refusal) return { statusCode: refusal };
    const given = givenTo(alarm, method, inputs);
    if (!given) return { statusCode: StatusCodes.BadEventIdUnknown };
    if (given.occurrence !== undefined) {
      const past = pastOccurrence(alarm, given.occurrence, method);
      if (past) return { statusCode: past };
    }
    const command = method.command(alarm.id, given);
    if (!command) return { statusCode: StatusCodes.Good };
    const outcome = await this.#calls.ask({ do: 'alarm', command, principal });
    // What it is in is looked at here: whoever calls next must find it as they were told.
    if (outcome.answer === 'alarm-changed') await this.#book.followed(alarm.id, outcome);
    return { statusCode: statusOf(outcome, method) };
  }
}

/** A method by the id of its declaration at a type, or by the one that it would have at the condition itself. */
function methodOf(
  methodId: NodeId,
  objectPath: string,
  namespace: number,
): ConditionMethod | 'groups' | undefined {
  if (methodId.namespace === 0) {
    return methodId.value === GET_GROUP_MEMBERSHIPS.id ? 'groups' : methodById(Number(methodId.value));
  }
  const path = conditionPath(methodId, namespace);
  if (!path?.startsWith(`${objectPath}/`)) return undefined;
  const name = path.slice(objectPath.length + 1).replace(/^ShelvingState\//, '');
  return name === GET_GROUP_MEMBERSHIPS.name ? 'groups' : methodByName(name);
}

function groupsOf({ inputArguments }: CallMethodRequest): Result {
  if ((inputArguments?.length ?? 0) > 0) return { statusCode: StatusCodes.BadTooManyArguments };
  return {
    statusCode: StatusCodes.Good,
    outputArguments: [{ dataType: DataType.NodeId, arrayType: VariantArrayType.Array, value: [] }],
  };
}

const TYPES: Readonly<Record<ArgumentName, DataType>> = {
  EventId: DataType.ByteString,
  Comment: DataType.LocalizedText,
  ShelvingTime: DataType.Double,
};

function wrongArguments(takes: readonly ArgumentName[], inputs: readonly Variant[]): Result | undefined {
  if (inputs.length < takes.length) return { statusCode: StatusCodes.BadArgumentsMissing };
  if (inputs.length > takes.length) return { statusCode: StatusCodes.BadTooManyArguments };
  const results = takes.map((name, index) => {
    const input = inputs[index];
    // A comment may be left out as a null of any type.
    const isNull = input?.dataType === DataType.Null && name === 'Comment';
    const fits = isNull || (input?.dataType === TYPES[name] && input.arrayType === VariantArrayType.Scalar);
    return fits ? StatusCodes.Good : StatusCodes.BadTypeMismatch;
  });
  if (results.every((status) => status.isGood())) return undefined;
  return { statusCode: StatusCodes.BadInvalidArgument, inputArgumentResults: results };
}

/** What is refused by the state of the condition, whatever is asked for. */
function refusalBefore({ enabled }: AlarmView, { name }: ConditionMethod): StatusCode | undefined {
  if (name === 'Enable') return enabled ? StatusCodes.BadConditionAlreadyEnabled : undefined;
  if (enabled) return undefined;
  return name === 'Disable' ? StatusCodes.BadConditionAlreadyDisabled : StatusCodes.BadConditionDisabled;
}

/** What the arguments say; undefined where an EventId names no notification of the condition. */
function givenTo(
  alarm: AlarmView,
  { takes }: ConditionMethod,
  inputs: readonly Variant[],
): Given | undefined {
  const inputFor = (name: ArgumentName): unknown => inputs[takes.indexOf(name)]?.value;
  const words = (inputFor('Comment') as LocalizedText | null | undefined)?.text ?? '';
  const notification = notificationOf(alarm.id, inputFor('EventId') as Buffer | null | undefined);
  if (takes.includes('EventId') && !notification) return undefined;
  if (
    notification &&
    notification.revision > alarm.revision &&
    alarm.current.number <= notification.occurrence
  )
    return undefined;
  return {
    ...(notification && { occurrence: notification.occurrence }),
    ...(words.trim() !== '' && { comment: words }),
    ...(takes.includes('ShelvingTime') && { shelvingTime: Number(inputFor('ShelvingTime')) }),
  };
}

/** An occurrence that nothing is left to be done about, or that never was. */
function pastOccurrence(
  { current, earlier }: AlarmView,
  occurrence: number,
  { name }: ConditionMethod,
): StatusCode | undefined {
  if (occurrence === current.number || earlier.some(({ number }) => number === occurrence)) return undefined;
  if (occurrence > current.number) return StatusCodes.BadEventIdUnknown;
  const [oldest] = earlier;
  const dropped = oldest !== undefined && earlier.length >= MOST_EARLIER && occurrence < oldest.number;
  if (dropped || name === 'AddComment') return StatusCodes.BadEventIdUnknown;
  return name === 'Confirm'
    ? StatusCodes.BadConditionBranchAlreadyConfirmed
    : StatusCodes.BadConditionBranchAlreadyAcked;
}

const REFUSALS: Readonly<Record<AlarmRefusalCode, StatusCode>> = {
  'alarm-unknown': StatusCodes.BadNodeIdUnknown,
  'occurrence-unknown': StatusCodes.BadEventIdUnknown,
  'already-acknowledged': StatusCodes.BadConditionBranchAlreadyAcked,
  'already-confirmed': StatusCodes.BadConditionBranchAlreadyConfirmed,
  'not-acknowledged': StatusCodes.BadInvalidState,
  'already-shelved': StatusCodes.BadConditionAlreadyShelved,
  'not-shelved': StatusCodes.BadConditionNotShelved,
  'shelving-too-long': StatusCodes.BadShelvingTimeOutOfRange,
  // Who asks for what is already so has got it.
  'already-so': StatusCodes.Good,
  'comment-missing': StatusCodes.BadInvalidArgument,
  'not-permitted': StatusCodes.BadUserAccessDenied,
  'alarms-busy': StatusCodes.BadTooManyOperations,
  'not-stored': StatusCodes.BadResourceUnavailable,
  'alarms-not-running': StatusCodes.BadOutOfService,
};

function statusOf(outcome: CallOutcome, { name }: ConditionMethod): StatusCode {
  switch (outcome.answer) {
    case 'alarm-changed':
      return StatusCodes.Good;
    case 'refused':
      // Somebody else was a moment faster.
      if (outcome.code === 'already-so' && name === 'Enable') return StatusCodes.BadConditionAlreadyEnabled;
      if (outcome.code === 'already-so' && name === 'Disable') return StatusCodes.BadConditionAlreadyDisabled;
      if (outcome.code === 'alarm-unknown' && name === 'Acknowledge')
        return StatusCodes.BadConditionBranchAlreadyAcked;
      return Object.hasOwn(REFUSALS, outcome.code)
        ? REFUSALS[outcome.code as AlarmRefusalCode]
        : StatusCodes.BadInternalError;
    case 'busy':
      return StatusCodes.BadTooManyOperations;
    case 'late':
      return StatusCodes.BadTimeout;
    case 'failed':
    case 'done':
    case 'begun':
    case 'events':
    case 'principal':
      return StatusCodes.BadInternalError;
  }
}
