/**
 * The examples of the three management modes, as shipped, in a Node-RED: each plays its story from the key at the
 * simulated controller to what the flow puts out, over a real gateway, its thread of cassettes, and the wire.
 */
import { expect } from 'chai';
import type { StatePayload } from '../../nodes/cassette-state/cassette-state.ts';
import type { KeyPayload } from '../../nodes/key/key.ts';
import { DEMO_KEYS, STRANGE_KEY } from '../../simulators/demo/keys.ts';
import { CORE_NODES, ExampleSite, recorded, type StoredNode, shippedFlow } from './example-site.ts';
import { FlowBench } from './flow-bench.ts';

const bench = new FlowBench();
const { countingRoom, machine, branch } = DEMO_KEYS;
const FIRST_CARD = '62E3086CED';
const SECOND_CARD = '3A00C4517B';

describe('the examples of cassettes, over a real gateway', () => {
  let site: ExampleSite;

  before(async () => {
    await bench.start();
    site = await ExampleSite.start();
    await site.person('Anna Nowak', FIRST_CARD, { roles: ['administrator'] });
    await site.person('Marek Zieliński', SECOND_CARD, { roles: ['administrator'] });
    await site.calm();
  });

  after(async () => {
    await site.close();
    await bench.stop();
  });

  afterEach(() => bench.unload());

  async function load(flow: string | StoredNode[]): Promise<object[]> {
    bench.runGateway(site.gateway);
    const nodes = recorded(typeof flow === 'string' ? shippedFlow(flow) : flow);
    await bench.load(nodes, CORE_NODES);
    return nodes;
  }

  function heard(id: string): unknown[] {
    return bench.arrivals.filter(({ at }) => at === id).map(({ message }) => message.payload);
  }

  async function hears(id: string, text: string): Promise<void> {
    try {
      await bench.until(() => heard(id).some((said) => typeof said === 'string' && said.includes(text)));
    } catch {
      throw new Error(`${id} did not hear "${text}", but ${JSON.stringify(heard(id))}`);
    }
  }

  function click(id: string): void {
    bench.node(id).receive({});
  }

  /** Somebody holds a card to the reader, and the flow has gone on with it. */
  async function show(card: string, identify: string): Promise<void> {
    const before = bench.completions.filter(({ id }) => id === identify).length;
    await site.hold('card-reader-1', card);
    await bench.until(() => bench.completions.filter(({ id }) => id === identify).length > before);
  }

  it('1 outsourced: keys arm and disarm, a refusal is told, and two persons replace a lost key', async () => {
    await load('examples/cassette-1-outsourced.json');
    await hears('cassette1-display', 'C1 is in rest.');

    await site.touch('C1', countingRoom.rom);
    await hears('cassette1-book', 'K1 (demo-K1): rest to transit');
    await hears('cassette1-display', 'C1 is in transit (was rest).');
    await site.touch('C1', machine.rom);
    await hears('cassette1-book', 'does not sit in the ATM');
    await site.touch('C1', STRANGE_KEY);

    click('cassette1-outside');
    await hears('cassette1-guard', 'left its area');
    click('cassette1-inside');
    await hears('cassette1-guard', 'back in its area');
    expect(site.cassette('C1').phase, 'the area stains nothing').to.equal('transit');

    site.handle('C1', 'put-into-machine');
    await hears('cassette1-guard', 'Put into the ATM.');
    await site.touch('C1', machine.rom);
    await hears('cassette1-display', 'C1 is in full (was transit).');

    await show(FIRST_CARD, 'cassette1-identify');
    await show(SECOND_CARD, 'cassette1-identify');
    await hears('cassette1-answer', 'C1 is in transit now.');
    site.handle('C1', 'take-out-of-machine');
    await site.touch('C1', countingRoom.rom);
    await hears('cassette1-display', 'C1 is in rest (was transit).');
    expect(bench.arrivals.filter(({ at }) => at === 'cassette1-error')).to.deep.equal([]);
    const told = JSON.stringify(bench.arrivals);
    for (const rom of [countingRoom.rom, machine.rom, STRANGE_KEY]) expect(told).not.to.contain(rom);
    expect(told).not.to.contain(FIRST_CARD);
  });

  it('2 internal: what is chosen is done by whoever holds a card, and nobody is needed for a self-test', async () => {
    await load('examples/cassette-2-internal.json');
    await hears('cassette2-display', 'C2 is in rest, none.');

    click('cassette2-enter');
    await show(FIRST_CARD, 'cassette2-identify');
    await hears('cassette2-answer', 'enter-service: C2 is in service.');
    click('cassette2-test');
    await show(FIRST_CARD, 'cassette2-identify');
    await hears('cassette2-display', 'C2 is in service, test.');
    await hears('cassette2-workshop', 'Stainer: inhibited.');
    const asked: object[] = [];
    const ignore = site.gateway.cassettes.onNotice(({ type, actor, cassette }) => {
      if (type === 'self-test-asked') asked.push({ actor, cassette });
    });
    click('cassette2-nightly');
    await bench.until(() => asked.length > 0);
    ignore();
    expect(asked).to.deep.equal([
      { actor: { kind: 'machine', id: 'flow:cassette2-selftest' }, cassette: 'C2' },
    ]);
    click('cassette2-untest');
    await show(FIRST_CARD, 'cassette2-identify');
    await hears('cassette2-answer', 'end-test: C2 is in service.');
    click('cassette2-finish');
    await show(FIRST_CARD, 'cassette2-identify');
    await hears('cassette2-answer', 'finish-service: C2 is in rest.');

    await site.touch('C2', machine.rom);
    await hears('cassette2-guard', 'Key refused:');
    site.handle('C2', 'put-into-machine');
    await bench.until(() => site.cassette('C2').readings?.inMachine === true);
    await site.touch('C2', branch.rom);
    await hears('cassette2-display', 'C2 is in full, none.');
    await site.touch('C2', branch.rom);
    await site.phase('C2', 'rest');
    for (const said of heard('cassette2-guard'))
      expect(said, 'only refusals are told').to.match(/^Key refused: /);

    await show(FIRST_CARD, 'cassette2-identify');
    await bench.until(() => heard('cassette2-error').length > 0);
  });

  it('3 protected zone: the time that is left runs on, through deploys and all', async () => {
    const flow = await load('examples/cassette-3-protected-zone.json');
    await site.touch('C3', countingRoom.rom);
    await hears('cassette3-book', 'K1: rest to grace');
    await hears('cassette3-display', 'C3 is in grace: 600 s left.');
    await bench.until(() => (site.cassette('C3').left.grace ?? 600_000) < 599_000);

    const seen: number[] = [];
    const unwatch = site.gateway.cassettes.onView(({ id, left }) => {
      if (id === 'C3') seen.push(left.grace ?? -1);
    });
    const told: string[] = [];
    const ignore = site.gateway.cassettes.onNotice(({ cassette, type }) => {
      if (cassette === 'C3' && type !== 'time-checkpoint') told.push(type);
    });
    for (const type of ['full', 'nodes', 'full'] as const) await bench.deploy(flow, type);
    const since = seen.length;
    await bench.until(() => seen.length > since + 1);
    expect(seen.every((left, index) => left > 0 && left <= (seen[index - 1] ?? 600_000))).to.equal(true);
    expect(told, 'a deploy is nothing to a cassette').to.deep.equal([]);
    expect(site.cassette('C3').phase).to.equal('grace');
    unwatch();
    ignore();

    bench.arrivals.length = 0;
    click('cassette3-ask');
    await hears('cassette3-display', 'C3 is in grace:');
    site.handle('C3', 'put-into-machine');
    await bench.until(() => site.cassette('C3').readings?.inMachine === true);
    await site.touch('C3', machine.rom);
    await hears('cassette3-book', 'K2: grace to full');
    await hears('cassette3-display', 'C3 is in full.');
  });

  it('an attack while flows are deployed stains, and is told when they are back', async () => {
    const flow = await load('examples/cassette-3-protected-zone.json');
    await site.phase('C3', 'full');
    await hears('cassette3-display', 'C3 is in full.');
    bench.arrivals.length = 0;
    await bench.deployAround(flow, async () => {
      site.handle('C3', 'open-lid');
      await site.phase('C3', 'stained');
    });
    expect(site.cassette('C3')).to.deep.include({ phase: 'stained', cause: 'lid' });
    await hears('cassette3-display', 'C3 is in stained.');
    const changes = bench.arrivals.filter(({ at }) => at === 'cassette3-display').length;
    expect(changes).to.be.greaterThan(1);

    site.handle('C3', 'close-lid');
    site.handle('C3', 'replace-cartridge');
    await show(FIRST_CARD, 'cassette3-identify');
    await show(SECOND_CARD, 'cassette3-identify');
    await hears('cassette3-answer', 'C3 is in service now.');
  });

  it('a key at a reader of the site counts as touched to the cassette', async () => {
    const node = { z: 'tab', configVersion: 1, x: 1, y: 1 };
    const gateway = { id: 'gateway', type: 'sezam-gateway', name: '', siteFile: '', dataFolder: '' };
    await load([
      { id: 'tab', type: 'tab', label: 'keys' },
      { ...gateway, configVersion: 1 },
      {
        id: 'cassette',
        type: 'sezam-cassette',
        name: '',
        gateway: 'gateway',
        cassette: 'C1',
        configVersion: 1,
      },
      {
        id: 'reader',
        type: 'sezam-reader',
        ...node,
        gateway: 'gateway',
        reader: 'key-reader',
        wires: [['key']],
      },
      {
        id: 'key',
        type: 'sezam-key',
        ...node,
        cassette: 'cassette',
        outcomes: '',
        wires: [['taken'], ['refused']],
      },
      {
        id: 'state',
        type: 'sezam-cassette-state',
        ...node,
        cassette: 'cassette',
        report: 'phase',
        atStart: true,
        wires: [['states'], []],
      },
      ...['taken', 'refused', 'states'].map((id) => ({ id, type: 'debug', ...node, wires: [] })),
    ]);
    await site.holdKey('key-reader', countingRoom.rom);
    await bench.until(() => heard('taken').length === 1);
    expect((heard('taken') as KeyPayload[])[0]).to.deep.include({
      cassette: 'C1',
      key: 'demo-K1',
      role: 'K1',
      reader: 'key-reader',
      from: 'rest',
      to: 'transit',
    });
    await site.holdKey('key-reader', STRANGE_KEY);
    await bench.until(() => heard('refused').length === 1);
    expect((heard('refused') as KeyPayload[])[0]).to.deep.include({
      code: 'key-unknown',
      reader: 'key-reader',
    });
    await bench.until(() => (heard('states') as StatePayload[]).some(({ phase }) => phase === 'transit'));
    expect(heard('taken')).to.have.length(1);
    expect(JSON.stringify(bench.arrivals)).not.to.contain(countingRoom.rom);
  });
});
