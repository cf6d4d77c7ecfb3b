/**
 * The service HistoryRead: what has a history, who may read it, and how much is done for one request. It stands in for the one of
 * the library, which keeps values in memory and reads no events.
 */
import {
  type AddressSpace,
  type BaseNode,
  type HistoryReadRequest,
  HistoryReadResult,
  type HistoryReadValueId,
  type ISessionContext,
  type Namespace,
  NodeClass,
  type OPCUAServer,
  PermissionType,
  ReadAtTimeDetails,
  ReadEventDetails,
  ReadProcessedDetails,
  ReadRawModifiedDetails,
  type StatusCode,
  StatusCodes,
  type TimestampsToReturn,
  type UAVariable,
} from 'node-opcua';
import type { GatewayCalls } from '../gateway-calls.ts';
import type { Types } from '../types.ts';
import { readProcessed } from './aggregates.ts';
import { showCapabilities } from './capabilities.ts';
import { type CassetteHistory, cassetteTimeline } from './cassette-timeline.ts';
import { compartmentTimeline } from './compartment-timeline.ts';
import { ContinuationPoints } from './continuation-points.ts';
import { checkTimes, DATA_OUTCOME, readAtTimes, readRaw } from './data-history.ts';
import { compileFilter } from './event-filter.ts';
import { eventOutcome, readEvents } from './event-history.ts';
import { EventRows, logField } from './event-row.ts';
import { eventTypesIn } from './event-types.ts';
import { HistoryFailure } from './failure.ts';
import { HistoryLog, type Source } from './log.ts';
import { type Place, placeOf } from './places.ts';
import { timeOf } from './range.ts';
import { Reading } from './reading.ts';
import type { Timeline } from './timeline.ts';

/** Readings at a time: their pages come over the main thread, where decisions are made. */
const MOST_AT_ONCE = 2;
/** Readings that may wait for their turn. */
const MOST_WAITING = 64;

type Details = HistoryReadRequest['historyReadDetails'];

export class History {
  readonly #addressSpace: AddressSpace;
  /** Of the site's nodes, and of the names of fields. */
  readonly #namespace: number;
  readonly #typesNamespace: number;
  readonly #log: HistoryLog;
  readonly #rows: EventRows;
  readonly #warn: (text: string) => void;
  readonly #points = new ContinuationPoints<Reading>();
  readonly #turns: (() => void)[] = [];
  #underWay = 0;

  constructor(
    addressSpace: AddressSpace,
    { namespace, types }: { readonly namespace: Namespace; readonly types: Types },
    calls: Pick<GatewayCalls, 'ask'>,
    warn: (text: string) => void,
  ) {
    this.#warn = warn;
    this.#addressSpace = addressSpace;
    this.#namespace = namespace.index;
    this.#log = new HistoryLog(calls);
    this.#typesNamespace = types.namespace.index;
    this.#rows = new EventRows(namespace, eventTypesIn(types));
  }

  /** Takes over HistoryRead of a server. */
  attach(server: OPCUAServer): void {
    showCapabilities(server, this.#addressSpace);
    server.engine.historyRead = (context, request) => this.#read(context, request);
    server.on('session_closed', (session) => this.#points.leave(session));
  }

  close(): void {
    this.#points.close();
  }

  async #read(context: ISessionContext, request: HistoryReadRequest): Promise<HistoryReadResult[]> {
    const { historyReadDetails: details, releaseContinuationPoints, timestampsToReturn } = request;
    const nodes = request.nodesToRead ?? [];
    const results = nodes.map(async (node, index) => {
      if (releaseContinuationPoints) return this.#release(context, node);
      try {
        return await this.#inTurn(() =>
          this.#readNode(context, node, detailsAt(details, nodes.length, index), timestampsToReturn),
        );
      } catch (error) {
        if (error instanceof HistoryFailure) return new HistoryReadResult({ statusCode: error.status });
        // What goes wrong at one node must not take the others with it.
        this.#warn(`The history of ${node.nodeId.toString()} could not be read: ${String(error)}`);
        return new HistoryReadResult({ statusCode: StatusCodes.BadInternalError });
      }
    });
    return Promise.all(results);
  }

  #release({ session }: ISessionContext, { continuationPoint }: HistoryReadValueId): HistoryReadResult {
    const reading = session && continuationPoint && this.#points.take(session, continuationPoint);
    reading?.end();
    return new HistoryReadResult({
      statusCode: reading ? StatusCodes.Good : StatusCodes.BadContinuationPointInvalid,
    });
  }

  async #readNode(
    context: ISessionContext,
    { nodeId, continuationPoint, indexRange, dataEncoding }: HistoryReadValueId,
    details: Details,
    timestamps: TimestampsToReturn,
  ): Promise<HistoryReadResult> {
    const { session } = context;
    const node = this.#addressSpace.findNode(nodeId);
    if (!session || !node) throw new HistoryFailure(StatusCodes.BadNodeIdUnknown);
    // The right is looked at with every part: one that was withdrawn ends a reading under way.
    const refusal = refusalFor(node, context);
    if (refusal) throw new HistoryFailure(refusal);
    if (dataEncoding.name) throw new HistoryFailure(StatusCodes.BadDataEncodingInvalid);
    if (!indexRange.isEmpty()) throw new HistoryFailure(StatusCodes.BadIndexRangeNoData);
    const kept = continuationPoint?.length ? this.#points.take(session, continuationPoint) : undefined;
    if (continuationPoint?.length && kept?.node.toString() !== nodeId.toString()) {
      kept?.end();
      throw new HistoryFailure(StatusCodes.BadContinuationPointInvalid);
    }
    const reading = kept ?? this.#begin(context, node, details, timestamps);
    const { body, rows, more } = await reading.part().catch((error: unknown) => {
      reading.end();
      throw error;
    });
    return new HistoryReadResult({
      statusCode: rows === 0 && !more ? StatusCodes.GoodNoData : StatusCodes.Good,
      historyData: body,
      ...(more && { continuationPoint: this.#points.keep(session, reading) }),
    });
  }

  #begin(context: ISessionContext, node: BaseNode, details: Details, stamps: TimestampsToReturn): Reading {
    const place = placeOf(node.nodeId, this.#namespace);
    if (!place) throw new HistoryFailure(StatusCodes.BadHistoryOperationUnsupported);
    if (details instanceof ReadEventDetails) {
      const source = sourceOf(place);
      if (!source) throw new HistoryFailure(StatusCodes.BadHistoryOperationUnsupported);
      const filter = compileFilter(details.filter, {
        addressSpace: this.#addressSpace,
        fieldAt: (path) => logField(path, this.#typesNamespace),
        unserved: 'refused',
      });
      const locales = context.getPreferredLocales();
      const steps = readEvents(this.#log, this.#rows, source, details, filter, locales);
      return new Reading(
        node.nodeId,
        steps,
        eventOutcome(this.#addressSpace),
        details.numValuesPerNode,
        totalOf(details),
      ) as Reading;
    }
    const timeline = timelineOf(place);
    if (!timeline) throw new HistoryFailure(StatusCodes.BadHistoryOperationUnsupported);
    return this.#beginData(node, timeline, details, stamps) as Reading;
  }

  #beginData(node: BaseNode, timeline: Timeline, details: Details, stamps: TimestampsToReturn) {
    const { nodeId } = node;
    const log = this.#log;
    if (details instanceof ReadRawModifiedDetails) {
      if (details.isReadModified) throw new HistoryFailure(StatusCodes.BadHistoryOperationUnsupported);
      const { numValuesPerNode } = details;
      return new Reading(
        nodeId,
        readRaw(log, timeline, details, stamps),
        DATA_OUTCOME,
        numValuesPerNode,
        totalOf(details),
      );
    }
    if (details instanceof ReadAtTimeDetails) {
      checkTimes(details);
      return new Reading(nodeId, readAtTimes(log, timeline, details, stamps), DATA_OUTCOME, 0);
    }
    if (details instanceof ReadProcessedDetails) {
      return new Reading(nodeId, readProcessed(log, timeline, details, stamps), DATA_OUTCOME, 0);
    }
    throw new HistoryFailure(StatusCodes.BadHistoryOperationUnsupported);
  }

  async #inTurn<Result>(read: () => Promise<Result>): Promise<Result> {
    if (this.#turns.length >= MOST_WAITING) throw new HistoryFailure(StatusCodes.BadTooManyOperations);
    if (this.#underWay >= MOST_AT_ONCE) await new Promise<void>((resolve) => this.#turns.push(resolve));
    else this.#underWay += 1;
    try {
      return await read();
    } finally {
      // Whoever comes next takes over the place of this one.
      const next = this.#turns.shift();
      if (next) next();
      else this.#underWay -= 1;
    }
  }
}

/** Each node has an aggregate of its own. */
function detailsAt(details: Details, nodes: number, index: number): Details {
  if (!(details instanceof ReadProcessedDetails)) return details;
  if (details.aggregateType?.length !== nodes) throw new HistoryFailure(StatusCodes.BadAggregateListMismatch);
  const aggregateType = details.aggregateType.slice(index, index + 1);
  const { startTime, endTime, processingInterval, aggregateConfiguration } = details;
  return new ReadProcessedDetails({
    startTime,
    endTime,
    processingInterval,
    aggregateConfiguration,
    aggregateType,
  });
}

/** Rows after which a reading without an end is over. */
function totalOf({
  startTime,
  endTime,
  numValuesPerNode,
}: ReadEventDetails | ReadRawModifiedDetails): number {
  const bounded = timeOf(startTime) !== undefined && timeOf(endTime) !== undefined;
  return bounded ? Number.POSITIVE_INFINITY : numValuesPerNode;
}

/** Why a session may not read the history of a node; undefined where it may. */
function refusalFor(node: BaseNode, context: ISessionContext): StatusCode | undefined {
  if (!context.checkPermission(node, PermissionType.Browse)) return StatusCodes.BadNodeIdUnknown;
  if (context.isAccessRestricted(node)) return StatusCodes.BadSecurityModeInsufficient;
  if (!context.checkPermission(node, PermissionType.ReadHistory)) return StatusCodes.BadUserAccessDenied;
  if (node.nodeClass === NodeClass.Variable && !(node as UAVariable).historizing)
    return StatusCodes.BadHistoryOperationUnsupported;
  return undefined;
}

/** The events of a place; undefined where it has none of its own. */
function sourceOf(place: Place): Source | undefined {
  if (place.kind === 'server') return {};
  return place.kind === 'cabinet' || place.kind === 'cassette'
    ? { stream: `${place.kind}/${place.id}` }
    : undefined;
}

function timelineOf(place: Place): Timeline | undefined {
  if (place.kind === 'compartment-variable')
    return compartmentTimeline(place.cabinet, place.compartment, place.variable) as Timeline;
  if (place.kind === 'cassette-variable')
    return cassetteTimeline(place.cassette, place.variable as CassetteHistory) as Timeline;
  return undefined;
}
