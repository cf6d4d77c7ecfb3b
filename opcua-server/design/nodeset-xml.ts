/** The words of a NodeSet2 document: node ids, names, references and values as XML. */
import { designId, type OtherModel, type TypeName, type Words } from './design.ts';
import { standardType } from './standard.ts';

/** Namespaces by their place in the document: the standard, this model, and those that it rests on. */
export const INDEX: Readonly<Record<OtherModel, number>> = { ua: 0, di: 2, machinery: 3, autoid: 4 };
const OWN = 1;

/** English at both ends: of several names some importers keep the first, most the last one. */
const LANGUAGES = ['en', 'pl', 'it', 'en'] as const;
/** Data types by name, as references of a document have them. */
export const TYPES_XSD = 'http://opcfoundation.org/UA/2008/02/Types.xsd';
/** Numbers of encodings of the standard's structures as XML. */
export const XML_ENCODING = { Argument: 297, EUInformation: 888, Range: 885 } as const;

/** Names in place of numbers, for whoever reads the document. */
export const ALIASES = [
  'Boolean',
  'Byte',
  'UInt16',
  'Int32',
  'UInt32',
  'Double',
  'String',
  'DateTime',
  'ByteString',
  'NodeId',
  'LocalizedText',
  'Duration',
  'UtcTime',
  'Argument',
  'EUInformation',
  'Range',
  'Organizes',
  'HasComponent',
  'HasProperty',
  'HasAddIn',
  'HasSubtype',
  'HasTypeDefinition',
  'HasModellingRule',
  'GeneratesEvent',
  'FromState',
  'ToState',
] as const;

/** A reference of a node in the document. */
export interface Reference {
  readonly type: string;
  readonly to: string;
  readonly inverse?: boolean;
}

export function references(list: readonly Reference[]): string[] {
  return [
    '    <References>',
    ...list.map(
      ({ type, to, inverse }) =>
        `      <Reference ReferenceType="${type}"${inverse ? ' IsForward="false"' : ''}>${escaped(to)}</Reference>`,
    ),
    '    </References>',
  ];
}

export function structure(
  type: keyof typeof XML_ENCODING,
  body: readonly string[],
  indent: number,
): string[] {
  const space = ' '.repeat(indent);
  return [
    `${space}<ExtensionObject xmlns="${TYPES_XSD}">`,
    `${space}  <TypeId><Identifier>i=${XML_ENCODING[type]}</Identifier></TypeId>`,
    `${space}  <Body>`,
    `${space}    <${type}>`,
    ...body.map((line) => `${space}      ${line}`),
    `${space}    </${type}>`,
    `${space}  </Body>`,
    `${space}</ExtensionObject>`,
  ];
}

export function element(
  tag: string,
  attributes: Readonly<Record<string, string>>,
  body: readonly string[],
): string[] {
  const list = Object.entries(attributes).map(([key, value]) => ` ${key}="${escaped(value)}"`);
  return [`  <${tag}${list.join('')}>`, ...body, `  </${tag}>`];
}

export function named(displayName: Words, description: Words): string[] {
  return [...localized('DisplayName', displayName, 4), ...localized('Description', description, 4)];
}

export function localized(
  tag: string,
  text: Words,
  indent: number,
  languages: readonly (typeof LANGUAGES)[number][] = LANGUAGES,
): string[] {
  return languages.map(
    (language) => `${' '.repeat(indent)}<${tag} Locale="${language}">${escaped(text[language])}</${tag}>`,
  );
}

/** A data type as an attribute has it. */
export function dataType(type: TypeName): string {
  const [model, browse] = type.split(':');
  return model === 'ua' && (ALIASES as readonly (string | undefined)[]).includes(browse)
    ? String(browse)
    : reference(type);
}

/** Node id of a type in the document. */
export function reference(type: TypeName): string {
  if (!type.includes(':')) return own(designId(type));
  const { model, id } = standardType(type);
  return INDEX[model] === 0 ? `i=${id}` : `ns=${INDEX[model]};i=${id}`;
}

export function own(nodeId: string): string {
  return `ns=${OWN};${nodeId}`;
}

export function ownName(browse: string): string {
  return qualifiedName(OWN, browse);
}

export function qualifiedName(index: number, browse: string): string {
  return index === 0 ? browse : `${index}:${browse}`;
}

export function instant(date: Date): string {
  return `${date.toISOString().slice(0, 19)}Z`;
}

export function escaped(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
}
