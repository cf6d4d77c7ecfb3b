/**
 * `sezam-gateway`: the gateway of this process, for other nodes to name. Inside Sezam the gateway is there already;
 * in a Node-RED of somebody else's this node starts it.
 */
import { join, resolve } from 'node:path';
import type { Gateway } from '../../gateway/api.ts';
import { registerGateway, runningGateway, whenGateway } from '../../gateway/host.ts';
import { migrate, withDefaults } from '../config-version.ts';
import { explain, NodeError } from '../errors.ts';
import type { GatewayCredentials, GatewayNode, GatewayState } from '../gateway-user.ts';
import type { NodeApi, NodeDefinition } from '../red.ts';
import { type GatewaySettings, gatewayOwnership, type Share, type StartedGateway } from './ownership.ts';
import { serveSite } from './site-endpoint.ts';

interface GatewayNodeSettings extends NodeDefinition {
  /** Path of the site file, from the user folder of Node-RED. */
  readonly siteFile: string;
  /** Folder for data, from the user folder of Node-RED. Empty: `sezam`. */
  readonly dataFolder: string;
}

export const migrations = [withDefaults({ name: '', siteFile: '', dataFolder: '' })];

/** How long a gateway waits for its node to come back from a redeploy. */
const LINGER = 5000;

/** The gateways that nodes of this process started themselves. */
const owned = new WeakSet<Gateway>();

const ownership = gatewayOwnership({
  start: startOwn,
  register(gateway) {
    owned.add(gateway);
    return runningGateway() === gateway ? () => {} : registerGateway(gateway);
  },
  linger: LINGER,
  failed: (error) =>
    process.emitWarning(`The gateway could not be ended in order: ${explain(error).error.message}`),
});

async function startOwn(settings: GatewaySettings): Promise<StartedGateway> {
  // Loaded only where it is used: inside Sezam the gateway is running already.
  const { startGateway } = await import('../../gateway/start.ts');
  return startGateway(settings);
}

/** What to start a gateway from, or undefined where the node says nothing of it. */
export function gatewaySettings(
  settings: Pick<GatewayNodeSettings, 'siteFile' | 'dataFolder'>,
  credentials: Partial<GatewayCredentials> | undefined,
  userFolder: string,
): GatewaySettings | undefined {
  const siteFile = settings.siteFile.trim();
  if (siteFile === '') return undefined;
  const mongodbUri = credentials?.mongodbUri?.trim();
  return {
    siteFile: resolve(userFolder, siteFile),
    dataFolder: resolve(userFolder, settings.dataFolder.trim() || join(userFolder, 'sezam')),
    ...(mongodbUri ? { mongodbUri } : {}),
  };
}

export default function register(RED: NodeApi): void {
  serveSite(RED, () => {
    const running = runningGateway();
    return running !== undefined && !owned.has(running);
  });
  RED.events.on('runtime-event', (event: { id?: string; payload?: { state?: string; deploy?: boolean } }) => {
    const stopped = event.id === 'runtime-state' && event.payload?.state === 'stop' && !event.payload.deploy;
    if (stopped) void ownership.endIdle();
  });

  RED.nodes.registerType<GatewayNode, NodeDefinition, object, Partial<GatewayCredentials>>(
    'sezam-gateway',
    function (this: GatewayNode, definition: NodeDefinition) {
      RED.nodes.createNode(this, definition);
      const settings = migrate<GatewayNodeSettings>(definition, migrations);
      const listeners = new Set<(state: GatewayState) => void>();
      let state: GatewayState = notRunning(settings.siteFile === '');
      let share: Share | undefined;
      let closed = false;
      const become = (next: GatewayState): void => {
        if (closed) return;
        state = next;
        for (const listener of listeners) listener(state);
      };
      const fail = (thrown: unknown): void => {
        const { error } = explain(thrown);
        become({ kind: 'absent', error });
        if (!closed) this.error(error.message);
      };

      this.watchGateway = (listener) => {
        const own = (next: GatewayState): void => listener(next);
        listeners.add(own);
        own(state);
        return () => {
          listeners.delete(own);
        };
      };

      const running = runningGateway();
      const own = gatewaySettings(settings, this.credentials, userFolderOf(RED));
      if (own && (!running || owned.has(running))) {
        state = { kind: 'starting' };
        try {
          share = ownership.attach(own);
          share.started.catch(fail);
        } catch (error) {
          fail(error);
        }
      }
      const unwatch = whenGateway((gateway) => {
        if (gateway) become({ kind: 'running', gateway });
        else if (state.kind === 'running') become(notRunning(false));
      });
      this.on('close', (removed: boolean, done: () => void) => {
        closed = true;
        unwatch();
        listeners.clear();
        void (async () => {
          await share?.release(removed);
          done();
        })();
      });
    },
    { credentials: { mongodbUri: { type: 'password' } } },
  );
}

function notRunning(noSiteFile: boolean): GatewayState {
  return {
    kind: 'absent',
    error: new NodeError(
      'gateway-not-running',
      noSiteFile
        ? 'No gateway is running in this process. Name a site file in the gateway node, and deploy.'
        : 'The gateway of this process has stopped. Its log says why.',
    ),
  };
}

function userFolderOf(RED: NodeApi): string {
  return RED.settings.userDir ?? process.cwd();
}
