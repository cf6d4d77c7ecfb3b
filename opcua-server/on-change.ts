/**
 * Delivers the lockers' values when they change. The library polls every monitored item whose client asked for a
 * sampling interval, even for a value in memory: 6,000 items at 250 ms cost more than half a processor core while
 * nothing happens. A server may revise the interval (OPC 10000-4, 5.13.1.2), so requests for the lockers' own values
 * are revised to 0, exception-based, before the library sees them.
 */
import {
  AttributeIds,
  CreateMonitoredItemsRequest,
  ModifyMonitoredItemsRequest,
  NodeIdType,
  type OPCUAServer,
} from 'node-opcua';
import { publishInCycles } from './publishing-cycle.ts';

/**
 * Applies to the values of the site, which are those with a name in the namespace of that index, and must have a
 * MinimumSamplingInterval of 0: nodes with a number are the library's own, e.g. the diagnostics of sessions, and have
 * values that do not tell when they change. And to the messages of all subscriptions, which carry the changes of a
 * publishing cycle.
 */
export function deliverOnChange(server: OPCUAServer, namespaceIndex: number): void {
  publishInCycles(server);
  server.on('request', (request) => {
    if (request instanceof CreateMonitoredItemsRequest) {
      for (const { itemToMonitor, requestedParameters } of request.itemsToCreate ?? []) {
        const { nodeId, attributeId } = itemToMonitor;
        if (
          attributeId === AttributeIds.Value &&
          nodeId.namespace === namespaceIndex &&
          nodeId.identifierType === NodeIdType.STRING
        ) {
          requestedParameters.samplingInterval = 0;
        }
      }
    } else if (request instanceof ModifyMonitoredItemsRequest) {
      const session = server.getSession(request.requestHeader.authenticationToken);
      const subscription = session?.getSubscription(request.subscriptionId);
      for (const { monitoredItemId, requestedParameters } of request.itemsToModify ?? []) {
        if (subscription?.getMonitoredItem(monitoredItemId)?.isExceptionBased) {
          requestedParameters.samplingInterval = 0;
        }
      }
    }
  });
}
