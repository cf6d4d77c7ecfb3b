/**
 * The demo site: one cabinet for each of the six modes and one cassette for each of the three, its simulated hardware,
 * its people, its things and its keys.
 */
import { createSecretKey, type KeyObject } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import demoSite from '../../config/demo-site.json' with { type: 'json' };
import { checkSite } from '../../config/read-site.ts';
import type { SiteFile } from '../../config/site.ts';
import type { CassetteId } from '../../domain/site.ts';
import { type Administration, AdministrationError } from '../../gateway/administration.ts';
import type { Gateway } from '../../gateway/api.ts';
import { pairingKey } from '../../gateway/cassettes/open-cassettes.ts';
import { socketPath } from '../../gateway/data-folder.ts';
import { type DemoHardwareOptions, startDemoHardware } from './hardware.ts';
import { DEMO_ITEMS, placeOf } from './items.ts';
import { DEMO_KEYS } from './keys.ts';
import { credentialsOf, DEMO_PEOPLE, type DemoPerson } from './people.ts';

const ACTOR = { kind: 'gateway', id: 'demo' } as const;

/** The demo site with its hardware at work; no gateway yet. */
export interface Demo {
  /** Path of the site file; messages name it. */
  readonly siteFile: string;
  /** Its content, with the ports on which the hardware listens. */
  readonly site: SiteFile;
  /** Adds the people, things and keys that are missing, and lays things and cassettes where the log left them. */
  moveIn(administration: Administration, gateway: Pick<Gateway, 'cabinets' | 'cassettes'>): Promise<void>;
  close(): Promise<void>;
}

/** Starts the simulated hardware of the demo site. Its control socket lies in the data folder. */
export async function startDemo(
  dataFolder: string,
  pace: Omit<DemoHardwareOptions, 'site' | 'ports' | 'controlSocketPath' | 'pairingKeys'> = {},
): Promise<Demo> {
  const siteFile = fileURLToPath(new URL('../../config/demo-site.json', import.meta.url));
  await mkdir(join(dataFolder, 'run'), { recursive: true, mode: 0o700 });
  const shipped = checkSite(siteFile, demoSite);
  const hardware = await startDemoHardware({
    ...pace,
    site: shipped,
    pairingKeys: await pairingKeys(dataFolder, shipped),
    controlSocketPath: await socketPath(dataFolder, 'demo-hardware'),
  });
  const site = checkSite(siteFile, {
    ...demoSite,
    buses: demoSite.buses.map(({ id, transport }) => ({
      id,
      transport: { ...transport, port: hardware.ports.get(id) },
    })),
  });
  return {
    siteFile,
    site,
    moveIn: async (administration, gateway) => {
      await welcomePeople(administration);
      await registerItems(administration);
      await registerKeys(administration);
      const items = new Map((await administration.items()).map(({ tag, id }) => [tag, id]));
      const cabinets = gateway.cabinets();
      const laid = DEMO_ITEMS.flatMap(({ tag, home }) => {
        const item = items.get(tag);
        const place = item === undefined ? undefined : placeOf(item, home, cabinets);
        return place ? [{ ...place, tag }] : [];
      });
      const inMachine = gateway.cassettes.list().filter(({ phase }) => phase === 'full');
      hardware.layOut(
        laid,
        inMachine.map(({ id }) => id),
      );
    },
    close: () => hardware.close(),
  };
}

/** Each controller has the secret that the gateway reads for it. */
async function pairingKeys(
  dataFolder: string,
  { cassettes = [] }: SiteFile,
): Promise<ReadonlyMap<CassetteId, KeyObject>> {
  const keys = new Map<CassetteId, KeyObject>();
  for (const { id } of cassettes) keys.set(id, createSecretKey(await pairingKey(dataFolder, id), 'hex'));
  return keys;
}

async function registerKeys({ cassetteKeys }: Administration): Promise<void> {
  const known = new Set(cassetteKeys.list().map(({ id }) => id));
  for (const key of Object.values(DEMO_KEYS)) {
    if (!known.has(key.id)) await unlessTaken(cassetteKeys.register(key, ACTOR), 'credential-taken');
  }
}

/** Whoever has a login of the demo already is left as they are. */
async function welcomePeople(administration: Administration): Promise<void> {
  const logins = new Set((await administration.users()).map(({ login }) => login));
  for (const person of Object.values(DEMO_PEOPLE)) {
    if (logins.has(person.login)) continue;
    const { card: _card, pin: _pin, ...user }: DemoPerson = person;
    await unlessTaken(administration.addUser(user, ACTOR, credentialsOf(person)), 'credential-taken');
  }
}

async function registerItems(administration: Administration): Promise<void> {
  const tags = new Set((await administration.items()).map(({ tag }) => tag));
  for (const { home: _home, ...item } of DEMO_ITEMS) {
    if (!tags.has(item.tag)) await unlessTaken(administration.addItem(item, ACTOR), 'tag-taken');
  }
}

/** What somebody gave to another person or thing meanwhile stays theirs. */
async function unlessTaken(added: Promise<unknown>, taken: AdministrationError['code']): Promise<void> {
  try {
    await added;
  } catch (error) {
    if (!(error instanceof AdministrationError && error.code === taken)) throw error;
  }
}
