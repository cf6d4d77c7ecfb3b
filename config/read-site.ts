import { readFile } from 'node:fs/promises';
import { Ajv } from 'ajv';
import {
  type CabinetSetting,
  type CompartmentSetting,
  MOST_COMPARTMENTS,
  MOST_COMPARTMENTS_IN_GROUP,
} from '../domain/site.ts';
import { ConfigurationError, wrongField } from './configuration-error.ts';
import siteSchema from './schemas/site.schema.json' with { type: 'json' };
import type { SiteCabinet, SiteFile } from './site.ts';

/** Times and counts of doors where the site file names none. Seconds, and pulses. */
const DOOR_DEFAULTS = {
  opensWithinSeconds: 3,
  attempts: 3,
  leftOpenAfterSeconds: 60,
  grantValidSeconds: 10,
} as const;

const ajv = new Ajv({ discriminator: true, verbose: true });
ajv.addFormat('time-zone', { type: 'string', validate: isTimeZone });
const validate = ajv.compile<SiteFile>(siteSchema);

/**
 * Reads and checks a site file.
 * @throws ConfigurationError that names the file, the field and what is wrong with it
 */
export async function readSiteFile(path: string): Promise<SiteFile> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new ConfigurationError(
      path,
      '',
      code === 'ENOENT' ? 'there is no such file' : `cannot be read (${code})`,
    );
  }
  let content: unknown;
  try {
    content = JSON.parse(text);
  } catch (error) {
    throw new ConfigurationError(path, '', `is not JSON: ${(error as Error).message}`);
  }
  return checkSite(path, content);
}

/**
 * Checks what a site file says, the references in it included.
 * @throws ConfigurationError
 */
export function checkSite(file: string, content: unknown): SiteFile {
  if (!validate(content)) throw wrongField(file, validate.errors);
  const site = content;
  const wrong = (field: string, reason: string): never => {
    throw new ConfigurationError(file, field, reason);
  };
  const buses = idsOf(file, 'buses', site.buses);
  const boards = idsOf(file, 'boards', site.boards);
  const cabinets = idsOf(file, 'cabinets', site.cabinets);
  const userGroups = idsOf(file, 'userGroups', site.userGroups ?? []);
  idsOf(file, 'readers', site.readers);
  const places = new Map<string, string>();
  site.buses.forEach(({ id, transport }, index) => {
    if (transport.type === 'flow') return;
    const place = transport.type === 'serial' ? transport.path : `${transport.host}:${transport.port}`;
    const other = places.get(`${transport.type} ${place}`);
    if (other) wrong(`buses[${index}].transport`, `is ${place}, which bus "${other}" has`);
    places.set(`${transport.type} ${place}`, id);
  });
  const addresses = new Map<string, string>();
  site.boards.forEach(({ id, bus, address }, index) => {
    if (!buses.has(bus)) wrong(`boards[${index}].bus`, `there is no bus "${bus}"`);
    const place = `${bus}/${address}`;
    const other = addresses.get(place);
    if (other) wrong(`boards[${index}].address`, `is ${address}, which board "${other}" on the same bus has`);
    addresses.set(place, id);
  });
  const heard = new Map<string, string>();
  site.readers.forEach(({ id, bus, driver, cabinet }, index) => {
    if (!buses.has(bus)) wrong(`readers[${index}].bus`, `there is no bus "${bus}"`);
    // What is presented does not say at which reader: every reader of a bus would take it.
    const other = heard.get(`${bus}/${driver}`);
    if (other)
      wrong(
        `readers[${index}].bus`,
        `is "${bus}", where "${other}" is the ${driver} already; a reader has no address, give it a bus of its own`,
      );
    heard.set(`${bus}/${driver}`, id);
    if (!cabinets.has(cabinet)) wrong(`readers[${index}].cabinet`, `there is no cabinet "${cabinet}"`);
  });
  const locks = new Map<string, string>();
  site.cabinets.forEach((cabinet, index) => {
    const at = `cabinets[${index}]`;
    checkCompartments(cabinet, at, boards, locks, wrong);
    checkGroups(cabinet, at, userGroups, wrong);
  });
  return site;
}

type Wrong = (field: string, reason: string) => never;

function checkCompartments(
  cabinet: SiteCabinet,
  at: string,
  boards: ReadonlySet<string>,
  locks: Map<string, string>,
  wrong: Wrong,
): void {
  const numbers = new Set<number>();
  cabinet.compartments.forEach(({ from, to, board, firstLock }, index) => {
    const field = `${at}.compartments[${index}]`;
    if (to < from) wrong(`${field}.to`, `is ${to}, which comes before ${from}`);
    if (!boards.has(board)) wrong(`${field}.board`, `there is no board "${board}"`);
    for (let number = from; number <= to; number += 1) {
      if (numbers.has(number)) wrong(field, `compartment ${number} stands twice`);
      numbers.add(number);
      const lock = `lock ${firstLock + number - from} of board "${board}"`;
      const taken = locks.get(lock);
      if (taken) wrong(field, `compartment ${number}: ${lock} already opens ${taken}`);
      locks.set(lock, `compartment ${number} of cabinet "${cabinet.id}"`);
    }
  });
  if (numbers.size > MOST_COMPARTMENTS) {
    wrong(
      `${at}.compartments`,
      `has ${numbers.size} compartments; a cabinet has at most ${MOST_COMPARTMENTS}`,
    );
  }
}

function checkGroups(cabinet: SiteCabinet, at: string, userGroups: ReadonlySet<string>, wrong: Wrong): void {
  const numbers = new Set(compartmentsOf(cabinet).map((compartment) => compartment.number));
  const ids = new Set<string>();
  cabinet.userGroups?.forEach((group, index) => {
    if (!userGroups.has(group)) wrong(`${at}.userGroups[${index}]`, `there is no user group "${group}"`);
  });
  cabinet.groups?.forEach((group, index) => {
    const field = `${at}.groups[${index}]`;
    if (ids.has(group.id)) wrong(`${field}.id`, `"${group.id}" stands twice`);
    ids.add(group.id);
    const backwards = group.compartments.split(',').find((part) => {
      const [from = 0, to = from] = part.split('-').map(Number);
      return to < from;
    });
    if (backwards) wrong(`${field}.compartments`, `"${backwards.trim()}" runs backwards`);
    const members = parseNumbers(group.compartments);
    if (members.length > MOST_COMPARTMENTS_IN_GROUP) {
      wrong(
        `${field}.compartments`,
        `has ${members.length} compartments; a group has 1 to ${MOST_COMPARTMENTS_IN_GROUP}`,
      );
    }
    const stranger = members.find((number) => !numbers.has(number));
    if (stranger !== undefined) wrong(`${field}.compartments`, `there is no compartment ${stranger}`);
    group.userGroups.forEach((userGroup, place) => {
      if (!userGroups.has(userGroup)) {
        wrong(`${field}.userGroups[${place}]`, `there is no user group "${userGroup}"`);
      }
    });
  });
}

function idsOf(file: string, field: string, things: readonly { readonly id: string }[]): ReadonlySet<string> {
  const ids = new Set<string>();
  things.forEach(({ id }, index) => {
    if (ids.has(id)) throw new ConfigurationError(file, `${field}[${index}].id`, `"${id}" stands twice`);
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

function compartmentsOf(cabinet: SiteCabinet): CompartmentSetting[] {
  return cabinet.compartments.flatMap(({ from, to, board }) =>
    Array.from({ length: to - from + 1 }, (_, step) => ({ number: from + step, board })),
  );
}

/** The numbers of a list such as `1-8, 12`, each once, in order. At most 1,000 are read. */
function parseNumbers(list: string): number[] {
  const numbers = new Set<number>();
  for (const part of list.split(',')) {
    const [from = 0, to = from] = part.split('-').map(Number);
    for (let number = from; number <= to && numbers.size < 1_000; number += 1) numbers.add(number);
  }
  return [...numbers].sort((a, b) => a - b);
}

/** A cabinet of a checked site file, as the domain knows it. */
export function cabinetSetting(cabinet: SiteCabinet): CabinetSetting {
  const doors = { ...DOOR_DEFAULTS, ...cabinet.doors };
  return {
    id: cabinet.id,
    kind: cabinet.kind,
    schema: cabinet.schema,
    compartments: compartmentsOf(cabinet),
    groups: (cabinet.groups ?? []).map(({ id, compartments, userGroups }) => ({
      id,
      compartments: parseNumbers(compartments),
      userGroups,
    })),
    userGroups: cabinet.userGroups ?? [],
    doors: {
      opensWithin: doors.opensWithinSeconds * 1_000,
      attempts: doors.attempts,
      leftOpenAfter: doors.leftOpenAfterSeconds * 1_000,
      grantValidFor: doors.grantValidSeconds * 1_000,
    },
  };
}
