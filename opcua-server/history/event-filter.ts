/**
 * Filters of events (OPC 10000-4, 7.7 and 7.22.3) over the rows of the log: which fields are wanted, and of which events. What
 * cannot be served is refused, never left out of account.
 */
import {
  type AddressSpace,
  AttributeIds,
  type ContentFilterElement,
  checkSelectClauses,
  DataType,
  ElementOperand,
  EventFilter,
  FilterOperator,
  LiteralOperand,
  type NodeId,
  SimpleAttributeOperand,
  StatusCodes,
  type UAObjectType,
  Variant,
} from 'node-opcua';
import { type EventRow, isField, isOwnField } from './event-row.ts';
import { HistoryFailure } from './failure.ts';
import { type Comparable, comparableOf, isLike } from './filter-values.ts';

/** Most fields of one event, and most elements of a condition with most operands each. */
const MOST_CLAUSES = 100;
const MOST_ELEMENTS = 50;
const MOST_OPERANDS = 50;
/** Longest text to compare with, in characters. */
const LONGEST_TEXT = 512;

export interface CompiledFilter {
  /** Whether an event is wanted. */
  wants(row: EventRow): boolean;
  /** The wanted fields, in the order of the filter; null where the event has none. */
  fieldsOf(row: EventRow): Variant[];
}

/** What a condition comes to; undefined is null, neither true nor false. */
type Truth = boolean | undefined;
type Reader = (row: EventRow, truths: readonly Truth[]) => Comparable | undefined;

/**
 * Prepares a filter.
 * @throws HistoryFailure with BadEventFilterInvalid
 */
export function compileFilter(
  filter: unknown,
  addressSpace: AddressSpace,
  ownNamespace: number,
): CompiledFilter {
  if (!(filter instanceof EventFilter)) throw invalid();
  const { selectClauses, whereClause } = filter;
  const baseType = addressSpace.findEventType('BaseEventType');
  if (!baseType || !selectClauses || selectClauses.length === 0 || selectClauses.length > MOST_CLAUSES)
    throw invalid();
  const compiler = new Compiler(addressSpace, baseType, ownNamespace);
  const fields = selectClauses.map((clause) => compiler.field(clause));
  const conditions = compiler.conditions(whereClause?.elements ?? []);
  return {
    wants: (row) => {
      const truths: Truth[] = [];
      // An element names only elements behind it, so each is looked at once, from the last to the first.
      for (let index = conditions.length - 1; index >= 0; index -= 1)
        truths[index] = conditions[index]?.(row, truths);
      return conditions.length === 0 || truths[0] === true;
    },
    fieldsOf: (row) => fields.map((field) => field(row) ?? new Variant()),
  };
}

class Compiler {
  readonly #addressSpace: AddressSpace;
  readonly #baseType: UAObjectType;
  readonly #ownNamespace: number;

  constructor(addressSpace: AddressSpace, baseType: UAObjectType, ownNamespace: number) {
    this.#addressSpace = addressSpace;
    this.#baseType = baseType;
    this.#ownNamespace = ownNamespace;
  }

  /** A field that is there on some type of events; it is null for events of other types. */
  field(clause: SimpleAttributeOperand): (row: EventRow) => Variant | undefined {
    const [status] = checkSelectClauses(this.#baseType, [clause]);
    if (!status?.isGood() || !clause.indexRange.isEmpty()) throw invalid();
    const path = clause.browsePath ?? [];
    // Without a path it is the id of a condition, which nothing in the log is.
    if (path.length === 0 && clause.attributeId === AttributeIds.NodeId) return () => undefined;
    if (clause.attributeId !== AttributeIds.Value) throw invalid();
    const [name, deeper] = path;
    const type = clause.typeDefinitionId.isEmpty() ? undefined : this.#type(clause.typeDefinitionId);
    const field = name?.name ?? '';
    if (!isField(field) || deeper || name?.namespaceIndex !== (isOwnField(field) ? this.#ownNamespace : 0)) {
      return () => undefined;
    }
    return (row) => (!type || row.type.isSubtypeOf(type) ? row.field(field) : undefined);
  }

  conditions(
    elements: readonly ContentFilterElement[],
  ): ((row: EventRow, truths: readonly Truth[]) => Truth)[] {
    if (elements.length > MOST_ELEMENTS) throw invalid();
    return elements.map((element, index) => this.#condition(element, index, elements.length));
  }

  #condition({ filterOperator, filterOperands }: ContentFilterElement, index: number, count: number) {
    const operands = filterOperands ?? [];
    if (operands.length > MOST_OPERANDS) throw invalid();
    if (filterOperator === FilterOperator.OfType) return this.#ofType(operands);
    const read = operands.map((operand) => this.#operand(operand, index, count));
    const arity = ARITY[filterOperator];
    const [fewest = 0, most = 0] = arity ?? [];
    const decide = DECIDE[filterOperator];
    if (!arity || !decide || read.length < fewest || read.length > most) throw invalid();
    return (row: EventRow, truths: readonly Truth[]): Truth => decide(read.map((each) => each(row, truths)));
  }

  #ofType(operands: readonly unknown[]) {
    const [operand, more] = operands;
    if (more !== undefined || !(operand instanceof LiteralOperand)) throw invalid();
    if (operand.value.dataType !== DataType.NodeId) throw invalid();
    const type = this.#type(operand.value.value as NodeId);
    return (row: EventRow): Truth => row.type.isSubtypeOf(type);
  }

  #operand(operand: unknown, index: number, count: number): Reader {
    if (operand instanceof LiteralOperand) {
      const value = comparableOf(operand.value);
      if (typeof value === 'string' && value.length > LONGEST_TEXT) throw invalid();
      return () => value;
    }
    if (operand instanceof SimpleAttributeOperand) {
      const field = this.field(operand);
      return (row) => {
        const value = field(row);
        return value && comparableOf(value);
      };
    }
    if (operand instanceof ElementOperand) {
      const { index: other } = operand;
      if (other <= index || other >= count) throw invalid();
      return (_row, truths) => truths[other];
    }
    throw invalid();
  }

  #type(nodeId: NodeId): UAObjectType {
    const type = this.#addressSpace.findEventType(nodeId);
    if (!type) throw invalid();
    return type;
  }
}

function invalid(): HistoryFailure {
  return new HistoryFailure(StatusCodes.BadEventFilterInvalid);
}

type Values = readonly (Comparable | undefined)[];

/** How many operands an operator takes; one that is not listed is not served. */
const ARITY: Readonly<Partial<Record<FilterOperator, readonly [number, number]>>> = {
  [FilterOperator.Equals]: [2, 2],
  [FilterOperator.IsNull]: [1, 1],
  [FilterOperator.GreaterThan]: [2, 2],
  [FilterOperator.LessThan]: [2, 2],
  [FilterOperator.GreaterThanOrEqual]: [2, 2],
  [FilterOperator.LessThanOrEqual]: [2, 2],
  [FilterOperator.Like]: [2, 2],
  [FilterOperator.Not]: [1, 1],
  [FilterOperator.Between]: [3, 3],
  [FilterOperator.InList]: [2, MOST_OPERANDS],
  [FilterOperator.And]: [2, 2],
  [FilterOperator.Or]: [2, 2],
};

const DECIDE: Readonly<Partial<Record<FilterOperator, (values: Values) => Truth>>> = {
  [FilterOperator.Equals]: ([one, other]) => equal(one, other),
  [FilterOperator.IsNull]: ([one]) => one === undefined,
  [FilterOperator.GreaterThan]: ([one, other]) => inOrder(other, one, (order) => order < 0),
  [FilterOperator.LessThan]: ([one, other]) => inOrder(one, other, (order) => order < 0),
  [FilterOperator.GreaterThanOrEqual]: ([one, other]) => inOrder(other, one, (order) => order <= 0),
  [FilterOperator.LessThanOrEqual]: ([one, other]) => inOrder(one, other, (order) => order <= 0),
  [FilterOperator.Like]: ([one, pattern]) =>
    typeof one === 'string' && typeof pattern === 'string' ? isLike(one, pattern) : undefined,
  [FilterOperator.Not]: ([one]) => (typeof one === 'boolean' ? !one : undefined),
  [FilterOperator.Between]: ([one, low, high]) =>
    and(
      inOrder(low, one, (order) => order <= 0),
      inOrder(one, high, (order) => order <= 0),
    ),
  [FilterOperator.InList]: ([one, ...list]) => list.some((each) => equal(one, each) === true),
  [FilterOperator.And]: ([one, other]) => and(truthOf(one), truthOf(other)),
  [FilterOperator.Or]: ([one, other]) => {
    const not = (truth: Truth): Truth => (truth === undefined ? undefined : !truth);
    return not(and(not(truthOf(one)), not(truthOf(other))));
  },
};

function truthOf(value: Comparable | undefined): Truth {
  return typeof value === 'boolean' ? value : undefined;
}

function and(one: Truth, other: Truth): Truth {
  if (one === false || other === false) return false;
  return one === undefined || other === undefined ? undefined : true;
}

function equal(one: Comparable | undefined, other: Comparable | undefined): Truth {
  if (one === undefined || other === undefined) return undefined;
  return typeof one === typeof other && one === other;
}

/** How two values stand to each other; those of different kinds do not, which is false. */
function inOrder(
  one: Comparable | undefined,
  other: Comparable | undefined,
  fits: (order: number) => boolean,
): Truth {
  if (one === undefined || other === undefined) return undefined;
  if (typeof one !== typeof other) return false;
  return fits(one === other ? 0 : one < other ? -1 : 1);
}
