/** The compiled nodes, as a Node-RED loads them. */
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { NodeApi } from '../../nodes/red.ts';
import { build } from '../../scripts/build.ts';

export const ROOT = resolve(import.meta.dirname, '../..');

export const CONFIG_NODES = ['gateway', 'bus', 'cassette'];
export const PALETTE_NODES = [
  'reader',
  'identify',
  'allocate',
  'lock',
  'session',
  'command',
  'door',
  'item',
  'event',
  'alarm',
  'notify',
  'query',
  'codec',
  'key',
  'sensor',
  'cassette-state',
  'cassette-command',
];
export const NODES = [...CONFIG_NODES, ...PALETTE_NODES];

export type NodeRegistration = (RED: NodeApi) => void;

let registrations: Promise<NodeRegistration[]> | undefined;

/** Builds `dist/` where needed, once, and loads every node from it. */
export function builtNodes(): Promise<NodeRegistration[]> {
  registrations ??= Promise.all(
    NODES.map((name) => registrationOf(join(builtModule(), 'nodes', name, `${name}.js`))),
  );
  return registrations;
}

let dist: string | undefined;

/** The folder of the built module; builds it where needed, once. */
export function builtModule(): string {
  dist ??= build(ROOT).dist;
  return dist;
}

async function registrationOf(path: string): Promise<NodeRegistration> {
  return ((await import(pathToFileURL(path).href)) as { default: NodeRegistration }).default;
}
