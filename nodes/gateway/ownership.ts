/**
 * Who starts and ends the gateway in a Node-RED of somebody else's, where no main program has started one: the
 * gateway nodes do, together. The gateway outlives a redeploy, because redeploying closes every node and makes it
 * anew: it ends only when nobody has come back for it, or when its settings changed.
 */
import type { Gateway } from '../../gateway/api.ts';
import type { Unsubscribe } from '../../gateway/ports.ts';
import { NodeError } from '../errors.ts';

/** What a gateway is started from. */
export interface GatewaySettings {
  /** Absolute path of the site file. */
  readonly siteFile: string;
  /** Absolute path of the folder for logs, secrets and the embedded store. */
  readonly dataFolder: string;
  /** Connection string; left out: the embedded store. */
  readonly mongodbUri?: string;
}

export interface StartedGateway {
  readonly gateway: Gateway;
  close(): Promise<void>;
}

export interface OwnershipOptions {
  readonly start: (settings: GatewaySettings) => Promise<StartedGateway>;
  /** Makes the gateway known to the process. */
  readonly register: (gateway: Gateway) => Unsubscribe;
  /** How long a gateway without a node waits for one to come back. Milliseconds. */
  readonly linger: number;
  /** An error while closing, which nobody waits for any more. */
  readonly failed: (error: unknown) => void;
}

/** One node's share of the gateway. */
export interface Share {
  /** Resolves when the gateway runs; rejects with why it could not be started. */
  readonly started: Promise<void>;
  /** Gives the share back. With `final`, the last share ends the gateway at once, and the promise waits for that. */
  release(final: boolean): Promise<void>;
}

export interface Ownership {
  /** @throws NodeError `gateway-settings-conflict` where a gateway with other settings is in use. */
  attach(settings: GatewaySettings): Share;
  /** Ends the gateway now if no node holds it. */
  endIdle(): Promise<void>;
}

interface Held {
  readonly key: string;
  readonly running: Promise<StartedGateway>;
  holders: number;
  failed: boolean;
  readonly withdraw: Unsubscribe;
  linger: NodeJS.Timeout | undefined;
}

export function gatewayOwnership({ start, register, linger, failed }: OwnershipOptions): Ownership {
  let held: Held | undefined;
  // The next gateway starts after the one before has let go of its ports and files.
  let ended: Promise<void> = Promise.resolve();

  const begin = (key: string, settings: GatewaySettings): Held => {
    const before = ended;
    let withdraw: Unsubscribe = () => {};
    const running = (async () => {
      await before;
      const started = await start(settings);
      try {
        withdraw = register(started.gateway);
      } catch (error) {
        await started.close();
        throw error;
      }
      return started;
    })();
    const next: Held = {
      key,
      running,
      holders: 0,
      failed: false,
      withdraw: () => withdraw(),
      linger: undefined,
    };
    running.catch(() => {
      next.failed = true;
    });
    return next;
  };

  const end = (ending: Held): Promise<void> => {
    clearTimeout(ending.linger);
    if (held === ending) held = undefined;
    ended = ending.running.then(
      async (started) => {
        ending.withdraw();
        try {
          await started.close();
        } catch (error) {
          failed(error);
        }
      },
      () => {},
    );
    return ended;
  };

  return {
    attach(settings) {
      const key = JSON.stringify([settings.siteFile, settings.dataFolder, settings.mongodbUri ?? null]);
      if (held && (held.key !== key || held.failed)) {
        if (held.holders > 0 && !held.failed) {
          throw new NodeError(
            'gateway-settings-conflict',
            `A gateway for another site is running in this Node-RED already; "${settings.siteFile}" was not started. ` +
              'Let every Sezam node name the same gateway node.',
          );
        }
        void end(held);
      }
      const mine = held ?? begin(key, settings);
      held = mine;
      clearTimeout(mine.linger);
      mine.holders += 1;
      let released = false;
      return {
        started: mine.running.then(() => {}),
        async release(final) {
          if (released) return;
          released = true;
          mine.holders -= 1;
          if (mine.holders > 0 || held !== mine) return;
          if (final) return end(mine);
          mine.linger = setTimeout(() => void end(mine), linger);
          mine.linger.unref();
        },
      };
    },
    async endIdle() {
      if (held?.holders === 0) await end(held);
    },
  };
}
