/**
 * Filters of events (OPC 10000-4, 7.7 and 7.22.3): which fields are wanted, and of which events. For the history as for events
 * that happen.
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
  type QualifiedName,
  SimpleAttributeOperand,
  StatusCodes,
  type UAObjectType,
  Variant,
} from 'node-opcua';
import { MOST_CLAUSES } from '../limits.ts';
import { HistoryFailure } from './failure.ts';
import { castTo } from './filter-casts.ts';
import { type Comparable, comparableOf, isLike } from './filter-values.ts';

/** Most fields of one event, and most elements of a condition with most operands each. */
const MOST_FIELDS = 100;
const MOST_ELEMENTS = 50;
/** Clients list the conditions that they follow, each as one operand. */
const MOST_OPERANDS = 1_000;
/** Longest text to compare with, in characters. */
const LONGEST_TEXT = 512;

/** An event as a filter sees it. */
export interface FilteredEvent {
  readonly type: UAObjectType;
  /** Its condition, where it is of one. */
  readonly condition?: NodeId | undefined;
  /** A value by the name that the scope has for it; undefined where it is null. */
  field(name: string): Variant | undefined;
}

/** What filters are about. */
export interface FilterScope {
  readonly addressSpace: AddressSpace;
  /** The name of a field by its path from the type of event; undefined where no event has it. */
  fieldAt(path: readonly QualifiedName[]): string | undefined;
  /**
   * What becomes of a clause that cannot be served: the whole filter is refused, or the clause is null (OPC 10000-4, 7.7.1),
   * where the client was told of it when its filter was looked at.
   */
  readonly unserved: 'refused' | 'null';
}

export interface CompiledFilter {
  /** Whether an event is wanted. */
  wants(event: FilteredEvent): boolean;
  /** The wanted fields, in the order of the filter; null where the event has none. */
  fieldsOf(event: FilteredEvent): Variant[];
}

/** Whether something is so; undefined is null, neither true nor false. */
type Truth = boolean | undefined;
/** What an element comes to: most are true or not, some are numbers or texts for others to go on with. */
type Value = Comparable | undefined;
type ValueAt = (index: number) => Value;
type Field = (event: FilteredEvent) => Variant | undefined;
type Condition = (event: FilteredEvent, valueAt: ValueAt) => Value;

const NULL = new Variant();
const NO_FIELD: Field = () => undefined;
const NO_TRUTH: Condition = () => undefined;

/**
 * Prepares a filter.
 * @throws HistoryFailure with BadEventFilterInvalid, where the scope says that what cannot be served is refused
 */
export function compileFilter(filter: unknown, scope: FilterScope): CompiledFilter {
  if (!(filter instanceof EventFilter)) throw invalid();
  const { selectClauses, whereClause } = filter;
  const baseType = scope.addressSpace.findEventType('BaseEventType');
  // Items of clients that want every field of every type were let in with as many as the server takes.
  const mostFields = scope.unserved === 'refused' ? MOST_FIELDS : MOST_CLAUSES;
  if (!baseType || !selectClauses || selectClauses.length === 0 || selectClauses.length > mostFields)
    throw invalid();
  const compiler = new Compiler(scope, baseType);
  const fields = selectClauses.map((clause) => compiler.served(() => compiler.field(clause), NO_FIELD));
  const conditions = compiler.conditions(whereClause?.elements ?? []);
  return {
    wants: (event) => {
      if (conditions.length === 0) return true;
      const values: { readonly value: Value }[] = [];
      const valueAt = (index: number): Value => {
        values[index] ??= { value: conditions[index]?.(event, valueAt) };
        return values[index].value;
      };
      return valueAt(0) === true;
    },
    fieldsOf: (event) => fields.map((field) => field(event) ?? NULL),
  };
}

class Compiler {
  readonly #scope: FilterScope;
  readonly #baseType: UAObjectType;

  constructor(scope: FilterScope, baseType: UAObjectType) {
    this.#scope = scope;
    this.#baseType = baseType;
  }

  /** What a clause comes to; `otherwise` where it cannot be served and that is no reason to refuse the filter. */
  served<Clause>(clause: () => Clause, otherwise: Clause): Clause {
    try {
      return clause();
    } catch (error) {
      if (this.#scope.unserved === 'refused' || !(error instanceof HistoryFailure)) throw error;
      return otherwise;
    }
  }

  /** A field that is there on some type of events; it is null for events of other types. */
  field(clause: SimpleAttributeOperand): Field {
    if (this.#scope.unserved === 'refused') {
      const [status] = checkSelectClauses(this.#baseType, [clause]);
      if (!status?.isGood()) throw invalid();
    }
    if (!clause.indexRange.isEmpty()) throw invalid();
    const path = clause.browsePath ?? [];
    const isOf = clause.typeDefinitionId.isEmpty() ? () => true : this.#ofType(clause.typeDefinitionId);
    // Without a path it is the id of a condition (OPC 10000-9, 5.5.2.13).
    if (path.length === 0 && clause.attributeId === AttributeIds.NodeId) {
      return (event) =>
        event.condition && isOf(event)
          ? new Variant({ dataType: DataType.NodeId, value: event.condition })
          : undefined;
    }
    if (clause.attributeId !== AttributeIds.Value) throw invalid();
    const name = this.#scope.fieldAt(path);
    return name === undefined ? NO_FIELD : (event) => (isOf(event) ? event.field(name) : undefined);
  }

  conditions(elements: readonly ContentFilterElement[]): Condition[] {
    if (elements.length > MOST_ELEMENTS) throw invalid();
    return elements.map((element, index) =>
      this.served(() => this.#condition(element, index, elements.length), NO_TRUTH),
    );
  }

  #condition(element: ContentFilterElement, index: number, count: number): Condition {
    const { filterOperator, filterOperands } = element;
    const operands = filterOperands ?? [];
    if (operands.length > MOST_OPERANDS) throw invalid();
    if (filterOperator === FilterOperator.OfType) return this.#isOfType(operands);
    if (filterOperator === FilterOperator.Cast) return this.#cast(operands, index, count);
    const read = operands.map((operand) => this.#operand(operand, index, count));
    const arity = ARITY[filterOperator];
    const [fewest = 0, most = 0] = arity ?? [];
    const decide = DECIDE[filterOperator];
    if (!arity || !decide || read.length < fewest || read.length > most) throw invalid();
    return (event, valueAt) => decide(read.map((each) => each(event, valueAt)));
  }

  #isOfType(operands: readonly unknown[]): Condition {
    const [operand, more] = operands;
    if (more !== undefined || !(operand instanceof LiteralOperand)) throw invalid();
    if (operand.value.dataType !== DataType.NodeId) throw invalid();
    return this.#ofType(operand.value.value as NodeId);
  }

  #cast(operands: readonly unknown[], index: number, count: number): Condition {
    const [operand, target, more] = operands;
    if (more !== undefined || !(target instanceof LiteralOperand)) throw invalid();
    if (target.value.dataType !== DataType.NodeId) throw invalid();
    const cast = castTo(target.value.value as NodeId);
    if (!cast) throw invalid();
    const read = this.#operand(operand, index, count);
    // What a text is made of depends on what it was: a time is no number then.
    if (operand instanceof LiteralOperand) return () => cast(operand.value);
    if (!(operand instanceof SimpleAttributeOperand)) return (event, valueAt) => cast(read(event, valueAt));
    const field = this.field(operand);
    return (event) => cast(field(event));
  }

  #operand(operand: unknown, index: number, count: number): Condition {
    if (operand instanceof LiteralOperand) {
      const value = comparableOf(operand.value);
      if (typeof value === 'string' && value.length > LONGEST_TEXT) throw invalid();
      return () => value;
    }
    if (operand instanceof SimpleAttributeOperand) {
      const field = this.field(operand);
      return (event) => {
        const value = field(event);
        return value && comparableOf(value);
      };
    }
    if (operand instanceof ElementOperand) {
      const { index: other } = operand;
      // Whoever names only elements behind it never ends up at itself.
      if (other <= index || other >= count) throw invalid();
      return (_event, valueAt) => valueAt(other);
    }
    throw invalid();
  }

  #ofType(nodeId: NodeId): (event: FilteredEvent) => boolean {
    const type = this.#scope.addressSpace.findEventType(nodeId);
    if (!type) throw invalid();
    const known = new Map<UAObjectType, boolean>();
    return (event) => {
      const before = known.get(event.type);
      if (before !== undefined) return before;
      const is = event.type.isSubtypeOf(type);
      known.set(event.type, is);
      return is;
    };
  }
}

function invalid(): HistoryFailure {
  return new HistoryFailure(StatusCodes.BadEventFilterInvalid);
}

type Values = readonly Value[];

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
  [FilterOperator.InList]: [1, MOST_OPERANDS],
  [FilterOperator.And]: [2, 2],
  [FilterOperator.Or]: [2, 2],
  [FilterOperator.BitwiseAnd]: [2, 2],
  [FilterOperator.BitwiseOr]: [2, 2],
};

const DECIDE: Readonly<Partial<Record<FilterOperator, (values: Values) => Value>>> = {
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
  [FilterOperator.BitwiseAnd]: ([one, other]) => bitwise(one, other, (a, b) => a & b),
  [FilterOperator.BitwiseOr]: ([one, other]) => bitwise(one, other, (a, b) => a | b),
};

/** Bits of two integers; null where one of them is none. */
function bitwise(one: Value, other: Value, operation: (a: bigint, b: bigint) => bigint): Value {
  if (!Number.isSafeInteger(one) || !Number.isSafeInteger(other)) return undefined;
  return Number(operation(BigInt(one as number), BigInt(other as number)));
}

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
