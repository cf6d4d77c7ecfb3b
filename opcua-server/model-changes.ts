/**
 * Tells clients that objects came or went while the server runs (OPC 10000-3, 9.32): GeneralModelChangeEvents, and the
 * NodeVersion of the folder that they stand in.
 */
import {
  DataType,
  ModelChangeStructureDataType,
  type Namespace,
  type UAObject,
  type UAVariable,
  VariantArrayType,
} from 'node-opcua';

/** What was done, as bits (OPC 10000-5, 12.12). */
const NODE_ADDED = 1;
const NODE_DELETED = 2;
const REFERENCE_ADDED = 4;
const REFERENCE_DELETED = 8;

export class ModelChanges {
  readonly #server: UAObject;
  readonly #namespace: Namespace;
  readonly #versions = new Map<UAObject, UAVariable>();
  #changes: ModelChangeStructureDataType[] = [];
  #version = 0;

  constructor(namespace: Namespace, server: UAObject) {
    this.#namespace = namespace;
    this.#server = server;
  }

  /** Keeps the version of a folder whose content may change while clients are connected. */
  version(folder: UAObject): void {
    this.#versions.set(folder, addVersion(this.#namespace, folder));
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

  /** Tells what has changed since it was told last. */
  tell(): void {
    if (this.#changes.length === 0) return;
    const changes = this.#changes;
    this.#changes = [];
    this.#version += 1;
    const changed = new Set(changes.map(({ affected }) => affected.toString()));
    for (const [folder, version] of this.#versions) {
      if (changed.has(folder.nodeId.toString())) {
        version.setValueFromSource({ dataType: DataType.String, value: String(this.#version) });
      }
    }
    this.#server.raiseEvent('GeneralModelChangeEventType', {
      changes: { dataType: DataType.ExtensionObject, arrayType: VariantArrayType.Array, value: changes },
      message: { dataType: DataType.LocalizedText, value: { locale: 'en', text: 'The site has changed.' } },
      sourceNode: { dataType: DataType.NodeId, value: this.#server.nodeId },
      sourceName: { dataType: DataType.String, value: 'Server' },
    });
  }

  #note(node: UAObject, verb: number): void {
    this.#changes.push(
      new ModelChangeStructureDataType({
        affected: node.nodeId,
        affectedType: node.typeDefinition ?? null,
        verb,
      }),
    );
  }
}

function addVersion(namespace: Namespace, folder: UAObject): UAVariable {
  return namespace.addVariable({
    propertyOf: folder,
    nodeId: `s=${String(folder.nodeId.value)}/NodeVersion`,
    browseName: { name: 'NodeVersion', namespaceIndex: 0 },
    dataType: DataType.String,
    accessLevel: 'CurrentRead',
    minimumSamplingInterval: 0,
    value: { dataType: DataType.String, value: '0' },
  });
}
