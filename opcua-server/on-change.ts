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
  type OPCUAServer,
} from 'node-opcua';
import { publishInCycles } from './publishing-cycle.ts';

/**
 * Applies to all values in the namespace of that index, which must have a MinimumSamplingInterval of 0; and to the
 * messages of all subscriptions, which carry the changes of a publishing cycle.
 */
export function deliverOnChange(server: OPCUAServer, namespaceIndex: number): void {
  publishInCycles(server);
  server.on('request', (request) => {
    if (request instanceof CreateMonitoredItemsRequest) {
      for (const { itemToMonitor, requestedParameters } of request.itemsToCreate ?? []) {
        if (
          itemToMonitor.attributeId === AttributeIds.Value &&
          itemToMonitor.nodeId.namespace === namespaceIndex
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
