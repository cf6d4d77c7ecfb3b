/** The information model as NodeSet2 XML (OPC 10000-6, Annex F). */
import {
  type ArgumentDesign,
  designId,
  type EnumerationDesign,
  type MemberDesign,
  type MethodDesign,
  type ModelDesign,
  same,
  type TypeDesign,
  transitionName,
  type UnitDesign,
  type VariableDesign,
} from './design.ts';
import { membersOf } from './members.ts';
import { stateNodes, transitionNodes } from './nodeset-states.ts';
import {
  ALIASES,
  dataType,
  element,
  escaped,
  INDEX,
  instant,
  localized,
  named,
  own,
  ownName,
  qualifiedName,
  type Reference,
  reference,
  references,
  structure,
  TYPES_XSD,
  type XML_ENCODING,
} from './nodeset-xml.ts';
import { REQUIRED_MODELS, standardType } from './standard.ts';

const UNECE = 'http://www.opcfoundation.org/UA/units/un/cefact';

const RULES = {
  Mandatory: 78,
  Optional: 80,
  MandatoryPlaceholder: 11510,
  OptionalPlaceholder: 11508,
} as const;

/** The document for a model. Always the same for the same tables. */
export function nodeSetOf(model: ModelDesign): string {
  return [
    '<?xml version="1.0" encoding="utf-8"?>',
    '<!-- Made from opcua-server/design by `npm run opcua-model`. -->',
    '<UANodeSet xmlns="http://opcfoundation.org/UA/2011/03/UANodeSet.xsd">',
    ...namespaces(model),
    ...aliases(),
    ...model.enumerations.flatMap(enumeration),
    ...model.types.flatMap((type) => typeNodes(model, type)),
    '</UANodeSet>',
    '',
  ].join('\n');
}

function namespaces({ uri, version, published }: ModelDesign): string[] {
  const { ua, ...companions } = REQUIRED_MODELS;
  const required = [ua, ...Object.values(companions)];
  return [
    '  <NamespaceUris>',
    `    <Uri>${escaped(uri)}</Uri>`,
    ...Object.values(companions).map((each) => `    <Uri>${escaped(each.uri)}</Uri>`),
    '  </NamespaceUris>',
    '  <Models>',
    `    <Model ModelUri="${escaped(uri)}" Version="${version}" PublicationDate="${instant(published)}">`,
    ...required.map(
      (each) =>
        `      <RequiredModel ModelUri="${each.uri}" Version="${each.version}" PublicationDate="${each.published}"/>`,
    ),
    '    </Model>',
    '  </Models>',
  ];
}

function aliases(): string[] {
  return [
    '  <Aliases>',
    ...ALIASES.map((name) => `    <Alias Alias="${name}">i=${standardType(`ua:${name}`).id}</Alias>`),
    '  </Aliases>',
  ];
}

function enumeration(design: EnumerationDesign): string[] {
  const nodeId = designId(design.browse);
  const stringsId = designId(design.browse, 'EnumStrings');
  return [
    ...element('UADataType', { NodeId: own(nodeId), BrowseName: ownName(design.browse) }, [
      ...named(design.name, design.description),
      ...references([
        { type: 'HasProperty', to: own(stringsId) },
        { type: 'HasSubtype', to: `i=${standardType('ua:Enumeration').id}`, inverse: true },
      ]),
      `    <Definition Name="${ownName(design.browse)}">`,
      ...design.values.flatMap(({ field, number, name }) => [
        `      <Field Name="${field}" Value="${number}">`,
        ...localized('DisplayName', name, 8),
        '      </Field>',
      ]),
      '    </Definition>',
    ]),
    ...element(
      'UAVariable',
      {
        NodeId: own(stringsId),
        BrowseName: 'EnumStrings',
        ParentNodeId: own(nodeId),
        DataType: 'LocalizedText',
        ValueRank: '1',
        ArrayDimensions: String(design.values.length),
      },
      [
        ...localized('DisplayName', same('EnumStrings'), 4, ['en']),
        ...references([
          { type: 'HasProperty', to: own(nodeId), inverse: true },
          { type: 'HasTypeDefinition', to: reference('ua:PropertyType') },
          { type: 'HasModellingRule', to: `i=${RULES.Mandatory}` },
        ]),
        '    <Value>',
        `      <ListOfLocalizedText xmlns="${TYPES_XSD}">`,
        ...design.values.map(
          ({ name }) =>
            `        <LocalizedText><Locale>en</Locale><Text>${escaped(name.en)}</Text></LocalizedText>`,
        ),
        '      </ListOfLocalizedText>',
        '    </Value>',
      ],
    ),
  ];
}

function typeNodes(model: ModelDesign, type: TypeDesign): string[] {
  const nodeId = designId(type.browse);
  const members = membersOf(model, type);
  const place: Place = { model, path: [type.browse] };
  return [
    ...element(
      'UAObjectType',
      {
        NodeId: own(nodeId),
        BrowseName: ownName(type.browse),
        ...(type.abstract && { IsAbstract: 'true' }),
      },
      [
        ...named(type.name, type.description),
        ...references([
          { type: 'HasSubtype', to: reference(type.superType), inverse: true },
          ...members.map((member) => ({ type: referenceTo(member), to: childId(place, member) })),
          ...(type.states ?? []).map(({ browse }) => ({
            type: 'HasComponent',
            to: own(designId(type.browse, browse)),
          })),
          ...(type.transitions ?? []).map((each) => ({
            type: 'HasComponent',
            to: own(designId(type.browse, transitionName(each))),
          })),
          ...(type.raises ?? []).map((each) => ({ type: 'GeneratesEvent', to: reference(each) })),
        ]),
      ],
    ),
    ...members.flatMap((member) => memberNodes(place, member)),
    ...(type.states ?? []).flatMap((state) => stateNodes(type, state)),
    ...(type.transitions ?? []).flatMap((each) => transitionNodes(type, each)),
  ];
}

/** Where a member stands: the type, and the browse names of what it is in. */
interface Place {
  readonly model: ModelDesign;
  readonly path: readonly [string, ...string[]];
}

function within({ model, path }: Place, { browse }: { readonly browse: string }): Place {
  return { model, path: [...path, browse] };
}

function idOf({ path: [type, ...rest] }: Place): string {
  return own(designId(type, ...rest));
}

function childId(place: Place, member: MemberDesign): string {
  return idOf(within(place, member));
}

function referenceTo(member: MemberDesign): string {
  if (member.kind === 'object') return member.reference ?? 'HasComponent';
  return member.kind === 'variable' && member.property ? 'HasProperty' : 'HasComponent';
}

function memberNodes(parent: Place, member: MemberDesign): string[] {
  switch (member.kind) {
    case 'variable':
      return variableNodes(parent, member);
    case 'method':
      return methodNodes(parent, member);
    case 'object': {
      const place = within(parent, member);
      const children = membersOf(parent.model, member);
      return [
        ...element('UAObject', instanceAttributes(parent, member), [
          ...named(member.name, member.description),
          ...references([
            ...instanceReferences(parent, member, reference(member.type)),
            ...children.map((child) => ({ type: referenceTo(child), to: childId(place, child) })),
          ]),
        ]),
        ...children.flatMap((child) => memberNodes(place, child)),
      ];
    }
  }
}

function variableNodes(parent: Place, variable: VariableDesign): string[] {
  const place = within(parent, variable);
  const { unit, members = [] } = variable;
  const properties = unit ? unitProperties(place, unit) : { ids: [], nodes: [] };
  const definition =
    variable.typeDefinition ??
    (variable.property ? 'ua:PropertyType' : unit ? 'ua:AnalogUnitRangeType' : 'ua:BaseDataVariableType');
  return [
    ...element(
      'UAVariable',
      {
        ...instanceAttributes(parent, variable),
        DataType: dataType(variable.type),
        ...(variable.array && { ValueRank: '1', ArrayDimensions: '0' }),
        ...(variable.historized && { AccessLevel: '5', Historizing: 'true' }),
        MinimumSamplingInterval: '0',
      },
      [
        ...named(variable.name, variable.description),
        ...references([
          ...instanceReferences(parent, variable, reference(definition)),
          ...properties.ids.map((to) => ({ type: 'HasProperty', to })),
          ...members.map((child) => ({ type: referenceTo(child), to: childId(place, child) })),
        ]),
      ],
    ),
    ...properties.nodes,
    ...members.flatMap((child) => memberNodes(place, child)),
  ];
}

function unitProperties(place: Place, unit: UnitDesign): { ids: string[]; nodes: string[] } {
  const property = (browse: string, type: keyof typeof XML_ENCODING, body: string[]) => {
    const [name, ...path] = place.path;
    const nodeId = own(designId(name, ...path, browse));
    return {
      nodeId,
      lines: element(
        'UAVariable',
        {
          NodeId: nodeId,
          BrowseName: browse,
          ParentNodeId: idOf(place),
          DataType: type,
          MinimumSamplingInterval: '0',
        },
        [
          ...localized('DisplayName', same(browse), 4, ['en']),
          ...references([
            { type: 'HasProperty', to: idOf(place), inverse: true },
            { type: 'HasTypeDefinition', to: reference('ua:PropertyType') },
            { type: 'HasModellingRule', to: `i=${RULES.Mandatory}` },
          ]),
          '    <Value>',
          ...structure(type, body, 6),
          '    </Value>',
        ],
      ),
    };
  };
  const properties = [
    property('EngineeringUnits', 'EUInformation', [
      `<NamespaceUri>${UNECE}</NamespaceUri>`,
      `<UnitId>${unitId(unit.code)}</UnitId>`,
      `<DisplayName><Locale>en</Locale><Text>${escaped(unit.symbol)}</Text></DisplayName>`,
      `<Description><Locale>en</Locale><Text>${escaped(unit.description.en)}</Text></Description>`,
    ]),
    property('EURange', 'Range', [`<Low>${unit.low}</Low>`, `<High>${unit.high}</High>`]),
  ];
  return {
    ids: properties.map(({ nodeId }) => nodeId),
    nodes: properties.flatMap(({ lines }) => lines),
  };
}

/** The number of a common code: its characters as bytes (OPC 10000-8, 5.6.4.3). */
function unitId(code: string): number {
  return Buffer.from(code, 'ascii').reduce((sum, byte) => sum * 256 + byte, 0);
}

function methodNodes(parent: Place, method: MethodDesign): string[] {
  const place = within(parent, method);
  const lists = [
    { browse: 'InputArguments', list: method.inputs },
    { browse: 'OutputArguments', list: method.outputs },
  ].filter(({ list }) => list.length > 0);
  const idOfList = (browse: string): string => idOf(within(place, { browse }));
  return [
    ...element('UAMethod', instanceAttributes(parent, method), [
      ...named(method.name, method.description),
      ...references([
        ...instanceReferences(parent, method, undefined),
        ...lists.map(({ browse }) => ({ type: 'HasProperty', to: idOfList(browse) })),
      ]),
    ]),
    ...lists.flatMap(({ browse, list }) =>
      element(
        'UAVariable',
        {
          NodeId: idOfList(browse),
          BrowseName: browse,
          ParentNodeId: idOf(place),
          DataType: 'Argument',
          ValueRank: '1',
          ArrayDimensions: String(list.length),
        },
        [
          ...localized('DisplayName', same(browse), 4, ['en']),
          ...references([
            { type: 'HasProperty', to: idOf(place), inverse: true },
            { type: 'HasTypeDefinition', to: reference('ua:PropertyType') },
            { type: 'HasModellingRule', to: `i=${RULES.Mandatory}` },
          ]),
          '    <Value>',
          `      <ListOfExtensionObject xmlns="${TYPES_XSD}">`,
          ...list.flatMap((argument) => structure('Argument', argumentBody(argument), 8)),
          '      </ListOfExtensionObject>',
          '    </Value>',
        ],
      ),
    ),
  ];
}

function argumentBody({ name, type, array, description }: ArgumentDesign): string[] {
  return [
    `<Name>${escaped(name)}</Name>`,
    `<DataType><Identifier>${reference(type)}</Identifier></DataType>`,
    `<ValueRank>${array ? 1 : -1}</ValueRank>`,
    array ? '<ArrayDimensions><UInt32>0</UInt32></ArrayDimensions>' : '<ArrayDimensions/>',
    `<Description><Locale>en</Locale><Text>${escaped(description.en)}</Text></Description>`,
  ];
}

function instanceAttributes(parent: Place, member: MemberDesign): Record<string, string> {
  return {
    NodeId: childId(parent, member),
    BrowseName:
      member.browseIn === undefined
        ? ownName(member.browse)
        : qualifiedName(INDEX[member.browseIn], member.browse),
    ParentNodeId: idOf(parent),
  };
}

function instanceReferences(
  parent: Place,
  member: MemberDesign,
  definition: string | undefined,
): Reference[] {
  return [
    { type: referenceTo(member), to: idOf(parent), inverse: true },
    ...(definition === undefined ? [] : [{ type: 'HasTypeDefinition', to: definition }]),
    { type: 'HasModellingRule', to: `i=${RULES[member.rule ?? 'Mandatory']}` },
  ];
}
