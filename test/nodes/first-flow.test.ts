import { readFile } from 'node:fs/promises';
import { expect } from 'chai';
import type { ReaderView, SiteView } from '../../gateway/api.ts';
import { flowForSite } from '../../nodes/first-flow.ts';

interface Item {
  readonly id: string;
  readonly type: string;
  readonly [member: string]: unknown;
}

const shipped = JSON.parse(
  await readFile(new URL('../../flows/flows.json', import.meta.url), 'utf8'),
) as Item[];

function siteWith(readers: readonly (readonly [id: string, decide: ReaderView['decide']])[]): SiteView {
  return {
    id: 'plant',
    name: 'Plant',
    cabinets: [{ id: 'hall', name: 'Hall' }],
    panels: [],
    readers: readers.map(([id, decide]) => ({ id, decide, cabinet: 'hall', bus: 'bus', panel: id })),
    buses: [],
  };
}

describe('the first flow of a site of its own', () => {
  const readers = ['gate', 'door', 'yard', 'roof', 'lift'].map((id) => [id, 'flow'] as const);
  const flow = flowForSite(shipped, siteWith([...readers, ['vault', 'gateway']]));
  const nodes = flow.filter(({ type }) => type === 'sezam-reader');

  it('has a node for each reader that flows decide for, and no other', () => {
    expect(nodes.map(({ reader }) => reader)).to.deep.equal(['gate', 'door', 'yard', 'roof', 'lift']);
  });

  it('leads every reader to the node that identifies', () => {
    const identify = flow.find(({ type }) => type === 'sezam-identify');
    for (const node of nodes) expect(node['wires']).to.deep.equal([[identify?.id]]);
  });

  it('keeps every reader inside its group, apart from the others, and groups apart from each other', () => {
    const group = flow.find(({ id }) => id === nodes[0]?.['g']);
    const top = Number(group?.['y']);
    const bottom = top + Number(group?.['h']);
    const heights = nodes.map(({ y }) => Number(y));
    expect(new Set(heights).size).to.equal(nodes.length);
    for (const height of heights) expect(height).to.be.within(top, bottom);
    expect(group?.['nodes']).to.include.members(nodes.map(({ id }) => id));
    for (const other of flow.filter(({ type, id }) => type === 'group' && id !== group?.id)) {
      expect(Number(other['y'])).to.be.greaterThan(bottom);
    }
  });

  it('names nothing that only the demo site has', () => {
    expect(JSON.stringify(flow)).to.not.match(/card-reader-1|keypad-1|demo:card|"cabinet":"A"/);
  });

  it('wires and groups only nodes that are there', () => {
    const ids = new Set(flow.map(({ id }) => id));
    expect(ids.size).to.equal(flow.length);
    for (const item of flow) {
      const named = [
        ...((item['wires'] as string[][] | undefined) ?? []).flat(),
        ...((item['nodes'] as string[]) ?? []),
      ];
      for (const id of named) expect(ids.has(id), `${item.id} → ${id}`).to.equal(true);
    }
  });
});
