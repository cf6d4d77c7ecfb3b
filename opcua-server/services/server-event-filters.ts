/**
 * Filters of the events that the library raises, such as audit events. Of the operators that a client may ask for (OPC 10000-4,
 * 7.7.3) the library knows a part, and lets nothing through where it does not know one. Here the conditions are those of all
 * other events.
 */
import {
  type AddressSpace,
  AttributeIds,
  EventFilter,
  extractEventFields,
  type MonitoredItem,
  type OPCUAServer,
  type QualifiedName,
  SessionContext,
  SimpleAttributeOperand,
  type Subscription,
  type UAObjectType,
  Variant,
} from 'node-opcua';
import { type CompiledFilter, compileFilter, type FilteredEvent } from '../history/event-filter.ts';
import { HistoryFailure } from '../history/failure.ts';

type LibraryEvent = Parameters<typeof extractEventFields>[2];
/** How the library hands an event to an item; not among its types. */
interface Listening {
  _on_opcua_event(event: LibraryEvent): void;
}

const ANY_EVENT = 'ns=0;i=2041';
const EVENT_TYPE = operandOf('EventType');
/** Conditions are about the event itself; who may see it is asked later. */
const ANYBODY = SessionContext.defaultContext as Parameters<typeof extractEventFields>[0];

/**
 * Applies to all items of a server.
 * @throws where the library no longer has the part that this rests on
 */
export function filterServerEvents(server: OPCUAServer): void {
  const { addressSpace } = server.engine;
  if (!addressSpace) throw new Error('The standard nodes are not there.');
  server.on('create_session', (session) => {
    session.on('new_subscription', (subscription: Subscription) => {
      subscription.on('monitoredItem', (item: MonitoredItem) => {
        if (item.itemToMonitor.attributeId === AttributeIds.EventNotifier) mend(item, addressSpace);
      });
    });
  });
}

function mend(item: MonitoredItem, addressSpace: AddressSpace): void {
  const listening = item as unknown as Listening;
  if (typeof listening._on_opcua_event !== 'function')
    throw new Error('This version of node-opcua has no _on_opcua_event.');
  const plain = listening._on_opcua_event.bind(item);
  let known:
    | {
        readonly filter: EventFilter;
        readonly compiled: CompiledFilter | undefined;
        readonly rest: EventFilter;
      }
    | undefined;
  listening._on_opcua_event = (event) => {
    const { filter } = item;
    if (!(filter instanceof EventFilter) || (filter.whereClause.elements ?? []).length === 0) {
      plain(event);
      return;
    }
    if (known?.filter !== filter) {
      const rest = new EventFilter({ selectClauses: filter.selectClauses ?? [] });
      known = { filter, compiled: compiledOf(filter, addressSpace), rest };
    }
    if (!known.compiled?.wants(seenBy(event, addressSpace))) return;
    // The conditions have been looked at: the library goes on with rights and fields.
    item.filter = known.rest;
    try {
      plain(event);
    } finally {
      item.filter = filter;
    }
  };
}

function compiledOf(filter: EventFilter, addressSpace: AddressSpace): CompiledFilter | undefined {
  try {
    return compileFilter(filter, { addressSpace, fieldAt: pathName, unserved: 'null' });
  } catch (error) {
    // A filter that asks for too much is one that nothing passes.
    if (error instanceof HistoryFailure) return undefined;
    throw error;
  }
}

/** The names of a path, in one; undefined for what is no field of an event. */
function pathName(path: readonly QualifiedName[]): string | undefined {
  return path.length === 0
    ? undefined
    : JSON.stringify(path.map(({ namespaceIndex, name }) => [namespaceIndex, name]));
}

function seenBy(event: LibraryEvent, addressSpace: AddressSpace): FilteredEvent {
  const read = (operand: SimpleAttributeOperand): Variant | undefined => {
    const [value] = extractEventFields(ANYBODY, [operand], event) as unknown as Variant[];
    return value instanceof Variant && value.value !== null ? value : undefined;
  };
  const type = addressSpace.findEventType(read(EVENT_TYPE)?.value) as UAObjectType;
  return { type, field: (name) => read(operandOf(...pathOf(name))) };
}

function pathOf(name: string): (string | { readonly namespaceIndex: number; readonly name: string })[] {
  return (JSON.parse(name) as [number, string][]).map(([namespaceIndex, each]) => ({
    namespaceIndex,
    name: each,
  }));
}

function operandOf(
  ...path: readonly (string | { readonly namespaceIndex: number; readonly name: string })[]
): SimpleAttributeOperand {
  return new SimpleAttributeOperand({
    typeDefinitionId: ANY_EVENT,
    browsePath: path.map((each) => (typeof each === 'string' ? { namespaceIndex: 0, name: each } : each)),
    attributeId: AttributeIds.Value,
  });
}
