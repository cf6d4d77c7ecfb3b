/** The states and transitions of finite state machines as nodes of a NodeSet2 document. */
import {
  designId,
  type StateDesign,
  same,
  type TransitionDesign,
  type TypeDesign,
  type TypeName,
  transitionName,
  type Words,
} from './design.ts';
import {
  element,
  localized,
  named,
  own,
  ownName,
  type Reference,
  reference,
  references,
  TYPES_XSD,
} from './nodeset-xml.ts';

/** A state of a finite state machine. */
export function stateNodes(type: TypeDesign, state: StateDesign): string[] {
  return numbered(type, state.browse, state.name, state.description, {
    type: state.initial ? 'ua:InitialStateType' : 'ua:StateType',
    property: 'StateNumber',
    number: state.number,
    more: [],
  });
}

/** A transition between two states. */
export function transitionNodes(type: TypeDesign, transition: TransitionDesign): string[] {
  const { from, to, number, name } = transition;
  return numbered(type, transitionName(transition), name, name, {
    type: 'ua:TransitionType',
    property: 'TransitionNumber',
    number,
    more: [
      { type: 'FromState', to: own(designId(type.browse, from)) },
      { type: 'ToState', to: own(designId(type.browse, to)) },
    ],
  });
}

function numbered(
  { browse: typeName }: TypeDesign,
  browse: string,
  name: Words,
  description: Words,
  about: { type: TypeName; property: string; number: number; more: readonly Reference[] },
): string[] {
  const nodeId = own(designId(typeName, browse));
  const propertyId = own(designId(typeName, browse, about.property));
  return [
    ...element(
      'UAObject',
      { NodeId: nodeId, BrowseName: ownName(browse), ParentNodeId: own(designId(typeName)) },
      [
        ...named(name, description),
        ...references([
          { type: 'HasComponent', to: own(designId(typeName)), inverse: true },
          { type: 'HasTypeDefinition', to: reference(about.type) },
          { type: 'HasProperty', to: propertyId },
          ...about.more,
        ]),
      ],
    ),
    ...element(
      'UAVariable',
      { NodeId: propertyId, BrowseName: about.property, ParentNodeId: nodeId, DataType: 'UInt32' },
      [
        ...localized('DisplayName', same(about.property), 4, ['en']),
        ...references([
          { type: 'HasProperty', to: nodeId, inverse: true },
          { type: 'HasTypeDefinition', to: reference('ua:PropertyType') },
        ]),
        '    <Value>',
        `      <UInt32 xmlns="${TYPES_XSD}">${about.number}</UInt32>`,
        '    </Value>',
      ],
    ),
  ];
}
