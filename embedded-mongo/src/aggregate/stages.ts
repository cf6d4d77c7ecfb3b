/** Stages that make a stream of documents of another one. */
import { Int32 } from 'bson';
import { CommandError, errorCode, notSupported } from '../errors.ts';
import { compileMatcher } from '../query/matcher.ts';
import { compileSortKey, readSort } from '../query/sort.ts';
import { encodeValue } from '../storage/index-keys.ts';
import { toNumber } from '../values/numbers.ts';
import { type Path, parsePath } from '../values/path.ts';
import { type Document, isDocument, type Value } from '../values/types.ts';
import { compileAccumulator } from './accumulators.ts';
import { evaluateExpression, valueAtPath } from './expressions.ts';
import { compileTransformation, isTransformation } from './transformations.ts';

/** Runs over the documents of the stage before. */
export type Stage = (documents: Iterable<Document>) => Iterable<Document>;

/** What stages need of the store around them. */
export interface StageContext {
  /** Documents of another collection of the same database whose `path` equals one of `values`. */
  readonly lookup: (collection: string, path: string, value: Value) => Document[];
}

/** Most bytes... as documents that a blocking stage may hold. */
const maximumHeldDocuments = 1_000_000;

function hold(documents: Iterable<Document>, stage: string): Document[] {
  const held: Document[] = [];
  for (const document of documents) {
    held.push(document);
    if (held.length > maximumHeldDocuments) {
      throw new CommandError(
        errorCode.sortExceededMemory,
        `Exceeded memory limit for ${stage}: more than ${maximumHeldDocuments} documents; narrow the $match before it`,
      );
    }
  }
  return held;
}

function match(specification: Value): Stage {
  if (!isDocument(specification))
    throw new CommandError(15959, 'the match filter must be an expression in an object');
  const matcher = compileMatcher(specification);
  return function* (documents) {
    for (const document of documents) if (matcher(document)) yield document;
  };
}

function sort(specification: Value): Stage {
  if (!isDocument(specification) || Object.keys(specification).length === 0) {
    throw new CommandError(15976, '$sort stage must have at least one sort key');
  }
  const keyOf = compileSortKey(readSort(specification));
  return function* (documents) {
    const entries = hold(documents, '$sort').map((document) => ({ key: keyOf(document), document }));
    entries.sort((left, right) => Buffer.compare(left.key, right.key));
    for (const entry of entries) yield entry.document;
  };
}

function wholeNumber(stage: string, specification: Value, least: number): number {
  const number = toNumber(specification);
  if (number === undefined || !Number.isInteger(number) || number < least) {
    throw new CommandError(
      stage === '$limit' ? 15958 : 15956,
      `invalid argument to ${stage} stage: Expected a ${least > 0 ? 'positive' : 'non-negative'} number`,
    );
  }
  return number;
}

function limit(specification: Value): Stage {
  const most = wholeNumber('$limit', specification, 1);
  return function* (documents) {
    let given = 0;
    for (const document of documents) {
      yield document;
      if (++given >= most) return;
    }
  };
}

function skip(specification: Value): Stage {
  const first = wholeNumber('$skip', specification, 0);
  return function* (documents) {
    let at = 0;
    for (const document of documents) if (at++ >= first) yield document;
  };
}

function count(specification: Value): Stage {
  if (typeof specification !== 'string' || specification === '' || /^\$|\./.test(specification)) {
    throw new CommandError(40156, 'the count field must be a non-empty string without $ and dots');
  }
  return function* (documents) {
    let number = 0;
    for (const _document of documents) number++;
    if (number > 0) yield { [specification]: new Int32(number) };
  };
}

function group(specification: Value): Stage {
  if (!isDocument(specification))
    throw new CommandError(15947, "a group's fields must be specified in an object");
  if (!('_id' in specification)) throw new CommandError(15955, 'a group specification must include an _id');
  const idOf = evaluateExpression(specification['_id']);
  const fields = Object.entries(specification)
    .filter(([name]) => name !== '_id')
    .map(([name, accumulator]) => compileAccumulator(name, accumulator));
  return function* (documents) {
    const groups = new Map<
      string,
      { id: Value; accumulators: ReturnType<(typeof fields)[number]['start']>[] }
    >();
    for (const document of documents) {
      const id = idOf(document) ?? null;
      const key = Buffer.from(encodeValue(id, 1)).toString('latin1');
      let own = groups.get(key);
      if (own === undefined) {
        own = { id, accumulators: fields.map((field) => field.start()) };
        groups.set(key, own);
      }
      for (let at = 0; at < fields.length; at++) {
        const field = fields[at] as (typeof fields)[number];
        own.accumulators[at]?.add(field.operand(document));
      }
    }
    for (const { id, accumulators } of groups.values()) {
      const result: Document = { _id: id };
      fields.forEach((field, at) => {
        result[field.name] = accumulators[at]?.result();
      });
      yield result;
    }
  };
}

interface UnwindOptions {
  readonly path: Path;
  readonly keepEmpty: boolean;
  readonly indexField: string | undefined;
}

function readUnwind(specification: Value): UnwindOptions {
  const options: Document = isDocument(specification) ? specification : { path: specification };
  const { path, preserveNullAndEmptyArrays, includeArrayIndex, ...others } = options;
  const [unknown] = Object.keys(others);
  if (unknown !== undefined)
    throw new CommandError(28811, `unrecognized option to $unwind stage: ${unknown}`);
  if (typeof path !== 'string' || !path.startsWith('$')) {
    throw new CommandError(28818, "path option to $unwind stage should be prefixed with a '$'");
  }
  if (includeArrayIndex !== undefined && typeof includeArrayIndex !== 'string') {
    throw new CommandError(28810, 'expected a string for the includeArrayIndex option to $unwind stage');
  }
  if (includeArrayIndex?.includes('.')) throw notSupported("A dotted 'includeArrayIndex' in $unwind");
  return {
    path: parsePath(path.slice(1)),
    keepEmpty: preserveNullAndEmptyArrays === true,
    indexField: includeArrayIndex,
  };
}

function withValue(document: Document, path: Path, value: Value): Document {
  const [name = '', ...rest] = path;
  const copy = { ...document };
  if (rest.length > 0) {
    copy[name] = withValue(isDocument(copy[name]) ? copy[name] : {}, rest, value);
  } else if (value === undefined) {
    delete copy[name];
  } else {
    copy[name] = value;
  }
  return copy;
}

function unwind(specification: Value): Stage {
  const { path, keepEmpty, indexField } = readUnwind(specification);
  const indexed = (document: Document, index: number | null) =>
    indexField === undefined
      ? document
      : withValue(document, [indexField], index === null ? null : new Int32(index));
  return function* (documents) {
    for (const document of documents) {
      const value = valueAtPath(document, path);
      if (Array.isArray(value) && value.length > 0) {
        for (const [index, element] of (value as Value[]).entries()) {
          yield indexed(withValue(document, path, element), index);
        }
      } else if (Array.isArray(value) || value === undefined || value === null) {
        if (keepEmpty)
          yield indexed(Array.isArray(value) ? withValue(document, path, undefined) : document, null);
      } else {
        yield indexed(document, null);
      }
    }
  };
}

function lookup(specification: Value, context: StageContext): Stage {
  if (!isDocument(specification)) throw new CommandError(9, 'the $lookup specification must be an Object');
  const { from, localField, foreignField, as, ...others } = specification;
  const [other] = Object.keys(others);
  if (other !== undefined) throw notSupported(`'${other}' in $lookup`);
  if (
    typeof from !== 'string' ||
    typeof localField !== 'string' ||
    typeof foreignField !== 'string' ||
    typeof as !== 'string'
  ) {
    throw new CommandError(9, '$lookup needs the strings from, localField, foreignField and as');
  }
  const local = parsePath(localField);
  const target = parsePath(as);
  return function* (documents) {
    for (const document of documents) {
      yield withValue(
        document,
        target,
        context.lookup(from, foreignField, valueAtPath(document, local) ?? null),
      );
    }
  };
}

function facet(specification: Value, context: StageContext): Stage {
  if (!isDocument(specification))
    throw new CommandError(40169, 'the $facet specification must be a non-empty object');
  const branches = Object.entries(specification).map(([name, stages]) => {
    if (!Array.isArray(stages))
      throw new CommandError(40170, `arguments to $facet must be arrays, ${name} is none`);
    return [name, compileStages(stages, context)] as const;
  });
  return function* (documents) {
    const held = hold(documents, '$facet');
    yield Object.fromEntries(branches.map(([name, branch]) => [name, [...branch(held)]]));
  };
}

function sortByCount(specification: Value, context: StageContext): Stage {
  return compileStages(
    [{ $group: { _id: specification, count: { $sum: new Int32(1) } } }, { $sort: { count: new Int32(-1) } }],
    context,
  );
}

const builders: Readonly<Record<string, (specification: Value, context: StageContext) => Stage>> = {
  $match: match,
  $sort: sort,
  $limit: limit,
  $skip: skip,
  $count: count,
  $group: group,
  $unwind: unwind,
  $lookup: lookup,
  $facet: facet,
  $sortByCount: sortByCount,
};

/** Stages that the server has and that this store refuses. */
const refusedStages = new Set(
  '$bucket $bucketAuto $changeStream $changeStreamSplitLargeEvent $collStats $currentOp $densify $documents $fill $geoNear $graphLookup $indexStats $listLocalSessions $listSessions $merge $out $planCacheStats $redact $sample $search $searchMeta $setWindowFields $unionWith $vectorSearch'.split(
    ' ',
  ),
);

function compileStage(stage: Value, context: StageContext): Stage {
  const entries = isDocument(stage) ? Object.entries(stage) : [];
  const [entry] = entries;
  if (entry === undefined || entries.length > 1) {
    throw new CommandError(40323, 'A pipeline stage specification object must contain exactly one field.');
  }
  const [name, specification] = entry;
  const build = Object.hasOwn(builders, name) ? builders[name] : undefined;
  if (build !== undefined) return build(specification, context);
  if (isTransformation(name)) {
    const transform = compileTransformation(stage);
    return function* (documents) {
      for (const document of documents) yield transform(document);
    };
  }
  if (refusedStages.has(name)) throw notSupported(`The pipeline stage ${name}`);
  throw new CommandError(errorCode.unknownStage, `Unrecognized pipeline stage name: '${name}'`);
}

/** Compiles a pipeline. @throws CommandError as the server for what is wrong, 238 for stages that this store has not */
export function compileStages(stages: readonly Value[], context: StageContext): Stage {
  const compiled = stages.map((stage) => compileStage(stage, context));
  return (documents) => compiled.reduce((stream, stage) => stage(stream), documents);
}
