import { expect } from 'chai';
import { ConfigurationError } from '../../../config/configuration-error.ts';
import type { SiteFile } from '../../../config/site.ts';

/** What messages call the file. */
export const FILE = 'works.json';

/** A site file in which nothing is wrong. */
export function sound(): SiteFile {
  return {
    version: 1,
    site: { id: 'works', name: 'Works', timeZone: 'Europe/Warsaw', language: 'pl' },
    userGroups: [{ id: 'staff', name: 'Staff' }],
    buses: [
      { id: 'locks', transport: { type: 'tcp', host: '127.0.0.1', port: 4801 } },
      { id: 'readers', transport: { type: 'serial', path: '/dev/ttyUSB0', baudRate: 9_600 } },
      { id: 'flow', transport: { type: 'flow' } },
    ],
    boards: [
      { id: 'board-1', bus: 'locks', driver: 'kerong-cu48', address: 0, settings: { closedBit: 0 } },
      { id: 'board-2', bus: 'locks', driver: 'kerong-cu48', address: 1 },
    ],
    readers: [
      { id: 'reader-1', bus: 'readers', driver: 'rdm6300', cabinet: 'A' },
      { id: 'keypad-1', bus: 'flow', driver: 'keypad', cabinet: 'B', decide: 'gateway' },
    ],
    cabinets: [
      {
        id: 'A',
        name: 'Cabinet A',
        kind: 'clothes',
        schema: '2.2',
        compartments: [{ from: 1, to: 24, board: 'board-1', firstLock: 0 }],
        groups: [{ id: 'upper', compartments: '1-8, 12', userGroups: ['staff'] }],
        userGroups: ['staff'],
        doors: { opensWithinSeconds: 2, attempts: 2, leftOpenAfterSeconds: 30, grantValidSeconds: 5 },
      },
      {
        id: 'B',
        name: 'Cabinet B',
        kind: 'multi',
        schema: '1.1',
        compartments: [
          { from: 1, to: 20, board: 'board-1', firstLock: 24 },
          { from: 21, to: 40, board: 'board-2', firstLock: 0 },
        ],
      },
    ],
  };
}

/** The sound file with everything in it that may be left out. */
export function full(): SiteFile {
  const { cabinets, readers, buses, ...site } = sound();
  const [a, b] = cabinets;
  const [card, keypad] = readers;
  if (!a || !b || !card || !keypad) throw new Error('The sound file has two cabinets and two readers.');
  return {
    ...site,
    pins: { least: 6 },
    buses: [...buses, { id: 'items', transport: { type: 'tcp', host: '127.0.0.1', port: 4802 } }],
    panels: [
      { id: 'hall', name: 'Hall', cabinet: 'A' },
      { id: 'yard', name: 'Yard', cabinet: 'B' },
    ],
    readers: [
      { ...card, panel: 'hall', userGroups: ['staff'] },
      { ...keypad, panel: 'yard' },
    ],
    itemReaders: [{ id: 'antennas', bus: 'items', driver: 'line-inventory' }],
    cabinets: [
      {
        ...a,
        antennas: [
          { from: 1, to: 4, reader: 'antennas', firstAntenna: 0 },
          { from: 10, to: 12, reader: 'antennas', firstAntenna: 8 },
        ],
        pins: { most: 8 },
        sessions: { answerWithinSeconds: 90, useWithinSeconds: 300 },
        twoPersons: { userGroups: ['staff'] },
        antiPassback: { closeFirst: true, waitSeconds: 30 },
        overdueAfterHours: 1.5,
        texts: {
          pl: { 'compartment-blocked': 'Skrytka {compartment} nie działa.' },
          en: { identify: 'Hold your card to the panel.' },
        },
      },
      { ...b, groups: [{ id: 'guests', compartments: '1-32', userGroups: [] }], twoPersons: {} },
    ],
  };
}

/** A copy of a file with one value replaced; `undefined` takes it away. */
export function withValue(path: string, value: unknown, from: SiteFile = sound()): unknown {
  const site = structuredClone(from) as unknown as Record<string, unknown>;
  const parts = path.split('.');
  const last = parts.pop() ?? '';
  let place = site;
  for (const part of parts) place = place[part] as Record<string, unknown>;
  if (value === undefined) delete place[last];
  else place[last] = value;
  return site;
}

export interface WrongField {
  readonly path: string;
  readonly value: unknown;
  /** The field as the message names it, where it is not the path itself. */
  readonly field?: string;
  readonly reason: string | RegExp;
}

/** `boards.0.bus` as a person finds it: `boards[0].bus`. */
export function fieldOf({ path, field }: WrongField): string {
  return field ?? path.replace(/\.(\d+)/g, '[$1]');
}

export function expectRefusal(work: () => unknown, field: string, reason: string | RegExp): void {
  let error: unknown;
  try {
    work();
  } catch (thrown) {
    error = thrown;
  }
  if (!(error instanceof ConfigurationError))
    throw new Error(`Not refused as it should be: ${String(error)}`);
  expect(error.field).to.equal(field);
  if (typeof reason === 'string') expect(error.reason).to.equal(reason);
  else expect(error.reason).to.match(reason);
  expect(error.message).to.equal(`${FILE}: ${field}: ${error.reason}`);
  expect(error.message, 'one line').to.not.include('\n');
}
