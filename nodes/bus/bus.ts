/** `sezam-bus`: one bus of the site, for other nodes to name. */
import type { BusHealth } from '../../gateway/ports.ts';
import { migrate, withDefaults } from '../config-version.ts';
import { explain } from '../errors.ts';
import {
  anewWithSite,
  type BusNode,
  followGateway,
  type GatewayState,
  watchGateway,
  withoutGatewayNode,
} from '../gateway-user.ts';
import type { NodeApi, NodeDefinition } from '../red.ts';

interface BusSettings extends NodeDefinition {
  readonly gateway: string;
  /** Id of the bus in the site file. */
  readonly bus: string;
}

export const migrations = [withDefaults({ name: '', gateway: '', bus: '' })];

export default function register(RED: NodeApi): void {
  RED.nodes.registerType('sezam-bus', function (this: BusNode, definition: NodeDefinition) {
    RED.nodes.createNode(this, definition);
    const settings = migrate<BusSettings>(definition, migrations);
    const listeners = new Set<(state: GatewayState, health: BusHealth | undefined) => void>();
    let state: GatewayState = withoutGatewayNode(this);
    let health: BusHealth | undefined;
    const tell = (): void => {
      for (const listener of listeners) listener(state, health);
    };

    Object.assign(this, { bus: settings.bus });
    this.watchBus = (listener) => {
      const own: typeof listener = (gateway, bus) => listener(gateway, bus);
      listeners.add(own);
      own(state, health);
      return () => {
        listeners.delete(own);
      };
    };

    const fail = (error: unknown): void => this.error(explain(error).error.message);
    const unfollow = followGateway(
      (listener) => watchGateway(RED, this, settings.gateway, listener),
      anewWithSite((gateway) => {
        health = gateway.health().buses.find(({ id }) => id === settings.bus);
        tell();
        return gateway.onBus((changed) => {
          if (changed.id !== settings.bus) return;
          health = changed;
          tell();
        });
      }, fail),
      (next) => {
        state = next;
        health = undefined;
        tell();
      },
      fail,
    );
    this.on('close', (_removed: boolean, done: () => void) => {
      unfollow();
      listeners.clear();
      done();
    });
  });
}
