import { constants, type FileHandle, open } from 'node:fs/promises';
import { Ajv } from 'ajv';
import { pinBounds } from './cabinet-setting.ts';
import { checkCabinet, checkPins, checkUserGroups, type Surroundings, type Wrong } from './check-cabinet.ts';
import { checkCassettes } from './check-cassettes.ts';
import { ConfigurationError, wrongField } from './configuration-error.ts';
import cassettesSchema from './schemas/cassettes.schema.json' with { type: 'json' };
import siteSchema from './schemas/site.schema.json' with { type: 'json' };
import type { SiteFile } from './site.ts';

const ajv = new Ajv({ discriminator: true, verbose: true });
ajv.addSchema(cassettesSchema);
ajv.addFormat('time-zone', { type: 'string', validate: isTimeZone });
const validate = ajv.compile<SiteFile>(siteSchema);

/** Far more than any site needs. Bytes. */
const LARGEST_FILE = 32_000_000;

/**
 * Reads and checks a site file.
 * @throws ConfigurationError that names the file, the field and what is wrong with it
 */
export async function readSiteFile(path: string): Promise<SiteFile> {
  const text = await textOf(path);
  let content: unknown;
  try {
    content = JSON.parse(text);
  } catch (error) {
    throw new ConfigurationError(path, '', `is not JSON: ${(error as Error).message}`);
  }
  return checkSite(path, content);
}

/** The whole of a file, which a gateway at work reads as well: nothing that is waited for, nor more than it can hold. */
async function textOf(path: string): Promise<string> {
  const wrong = (reason: string): ConfigurationError => new ConfigurationError(path, '', reason);
  let file: FileHandle | undefined;
  try {
    // A pipe is opened at once, whether anybody writes to it or not.
    file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
    const about = await file.stat();
    if (!about.isFile() && !about.isDirectory()) throw wrong('is no file');
    if (about.size > LARGEST_FILE) throw wrong(`is larger than ${LARGEST_FILE / 1_000_000} MB`);
    return await file.readFile('utf8');
  } catch (error) {
    if (error instanceof ConfigurationError) throw error;
    const { code } = error as NodeJS.ErrnoException;
    throw wrong(code === 'ENOENT' ? 'there is no such file' : `cannot be read (${code})`);
  } finally {
    await file?.close();
  }
}

/**
 * Checks what a site file says, the references in it included.
 * @throws ConfigurationError
 */
export function checkSite(file: string, content: unknown): SiteFile {
  if (!validate(content)) throw wrongField(file, validate.errors);
  const site = content;
  const wrong: Wrong = (field, reason) => {
    throw new ConfigurationError(file, field, reason);
  };
  const ids = (field: string, things: readonly { readonly id: string }[] = []): ReadonlySet<string> =>
    idsOf(field, things, wrong);
  const buses = ids('buses', site.buses);
  const boards = ids('boards', site.boards);
  const cabinets = ids('cabinets', site.cabinets);
  const userGroups = ids('userGroups', site.userGroups);
  const itemReaders = ids('itemReaders', site.itemReaders);
  ids('readers', site.readers);
  ids('panels', site.panels);
  const cassettes = ids('cassettes', site.cassettes);
  if (cabinets.size + cassettes.size === 0) {
    wrong('cabinets', 'there is neither a cabinet nor a cassette; a site has at least one of them');
  }
  checkPins(pinBounds(site), site.pins, 'pins', wrong);
  checkBuses(site, wrong);
  checkBoards(site, buses, wrong);
  checkPanels(site, cabinets, wrong);
  checkReaders(site, { buses, cabinets, userGroups }, wrong);
  const around: Surroundings = { boards, itemReaders, userGroups, locks: new Map(), antennas: new Map() };
  for (const [index, cabinet] of site.cabinets.entries()) {
    checkCabinet(cabinet, `cabinets[${index}]`, site, around, wrong);
  }
  checkCassettes(site, wrong);
  site.itemReaders?.forEach(({ id }, index) => {
    const wired = site.cabinets.some(({ antennas }) => antennas?.some(({ reader }) => reader === id));
    if (!wired) wrong(`itemReaders[${index}]`, `no compartment has an antenna of item reader "${id}"`);
  });
  return site;
}

function checkBuses({ buses }: SiteFile, wrong: Wrong): void {
  const places = new Map<string, string>();
  buses.forEach(({ id, transport }, index) => {
    if (transport.type === 'flow') return;
    const place = transport.type === 'serial' ? transport.path : `${transport.host}:${transport.port}`;
    const other = places.get(`${transport.type} ${place}`);
    if (other) wrong(`buses[${index}].transport`, `is ${place}, which bus "${other}" has`);
    places.set(`${transport.type} ${place}`, id);
  });
}

function checkBoards({ boards }: SiteFile, buses: ReadonlySet<string>, wrong: Wrong): void {
  const addresses = new Map<string, string>();
  boards.forEach(({ id, bus, address }, index) => {
    if (!buses.has(bus)) wrong(`boards[${index}].bus`, `there is no bus "${bus}"`);
    const place = `${bus}/${address}`;
    const other = addresses.get(place);
    if (other) wrong(`boards[${index}].address`, `is ${address}, which board "${other}" on the same bus has`);
    addresses.set(place, id);
  });
}

function checkPanels({ panels = [] }: SiteFile, cabinets: ReadonlySet<string>, wrong: Wrong): void {
  panels.forEach(({ cabinet }, index) => {
    if (!cabinets.has(cabinet)) wrong(`panels[${index}].cabinet`, `there is no cabinet "${cabinet}"`);
  });
}

function checkReaders(
  { readers, panels = [], itemReaders = [] }: SiteFile,
  known: {
    readonly buses: ReadonlySet<string>;
    readonly cabinets: ReadonlySet<string>;
    readonly userGroups: ReadonlySet<string>;
  },
  wrong: Wrong,
): void {
  const panelOf = new Map(panels.map((panel) => [panel.id, panel]));
  const heard = new Map<string, string>();
  const checkWire = (
    { id, bus, driver }: { readonly id: string; readonly bus: string; readonly driver: string },
    field: string,
  ): void => {
    if (!known.buses.has(bus)) wrong(`${field}.bus`, `there is no bus "${bus}"`);
    // What is presented does not say at which reader: every reader of a bus would take it.
    const other = heard.get(`${bus}/${driver}`);
    if (other) {
      wrong(
        `${field}.bus`,
        `is "${bus}", where "${other}" is the ${driver} already; a reader has no address, give it a bus of its own`,
      );
    }
    heard.set(`${bus}/${driver}`, id);
    // A reader without a panel is a panel by itself.
    if (panelOf.has(id)) wrong(`${field}.id`, `"${id}" is the id of a panel already`);
  };
  readers.forEach((reader, index) => {
    const field = `readers[${index}]`;
    checkWire(reader, field);
    if (!known.cabinets.has(reader.cabinet)) {
      wrong(`${field}.cabinet`, `there is no cabinet "${reader.cabinet}"`);
    }
    checkUserGroups(reader.userGroups, `${field}.userGroups`, known.userGroups, wrong);
    if (reader.panel === undefined) return;
    const panel = panelOf.get(reader.panel);
    if (!panel) wrong(`${field}.panel`, `there is no panel "${reader.panel}"`);
    if (panel.cabinet !== reader.cabinet) {
      wrong(
        `${field}.panel`,
        `is "${panel.id}", which is at cabinet "${panel.cabinet}", but the reader is at cabinet "${reader.cabinet}"`,
      );
    }
  });
  itemReaders.forEach((reader, index) => {
    checkWire(reader, `itemReaders[${index}]`);
    if (readers.some(({ id }) => id === reader.id)) {
      wrong(`itemReaders[${index}].id`, `"${reader.id}" is the id of a reader already`);
    }
  });
}

function idsOf(field: string, things: readonly { readonly id: string }[], wrong: Wrong): ReadonlySet<string> {
  const ids = new Set<string>();
  things.forEach(({ id }, index) => {
    if (ids.has(id)) wrong(`${field}[${index}].id`, `"${id}" stands twice`);
    ids.add(id);
  });
  return ids;
}

function isTimeZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: name });
    // An offset such as +01:00 knows no daylight-saving time.
    return /^[A-Za-z]/.test(name);
  } catch {
    return false;
  }
}
