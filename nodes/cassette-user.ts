/** How nodes reach the cassette that they name. */
import type { CassetteId } from '../domain/site.ts';
import type { SiteView } from '../gateway/api.ts';
import { NodeError } from './errors.ts';
import type { GatewayNode } from './gateway-user.ts';
import type { FlowNode, NodeApi } from './red.ts';
import { requestFrom, textIn } from './request.ts';

/** What a `sezam-cassette` node offers to the nodes that name it. To them it is a gateway node as well. */
export interface CassetteNode extends FlowNode, Pick<GatewayNode, 'watchGateway'> {
  /** Id of the cassette in the site file; empty: every cassette of the site. */
  readonly cassette: CassetteId;
}

/** The cassette node of that id, or undefined where there is none or it is of another type. */
function findCassetteNode(RED: NodeApi, id: string): CassetteNode | undefined {
  const found = id ? (RED.nodes.getNode(id) as Partial<CassetteNode> | null) : undefined;
  return typeof found?.cassette === 'string' ? (found as CassetteNode) : undefined;
}

/** The cassette that a node is set to, as its setting names it. */
export interface NamedCassette {
  /** Id of the cassette node, by which the gateway is reached. */
  readonly node: string;
  /** Whether an event or view of that cassette is of concern. */
  concerns(cassette: CassetteId): boolean;
  /**
   * The cassette that a message is about: the one of the setting, or, where that is every cassette, `payload.cassette`.
   * @throws NodeError `setting-missing`, `setting-contradicted`, `message-malformed`
   */
  of(payload: unknown): CassetteId;
  /**
   * Makes sure that there is something to hear of.
   * @throws NodeError `setting-missing`, `cassette-not-in-site`
   */
  check(site: SiteView): void;
}

/** Looks up which cassette a node is about. */
export function namedCassette(RED: NodeApi, node: FlowNode, id: string): NamedCassette {
  const found = findCassetteNode(RED, id);
  const cassette = found?.cassette ?? '';
  const checkChosen = (): void => {
    if (found) return;
    throw new NodeError(
      'setting-missing',
      `Node "${node.name || node.type}" names no cassette: open it, choose a cassette, and deploy.`,
    );
  };
  return {
    node: id,
    concerns: (each) => cassette === '' || cassette === each,
    of(payload) {
      checkChosen();
      return textIn(requestFrom({ cassette }, payload, ['cassette']), 'cassette');
    },
    check({ cassettes }) {
      checkChosen();
      if (cassette === '' || cassettes.some(({ id: each }) => each === cassette)) return;
      const known = cassettes.map((each) => each.id).join(', ') || 'none';
      throw new NodeError(
        'cassette-not-in-site',
        `The site has no cassette "${cassette}"; it has ${known}. Choose one, and deploy.`,
      );
    },
  };
}
