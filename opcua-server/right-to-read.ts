/**
 * Monitored values under the right to read them. The library checks the right when it samples a value; one that is
 * delivered when it changes reaches every client that monitors it, whatever its first notification said. Here each
 * value is checked against what the session may read at that moment, so that a right that is gone ends the values.
 */
import {
  AttributeIds,
  DataValue,
  type MonitoredItem,
  type OPCUAServer,
  StatusCodes,
  type Subscription,
  type UAVariable,
} from 'node-opcua';

/** Applies to all values in the namespace of that index. */
export function deliverToReadersOnly(server: OPCUAServer, namespaceIndex: number): void {
  server.on('create_session', (session) => {
    session.on('new_subscription', (subscription: Subscription) => {
      subscription.on('monitoredItem', (item: MonitoredItem) => {
        const { node, itemToMonitor } = item;
        if (node?.nodeId.namespace === namespaceIndex && itemToMonitor.attributeId === AttributeIds.Value) {
          guard(item, node as UAVariable, subscription);
        }
      });
    });
  });
}

function guard(item: MonitoredItem, variable: UAVariable, subscription: Subscription): void {
  const record = item.recordValue.bind(item);
  // A subscription without a session waits for one of the same user: it goes on as it was.
  let allowed = false;
  item.recordValue = (value, skipChangeTest, indexRange) => {
    const context = subscription.$session?.sessionContext;
    if (context) allowed = variable.isUserReadable(context) && !context.isAccessRestricted(variable);
    const shown = allowed ? value : new DataValue({ statusCode: StatusCodes.BadUserAccessDenied });
    return record(shown, skipChangeTest, indexRange);
  };
}
