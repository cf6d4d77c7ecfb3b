/** `sezam-cassette`: one cassette of the site, or every one, for other nodes to name. */
import type { CassetteNode } from '../cassette-user.ts';
import { migrate, withDefaults } from '../config-version.ts';
import { watchGateway } from '../gateway-user.ts';
import type { NodeApi, NodeDefinition } from '../red.ts';

interface CassetteSettings extends NodeDefinition {
  readonly gateway: string;
  /** Id of the cassette in the site file; empty: every cassette. */
  readonly cassette: string;
}

export const migrations = [withDefaults({ name: '', gateway: '', cassette: '' })];

export default function register(RED: NodeApi): void {
  RED.nodes.registerType('sezam-cassette', function (this: CassetteNode, definition: NodeDefinition) {
    RED.nodes.createNode(this, definition);
    const settings = migrate<CassetteSettings>(definition, migrations);
    Object.assign(this, { cassette: settings.cassette.trim() });
    this.watchGateway = (listener) => watchGateway(RED, this, settings.gateway, listener);
  });
}
