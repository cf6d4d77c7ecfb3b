/** What the tests of conformance units share: requests as they are on the wire, and nodes of the standard. */
import {
  AttributeIds,
  type ClientMonitoredItem,
  type ClientSession,
  type ClientSubscription,
  type DataChangeFilter,
  type DataValue,
  MonitoringMode,
  type OPCUAClient,
  TimestampsToReturn,
  type VariableIds,
} from 'node-opcua';
import type { TestClient } from '../support/client.ts';

/** A request and a response of the standard, whatever they are. */
interface OnTheWire {
  readonly requestHeader: { requestHandle: number };
}
interface Answer {
  readonly responseHeader: { readonly serviceResult: { readonly name: string } };
}
interface Wire {
  performMessageTransaction(
    request: OnTheWire,
    callback: (error: (Error & { response?: Answer }) | null, response?: Answer) => void,
  ): void;
}

/** Sends a request as it is, within a session or without. Resolves with the response, a ServiceFault too. */
export function send<Response extends Answer = Answer>(
  session: ClientSession | OPCUAClient,
  request: OnTheWire,
): Promise<Response> {
  return new Promise((resolve, reject) => {
    (session as unknown as Wire).performMessageTransaction(request, (error, response) => {
      const answer = error?.response ?? response;
      if (answer) resolve(answer as Response);
      else reject(error ?? new Error('There was no answer.'));
    });
  });
}

/** The name of the status of a response as a whole. */
export function statusOf({ responseHeader }: Answer): string {
  return responseHeader.serviceResult.name;
}

/** Reads the value of a variable of the standard. */
export async function standard(client: TestClient, id: VariableIds): Promise<DataValue> {
  return client.session.read({ nodeId: `ns=0;i=${id}`, attributeId: AttributeIds.Value });
}

/** A subscription that publishes quickly and keeps alive for long enough. */
export function subscribe(
  { session }: TestClient,
  publishingInterval = 20,
  priority = 0,
): Promise<ClientSubscription> {
  return session.createSubscription2({
    requestedPublishingInterval: publishingInterval,
    requestedLifetimeCount: 1_000,
    requestedMaxKeepAliveCount: 10,
    publishingEnabled: true,
    priority,
  });
}

interface Monitoring {
  readonly queueSize?: number;
  readonly filter?: DataChangeFilter;
  readonly mode?: MonitoringMode;
}

/** Monitors the value of a node, and collects what is told of it. */
export async function monitored(
  subscription: ClientSubscription,
  nodeId: string,
  { queueSize = 100, filter, mode = MonitoringMode.Reporting }: Monitoring = {},
): Promise<{ readonly values: DataValue[]; readonly item: ClientMonitoredItem }> {
  const values: DataValue[] = [];
  const item = (await subscription.monitor(
    { nodeId, attributeId: AttributeIds.Value },
    { samplingInterval: 0, queueSize, discardOldest: true, ...(filter && { filter }) },
    TimestampsToReturn.Both,
    mode,
  )) as ClientMonitoredItem;
  item.on('changed', (value: DataValue) => void values.push(value));
  return { values, item };
}
