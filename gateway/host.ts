/**
 * The one gateway of this process. It survives redeploys of flows, and copies of this module (from `dist/`,
 * from an installed package, from the sources) share it through a symbol of the global registry.
 */
import type { Gateway } from './api.ts';
import type { Unsubscribe } from './ports.ts';

/** There is a gateway in this process already: one process serves one site. */
export class GatewayAlreadyRunningError extends Error {
  readonly code = 'gateway-already-running';

  constructor(running: Gateway) {
    super(
      `A gateway is already running in this process, for site "${running.site.id}". ` +
        'One process serves one site: remove the second gateway, or start it in a process of its own.',
    );
    this.name = 'GatewayAlreadyRunningError';
  }
}

type GatewayListener = (gateway: Gateway | undefined) => void;

interface Host {
  gateway: Gateway | undefined;
  readonly listeners: Set<GatewayListener>;
}

const HOST = Symbol.for('sezam.gateway');

function host(): Host {
  const holder = globalThis as { [HOST]?: Host };
  holder[HOST] ??= { gateway: undefined, listeners: new Set() };
  return holder[HOST];
}

/** The gateway that runs in this process, or undefined where none has been started yet. */
export function runningGateway(): Gateway | undefined {
  return host().gateway;
}

/**
 * Makes a gateway the one of this process; the returned function withdraws it again.
 * @throws GatewayAlreadyRunningError where another one is registered.
 */
export function registerGateway(gateway: Gateway): Unsubscribe {
  const here = host();
  if (here.gateway) throw new GatewayAlreadyRunningError(here.gateway);
  here.gateway = gateway;
  tell(here);
  return () => {
    if (here.gateway !== gateway) return;
    here.gateway = undefined;
    tell(here);
  };
}

/** Calls `listener` at once with what runs now, and again on each change. */
export function whenGateway(listener: GatewayListener): Unsubscribe {
  const here = host();
  // A listener of its own for every call, so that one function may subscribe twice and leave twice.
  const own: GatewayListener = (gateway) => listener(gateway);
  here.listeners.add(own);
  own(here.gateway);
  return () => {
    here.listeners.delete(own);
  };
}

function tell(here: Host): void {
  const told = [...here.listeners];
  for (const listener of told) listener(here.gateway);
}
