/** What clients are told of histories at the nodes themselves: that values change in steps, and which fields events have. */
import {
  type AggregateConfiguration,
  AttributeIds,
  DataType,
  EventFilter,
  makeNodeId,
  type Namespace,
  ObjectTypeIds,
  SimpleAttributeOperand,
  type UAObject,
  type UAVariable,
} from 'node-opcua';
import type { NodeAccess } from '../security.ts';
import type { Types } from '../types.ts';
import { english } from '../words.ts';
import { fieldNames, isOwnField } from './event-row.ts';
import { eventTypesIn } from './event-types.ts';

/** How aggregates are calculated; of states there is no other way. */
const AGGREGATION = {
  TreatUncertainAsBad: { dataType: DataType.Boolean, value: true },
  PercentDataBad: { dataType: DataType.Byte, value: 100 },
  PercentDataGood: { dataType: DataType.Byte, value: 100 },
  UseSlopedExtrapolation: { dataType: DataType.Boolean, value: false },
} as const;

/** Whether a client asks for aggregates that are calculated as they are. */
export function isOurAggregation(asked: AggregateConfiguration): boolean {
  return (
    asked.useServerCapabilitiesDefaults ||
    (asked.treatUncertainAsBad === AGGREGATION.TreatUncertainAsBad.value &&
      asked.percentDataBad === AGGREGATION.PercentDataBad.value &&
      asked.percentDataGood === AGGREGATION.PercentDataGood.value &&
      asked.useSlopedExtrapolation === AGGREGATION.UseSlopedExtrapolation.value)
  );
}

export interface HistoryConfiguration {
  /** Shows at a variable how its history is to be read. */
  describeValues(variable: UAVariable): void;
  /** Shows at an object which fields its events have, to whoever may see the object. */
  describeEvents(object: UAObject, nodeId: string, access?: NodeAccess): void;
}

/** Adds the one configuration that all variables share: a copy for each would be thousands of nodes. */
export function addHistoryConfiguration(namespace: Namespace, types: Types): HistoryConfiguration {
  const nodeId = 's=history';
  const standard = (name: string) => ({ name, namespaceIndex: 0 });
  const property = (
    parent: UAObject,
    id: string,
    name: string,
    value: { dataType: DataType; value: unknown },
  ) =>
    namespace.addVariable({
      propertyOf: parent,
      nodeId: `${id}/${name}`,
      browseName: standard(name),
      displayName: english(name),
      dataType: value.dataType,
      accessLevel: 'CurrentRead',
      minimumSamplingInterval: 0,
      value,
    });
  const configuration = namespace.addObject({
    nodeId,
    browseName: standard('HA Configuration'),
    typeDefinition: 'HistoricalDataConfigurationType',
  });
  property(configuration, nodeId, 'Stepped', { dataType: DataType.Boolean, value: true });
  const aggregation = namespace.addObject({
    componentOf: configuration,
    nodeId: `${nodeId}/AggregateConfiguration`,
    browseName: standard('AggregateConfiguration'),
    typeDefinition: 'AggregateConfigurationType',
  });
  for (const [name, value] of Object.entries(AGGREGATION)) {
    property(aggregation, `${nodeId}/AggregateConfiguration`, name, value);
  }
  const filter = allFields(types);
  return {
    describeValues: (variable) => {
      variable.addReference({ referenceType: 'HasHistoricalConfiguration', nodeId: configuration.nodeId });
    },
    describeEvents: (object, id, access) => {
      namespace.addVariable({
        propertyOf: object,
        nodeId: `${id}/HistoricalEventFilter`,
        browseName: standard('HistoricalEventFilter'),
        dataType: 'EventFilter',
        accessLevel: 'CurrentRead',
        minimumSamplingInterval: 0,
        value: { dataType: DataType.ExtensionObject, value: filter },
        ...access,
      });
    },
  };
}

/** Selects every field that events of the log may have. */
function allFields(types: Types): EventFilter {
  const { index } = types.namespace;
  const { cabinetEvent } = eventTypesIn(types);
  return new EventFilter({
    selectClauses: fieldNames().map(
      (name) =>
        new SimpleAttributeOperand({
          typeDefinitionId: isOwnField(name) ? cabinetEvent.nodeId : makeNodeId(ObjectTypeIds.BaseEventType),
          browsePath: [{ name, namespaceIndex: isOwnField(name) ? index : 0 }],
          attributeId: AttributeIds.Value,
        }),
    ),
  });
}
