/** The methods of conditions (OPC 10000-9, 5.5 to 5.8): their arguments, what they ask of the book of alarms, and how they are audited. */
import { MethodIds } from 'node-opcua';
import type { AlarmId } from '../../domain/alarms/alarm.ts';
import type { AlarmCommand } from '../../domain/alarms/events.ts';

/** What a method takes, in order. */
export type ArgumentName = 'EventId' | 'Comment' | 'ShelvingTime';

/** What a method was given. */
export interface Given {
  /** Number of the occurrence that the EventId names. */
  readonly occurrence?: number;
  readonly comment?: string;
  /** Milliseconds. */
  readonly shelvingTime?: number;
}

export interface ConditionMethod {
  readonly name: string;
  /** The id of its declaration at a type. */
  readonly id: number;
  readonly takes: readonly ArgumentName[];
  /** Whether it belongs to the object ShelvingState of a condition. */
  readonly ofShelving: boolean;
  /** What it asks for; undefined where it asks for nothing. */
  command(alarm: AlarmId, given: Given): AlarmCommand | undefined;
  readonly auditType: string;
}

type Simple = Exclude<AlarmCommand['do'], 'acknowledge' | 'confirm' | 'comment' | 'shelve'>;
type Ask = ConditionMethod['command'];

const said = ({ comment }: Given): { readonly comment?: string } =>
  comment === undefined ? {} : { comment };
const simple =
  (what: Simple): Ask =>
  (alarm, given) => ({ do: what, alarm, ...said(given) });
const seen =
  (what: 'acknowledge' | 'confirm'): Ask =>
  (alarm, given) => ({
    do: what,
    alarm,
    ...(given.occurrence !== undefined && { number: given.occurrence }),
    ...said(given),
  });
/** Without words there is nothing to be put on record. */
const comment: Ask = (alarm, { comment: words }) =>
  words === undefined ? undefined : { do: 'comment', alarm, comment: words };
const shelve: Ask = (alarm, given) => ({
  do: 'shelve',
  alarm,
  lasts: given.shelvingTime ?? 0,
  ...said(given),
});

function method(
  owner: 'ConditionType' | 'AcknowledgeableConditionType' | 'AlarmConditionType' | 'ShelvedStateMachineType',
  name: string,
  takes: readonly ArgumentName[],
  auditType: string,
  command: Ask,
): ConditionMethod {
  const id = (MethodIds as unknown as Readonly<Record<string, number>>)[`${owner}_${name}`];
  if (id === undefined) throw new Error(`OPC UA has no method ${owner}.${name}.`);
  return {
    name,
    id,
    takes,
    ofShelving: owner === 'ShelvedStateMachineType',
    command,
    auditType: `AuditCondition${auditType}EventType`,
  };
}

/** A method, and its namesake with a 2 that takes a comment as well. */
function withComment(
  ...[owner, name, takes, auditType, command]: Parameters<typeof method>
): ConditionMethod[] {
  return [
    method(owner, name, takes, auditType, command),
    method(owner, `${name}2`, [...takes, 'Comment'], auditType, command),
  ];
}

const ALARM = 'AlarmConditionType';
const SHELVED = 'ShelvedStateMachineType';

export const CONDITION_METHODS: readonly ConditionMethod[] = [
  method('ConditionType', 'Enable', [], 'Enable', simple('enable')),
  method('ConditionType', 'Disable', [], 'Enable', simple('disable')),
  method('ConditionType', 'AddComment', ['EventId', 'Comment'], 'Comment', comment),
  method(
    'AcknowledgeableConditionType',
    'Acknowledge',
    ['EventId', 'Comment'],
    'Acknowledge',
    seen('acknowledge'),
  ),
  method('AcknowledgeableConditionType', 'Confirm', ['EventId', 'Comment'], 'Confirm', seen('confirm')),
  method(ALARM, 'Silence', [], 'Silence', simple('silence')),
  ...withComment(ALARM, 'Suppress', [], 'Suppression', simple('suppress')),
  ...withComment(ALARM, 'Unsuppress', [], 'Suppression', simple('release')),
  ...withComment(ALARM, 'RemoveFromService', [], 'OutOfService', simple('take-out')),
  ...withComment(ALARM, 'PlaceInService', [], 'OutOfService', simple('put-back')),
  ...withComment(SHELVED, 'TimedShelve', ['ShelvingTime'], 'Shelving', shelve),
  ...withComment(SHELVED, 'OneShotShelve', [], 'Shelving', simple('shelve-once')),
  ...withComment(SHELVED, 'Unshelve', [], 'Shelving', simple('unshelve')),
];

/** Asks which groups an alarm belongs to: to none. */
export const GET_GROUP_MEMBERSHIPS = {
  name: 'GetGroupMemberships',
  id: MethodIds.AlarmConditionType_GetGroupMemberships,
} as const;

const BY_ID = new Map(CONDITION_METHODS.map((each) => [each.id, each]));
const BY_NAME = new Map(CONDITION_METHODS.map((each) => [each.name, each]));

export function methodById(id: number): ConditionMethod | undefined {
  return BY_ID.get(id);
}

export function methodByName(name: string): ConditionMethod | undefined {
  return BY_NAME.get(name);
}
