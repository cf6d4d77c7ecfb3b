/**
 * Requests that the library takes and must not, or answers with the wrong status. They are refused before it sees them.
 */
import { X509Certificate } from 'node:crypto';
import {
  AggregateFilter,
  AttributeIds,
  ContentFilter,
  ContentFilterElement,
  CreateMonitoredItemsRequest,
  CreateSessionRequest,
  CreateSubscriptionRequest,
  DataChangeFilter,
  ElementOperand,
  EventFilter,
  FilterOperator,
  HistoryReadRequest,
  ModifyMonitoredItemsRequest,
  ModifySubscriptionRequest,
  type MonitoringParameters,
  NodeClass,
  type OPCUAServer,
  ReadEventDetails,
  ServiceFault,
  SimpleAttributeOperand,
  type StatusCode,
  StatusCodes,
  TranslateBrowsePathsToNodeIdsRequest,
} from 'node-opcua';
import { splitChain } from '../client-certificates.ts';
import { LONGEST_BROWSE_PATH, MOST_CLAUSES } from '../limits.ts';

type Handled = Parameters<OPCUAServer['on_request']>[0];

/** A filter that no server takes: its only element is about one that is not there. */
const REFUSED_FILTER = new EventFilter({
  whereClause: new ContentFilter({
    elements: [
      new ContentFilterElement({
        filterOperator: FilterOperator.Not,
        filterOperands: [new ElementOperand({ index: 1 })],
      }),
    ],
  }),
});

/** Refuses what must not be taken, and sets right how the library refuses. For a server that has not been started. */
export function refuseRequests(server: OPCUAServer): void {
  const handle = server.on_request.bind(server);
  server.on_request = (message, channel) => {
    reviseNumbers(message.request);
    const status = refusalOf(server, message);
    if (!status) return handle(message, channel);
    const fault = new ServiceFault({ responseHeader: { serviceResult: status } });
    channel.send_response('MSG', fault, message);
  };
  server.on('response', (response) => {
    const { responseHeader } = response;
    // The library names the transport's limit where it means the client's (OPC 10000-4, 7.38.2).
    if (responseHeader.serviceResult.equals(StatusCodes.BadTcpMessageTooLarge)) {
      responseHeader.serviceResult = StatusCodes.BadResponseTooLarge;
    }
    // With it come the places in the program where something failed.
    if (responseHeader.serviceResult.equals(StatusCodes.BadInternalError)) responseHeader.stringTable = [];
  });
}

/** What is no number, or an infinite one, is as if it were not given; the library would fail at it. */
function reviseNumbers(request: Handled['request']): void {
  if (request instanceof CreateMonitoredItemsRequest) {
    for (const { requestedParameters } of request.itemsToCreate ?? []) reviseSampling(requestedParameters);
  } else if (request instanceof ModifyMonitoredItemsRequest) {
    for (const { requestedParameters } of request.itemsToModify ?? []) reviseSampling(requestedParameters);
  } else if (request instanceof CreateSubscriptionRequest || request instanceof ModifySubscriptionRequest) {
    if (!Number.isFinite(request.requestedPublishingInterval)) request.requestedPublishingInterval = 0;
  } else if (request instanceof CreateSessionRequest) {
    if (!Number.isFinite(request.requestedSessionTimeout)) request.requestedSessionTimeout = 0;
  }
}

/** -1 asks for the interval of the subscription (OPC 10000-4, 7.21). */
function reviseSampling(parameters: MonitoringParameters): void {
  if (!Number.isFinite(parameters.samplingInterval)) parameters.samplingInterval = -1;
}

function refusalOf(server: OPCUAServer, { request }: Handled): StatusCode | undefined {
  if (request instanceof TranslateBrowsePathsToNodeIdsRequest) {
    const paths = request.browsePaths ?? [];
    const long = paths.some(({ relativePath }) => (relativePath.elements?.length ?? 0) > LONGEST_BROWSE_PATH);
    return long ? StatusCodes.BadTooManyOperations : undefined;
  }
  if (request instanceof CreateSessionRequest) {
    return readable(request.clientCertificate) ? undefined : StatusCodes.BadCertificateInvalid;
  }
  if (request instanceof HistoryReadRequest) {
    const { historyReadDetails: details } = request;
    const bad = details instanceof ReadEventDetails && !sensible(server, details.filter);
    return bad ? StatusCodes.BadEventFilterInvalid : undefined;
  }
  if (request instanceof CreateMonitoredItemsRequest) {
    for (const { itemToMonitor, requestedParameters } of request.itemsToCreate ?? []) {
      const { filter } = requestedParameters;
      // The library takes an item for events without a filter, and then fails at every event, whoever caused it.
      const missing = itemToMonitor.attributeId === AttributeIds.EventNotifier && !filter;
      if (missing || (filter && !takes(server, filter))) requestedParameters.filter = REFUSED_FILTER;
    }
    return undefined;
  }
  return request instanceof ModifyMonitoredItemsRequest ? refusalOfChange(server, request) : undefined;
}

/** Whether a certificate, or a chain of them, can be read at all, to its last byte. */
function readable(certificate: Buffer | null): boolean {
  if (!certificate || certificate.length === 0) return true;
  try {
    const chain = splitChain(certificate);
    for (const each of chain) new X509Certificate(each);
    return chain.reduce((sum, { length }) => sum + length, 0) === certificate.length;
  } catch {
    return false;
  }
}

/** The library puts a new filter to work before it looks whether it may; and one that is left out as well. */
function refusalOfChange(server: OPCUAServer, request: ModifyMonitoredItemsRequest): StatusCode | undefined {
  const session = server.getSession(request.requestHeader.authenticationToken);
  const subscription = session?.getSubscription(request.subscriptionId);
  for (const { monitoredItemId, requestedParameters } of request.itemsToModify ?? []) {
    const item = subscription?.getMonitoredItem(monitoredItemId);
    const { filter } = requestedParameters;
    if (filter && !takes(server, filter)) return StatusCodes.BadMonitoredItemFilterInvalid;
    if (item?.itemToMonitor.attributeId !== AttributeIds.EventNotifier) continue;
    if (!(filter instanceof EventFilter) || tooLong(filter)) return StatusCodes.BadEventFilterInvalid;
  }
  return undefined;
}

/** Whether the library can make something of a filter. At others it fails with an item that can never be removed. */
function takes(server: OPCUAServer, filter: object): boolean {
  if (filter instanceof EventFilter) return sensible(server, filter);
  return filter instanceof DataChangeFilter || filter instanceof AggregateFilter;
}

/** Whether what a filter names as types of events are none of another kind. Types that are not there are told one by one. */
function sensible({ engine }: OPCUAServer, { selectClauses, whereClause }: EventFilter): boolean {
  const operands = (whereClause.elements ?? []).flatMap((element) => element?.filterOperands ?? []);
  return [...(selectClauses ?? []), ...operands].every((operand) => {
    if (!(operand instanceof SimpleAttributeOperand)) return true;
    const type = engine.addressSpace?.findNode(operand.typeDefinitionId);
    return !type || type.nodeClass === NodeClass.ObjectType;
  });
}

function tooLong({ selectClauses, whereClause }: EventFilter): boolean {
  const operands = (whereClause.elements ?? []).reduce(
    (sum, element) => sum + (element?.filterOperands?.length ?? 0),
    0,
  );
  return (selectClauses?.length ?? 0) > MOST_CLAUSES || operands > MOST_CLAUSES;
}
