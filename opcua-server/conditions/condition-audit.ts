/** How calls of the methods of conditions are audited (OPC 10000-9, 5.10). */
import { type CallMethodRequest, DataType, type RaiseEventData } from 'node-opcua';
import { type ArgumentName, type ConditionMethod, methodById } from './method-table.ts';

/** The fields of audit events that arguments of methods are shown in. */
const FIELDS: Readonly<Record<ArgumentName, { readonly name: string; readonly dataType: DataType }>> = {
  EventId: { name: 'conditionEventId', dataType: DataType.ByteString },
  Comment: { name: 'comment', dataType: DataType.LocalizedText },
  ShelvingTime: { name: 'shelvingTime', dataType: DataType.Double },
};

/** The type and the own fields of the event that audits a call; undefined for calls of other methods. */
export function conditionAudit({
  methodId,
  inputArguments,
}: CallMethodRequest):
  | { readonly type: string; readonly sourceName: string; readonly fields: RaiseEventData }
  | undefined {
  const method: ConditionMethod | undefined =
    methodId.namespace === 0 ? methodById(Number(methodId.value)) : undefined;
  if (!method) return undefined;
  const fields: RaiseEventData = {};
  for (const [index, argument] of method.takes.entries()) {
    // A comment on something else is among the arguments, and has no field of its own.
    if (argument === 'Comment' && !method.takes.includes('EventId')) continue;
    const { name, dataType } = FIELDS[argument];
    const given = inputArguments?.[index];
    if (given?.dataType === dataType) fields[name] = given;
  }
  return { type: method.auditType, sourceName: `Method/${method.name}`, fields };
}
