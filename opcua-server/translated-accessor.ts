/** The library's way to the address space, with the names and descriptions of the model in the client's language. */
import {
  Argument,
  AttributeIds,
  type DataValue,
  ExtensionObject,
  type ISessionContext,
  LocalizedText,
  type NodeId,
  type OPCUAServer,
  Variant,
} from 'node-opcua';
import type { LocalizedText as Sentence } from '../domain/texts/texts.ts';
import type { Types } from './types.ts';
import { inLocaleOf, languageOf, sentenceOf } from './words.ts';

type Accessor = NonNullable<OPCUAServer['engine']['addressSpaceAccessor']>;

/** Of what the library hands out for enumerations, which is not among its types. */
type EnumField = ExtensionObject & { displayName: LocalizedText };
type EnumDefinition = ExtensionObject & { fields: EnumField[] | null };

/** Translates what clients browse and read. */
export function translate(plain: Accessor, types: Types): Accessor {
  const { addressSpace } = types.namespace;
  /** The name of a node in a language; undefined where it is none of the model's, such as one that people gave. */
  const nameIn = (locales: readonly string[], nodeId: NodeId): LocalizedText | undefined =>
    inLocale(locales, addressSpace.findNode(nodeId)?.displayName[0]);
  return {
    browse: async (context, nodes) => {
      const results = await plain.browse(context, nodes);
      const locales = localesOf(context);
      if (!locales) return results;
      for (const { references } of results) {
        for (const reference of references ?? []) {
          // A client that asked for no names gets none.
          if (!reference.displayName.text) continue;
          reference.displayName = nameIn(locales, reference.nodeId) ?? reference.displayName;
        }
      }
      return results;
    },
    read: async (context, request) => {
      const results = await plain.read(context, request);
      const locales = localesOf(context);
      for (const [index, { nodeId, attributeId }] of (request.nodesToRead ?? []).entries()) {
        const result = results[index];
        if (!result?.statusCode.isGood() || !nodeId) continue;
        const id = nodeId as NodeId;
        if (attributeId === AttributeIds.Description) {
          const node = addressSpace.findNode(id);
          // Of a type the library keeps the last of the languages in the NodeSet: the English one is looked up, too.
          replace(result, node && inLocale(locales ?? [], types.descriptionOf(node)));
        } else if (attributeId === AttributeIds.DataTypeDefinition) {
          // Of enumerations the library leaves out what people call their values.
          replace(result, definitionIn(locales ?? [], types, id, result.value.value));
        } else if (locales && attributeId === AttributeIds.DisplayName) {
          replace(result, nameIn(locales, id));
        } else if (locales && attributeId === AttributeIds.Value) {
          replace(result, valueIn(locales, types, id, result.value.value));
        }
      }
      return results;
    },
    historyRead: (context, request) => plain.historyRead(context, request),
    write: (context, nodes) => plain.write(context, nodes),
    call: (context, methods) => plain.call(context, methods),
  };
}

/** The languages of a client; undefined where it is served in English anyway. */
function localesOf(context: ISessionContext): readonly string[] | undefined {
  const locales = context.getPreferredLocales();
  return languageOf(locales) === 'en' ? undefined : locales;
}

function inLocale(locales: readonly string[], text: LocalizedText | undefined): LocalizedText | undefined {
  const sentence = text && sentenceOf(text);
  return sentence && inLocaleOf(locales, sentence);
}

/** A value that is words for people: the name of a state, names of an enumeration, or what arguments of a method are. */
function valueIn(locales: readonly string[], types: Types, { value: id }: NodeId, value: unknown): unknown {
  if (value instanceof LocalizedText) return inLocale(locales, value);
  if (typeof id !== 'string') return undefined;
  if (id.endsWith('/EnumStrings')) return types.wordsOf(id)?.map((words) => inLocaleOf(locales, words));
  if (!id.endsWith('Arguments') || !Array.isArray(value)) return undefined;
  return value.map((argument: unknown) => {
    if (!(argument instanceof Argument)) return argument;
    const { name, dataType, valueRank, arrayDimensions, description } = argument;
    const words: Sentence | undefined = types.argumentWords(description.text ?? '');
    const said = words ? inLocaleOf(locales, words) : description;
    return new Argument({ name, dataType, valueRank, arrayDimensions, description: said });
  });
}

/** The definition of an enumeration of the model, with the names of its values. */
function definitionIn(
  locales: readonly string[],
  types: Types,
  { namespace, value: id }: NodeId,
  definition: unknown,
): ExtensionObject | undefined {
  const names = namespace === types.namespace.index ? types.wordsOf(`${String(id)}/EnumStrings`) : undefined;
  if (!names || !(definition instanceof ExtensionObject)) return undefined;
  // What was read belongs to this answer alone; its fields may be those of all.
  const translated = definition as EnumDefinition;
  translated.fields = (translated.fields ?? []).map((field, index) => {
    const copy = field.clone() as EnumField;
    const words = names[index];
    if (words) copy.displayName = inLocaleOf(locales, words);
    return copy;
  });
  return translated;
}

function replace(result: DataValue, value: unknown): void {
  if (value === undefined || value === null) return;
  const { dataType, arrayType } = result.value;
  result.value = new Variant({ dataType, arrayType, value });
}
