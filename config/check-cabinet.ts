import { MOST_COMPARTMENTS, MOST_COMPARTMENTS_IN_GROUP } from '../domain/site.ts';
import { placeholdersIn, placeholdersOf } from '../domain/texts/texts.ts';
import { compartmentsOf, parseNumbers, pinBounds } from './cabinet-setting.ts';
import type { SiteCabinet, SiteFile } from './site.ts';

/** Refuses the site file: the field as a person finds it, and what is wrong with it. */
export type Wrong = (field: string, reason: string) => never;

/** What a cabinet may refer to, and what other cabinets have taken already. */
export interface Surroundings {
  readonly boards: ReadonlySet<string>;
  readonly itemReaders: ReadonlySet<string>;
  readonly userGroups: ReadonlySet<string>;
  /** By lock, the compartment that it opens; added to. */
  readonly locks: Map<string, string>;
  /** By antenna, the compartment that it watches; added to. */
  readonly antennas: Map<string, string>;
}

/** Checks what the schema of the site file cannot say of a cabinet. `at` is its place, e.g. `cabinets[0]`. */
export function checkCabinet(
  cabinet: SiteCabinet,
  at: string,
  site: Pick<SiteFile, 'pins'>,
  around: Surroundings,
  wrong: Wrong,
): void {
  checkCompartments(cabinet, at, around, wrong);
  checkAntennas(cabinet, at, around, wrong);
  checkGroups(cabinet, at, around.userGroups, wrong);
  checkUserGroups(cabinet.userGroups, `${at}.userGroups`, around.userGroups, wrong);
  checkUserGroups(cabinet.twoPersons?.userGroups, `${at}.twoPersons.userGroups`, around.userGroups, wrong);
  checkPins({ ...pinBounds(site), ...cabinet.pins }, cabinet.pins, `${at}.pins`, wrong);
  checkTexts(cabinet, at, wrong);
}

/** Each of the user groups that a field names has to be there. */
export function checkUserGroups(
  named: readonly string[] | undefined,
  field: string,
  userGroups: ReadonlySet<string>,
  wrong: Wrong,
): void {
  named?.forEach((group, index) => {
    if (!userGroups.has(group)) wrong(`${field}[${index}]`, `there is no user group "${group}"`);
  });
}

/** The fewest digits are not more than the most; `said` is what stands in the field, to name the part that is wrong. */
export function checkPins(
  { least, most }: { readonly least: number; readonly most: number },
  said: SiteFile['pins'],
  field: string,
  wrong: Wrong,
): void {
  if (least <= most) return;
  if (said?.most === undefined) wrong(`${field}.least`, `is ${least}, which is more than the most, ${most}`);
  wrong(`${field}.most`, `is ${most}, which is fewer than the fewest, ${least}`);
}

function checkCompartments(
  cabinet: SiteCabinet,
  at: string,
  { boards, locks }: Surroundings,
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

function checkAntennas(
  cabinet: SiteCabinet,
  at: string,
  { itemReaders, antennas }: Surroundings,
  wrong: Wrong,
): void {
  const numbers = numbersOf(cabinet);
  const watched = new Set<number>();
  cabinet.antennas?.forEach(({ from, to, reader, firstAntenna }, index) => {
    const field = `${at}.antennas[${index}]`;
    if (to < from) wrong(`${field}.to`, `is ${to}, which comes before ${from}`);
    if (!itemReaders.has(reader)) wrong(`${field}.reader`, `there is no item reader "${reader}"`);
    for (let number = from; number <= to; number += 1) {
      if (!numbers.has(number)) wrong(field, `there is no compartment ${number}`);
      if (watched.has(number)) wrong(field, `compartment ${number} stands twice`);
      watched.add(number);
      const antenna = `antenna ${firstAntenna + number - from} of item reader "${reader}"`;
      const taken = antennas.get(antenna);
      if (taken) wrong(field, `compartment ${number}: ${antenna} already watches ${taken}`);
      antennas.set(antenna, `compartment ${number} of cabinet "${cabinet.id}"`);
    }
  });
}

function checkGroups(cabinet: SiteCabinet, at: string, userGroups: ReadonlySet<string>, wrong: Wrong): void {
  const numbers = numbersOf(cabinet);
  const ids = new Set<string>();
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
    checkUserGroups(group.userGroups, `${field}.userGroups`, userGroups, wrong);
  });
}

function checkTexts({ texts = {} }: SiteCabinet, at: string, wrong: Wrong): void {
  for (const [language, sentences] of Object.entries(texts)) {
    for (const [code, sentence] of Object.entries(sentences)) {
      const field = `${at}.texts.${language}.${code}`;
      const known = placeholdersOf(code);
      if (known === undefined) wrong(field, `there is no sentence "${code}"`);
      const stranger = placeholdersIn(sentence).find((name) => !known.includes(name));
      if (stranger === undefined) continue;
      const names = known.map((name) => `{${name}}`).join(', ');
      wrong(field, `says {${stranger}}, which this sentence does not know; it knows ${names || 'no values'}`);
    }
  }
}

function numbersOf(cabinet: SiteCabinet): ReadonlySet<number> {
  return new Set(compartmentsOf(cabinet).map(({ number }) => number));
}
