/**
 * Nodes that a session may not find (permission Browse, OPC 10000-3, 8.55). The library leaves them out of what others refer to, and
 * no more: whoever guesses a node id could browse from there, read names and translate paths. Here a hidden node is answered like one
 * that is not there. Its value is refused as ever, by the permission to read.
 */
import {
  AttributeIds,
  type BaseNode,
  BrowseResult,
  DataValue,
  type ISessionContext,
  type NodeId,
  type OPCUAServer,
  resolveNodeId,
  StatusCodes,
  TranslateBrowsePathsToNodeIdsRequest,
  TranslateBrowsePathsToNodeIdsResponse,
} from 'node-opcua';
import type { ResponseWatch } from './services/responses.ts';

type Accessor = NonNullable<OPCUAServer['engine']['addressSpaceAccessor']>;
type Find = (nodeId: NodeId) => BaseNode | null;

/** Hides nodes from browsing, and from reading anything but a value. */
export function hideNodes(plain: Accessor, find: Find): Accessor {
  const hidden = (context: ISessionContext, nodeId: NodeId): boolean => {
    const node = find(nodeId);
    return node !== null && context.isBrowseAccessRestricted(node);
  };
  return {
    browse: async (context, nodes) => {
      const results = await plain.browse(context, nodes);
      return results.map((result, index) => {
        const nodeId = nodes[index]?.nodeId;
        return nodeId && hidden(context, resolveNodeId(nodeId))
          ? new BrowseResult({ statusCode: StatusCodes.BadNodeIdUnknown })
          : result;
      });
    },
    read: async (context, request) => {
      const results = await plain.read(context, request);
      for (const [index, { nodeId, attributeId }] of (request.nodesToRead ?? []).entries()) {
        if (attributeId === AttributeIds.Value || !nodeId) continue;
        if (hidden(context, nodeId as NodeId))
          results[index] = new DataValue({ statusCode: StatusCodes.BadNodeIdUnknown });
      }
      return results;
    },
    historyRead: (context, request) => plain.historyRead(context, request),
    write: (context, nodes) => plain.write(context, nodes),
    call: (context, methods) => plain.call(context, methods),
  };
}

/** Takes hidden nodes out of what paths lead to: the library does not know for whom it follows them. */
export function hidePaths(server: OPCUAServer, find: Find): ResponseWatch {
  return (_channel, response, { request }) => {
    if (!(response instanceof TranslateBrowsePathsToNodeIdsResponse)) return true;
    if (!(request instanceof TranslateBrowsePathsToNodeIdsRequest)) return true;
    const context = server.getSession(request.requestHeader.authenticationToken)?.sessionContext;
    const hidden = (nodeId: NodeId): boolean => {
      const node = find(nodeId);
      return node !== null && (!context || context.isBrowseAccessRestricted(node));
    };
    for (const [index, result] of (response.results ?? []).entries()) {
      const start = request.browsePaths?.[index]?.startingNode;
      if (start && hidden(start)) {
        result.statusCode = StatusCodes.BadNodeIdUnknown;
        result.targets = [];
        continue;
      }
      const seen = (result.targets ?? []).filter(({ targetId }) => !hidden(targetId));
      if (seen.length === (result.targets ?? []).length) continue;
      result.targets = seen;
      if (seen.length === 0) result.statusCode = StatusCodes.BadNoMatch;
    }
    return true;
  };
}
