/** The variables of the site as lists of tags for SCADA tools, walked page by page. */
import { randomBytes } from 'node:crypto';
import { DataType, NodeClass, type UADataType, type UAObject, type UAVariable } from 'node-opcua';
import type { Milliseconds } from '../domain/site.ts';
import type { OpcUaTag, OpcUaTagPage, OpcUaTagRequest } from '../gateway/opcua-administration.ts';
import { MODEL } from './design/model.ts';
import type { Model } from './model.ts';
import { nodeIds } from './names.ts';
import { AdministrationRefused } from './refused.ts';

/** Tags on a page: few enough for clients not to notice that somebody asks. */
const PAGE = 250;
/** Lists that may be under way; the oldest gives way. */
const MOST_WALKS = 4;
/** A list that nobody goes on with is forgotten. */
const FORGOTTEN_AFTER: Milliseconds = 60_000;

/** What stands in an object as a part of it, and what a folder holds; not what an object only reports events of. */
const CHILDREN = ['HasComponent', 'Organizes'] as const;

interface Walk {
  readonly tags: Iterator<OpcUaTag>;
  readonly forgetting: NodeJS.Timeout;
}

/** Lists of tags that are under way. */
export class TagLists {
  readonly #model: Model;
  readonly #walks = new Map<string, Walk>();

  constructor(model: Model) {
    this.#model = model;
  }

  /**
   * The first page of a list, or the next one of a list that is under way.
   * @throws AdministrationRefused for a cabinet or cassette that is not there, and a list that is not under way any more
   */
  page(request: OpcUaTagRequest): OpcUaTagPage {
    const tags = request.next === undefined ? this.#begun(request) : this.#gone(request.next);
    const page: OpcUaTag[] = [];
    while (page.length < PAGE) {
      const { done, value } = tags.next();
      if (done) return { tags: page };
      page.push(value);
    }
    return { tags: page, next: this.#keep(tags) };
  }

  close(): void {
    for (const { forgetting } of this.#walks.values()) clearTimeout(forgetting);
    this.#walks.clear();
  }

  #begun({ cabinet, cassette }: OpcUaTagRequest): Iterator<OpcUaTag> {
    const { namespace } = this.#model;
    const find = (id: string): UAObject | null => namespace.findNode(id) as UAObject | null;
    const site = find(nodeIds.site);
    if (!site) throw new Error('The site has no object.');
    const top = ['Objects', nameOf(site)];
    if (cabinet === undefined && cassette === undefined) return this.#tagsOf(site, top);
    const walks: (() => Iterator<OpcUaTag> & Iterable<OpcUaTag>)[] = [];
    if (cabinet !== undefined) {
      const found = find(nodeIds.cabinet(cabinet));
      if (!found) throw unknown('cabinet', cabinet);
      walks.push(() => this.#tagsOf(found, [...top, 'Cabinets', nameOf(found)]));
    }
    if (cassette !== undefined) {
      const found = find(nodeIds.cassette(cassette));
      if (!found) throw unknown('cassette', cassette);
      walks.push(() => this.#tagsOf(found, [...top, 'Cassettes', nameOf(found)]));
    }
    return (function* () {
      for (const walk of walks) yield* walk();
    })();
  }

  #gone(next: string): Iterator<OpcUaTag> {
    const walk = this.#walks.get(next);
    if (!walk) {
      throw new AdministrationRefused(
        'tag-list-expired',
        'This list of tags is not under way any more. Ask for it from the beginning.',
      );
    }
    clearTimeout(walk.forgetting);
    this.#walks.delete(next);
    return walk.tags;
  }

  #keep(tags: Iterator<OpcUaTag>): string {
    const [oldest] = this.#walks.keys();
    if (oldest !== undefined && this.#walks.size >= MOST_WALKS) this.#gone(oldest);
    const next = randomBytes(12).toString('base64url');
    const forgetting = setTimeout(() => this.#walks.delete(next), FORGOTTEN_AFTER);
    forgetting.unref();
    this.#walks.set(next, { tags, forgetting });
    return next;
  }

  /** The variables of an object, then those of the objects in it. Properties and methods are no tags. */
  *#tagsOf(object: UAObject | UAVariable, path: readonly string[]): Generator<OpcUaTag> {
    const children = CHILDREN.flatMap((reference) => object.findReferencesAsObject(reference, true));
    for (const child of children) {
      if (child.nodeClass !== NodeClass.Variable) continue;
      const own = [...path, nameOf(child)];
      const tag = this.#tagOf(child as UAVariable, own);
      if (tag) yield tag;
      yield* this.#tagsOf(child as UAVariable, own);
    }
    for (const child of children) {
      if (child.nodeClass === NodeClass.Object)
        yield* this.#tagsOf(child as UAObject, [...path, nameOf(child)]);
    }
  }

  /** A variable as a tag; undefined where its values are structures, which no tag of a SCADA tool holds. */
  #tagOf(variable: UAVariable, path: readonly string[]): OpcUaTag | undefined {
    const { addressSpace } = this.#model;
    const dataType = addressSpace.findCorrespondingBasicDataType(variable.dataType);
    if (!PLAIN.has(dataType)) return undefined;
    const values = this.#valuesOf(variable);
    const unit = unitOf(variable);
    return {
      nodeId: variable.nodeId.toString(),
      path,
      displayName: variable.displayName[0]?.text ?? nameOf(variable),
      dataType: DataType[dataType],
      array: variable.valueRank >= 0,
      history: variable.historizing,
      ...(unit !== undefined && { unit }),
      ...(values && { values }),
      description: variable.description.text ?? '',
    };
  }

  /** What the numbers of an enumeration of ours mean. */
  #valuesOf({ dataType }: UAVariable): OpcUaTag['values'] {
    const { addressSpace, types } = this.#model;
    if (dataType.namespace !== types.namespace.index) return undefined;
    const name = (addressSpace.findNode(dataType) as UADataType | null)?.browseName.name;
    const enumeration = MODEL.enumerations.find(({ browse }) => browse === name);
    return enumeration?.values.map(({ number, name: words }) => ({ number, name: words.en }));
  }
}

/** Types of values that a tag can hold. */
const PLAIN: ReadonlySet<DataType> = new Set([
  DataType.Boolean,
  DataType.SByte,
  DataType.Byte,
  DataType.Int16,
  DataType.UInt16,
  DataType.Int32,
  DataType.UInt32,
  DataType.Int64,
  DataType.UInt64,
  DataType.Float,
  DataType.Double,
  DataType.String,
  DataType.DateTime,
  DataType.LocalizedText,
]);

function nameOf(node: { readonly browseName: { readonly name?: string | null } }): string {
  return node.browseName.name ?? '';
}

function unitOf(variable: UAVariable): string | undefined {
  const property = variable.getPropertyByName('EngineeringUnits');
  const value = property?.readValue().value.value as
    | { readonly displayName?: { readonly text?: string | null } }
    | null
    | undefined;
  return value?.displayName?.text ?? undefined;
}

function unknown(what: 'cabinet' | 'cassette', id: string): AdministrationRefused {
  return new AdministrationRefused(`${what}-unknown`, `The OPC UA server has no ${what} "${id}".`);
}
