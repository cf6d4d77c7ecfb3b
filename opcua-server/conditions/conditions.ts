/**
 * Alarms as conditions (OPC 10000-9), without nodes in the address space: events are made from the book of alarms, methods are taken
 * by the id of the condition. So thousands of them cost what they are in the book, and clients have everything that the standard
 * gives them.
 */
import {
  type AddressSpace,
  type CallMethodRequest,
  type CallMethodResultOptions,
  DataType,
  type ISessionContext,
  MethodIds,
  type Namespace,
  ObjectTypeIds,
  type OPCUAServer,
  type ServerSession,
  type StatusCode,
  StatusCodes,
  type Subscription,
  VariantArrayType,
} from 'node-opcua';
import type { AlarmView } from '../../gateway/api.ts';
import type { EventItem } from '../events/event-item.ts';
import type { EventItems } from '../events/event-items.ts';
import type { PrincipalOf } from '../events/watcher.ts';
import type { GatewayCalls } from '../gateway-calls.ts';
import type { AlarmValue } from '../protocol.ts';
import { AlarmSources } from './alarm-sources.ts';
import { ConditionBook } from './condition-book.ts';
import { ConditionEvent } from './condition-event.ts';
import { ConditionMethods } from './method-calls.ts';
import { Refreshes } from './refreshes.ts';
import { VirtualNodes } from './virtual-nodes.ts';

export interface ConditionsParts {
  readonly addressSpace: AddressSpace;
  /** The one of the site's objects. */
  readonly namespace: Namespace;
  readonly items: EventItems;
  readonly calls: GatewayCalls;
  readonly principalOf: PrincipalOf;
  /** The whole book of alarms. */
  readonly alarms: readonly AlarmView[];
}

type Result = CallMethodResultOptions;

export class Conditions {
  readonly #items: EventItems;
  readonly #sources: AlarmSources;
  readonly #book: ConditionBook;
  readonly #methods: ConditionMethods;
  readonly #refreshes: Refreshes;
  readonly #nodes: VirtualNodes;
  #server: OPCUAServer | undefined;

  constructor({ addressSpace, namespace, items, calls, principalOf, alarms }: ConditionsParts) {
    this.#items = items;
    this.#sources = new AlarmSources(addressSpace, namespace);
    this.#book = new ConditionBook(alarms, this.#sources);
    this.#methods = new ConditionMethods(this.#book, calls, principalOf, namespace.index);
    this.#refreshes = new Refreshes(this.#book, items, this.#sources);
    this.#nodes = new VirtualNodes(this.#book, this.#sources, principalOf);
  }

  /** Takes over the calls, browses and readings of conditions; to be done before they are audited. */
  attach(server: OPCUAServer): void {
    const { engine } = server;
    const { addressSpaceAccessor: plain } = engine;
    if (!plain) throw new Error('The server is not ready for conditions.');
    this.#server = server;
    engine.addressSpaceAccessor = {
      browse: async (context, nodes) =>
        this.#nodes.browsed(context, nodes, await plain.browse(context, nodes)),
      read: async (context, request) =>
        this.#nodes.read(context, request.nodesToRead ?? [], await plain.read(context, request)),
      historyRead: (context, request) => plain.historyRead(context, request),
      write: (context, nodes) => plain.write(context, nodes),
      call: async (context, methods) => {
        const results: Result[] = [];
        // In order, one after the other, as the library does it.
        for (const method of methods) {
          const own = await this.#call(context, method);
          results.push(own ?? (await plain.call(context, [method]))[0] ?? { statusCode: StatusCodes.Bad });
        }
        return results;
      },
    };
    const translate = engine.translateBrowsePath.bind(engine);
    engine.translateBrowsePath = async (path) => this.#nodes.translated(path) ?? translate(path);
  }

  /** Takes changes of the book, in order, and tells whoever listens. */
  show(changes: readonly AlarmValue[]): void {
    for (const change of changes) {
      const states = this.#book.take(change);
      if (states.length === 0 || !this.#items.listening) continue;
      const source = this.#sources.sourceOf(change.alarm.source);
      if (!source) continue;
      for (const state of states) this.#items.raise(new ConditionEvent(state, source, this.#sources));
    }
  }

  close(): void {
    this.#refreshes.close();
  }

  async #call(context: ISessionContext, request: CallMethodRequest): Promise<Result | undefined> {
    const session = context.session as ServerSession | undefined;
    if (!session) return undefined;
    const { objectId, methodId } = request;
    if (
      objectId.namespace === 0 &&
      objectId.value === ObjectTypeIds.ConditionType &&
      methodId.namespace === 0 &&
      (methodId.value === MethodIds.ConditionType_ConditionRefresh ||
        methodId.value === MethodIds.ConditionType_ConditionRefresh2)
    ) {
      return this.#refresh(session, request, methodId.value === MethodIds.ConditionType_ConditionRefresh2);
    }
    return this.#methods.call(session, request);
  }

  #refresh(session: ServerSession, { inputArguments }: CallMethodRequest, ofItem: boolean): Result {
    const inputs = inputArguments ?? [];
    const takes = ofItem ? 2 : 1;
    if (inputs.length < takes) return { statusCode: StatusCodes.BadArgumentsMissing };
    if (inputs.length > takes) return { statusCode: StatusCodes.BadTooManyArguments };
    const results = inputs.map(({ dataType, arrayType }) =>
      dataType === DataType.UInt32 && arrayType === VariantArrayType.Scalar
        ? StatusCodes.Good
        : StatusCodes.BadTypeMismatch,
    );
    if (results.some((status) => !status.isGood())) {
      return { statusCode: StatusCodes.BadInvalidArgument, inputArgumentResults: results };
    }
    const [subscriptionId, itemId] = inputs.map(({ value }) => Number(value));
    return { statusCode: this.#beginRefresh(session, subscriptionId ?? 0, itemId) };
  }

  #beginRefresh(session: ServerSession, subscriptionId: number, itemId: number | undefined): StatusCode {
    const subscription: Subscription | null = session.getSubscription(subscriptionId);
    if (!subscription) {
      return this.#server?.engine.findSubscription(subscriptionId)
        ? StatusCodes.BadUserAccessDenied
        : StatusCodes.BadSubscriptionIdInvalid;
    }
    let items: readonly EventItem[] = this.#items.of(subscription);
    if (itemId !== undefined) {
      items = items.filter(({ item }) => item.monitoredItemId === itemId);
      if (items.length === 0) return StatusCodes.BadMonitoredItemIdInvalid;
    }
    if (this.#refreshes.isUnderWay(subscription)) return StatusCodes.BadRefreshInProgress;
    this.#refreshes.begin(subscription, items);
    return StatusCodes.Good;
  }
}
