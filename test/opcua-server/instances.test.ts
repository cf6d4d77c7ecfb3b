import { expect } from 'chai';
import {
  type BaseNode,
  BrowseDirection,
  DataType,
  NodeClass,
  type UAObject,
  type UAObjectType,
  type UAVariable,
  VariantArrayType,
} from 'node-opcua';
import { cassetteView } from './support/cassette-views.ts';
import { MemoryGateway } from './support/memory-gateway.ts';
import { SiteInMemory } from './support/site-in-memory.ts';

/** Ids with everything that a node id could take for something else. */
const ODD = 'B/2 ż%;s=x';

describe('OPC UA objects of the site, compared with their types', () => {
  let site: SiteInMemory;
  /** Every node of the site. */
  let nodes: readonly BaseNode[];

  before(async () => {
    site = await SiteInMemory.of(gatewayWith(['A', ODD, 'E']));
    nodes = nodesOf(site);
  });

  after(() => site?.close());

  /** A site with all that a site may have. */
  function gatewayWith(cabinets: readonly string[]): MemoryGateway {
    const sizes: Readonly<Record<string, number>> = { A: 20, [ODD]: 3, E: 0 };
    const gateway = new MemoryGateway(Object.fromEntries(cabinets.map((id) => [id, sizes[id] ?? 2])), [
      cassetteView(),
      cassetteView({ id: 'K%2' }),
    ]);
    gateway.site = {
      ...gateway.site,
      cabinets: cabinets.map((id) => ({
        id,
        name: `Cabinet ${id}`,
        ...(id === 'A' && {
          nameplate: { manufacturer: 'X', serialNumber: '1', productInstanceUri: 'https://example.com/1' },
        }),
      })),
      readers: [{ id: 'door/1', cabinet: 'A', panel: 'P', bus: 'b', decide: 'gateway' }],
    };
    return gateway;
  }

  /** Everything that is reached from the site and stands in the server's own namespace. */
  function nodesOf({ addressSpace }: SiteInMemory): readonly BaseNode[] {
    const found = new Map<string, BaseNode>();
    const visit = (node: BaseNode): void => {
      const key = node.nodeId.toString();
      if (node.nodeId.namespace !== 1 || found.has(key)) return;
      found.set(key, node);
      for (const reference of node.findReferencesEx('HierarchicalReferences', BrowseDirection.Forward)) {
        const next = addressSpace.findNode(reference.nodeId);
        if (next) visit(next);
      }
    };
    visit(siteIn(addressSpace));
    return [...found.values()];
  }

  function siteIn(addressSpace: SiteInMemory['addressSpace']): BaseNode {
    const node = addressSpace.findNode('ns=1;s=site');
    if (!node) throw new Error('There is no site.');
    return node;
  }

  /** What a type, or a member of one, says that is there; of a name, what is said nearest to the object. */
  function declaredBy(type: BaseNode): Map<string, { readonly node: BaseNode; readonly by: string }> {
    const declared = new Map<string, { node: BaseNode; by: string }>();
    for (let each: BaseNode | null = type; each; each = superTypeOf(each)) {
      for (const reference of each.findReferencesEx('Aggregates', BrowseDirection.Forward)) {
        const node = site.addressSpace.findNode(reference.nodeId);
        const name = node?.browseName.toString() ?? '';
        if (!node || declared.has(name)) continue;
        declared.set(name, { node, by: reference.referenceType.toString() });
      }
    }
    for (const [name, { node }] of declared) {
      const { modellingRule } = node as UAObject;
      if (modellingRule !== 'Mandatory' && modellingRule !== 'Optional') declared.delete(name);
    }
    return declared;
  }

  function superTypeOf(node: BaseNode): BaseNode | null {
    const isType = node.nodeClass === NodeClass.ObjectType || node.nodeClass === NodeClass.VariableType;
    return isType ? (node as UAObjectType).subtypeOfObj : null;
  }

  /** How a node differs from what is declared, with everything in it. */
  function differences(node: BaseNode, declaring: BaseNode): string[] {
    const parts = node.findReferencesEx('Aggregates', BrowseDirection.Forward);
    return [...declaredBy(declaring)].flatMap(([name, { node: declared, by }]) => {
      const part = parts
        .map((reference) => ({ reference, node: site.addressSpace.findNode(reference.nodeId) }))
        .find((each) => each.node?.browseName.toString() === name);
      if (!part?.node) {
        const missing = (declared as UAObject).modellingRule === 'Mandatory';
        return missing ? [`${node.nodeId.toString()} has no ${name}`] : [];
      }
      const [is, should] = [inWords(part.node), inWords(declared)];
      const own = [
        ...(is === should ? [] : [`${part.node.nodeId.toString()} is ${is}, not ${should}`]),
        ...(part.reference.referenceType.toString() === by
          ? []
          : [`${part.node.nodeId.toString()} stands there by another reference than ${by}`]),
      ];
      return [...own, ...differences(part.node, declared)];
    });
  }

  /** What instances have in common with what a type declares. */
  function inWords(node: BaseNode): string {
    if (node.nodeClass === NodeClass.Method) return 'Method';
    const type = (node as UAObject).typeDefinition?.toString() ?? '';
    if (node.nodeClass !== NodeClass.Variable) return `${NodeClass[node.nodeClass]} ${type}`;
    const { dataType, valueRank, historizing } = node as UAVariable;
    return `Variable ${type} ${dataType.toString()} ${valueRank} ${String(historizing)}`;
  }

  it('have every mandatory part, and each part is of the class, type and data type, and stands there by the reference, that the type says', () => {
    const found = nodes.flatMap((node) => {
      if (node.nodeClass === NodeClass.Method) return [];
      const type = (node as UAObject).typeDefinitionObj as BaseNode | undefined;
      return type ? differences(node, type) : [`${node.nodeId.toString()} has no type`];
    });
    expect(found).to.deep.equal([]);
    expect(nodes.length).to.be.greaterThan(500);
  });

  it('are of types that objects may be of, and carry no rule of types', () => {
    for (const node of nodes) {
      if (node.nodeClass !== NodeClass.Method) {
        const type = (node as UAObject).typeDefinitionObj as UAObjectType;
        expect(type.isAbstract, node.nodeId.toString()).to.equal(false);
      }
      expect(node.findReferencesEx('HasModellingRule').length, node.nodeId.toString()).to.equal(0);
    }
  });

  it('have values of the type and rank that they declare, empty ones too', () => {
    const found = nodes.flatMap((node) => {
      if (node.nodeClass !== NodeClass.Variable) return [];
      const variable = node as UAVariable;
      const { value, statusCode } = variable.readValue();
      const name = variable.nodeId.toString();
      if (statusCode.name.startsWith('Bad'))
        return name.endsWith('/Light') ? [] : [`${name} ${statusCode.name}`];
      const arrayType = variable.valueRank >= 0 ? VariantArrayType.Array : VariantArrayType.Scalar;
      return value.dataType === variable.getBasicDataType() && value.arrayType === arrayType
        ? []
        : [`${name} is ${DataType[value.dataType]} ${VariantArrayType[value.arrayType]}`];
    });
    expect(found).to.deep.equal([]);
  });

  it('are referred back to by what they refer to', () => {
    const keyOf = (from: BaseNode, type: string, to: BaseNode): string =>
      `${from.nodeId.toString()} ${type} ${to.nodeId.toString()}`;
    for (const node of nodes) {
      for (const reference of node.findReferencesEx('HierarchicalReferences', BrowseDirection.Forward)) {
        const target = site.addressSpace.findNode(reference.nodeId);
        const type = reference.referenceType.toString();
        const back = target
          ?.findReferencesEx('HierarchicalReferences', BrowseDirection.Inverse)
          .some(
            (each) =>
              each.referenceType.toString() === type && each.nodeId.toString() === node.nodeId.toString(),
          );
        expect(back, target ? keyOf(node, type, target) : reference.toString()).to.equal(true);
      }
    }
  });

  it('have the same ids in another address space, whatever came first', async () => {
    const ids = (all: readonly BaseNode[]): string[] => all.map(({ nodeId }) => nodeId.toString()).sort();
    expect(ids(nodes).filter((id) => !id.startsWith('ns=1;s='))).to.deep.equal([]);
    const gateway = gatewayWith(['E', 'X', 'A']);
    const other = await SiteInMemory.of(gateway);
    try {
      gateway.removeCabinet('X');
      await other.turn();
      gateway.addCabinet(ODD, 3);
      await other.turn();
      expect(ids(nodesOf(other))).to.deep.equal(ids(nodes));
    } finally {
      other.close();
    }
  });

  it('leave nothing behind when they go, and come back with what they are then', async () => {
    const gateway = gatewayWith(['A']);
    const other = await SiteInMemory.of(gateway);
    const count = (): number => nodesOf(other).length;
    try {
      const before = count();
      const [cabinet] = gateway.site.cabinets;
      gateway.removeCabinet('A');
      await other.turn();
      const left = nodesOf(other).map(({ nodeId }) => nodeId.toString());
      expect(left.filter((id) => id.includes('cabinet/A'))).to.deep.equal([]);
      expect(other.has('cabinet/A/Identification/SerialNumber')).to.equal(false);
      gateway.addCabinet('A', 20);
      if (cabinet) gateway.site = { ...gateway.site, cabinets: [cabinet] };
      await other.turn();
      expect(count()).to.equal(before);
      expect(other.value('cabinet/A/Identification/SerialNumber')).to.equal('1');
    } finally {
      other.close();
    }
  });

  it('have ids in which nothing of an id of the site can be taken for a separator', () => {
    const encoded = `cabinet/${encodeURIComponent(ODD)}`;
    expect(site.has(`${encoded}/compartment/3/State`)).to.equal(true);
    expect(site.has('cassette/K%252/State')).to.equal(true);
    expect(site.has('cabinet/A/reader/door%2F1/Bus')).to.equal(true);
    expect(site.addressSpace.findNode(`ns=1;s=${encoded}`)?.browseName.toString()).to.equal(`1:${ODD}`);
  });
});
