/** `sezam-allocate`: from an identified person to a grant for one compartment. */
import type { Granted } from '../../gateway/api.ts';
import { migrate, withDefaults } from '../config-version.ts';
import { referenceIn } from '../message.ts';
import type { FlowNode, NodeApi, NodeDefinition } from '../red.ts';
import { type Station, wireStation } from '../station.ts';
import { compartmentStatus, STATUS } from '../status.ts';

interface AllocateSettings extends NodeDefinition {
  readonly gateway: string;
}

export const migrations = [withDefaults({ name: '', gateway: '' })];

export const allocate: Station<string, Granted> = {
  read: (payload) => referenceIn(payload, 'identity'),
  ask: (gateway, identity) => gateway.allocate(identity),
  payload: ({ grant, grantId, cabinet, compartment, allocation, validUntil }) => ({
    grant,
    grantId,
    cabinet,
    compartment,
    allocation,
    validUntil,
  }),
  status: ({ compartment }) => compartmentStatus('granted', compartment),
  refused: STATUS.refused,
};

export default function register(RED: NodeApi): void {
  RED.nodes.registerType('sezam-allocate', function (this: FlowNode, definition: NodeDefinition) {
    RED.nodes.createNode(this, definition);
    const settings = migrate<AllocateSettings>(definition, migrations);
    wireStation(RED, this, settings.gateway, allocate);
  });
}
