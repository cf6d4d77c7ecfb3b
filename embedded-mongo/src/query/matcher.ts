import { evaluateExpression, isTrue } from '../aggregate/expressions.ts';
import { CommandError, errorCode, notSupported } from '../errors.ts';
import { parsePath } from '../values/path.ts';
import { type Document, isDocument, type Value } from '../values/types.ts';
import { equality, operatorsPredicate } from './field-predicates.ts';

/** Tells whether a document matches a filter. */
export type Matcher = (document: Document) => boolean;

const refusedOperators = new Set([
  '$where',
  '$text',
  '$jsonSchema',
  '$alwaysTrue',
  '$alwaysFalse',
  '$sampleRate',
]);

/** True for `{ $gt: 1 }`: a document of operators rather than a value to compare with. */
export function isOperatorDocument(value: Value): value is Document {
  return isDocument(value) && (Object.keys(value)[0]?.startsWith('$') ?? false);
}

function clauses(name: string, operand: Value): Matcher[] {
  if (!Array.isArray(operand)) throw new CommandError(errorCode.badValue, `${name} must be an array`);
  if (operand.length === 0) {
    throw new CommandError(errorCode.badValue, '$and/$or/$nor must be a nonempty array');
  }
  return operand.map((clause: Value) => {
    if (!isDocument(clause)) {
      throw new CommandError(errorCode.badValue, '$or/$and/$nor entries need to be full objects');
    }
    return compileMatcher(clause);
  });
}

function topLevelOperator(name: string, operand: Value): Matcher {
  switch (name) {
    case '$and': {
      const matchers = clauses(name, operand);
      return (document) => matchers.every((matcher) => matcher(document));
    }
    case '$or': {
      const matchers = clauses(name, operand);
      return (document) => matchers.some((matcher) => matcher(document));
    }
    case '$nor': {
      const matchers = clauses(name, operand);
      return (document) => !matchers.some((matcher) => matcher(document));
    }
    case '$expr': {
      const evaluate = evaluateExpression(operand);
      return (document) => isTrue(evaluate(document));
    }
    case '$comment':
      return () => true;
    default:
      if (refusedOperators.has(name)) throw notSupported(`The query operator ${name}`);
      throw new CommandError(
        errorCode.badValue,
        `unknown top level operator: ${name}. If you have a field name that starts with a '$' symbol, consider using $getField or $setField.`,
      );
  }
}

function fieldMatcher(name: string, condition: Value): Matcher {
  const path = parsePath(name);
  const predicate = isOperatorDocument(condition)
    ? operatorsPredicate(condition, compileMatcher)
    : equality(condition);
  return (document) => predicate(document, path);
}

/**
 * Compiles a filter.
 * @throws CommandError 2 for what the server refuses, 238 for what only this store refuses
 */
export function compileMatcher(filter: Document): Matcher {
  const matchers = Object.entries(filter).map(([name, condition]) =>
    name.startsWith('$') ? topLevelOperator(name, condition) : fieldMatcher(name, condition),
  );
  const [only] = matchers;
  if (only === undefined) return () => true;
  if (matchers.length === 1) return only;
  return (document) => matchers.every((matcher) => matcher(document));
}
