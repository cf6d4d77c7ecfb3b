/**
 * Monitored values under the right to read them. The library checks the right when it samples a value; one that is
 * delivered when it changes reaches every client that monitors it, whatever its first notification said. Here each
 * value is checked against what the session may read at that moment, so that a right that is gone ends the values. Whatever else
 * is monitored of a node, such as its name, is told to those alone who may find the node.
 */
import {
  AttributeIds,
  DataValue,
  type ISessionContext,
  type MonitoredItem,
  type OPCUAServer,
  type StatusCode,
  StatusCodes,
  type Subscription,
  type UAVariable,
} from 'node-opcua';

/** Applies to everything in the namespace of that index. */
export function deliverToReadersOnly(server: OPCUAServer, namespaceIndex: number): void {
  server.on('create_session', (session) => {
    session.on('new_subscription', (subscription: Subscription) => {
      subscription.on('monitoredItem', (item: MonitoredItem) => {
        const { node, itemToMonitor } = item;
        if (node?.nodeId.namespace !== namespaceIndex) return;
        if (itemToMonitor.attributeId === AttributeIds.Value) {
          const variable = node as UAVariable;
          guard(item, subscription, {
            allows: (context) => variable.isUserReadable(context) && !context.isAccessRestricted(variable),
            refusal: StatusCodes.BadUserAccessDenied,
          });
        } else if (itemToMonitor.attributeId !== AttributeIds.EventNotifier) {
          guard(item, subscription, {
            allows: (context) => !context.isBrowseAccessRestricted(node),
            refusal: StatusCodes.BadNodeIdUnknown,
          });
        }
      });
    });
  });
}

interface Right {
  readonly allows: (context: ISessionContext) => boolean;
  readonly refusal: StatusCode;
}

function guard(item: MonitoredItem, subscription: Subscription, { allows, refusal }: Right): void {
  const record = item.recordValue.bind(item);
  // A subscription without a session waits for one of the same user: it goes on as it was.
  let allowed = false;
  item.recordValue = (value, skipChangeTest, indexRange) => {
    const context = subscription.$session?.sessionContext;
    if (context) allowed = allows(context);
    const shown = allowed ? value : new DataValue({ statusCode: refusal });
    return record(shown, skipChangeTest, indexRange);
  };
}
