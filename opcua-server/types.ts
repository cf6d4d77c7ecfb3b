/** The types of the information model in an address space: loaded from the NodeSet, named in every language. */
import { fileURLToPath } from 'node:url';
import {
  type AddressSpace,
  type BaseNode,
  type LocalizedText,
  type Namespace,
  NodeId,
  NodeIdType,
  nodesets,
  type UAObject,
  type UAObjectType,
} from 'node-opcua';
import { designId, type OtherModel, type Words } from './design/design.ts';
import { MODEL } from './design/model.ts';
import { REQUIRED_MODELS } from './design/standard.ts';
import { everyArgument, everyNode } from './design/walk.ts';
import { NAMESPACE_URI } from './names.ts';
import { shown } from './words.ts';

/** What the server loads: the standard, the companion specifications, and the model of Sezam. */
export const NODESETS: readonly string[] = [
  nodesets.standard,
  nodesets.di,
  nodesets.ia,
  nodesets.machinery,
  nodesets.autoId,
  fileURLToPath(new URL('./nodesets/Sezam.NodeSet2.xml', import.meta.url)),
];

/** An object of a model that this one rests on, e.g. the folder of all machines. @param id without its namespace, e.g. `i=1001` */
export function companionObject(addressSpace: AddressSpace, model: OtherModel, id: string): UAObject {
  const node = addressSpace.getNamespace(REQUIRED_MODELS[model].uri).findNode(id);
  if (!node) throw new Error(`${REQUIRED_MODELS[model].uri} has no ${id}.`);
  return node as UAObject;
}

/** The types of the model. */
export class Types {
  readonly namespace: Namespace;
  /** By node id without its namespace. */
  readonly #descriptions: ReadonlyMap<string, Words>;

  readonly #argumentWords: ReadonlyMap<string, Words> = new Map(
    everyArgument(MODEL).map(({ description }) => [description.en, description]),
  );

  private constructor(namespace: Namespace, descriptions: ReadonlyMap<string, Words>) {
    this.namespace = namespace;
    this.#descriptions = descriptions;
  }

  /** The types in an address space that has loaded `NODESETS`. */
  static in(addressSpace: AddressSpace): Types {
    const namespace = addressSpace.getNamespace(NAMESPACE_URI) as Namespace;
    namespace.version = MODEL.version;
    namespace.publicationDate = MODEL.published;
    // Of several names and descriptions of a node the library keeps the last one that it reads.
    const descriptions = new Map<string, Words>();
    for (const { id, name, description } of everyNode(MODEL)) {
      namespace.findNode(id)?.setDisplayName(shown(name));
      descriptions.set(id.slice('s='.length), description);
    }
    return new Types(namespace, descriptions);
  }

  /** What a node of the model is, in English; for one of another model what that says. */
  descriptionOf({ nodeId, description }: BaseNode): LocalizedText {
    const known =
      nodeId.namespace === this.namespace.index ? this.#descriptions.get(String(nodeId.value)) : undefined;
    return known ? shown(known) : description;
  }

  /** The names of an enumeration's values, in their order. @param id of its EnumStrings, without the namespace */
  wordsOf(id: string): readonly Words[] | undefined {
    const enumeration = MODEL.enumerations.find(({ browse }) => id === `type/${browse}/EnumStrings`);
    return enumeration?.values.map(({ name }) => name);
  }

  /** What is said of an argument, by its English words: those of one sentence are the same at every method. */
  argumentWords(description: string): Words | undefined {
    return this.#argumentWords.get(description);
  }

  /** The whole node id of a node of the model. @param id without its namespace, e.g. `s=type/CabinetType` */
  nodeId(id: string): NodeId {
    return new NodeId(NodeIdType.STRING, id.slice('s='.length), this.namespace.index);
  }

  /** A type of objects or events by its browse name. @throws where the model has none of that name */
  type(browse: string): UAObjectType {
    const type = this.namespace.findNode(designId(browse));
    if (!type) throw new Error(`The information model has no type "${browse}".`);
    return type as UAObjectType;
  }
}
