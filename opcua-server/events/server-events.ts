/** Events of the server itself, such as that a refresh begins: they are for one client, and none is ever kept from it. */
import { randomBytes } from 'node:crypto';
import {
  type AddressSpace,
  DataType,
  LocalizedText,
  ObjectIds,
  resolveNodeId,
  type UAObjectType,
  Variant,
} from 'node-opcua';
import type { Language, LocalizedText as Sentence } from '../../domain/texts/texts.ts';
import type { FilteredEvent } from '../history/event-filter.ts';
import { KeptFields } from './site-event.ts';

export type ServerEventName = 'RefreshStartEventType' | 'RefreshEndEventType' | 'EventQueueOverflowEventType';

const MESSAGES: Readonly<Record<ServerEventName, Sentence>> = {
  RefreshStartEventType: {
    en: 'All alarms follow.',
    pl: 'Następują wszystkie alarmy.',
    it: 'Seguono tutti gli allarmi.',
  },
  RefreshEndEventType: {
    en: 'Those were all alarms.',
    pl: 'To były wszystkie alarmy.',
    it: 'Questi erano tutti gli allarmi.',
  },
  EventQueueOverflowEventType: {
    en: 'Events were lost here: the client did not take them in time.',
    pl: 'W tym miejscu utracono zdarzenia: klient nie odebrał ich na czas.',
    it: 'Qui sono andati persi degli eventi: il client non li ha ritirati in tempo.',
  },
};
const SEVERITY: Readonly<Record<ServerEventName, number>> = {
  RefreshStartEventType: 100,
  RefreshEndEventType: 100,
  EventQueueOverflowEventType: 600,
};
/** Ids are no secret; they only have to differ. */
const ID_LENGTH = 16;

/** Makes an event of the server, now. */
export function serverEvent(
  addressSpace: AddressSpace,
  name: ServerEventName,
  language: Language,
): FilteredEvent {
  const type = addressSpace.findEventType(name) as UAObjectType;
  const server = resolveNodeId(ObjectIds.Server);
  const now = new Variant({ dataType: DataType.DateTime, value: new Date() });
  const made: Readonly<Record<string, Variant>> = {
    EventId: new Variant({ dataType: DataType.ByteString, value: randomBytes(ID_LENGTH) }),
    EventType: new Variant({ dataType: DataType.NodeId, value: type.nodeId }),
    SourceNode: new Variant({ dataType: DataType.NodeId, value: server }),
    SourceName: new Variant({ dataType: DataType.String, value: 'Server' }),
    Time: now,
    ReceiveTime: now,
    Message: new Variant({
      dataType: DataType.LocalizedText,
      value: new LocalizedText({ locale: language, text: MESSAGES[name][language] }),
    }),
    Severity: new Variant({ dataType: DataType.UInt16, value: SEVERITY[name] }),
  };
  return new KeptFields(type, undefined, (field) => (Object.hasOwn(made, field) ? made[field] : undefined));
}
