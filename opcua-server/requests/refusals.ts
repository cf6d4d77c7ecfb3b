/**
 * Requests that the library takes and must not, or answers with the wrong status. They are refused before it sees them.
 */
import {
  AttributeIds,
  ContentFilter,
  ContentFilterElement,
  CreateMonitoredItemsRequest,
  ElementOperand,
  EventFilter,
  FilterOperator,
  ModifyMonitoredItemsRequest,
  type OPCUAServer,
  ServiceFault,
  type StatusCode,
  StatusCodes,
  TranslateBrowsePathsToNodeIdsRequest,
} from 'node-opcua';
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

function refusalOf(server: OPCUAServer, { request }: Handled): StatusCode | undefined {
  if (request instanceof TranslateBrowsePathsToNodeIdsRequest) {
    const paths = request.browsePaths ?? [];
    const long = paths.some(({ relativePath }) => (relativePath.elements?.length ?? 0) > LONGEST_BROWSE_PATH);
    return long ? StatusCodes.BadTooManyOperations : undefined;
  }
  if (request instanceof CreateMonitoredItemsRequest) {
    for (const { itemToMonitor, requestedParameters } of request.itemsToCreate ?? []) {
      // The library takes an item without a filter, and then fails at every event, whoever caused it.
      if (itemToMonitor.attributeId === AttributeIds.EventNotifier && !requestedParameters.filter) {
        requestedParameters.filter = REFUSED_FILTER;
      }
    }
    return undefined;
  }
  return request instanceof ModifyMonitoredItemsRequest ? refusalOfChange(server, request) : undefined;
}

/** The library puts a new filter to work before it looks whether it may; and one that is left out as well. */
function refusalOfChange(server: OPCUAServer, request: ModifyMonitoredItemsRequest): StatusCode | undefined {
  const session = server.getSession(request.requestHeader.authenticationToken);
  const subscription = session?.getSubscription(request.subscriptionId);
  for (const { monitoredItemId, requestedParameters } of request.itemsToModify ?? []) {
    const item = subscription?.getMonitoredItem(monitoredItemId);
    if (item?.itemToMonitor.attributeId !== AttributeIds.EventNotifier) continue;
    const { filter } = requestedParameters;
    if (!(filter instanceof EventFilter) || tooLong(filter)) return StatusCodes.BadEventFilterInvalid;
  }
  return undefined;
}

function tooLong({ selectClauses, whereClause }: EventFilter): boolean {
  const operands = (whereClause.elements ?? []).reduce(
    (sum, element) => sum + (element?.filterOperands?.length ?? 0),
    0,
  );
  return (selectClauses?.length ?? 0) > MOST_CLAUSES || operands > MOST_CLAUSES;
}
