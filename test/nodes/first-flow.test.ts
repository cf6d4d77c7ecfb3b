import { readFile } from 'node:fs/promises';
import { expect } from 'chai';
import type { ReaderView, SiteView } from '../../gateway/api.ts';
import { flowForSite } from '../../nodes/first-flow.ts';

interface Item {
  readonly id: string;
  readonly type: string;
  readonly [member: string]: unknown;
}

const pattern = JSON.parse(
  await readFile(new URL('../../flows/own-site.json', import.meta.url), 'utf8'),
) as Item[];

type Placed = readonly [id: string, decide: ReaderView['decide'], panel?: string];

function siteWith(readers: readonly Placed[]): SiteView {
  return {
    id: 'plant',
    name: 'Plant',
    cabinets: [{ id: 'hall', name: 'Hall' }],
    cassettes: [],
    boards: [],
    panels: [{ id: 'front', name: 'Front', cabinet: 'hall' }],
    readers: readers.map(([id, decide, panel = id]) => ({ id, decide, cabinet: 'hall', bus: 'bus', panel })),
    buses: [],
  };
}

describe('the first flow of a site of its own', () => {
  const readers: Placed[] = [
    ['gate', 'flow', 'front'],
    ['door', 'flow'],
    ['yard', 'flow', 'front'],
    ['roof', 'flow'],
    ['lift', 'flow'],
  ];
  const flow = flowForSite(pattern, siteWith([...readers, ['vault', 'gateway']]));
  const readerNodes = flow.filter(({ type }) => type === 'sezam-reader');
  const sessionNodes = flow.filter(({ type }) => type === 'sezam-session');

  it('has a node for each reader that flows decide for, and no other', () => {
    expect(readerNodes.map(({ reader }) => reader)).to.have.members(['gate', 'door', 'yard', 'roof', 'lift']);
    expect(readerNodes).to.have.length(5);
  });

  it('leads every reader to the one node of the panel where it stands', () => {
    expect(sessionNodes.map(({ panel }) => panel)).to.have.members(['front', 'door', 'roof', 'lift']);
    expect(sessionNodes).to.have.length(4);
    for (const { reader, wires } of readerNodes) {
      const [, , panel = reader] = readers.find(([id]) => id === reader) ?? [];
      expect(wires).to.deep.equal([[sessionNodes.find((node) => node['panel'] === panel)?.id]]);
    }
  });

  it('keeps every reader and panel inside its group, apart from the others, and groups apart from each other', () => {
    const group = flow.find(({ id }) => id === readerNodes[0]?.['g']);
    const top = Number(group?.['y']);
    const bottom = top + Number(group?.['h']);
    for (const nodes of [readerNodes, sessionNodes]) {
      const heights = nodes.map(({ y }) => Number(y));
      expect(new Set(heights).size).to.equal(nodes.length);
      for (const height of heights) expect(height).to.be.within(top, bottom);
      expect(group?.['nodes']).to.include.members(nodes.map(({ id }) => id));
    }
    for (const other of flow.filter(({ type, id }) => type === 'group' && id !== group?.id)) {
      expect(Number(other['y'])).to.be.greaterThan(bottom);
    }
  });

  it('has the rest where flows decide for no reader', () => {
    const quiet = flowForSite(pattern, siteWith([['vault', 'gateway']]));
    const types = quiet.map(({ type }) => type);
    for (const type of ['sezam-reader', 'sezam-session']) expect(types).not.to.include(type);
    expect(types).to.include.members(['sezam-door', 'sezam-event', 'sezam-notify']);
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
