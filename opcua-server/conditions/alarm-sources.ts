/** The nodes that alarms are about, and the objects that hand their events on. */
import type { AddressSpace, BaseNode, Namespace, UAObjectType } from 'node-opcua';
import type { AlarmSource } from '../../domain/alarms/alarm.ts';
import type { EventSource } from '../events/site-event.ts';
import { NAMESPACE_URI, nodeIds } from '../names.ts';

/** Where the site has no type of its own for an alarm. */
const STANDARD_TYPE = 'OffNormalAlarmType';

const TYPES = {
  compartment: 'LockerAlarmType',
  cabinet: 'LockerAlarmType',
  cassette: 'CassetteAlarmType',
  gateway: 'GatewayAlarmType',
} as const satisfies Readonly<Record<AlarmSource['source'], string>>;

export class AlarmSources {
  readonly #namespace: Namespace;
  readonly #types: Readonly<Record<AlarmSource['source'], UAObjectType>>;

  /** @param namespace the one of the site's objects */
  constructor(addressSpace: AddressSpace, namespace: Namespace) {
    this.#namespace = namespace;
    const typesNamespace = addressSpace.getNamespaceIndex(NAMESPACE_URI);
    const typeFor = (source: AlarmSource['source']): UAObjectType =>
      (addressSpace.findEventType(TYPES[source], typesNamespace) ??
        addressSpace.findEventType(STANDARD_TYPE)) as UAObjectType;
    this.#types = {
      compartment: typeFor('compartment'),
      cabinet: typeFor('cabinet'),
      cassette: typeFor('cassette'),
      gateway: typeFor('gateway'),
    };
  }

  get namespaceIndex(): number {
    return this.#namespace.index;
  }

  typeOf({ source }: AlarmSource): UAObjectType {
    return this.#types[source];
  }

  /**
   * Alarms of a cabinet that is no longer there are those of the site: that they are over has to be told. Undefined where it
   * is not known who may see what the alarm is about: then nobody is told.
   */
  sourceOf(source: AlarmSource): EventSource | undefined {
    const site = this.#namespace.findNode(nodeIds.site);
    if (!site) return undefined;
    if (source.source === 'gateway') return { node: site, name: nameOf(site), notifiers: [keyOf(site)] };
    const owner = this.#namespace.findNode(
      source.source === 'cassette' ? nodeIds.cassette(source.cassette) : nodeIds.cabinet(source.cabinet),
    );
    if (!owner) {
      if (source.source === 'cassette') return undefined;
      return { node: site, name: source.cabinet, notifiers: [keyOf(site)] };
    }
    const notifiers = [keyOf(site), keyOf(owner)];
    if (source.source !== 'compartment') return { node: owner, name: nameOf(owner), notifiers };
    const node = this.#namespace.findNode(nodeIds.compartment(source.cabinet, source.compartment)) ?? owner;
    return { node, name: `${nameOf(owner)}/${source.compartment}`, notifiers };
  }

  /** A variable below the source of an alarm. */
  variableOf({ node }: EventSource, name: string): BaseNode | undefined {
    return this.#namespace.findNode(`s=${String(node.nodeId.value)}/${name}`) ?? undefined;
  }
}

function nameOf({ displayName, browseName }: BaseNode): string {
  return displayName[0]?.text ?? browseName.name ?? '';
}

function keyOf({ nodeId }: BaseNode): string {
  return nodeId.toString();
}
