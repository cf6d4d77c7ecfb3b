/** The types of events that the log holds, as OPC UA knows them, and the fields that they have beyond BaseEventType. */
import { DataType, type Namespace, type UAObjectType } from 'node-opcua';
import { english, nodeIds } from '../names.ts';

/** Fields of every event of the log. */
const OWN_FIELDS = {
  Type: { dataType: DataType.String, description: 'Type of the event in the log, e.g. door-opened.' },
  Sequence: {
    dataType: DataType.UInt32,
    description: 'Its number in the log of its source, from 1 without a gap.',
  },
  Actor: {
    dataType: DataType.String,
    description: 'What caused it: user, reader, guest, administrator, gateway or machine.',
  },
  User: {
    dataType: DataType.String,
    description: 'Id of the user to whom it happened or who did it, or empty.',
  },
  Data: {
    dataType: DataType.String,
    description: 'Everything else that the log has of it, as JSON, without secrets.',
  },
} as const;

const CABINET_FIELDS = {
  Compartment: {
    dataType: DataType.UInt16,
    description: 'The compartment, or null where it is not about one.',
  },
} as const;

/** The names of all fields beyond those of BaseEventType. */
export type OwnField = keyof typeof OWN_FIELDS | keyof typeof CABINET_FIELDS;

export interface EventTypes {
  readonly cabinetEvent: UAObjectType;
  readonly cassetteEvent: UAObjectType;
}

/** Adds the types of events. */
export function addEventTypes(namespace: Namespace): EventTypes {
  const add = (
    browseName: string,
    description: string,
    subtypeOf: UAObjectType | 'BaseEventType',
    fields: Readonly<Record<string, { readonly dataType: DataType; readonly description: string }>>,
    isAbstract = false,
  ): UAObjectType => {
    const nodeId = nodeIds.type(browseName);
    const type = namespace.addObjectType({ browseName, nodeId, description, subtypeOf, isAbstract });
    for (const [name, field] of Object.entries(fields)) {
      namespace.addVariable({
        propertyOf: type,
        nodeId: `${nodeId}/${name}`,
        browseName: name,
        displayName: english(name),
        typeDefinition: 'PropertyType',
        modellingRule: 'Mandatory',
        ...field,
      });
    }
    return type;
  };
  const logged = add(
    'LoggedEventType',
    'Something that stands in the event log.',
    'BaseEventType',
    OWN_FIELDS,
    true,
  );
  return {
    cabinetEvent: add('CabinetEventType', 'Something that happened to a cabinet.', logged, CABINET_FIELDS),
    cassetteEvent: add('CassetteEventType', 'Something that happened to a cassette.', logged, {}),
  };
}
