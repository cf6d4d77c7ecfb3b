/** Flows that are shipped: the demo flow and the examples. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import demoSite from '../../config/demo-site.json' with { type: 'json' };
import { NODES, ROOT } from './built-nodes.ts';

interface StoredNode {
  readonly id: string;
  readonly type: string;
  readonly z?: string;
  readonly g?: string;
  readonly x?: number;
  readonly y?: number;
  readonly w?: number;
  readonly h?: number;
  readonly wires?: readonly (readonly string[])[];
  readonly nodes?: readonly string[];
  readonly [setting: string]: unknown;
}

/** Types that a plain Node-RED 5 and node-red-node-serialport bring along. */
const FOREIGN_NODES = [
  'comment',
  'debug',
  'inject',
  'template',
  'catch',
  'change',
  'join',
  'serial in',
  'serial out',
];
const FOREIGN_CONFIGURATIONS = ['tab', 'group', 'serial-port'];
const CONFIGURATIONS = ['sezam-gateway', 'sezam-bus', 'sezam-cassette', ...FOREIGN_CONFIGURATIONS];
/** Settings that name a configuration node, and its type. */
const REFERENCES: Readonly<Record<string, string>> = {
  gateway: 'sezam-gateway',
  bus: 'sezam-bus',
  serial: 'serial-port',
};

const FILES = ['flows', 'examples'].flatMap((folder) =>
  readdirSync(join(ROOT, folder)).map((name) => `${folder}/${name}`),
);

function read(path: string): StoredNode[] {
  return JSON.parse(readFileSync(join(ROOT, path), 'utf8')) as StoredNode[];
}

for (const path of FILES) {
  describe(path, () => {
    const nodes = read(path);
    const byId = new Map(nodes.map((node) => [node.id, node]));
    const placed = nodes.filter(({ type }) => !CONFIGURATIONS.includes(type));

    it('has ids once and known types only', () => {
      expect(byId.size).to.equal(nodes.length);
      const known = [...NODES.map((node) => `sezam-${node}`), ...FOREIGN_NODES, ...FOREIGN_CONFIGURATIONS];
      for (const { type } of nodes) expect(known).to.include(type);
    });

    it('has each node placed on a tab, off the others', () => {
      const places = new Set<string>();
      for (const { id, x, y, z } of placed) {
        expect(x, id).to.be.a('number');
        expect(y, id).to.be.a('number');
        expect(byId.get(z ?? '')?.type, id).to.equal('tab');
        places.add(`${x} ${y}`);
      }
      expect(places.size).to.equal(placed.length);
    });

    it('has wires to existing nodes only, and one list for each output', () => {
      const outputs: Readonly<Record<string, number>> = {
        'sezam-reader': 1,
        'sezam-identify': 2,
        'sezam-allocate': 2,
        'sezam-lock': 2,
        'sezam-door': 1,
        'sezam-event': 1,
        'sezam-alarm': 3,
        'sezam-session': 2,
        'sezam-command': 2,
        'sezam-item': 3,
        'sezam-notify': 2,
        'sezam-query': 2,
        'sezam-codec': 2,
        'sezam-key': 2,
        'sezam-sensor': 2,
        'sezam-cassette-state': 2,
        'sezam-cassette-command': 2,
      };
      for (const { id, type, wires = [] } of placed) {
        for (const target of wires.flat()) expect(byId.get(target)?.x, `${id} → ${target}`).to.be.a('number');
        if (type in outputs) expect(wires.length, id).to.equal(outputs[type]);
      }
    });

    it('has groups that hold their nodes', () => {
      const groups = nodes.filter(({ type }) => type === 'group');
      expect(groups).not.to.deep.equal([]);
      for (const group of groups) {
        for (const id of group.nodes ?? []) {
          const { x = 0, y = 0, g } = byId.get(id) ?? ({} as StoredNode);
          expect(g, id).to.equal(group.id);
          expect(x, id).to.be.within(group.x ?? 0, (group.x ?? 0) + (group.w ?? 0));
          expect(y, id).to.be.within(group.y ?? 0, (group.y ?? 0) + (group.h ?? 0));
        }
      }
    });

    it('has configurations of the right type', () => {
      for (const node of nodes.filter(({ type }) => type !== 'sezam-bus')) {
        for (const [setting, type] of Object.entries(REFERENCES)) {
          const id = node[setting];
          if (typeof id === 'string') expect(byId.get(id)?.type, `${node.id}.${setting}`).to.equal(type);
        }
      }
    });

    it('explains itself', () => {
      const comments = nodes.filter(({ type }) => type === 'comment');
      expect(comments).not.to.deep.equal([]);
      for (const { id, info } of comments) expect(String(info).length, id).to.be.greaterThan(40);
    });

    it('stores the version of the settings of every node of Sezam', () => {
      for (const node of nodes.filter(({ type }) => type.startsWith('sezam-'))) {
        expect(node['configVersion'], node.id).to.equal(1);
      }
    });

    it('holds no secret', () => {
      expect(JSON.stringify(nodes)).not.to.match(/password|mongodb(\+srv)?:\/\/|credentials/i);
    });
  });
}

describe('the demo flow', () => {
  it('names every reader of the demo site that flows decide for, and its first cabinet', () => {
    const nodes = read('flows/flows.json');
    const readers = nodes.filter(({ type }) => type === 'sezam-reader').map((node) => node['reader']);
    const decided = demoSite.readers.filter(({ decide }) => decide === 'flow');
    expect(readers).to.have.members(decided.map(({ id }) => id));
    const door = nodes.find(({ type }) => type === 'sezam-door');
    expect(door?.['cabinet']).to.equal(demoSite.cabinets[0]?.id);
  });
});

describe('the examples of the modes', () => {
  const modes = FILES.filter((path) => path.startsWith('examples/mode-'));

  it('are there, one for each', () => {
    expect(modes.map((path) => /mode-(\d)-/.exec(path)?.[1])).to.deep.equal(['1', '2', '3', '4', '5', '6']);
  });

  for (const path of modes) {
    it(`${path} names readers, a panel and a cabinet of the demo site, under a schema of its mode`, () => {
      const mode = /mode-(\d)-/.exec(path)?.[1] ?? '';
      const nodes = read(path);
      const named = (setting: string): unknown[] =>
        nodes.map((node) => node[setting]).filter((value) => typeof value === 'string' && value !== '');
      const cabinets = new Set(named('cabinet'));
      expect(cabinets.size).to.equal(1);
      const cabinet = demoSite.cabinets.find(({ id }) => cabinets.has(id));
      expect(cabinet?.schema.startsWith(`${mode}.`)).to.equal(true);
      const readers = demoSite.readers.filter((reader) => reader.cabinet === cabinet?.id);
      expect(readers.map(({ id }) => id)).to.include.members(named('reader'));
      const panels = demoSite.panels.filter((panel) => panel.cabinet === cabinet?.id);
      expect(panels.map(({ id }) => id)).to.include.members(named('panel'));
    });
  }
});
