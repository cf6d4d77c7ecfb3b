/** What the server says of itself about history: Server/ServerCapabilities, and HistoryServerCapabilities in it. */
import {
  type AddressSpace,
  EventNotifierFlags,
  makeNodeId,
  type OPCUAServer,
  PermissionType,
  type UAObject,
  WellKnownRoles,
} from 'node-opcua';
import { STANDARD_NODES } from '../security.ts';
import { AGGREGATE_IDS } from './aggregates.ts';
import { MOST_POINTS } from './continuation-points.ts';
import { MOST_ROWS } from './reading.ts';

/** Most nodes of one request. */
const MOST_NODES = 32;

export const HISTORY_LIMITS = {
  maxHistoryContinuationPoints: MOST_POINTS,
  operationLimits: { maxNodesPerHistoryReadData: MOST_NODES, maxNodesPerHistoryReadEvents: MOST_NODES },
};

/** The log is read and never changed: nothing can be inserted, replaced or deleted. */
const CAPABILITIES = {
  accessHistoryDataCapability: true,
  accessHistoryEventsCapability: true,
  maxReturnDataValues: MOST_ROWS,
  maxReturnEventValues: MOST_ROWS,
};

/** Shows what can be read, the aggregates, and that the Server object has the events of all. */
export function showCapabilities({ engine }: OPCUAServer, addressSpace: AddressSpace): void {
  Object.assign(engine.historyServerCapabilities, CAPABILITIES);
  const { server } = addressSpace.rootFolder.objects;
  const { serverCapabilities } = server;
  const folders = [
    serverCapabilities.aggregateFunctions,
    serverCapabilities.getChildByName('HistoryServerCapabilities')?.getChildByName('AggregateFunctions'),
  ];
  for (const folder of folders) {
    for (const id of AGGREGATE_IDS) {
      folder?.addReference({ nodeId: makeNodeId(id), referenceType: 'Organizes' });
    }
  }
  const object: UAObject = server;
  object.setEventNotifier(object.eventNotifier | EventNotifierFlags.HistoryRead);
  object.setRolePermissions([
    ...STANDARD_NODES,
    {
      roleId: WellKnownRoles.Observer,
      permissions:
        PermissionType.Browse |
        PermissionType.Read |
        PermissionType.Call |
        PermissionType.ReceiveEvents |
        PermissionType.ReadHistory,
    },
  ]);
}
