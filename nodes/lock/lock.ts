/** `sezam-lock`: uses a grant up: sends the pulse and waits until the door is open or has failed for good. */
import type { Opened } from '../../gateway/api.ts';
import { migrate, withDefaults } from '../config-version.ts';
import { referenceIn } from '../message.ts';
import type { FlowNode, NodeApi, NodeDefinition } from '../red.ts';
import { type Station, wireStation } from '../station.ts';
import { compartmentStatus, STATUS } from '../status.ts';

interface LockSettings extends NodeDefinition {
  readonly gateway: string;
}

export const migrations = [withDefaults({ name: '', gateway: '' })];

export const lock: Station<string, Opened> = {
  read: (payload) => referenceIn(payload, 'grant'),
  ask: (gateway, grant) => gateway.unlock(grant),
  payload: ({ cabinet, compartment, grantId }) => ({ cabinet, compartment, grantId }),
  status: ({ compartment }) => compartmentStatus('opened', compartment),
  refused: STATUS.failed,
};

export default function register(RED: NodeApi): void {
  RED.nodes.registerType('sezam-lock', function (this: FlowNode, definition: NodeDefinition) {
    RED.nodes.createNode(this, definition);
    const settings = migrate<LockSettings>(definition, migrations);
    wireStation(RED, this, settings.gateway, lock);
  });
}
