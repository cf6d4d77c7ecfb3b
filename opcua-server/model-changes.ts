/**
 * Tells clients that objects came or went while the server runs (OPC 10000-3, 9.32): GeneralModelChangeEvents, and the
 * NodeVersion of what has changed. Nodes without a version are told of by nobody (9.32.2): compartments and devices change
 * the folder that they stand in, and so do cassettes, of which not everybody may know.
 */
import {
  DataType,
  ModelChangeStructureDataType,
  type Namespace,
  type UAObject,
  type UAVariable,
  VariantArrayType,
} from 'node-opcua';

/** What was done, as bits (OPC 10000-3, 9.32.7). */
const NODE_ADDED = 1;
const NODE_DELETED = 2;
const REFERENCE_ADDED = 4;
const REFERENCE_DELETED = 8;

/** Of 1 to 1000 (OPC 10000-5, 6.4.2): nothing that anybody has to see to. */
const SEVERITY = 100;

export class ModelChanges {
  readonly #server: UAObject;
  readonly #namespace: Namespace;
  readonly #versions = new WeakMap<UAObject, UAVariable>();
  /** What has changed, and how, in the order of the first change. */
  #changes = new Map<UAObject, ModelChangeStructureDataType>();
  /** Counted on from the time of the start: a client that has seen a version before it sees another one. */
  #version = Date.now();

  constructor(namespace: Namespace, server: UAObject) {
    this.#namespace = namespace;
    this.#server = server;
  }

  /** Keeps the version of an object whose references may change while clients are connected. */
  version(object: UAObject): void {
    this.#versions.set(object, addVersion(this.#namespace, object, this.#version));
  }

  added(node: UAObject, folder: UAObject): void {
    this.#note(node, NODE_ADDED);
    this.#note(folder, REFERENCE_ADDED);
  }

  /** To be called before the node is deleted. */
  removed(node: UAObject, folder: UAObject): void {
    this.#note(node, NODE_DELETED);
    this.#note(folder, REFERENCE_DELETED);
  }

  /** An object refers to another one, or does so no more, that does not stand in it. */
  referenced(node: UAObject, change: 'added' | 'deleted'): void {
    this.#note(node, change === 'added' ? REFERENCE_ADDED : REFERENCE_DELETED);
  }

  /** Tells what has changed since it was told last. */
  tell(): void {
    if (this.#changes.size === 0) return;
    const changes = this.#changes;
    this.#changes = new Map();
    this.#version = Math.max(this.#version + 1, Date.now());
    const value = { dataType: DataType.String, value: String(this.#version) };
    for (const [node, { verb }] of changes) {
      if (!(verb & NODE_DELETED)) this.#versions.get(node)?.setValueFromSource(value);
    }
    this.#server.raiseEvent('GeneralModelChangeEventType', {
      changes: {
        dataType: DataType.ExtensionObject,
        arrayType: VariantArrayType.Array,
        value: [...changes.values()],
      },
      message: { dataType: DataType.LocalizedText, value: { locale: 'en', text: 'The site has changed.' } },
      severity: { dataType: DataType.UInt16, value: SEVERITY },
      sourceNode: { dataType: DataType.NodeId, value: this.#server.nodeId },
      sourceName: { dataType: DataType.String, value: 'Server' },
    });
  }

  #note(node: UAObject, verb: number): void {
    if (!this.#versions.has(node)) return;
    const known = this.#changes.get(node);
    if (known) known.verb |= verb;
    else this.#changes.set(node, changeOf(node, verb));
  }
}

/** Made while the node is there: one that is deleted has no type any more. */
function changeOf({ nodeId, typeDefinition }: UAObject, verb: number): ModelChangeStructureDataType {
  return new ModelChangeStructureDataType({ affected: nodeId, affectedType: typeDefinition, verb });
}

function addVersion(namespace: Namespace, object: UAObject, version: number): UAVariable {
  return namespace.addVariable({
    propertyOf: object,
    nodeId: `s=${String(object.nodeId.value)}/NodeVersion`,
    browseName: { name: 'NodeVersion', namespaceIndex: 0 },
    dataType: DataType.String,
    accessLevel: 'CurrentRead',
    minimumSamplingInterval: 0,
    value: { dataType: DataType.String, value: String(version) },
  });
}
