/** `sezam-identify`: from a presentation to the person behind it. */
import type { Identified } from '../../gateway/api.ts';
import { migrate, withDefaults } from '../config-version.ts';
import { referenceIn } from '../message.ts';
import type { FlowNode, NodeApi, NodeDefinition } from '../red.ts';
import { type Station, wireStation } from '../station.ts';
import { STATUS } from '../status.ts';

interface IdentifySettings extends NodeDefinition {
  readonly gateway: string;
}

export const migrations = [withDefaults({ name: '', gateway: '' })];

export const identify: Station<string, Identified> = {
  read: (payload) => referenceIn(payload, 'presentation'),
  ask: (gateway, presentation) => gateway.identify(presentation),
  payload: ({ identity, user, credential, reader, cabinet }) => ({
    identity,
    user,
    credential,
    reader,
    cabinet,
  }),
  status: () => STATUS.identified,
  refused: STATUS.refused,
};

export default function register(RED: NodeApi): void {
  RED.nodes.registerType('sezam-identify', function (this: FlowNode, definition: NodeDefinition) {
    RED.nodes.createNode(this, definition);
    const settings = migrate<IdentifySettings>(definition, migrations);
    wireStation(RED, this, settings.gateway, identify);
  });
}
