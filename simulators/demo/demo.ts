/** The demo site: one cabinet for each of the six modes, its simulated hardware, its people and its things. */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import demoSite from '../../config/demo-site.json' with { type: 'json' };
import { checkSite } from '../../config/read-site.ts';
import type { SiteFile } from '../../config/site.ts';
import { type Administration, AdministrationError } from '../../gateway/administration.ts';
import type { Gateway } from '../../gateway/api.ts';
import { socketPath } from '../../gateway/data-folder.ts';
import { type DemoHardwareOptions, startDemoHardware } from './hardware.ts';
import { DEMO_ITEMS, placeOf } from './items.ts';
import { credentialsOf, DEMO_PEOPLE } from './people.ts';

const ACTOR = { kind: 'gateway', id: 'demo' } as const;

/** The demo site with its hardware at work; no gateway yet. */
export interface Demo {
  /** Path of the site file; messages name it. */
  readonly siteFile: string;
  /** Its content, with the ports on which the hardware listens. */
  readonly site: SiteFile;
  /** Adds the people and things that are missing, and lays the things where the log left them. */
  moveIn(administration: Administration, gateway: Pick<Gateway, 'cabinets'>): Promise<void>;
  close(): Promise<void>;
}

/** Starts the simulated hardware of the demo site. Its control socket lies in the data folder. */
export async function startDemo(
  dataFolder: string,
  pace: Omit<DemoHardwareOptions, 'site' | 'ports' | 'controlSocketPath'> = {},
): Promise<Demo> {
  const siteFile = fileURLToPath(new URL('../../config/demo-site.json', import.meta.url));
  await mkdir(join(dataFolder, 'run'), { recursive: true, mode: 0o700 });
  const hardware = await startDemoHardware({
    ...pace,
    site: checkSite(siteFile, demoSite),
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
      const items = new Map((await administration.items()).map(({ tag, id }) => [tag, id]));
      const cabinets = gateway.cabinets();
      const laid = DEMO_ITEMS.flatMap(({ tag, home }) => {
        const item = items.get(tag);
        const place = item === undefined ? undefined : placeOf(item, home, cabinets);
        return place ? [{ ...place, tag }] : [];
      });
      hardware.layOut(laid);
    },
    close: () => hardware.close(),
  };
}

/** Whoever has a login of the demo already is left as they are. */
async function welcomePeople(administration: Administration): Promise<void> {
  const logins = new Set((await administration.users()).map(({ login }) => login));
  for (const person of Object.values(DEMO_PEOPLE)) {
    if (logins.has(person.login)) continue;
    const { card: _card, pin: _pin, ...user } = person;
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
async function unlessTaken(added: Promise<string>, taken: AdministrationError['code']): Promise<void> {
  try {
    await added;
  } catch (error) {
    if (!(error instanceof AdministrationError && error.code === taken)) throw error;
  }
}
