/**
 * The examples of the six modes and the demo flow, as shipped, in a Node-RED: each plays its story from the card at the
 * simulated reader to what the flow puts out, over a real gateway, store and wire.
 */
import { expect } from 'chai';
import { flowForSite } from '../../nodes/first-flow.ts';
import type { ItemPayload } from '../../nodes/item/item.ts';
import { CORE_NODES, ExampleSite, recorded, type StoredNode, shippedFlow } from './example-site.ts';
import { FlowBench } from './flow-bench.ts';

const bench = new FlowBench();

describe('the flows as shipped, over a real gateway', () => {
  let site: ExampleSite;

  before(async () => {
    await bench.start();
    site = await ExampleSite.start();
  });

  after(async () => {
    await site.close();
    await bench.stop();
  });

  afterEach(() => bench.unload());

  /** Loads a flow, with what a user would enter into its nodes. */
  async function load(
    flow: string | StoredNode[],
    entered: Readonly<Record<string, object>> = {},
  ): Promise<void> {
    bench.runGateway(site.gateway);
    const nodes = recorded(typeof flow === 'string' ? shippedFlow(flow) : flow);
    await bench.load(
      nodes.map((node) => ({ ...node, ...entered[node.id] })),
      CORE_NODES,
    );
  }

  /** Somebody clicks an inject node. */
  function click(id: string): void {
    bench.node(id).receive({});
  }

  /** What reached a debug node of the example, in order. */
  function heard(id: string): unknown[] {
    return bench.arrivals.filter(({ at }) => at === id).map(({ message }) => message.payload);
  }

  /** Waits until a debug node has heard a text, since it last did. */
  async function hears(id: string, text: string | RegExp, since = 0): Promise<void> {
    const fits = (said: unknown): boolean =>
      typeof said === 'string' && (typeof text === 'string' ? said.includes(text) : text.test(said));
    try {
      await bench.until(() => heard(id).slice(since).some(fits));
    } catch {
      throw new Error(`${id} did not hear "${text}", but ${JSON.stringify(heard(id).slice(since))}`);
    }
  }

  it('mode 1: what is assigned opens, until it is withdrawn', async () => {
    const place = { cabinet: 'B', compartment: 3 };
    const user = await site.person('Anna Nowak', '62E3086CED');
    const given = { payload: JSON.stringify({ user, compartment: 3 }) };
    await load('examples/mode-1-own-compartment.json', { 'mode1-who-gets': given, 'mode1-who-loses': given });

    await site.hold('card-reader-B', '62E3086CED');
    await hears('mode1-panel', 'is assigned to you');
    click('mode1-who-gets');
    await bench.until(() => heard('mode1-done').length === 1);
    expect(heard('mode1-done')).to.deep.equal([{ do: 'assign', cabinet: 'B', compartment: 3, user }]);

    await site.hold('card-reader-B', '62E3086CED');
    await hears('mode1-panel', 'Compartment 3 is open.');
    await site.shut(place);
    await bench.until(() => heard('mode1-doors').length === 2);
    expect(heard('mode1-doors').map((door) => (door as { signal: string }).signal)).to.deep.equal([
      'opened',
      'closed',
    ]);

    click('mode1-who-loses');
    await bench.until(() => heard('mode1-done').length === 2);
    const before = heard('mode1-panel').length;
    await site.hold('card-reader-B', '62E3086CED');
    await hears('mode1-panel', 'is assigned to you', before);
    click('mode1-who-loses');
    await hears('mode1-commands', 'Nobody with that right holds compartment 3.');
    const page = await site.gateway.queries.events({ cabinet: 'B', types: ['compartment-assigned'] });
    expect(page.ok && page.events[0]?.actor).to.deep.equal({ kind: 'machine', id: 'flow:mode1-assign' });
  });

  it('mode 2: the first free one is given, and people hear of doors', async () => {
    const place = { cabinet: 'A', compartment: 1 };
    await site.person('Marek Zieliński', '3A00C4517B');
    await load('examples/mode-2-first-free.json');
    await site.hold('card-reader-1', '3A00C4517B');
    await hears('mode2-panel', 'Compartment 1 is open.');
    await hears('mode2-attendant', 'warning: Cabinet A: door 1 has been left open.');
    await site.shut(place);
    site.moveDoor({ cabinet: 'A', compartment: 9 }, true);
    await hears('mode2-attendant', 'alarm: Cabinet A: door 9 was opened without permission.');
    await site.shut({ cabinet: 'A', compartment: 9 });
    click('mode2-how-full');
    await bench.until(() => heard('mode2-answer').length === 1);
    const [{ compartments }] = heard('mode2-answer') as [{ compartments: { status: string }[] }];
    expect(compartments.filter(({ status }) => status === 'occupied')).to.have.length(1);
    click('mode2-who-has');
    await bench.until(() => heard('mode2-answer').length === 2);
    expect(JSON.stringify(heard('mode2-answer')[1]))
      .to.contain('"compartment":1')
      .and.not.to.contain('Marek');
    await site.hold('card-reader-1', '0000000001');
    await hears('mode2-panel', 'not known here');
  });

  it('mode 3: a tool is chosen, taken and returned', async () => {
    const place = { cabinet: 'C', compartment: 1 };
    const tag = 'E28011700000020B1A2C3D01';
    const user = await site.person('Giulia Rossi', '0D00A9E31F', { groups: ['workshop'] });
    const item = await site.thing('Torque wrench', tag, place);
    await load('examples/mode-3-lending.json', { 'mode3-which': { payload: JSON.stringify({ item }) } });
    const kinds = (): string[] => heard('mode3-things').map((each) => (each as ItemPayload).kind);

    await site.hold('card-reader-C', '0D00A9E31F');
    await hears('mode3-panel', 'Choose a compartment.');
    click('mode3-choose');
    await site.opened(place);
    site.take(tag, place);
    await site.shut(place);
    await hears('mode3-panel', 'The item from compartment 1 is with you now.');
    await bench.until(() => kinds().includes('taken'));
    expect(kinds()).to.deep.equal(['removed', 'taken']);
    click('mode3-which');
    await bench.until(() => heard('mode3-whereabouts').length === 1);
    const [{ places, loans }] = heard('mode3-whereabouts') as [{ places: object[]; loans: object[] }];
    expect(places).to.deep.equal([]);
    expect(loans[0]).to.deep.include({ user, cabinet: 'C', compartment: 1 });

    await site.hold('card-reader-C', '0D00A9E31F');
    await site.opened(place);
    site.put(tag, place);
    await site.shut(place);
    await hears('mode3-panel', 'The item is back in compartment 1.');
    await bench.until(() => kinds().includes('returned'));
    click('mode3-which');
    await bench.until(() => heard('mode3-whereabouts').length === 2);
    expect(heard('mode3-whereabouts')[1]).to.deep.include({ places: [place], loans: [] });
  });

  it('mode 4: a guest leaves something, sets a PIN, and collects with it', async () => {
    const place = { cabinet: 'D', compartment: 2 };
    await load('examples/mode-4-deposit-with-pin.json');
    click('mode4-deposit');
    await hears('mode4-panel', 'Choose a compartment.');
    click('mode4-choose');
    await site.opened(place);
    await hears('mode4-panel', 'Put your things in and close it.');
    await site.shut(place);
    await hears('mode4-panel', 'Set a PIN of 4 to 8 digits for compartment 2.');
    await site.type('keypad-D', '4711');
    await hears('mode4-panel', 'Your deposit is in compartment 2.');
    expect(site.compartment(place).deposit?.stage).to.equal('stored');

    await site.type('keypad-D', '2');
    await site.type('keypad-D', '0815');
    await hears('mode4-panel', 'The number of the compartment and the code do not fit.');
    await site.type('keypad-D', '2');
    await site.type('keypad-D', '4711');
    await site.opened(place);
    await site.shut(place);
    await hears('mode4-panel', 'Compartment 2 is free again; its code has expired.');
    expect(site.compartment(place).deposit).to.equal(undefined);

    click('mode4-fault');
    await hears(
      'mode4-attendant',
      'warning: Cabinet D, luggage of guests: somebody says of compartment 2: it is dirty.',
    );
    click('mode4-cancel');
    await hears('mode4-panel', 'This is not what was asked for.');
    expect(JSON.stringify(bench.arrivals)).not.to.match(/4711|0815/);
  });

  it('mode 5: the first of several opens it, and the right of all has ended', async () => {
    const place = { cabinet: 'E', compartment: 4 };
    const first = await site.person('Olga Lis', '5500F02B86');
    const second = await site.person('Jan Kowalski', '0100ABCDEF');
    const assigned = (user: string) => ({ payload: JSON.stringify({ do: 'assign', compartment: 4, user }) });
    await load('examples/mode-5-shared-once.json', {
      'mode5-first': assigned(first),
      'mode5-second': assigned(second),
    });
    click('mode5-put-in');
    await site.opened(place);
    await site.shut(place);
    for (const who of ['mode5-first', 'mode5-second']) click(who);
    await bench.until(() => heard('mode5-done').length === 3);
    expect(site.compartment(place).holders).to.have.members([first, second]);

    await site.hold('card-reader-E', '0100ABCDEF');
    await hears('mode5-panel', 'Compartment 4 is open.');
    await site.shut(place);
    await bench.until(() => heard('mode5-closings').length === 2);
    const { data } = heard('mode5-closings')[1] as { data: { outcome: string; users: string[] } };
    expect(data.outcome).to.equal('ended');
    expect(data.users).to.have.members([first, second]);
    await site.hold('card-reader-E', '5500F02B86');
    await hears('mode5-panel', 'is assigned to you');
  });

  it('mode 6: a master leaves a parcel, and its barcode opens it once', async () => {
    const place = { cabinet: 'F', compartment: 5 };
    await site.person('Ewa Master', '7700AA55CC', { groups: ['reception'], roles: ['master'] });
    await load('examples/mode-6-parcel-with-barcode.json');
    await site.hold('card-reader-F', '7700AA55CC');
    await hears('mode6-panel', 'Scan a barcode or QR code');
    await site.scan('scanner-F', '5901234123457');
    await hears('mode6-panel', 'Choose a compartment.');
    click('mode6-choose');
    await site.opened(place);
    await site.shut(place);
    await hears('mode6-panel', 'Your deposit is in compartment 5.');

    await site.scan('scanner-F', '5901234123457');
    await site.opened(place);
    await site.shut(place);
    await hears('mode6-panel', 'Compartment 5 is free again; its code has expired.');
    const before = heard('mode6-panel').length;
    await site.scan('scanner-F', '5901234123457');
    await hears('mode6-panel', 'not known here', before);

    click('mode6-history');
    await bench.until(() => heard('mode6-answer').length === 1);
    const [{ events }] = heard('mode6-answer') as [{ events: { type: string }[] }];
    expect(events.map(({ type }) => type)).to.deep.equal(['door-closed', 'door-closed']);
    expect(JSON.stringify(bench.arrivals)).not.to.contain('5901234123457');
  });

  it('mode 6 by mail: after a change of mode the panel asks for a recipient, who gets the PIN', async () => {
    const place = { cabinet: 'F', compartment: 1 };
    await site.person('Adam Master', '99887766AA', { groups: ['reception'], roles: ['master'] });
    const user = await site.person('Laura Bianchi', '1234ABCD00', { email: 'laura@example.com' });
    const settings = { do: 'change-mode', cabinet: 'F', schema: '6.1', extent: 'careful', reason: 'Mail' };
    const node = { z: 'mode6', gateway: 'mode6-gateway', configVersion: 1 };
    const answers = ['mode6-answer'];
    await load(
      [
        ...shippedFlow('examples/mode-6-parcel-with-barcode.json'),
        { id: 'change', type: 'sezam-command', ...node, ...settings, wires: [answers, answers] },
        { id: 'keypad', type: 'sezam-reader', ...node, reader: 'keypad-F', wires: [['mode6-session']] },
      ],
      { 'mode6-choose': { payload: JSON.stringify({ answer: 'recipient', user }) } },
    );
    bench.node('change').receive({ payload: {} });
    await bench.until(() => heard('mode6-answer').length === 1);
    expect(heard('mode6-answer')[0]).to.include({ from: '6.3', to: '6.1', done: true });

    await site.hold('card-reader-F', '99887766AA');
    await site.opened(place);
    await site.shut(place);
    await hears('mode6-panel', 'Choose who is to collect from compartment 1.');
    click('mode6-choose');
    await hears('mode6-panel', 'Set a PIN of');
    await site.type('keypad-F', '602214');
    await hears('mode6-panel', 'the recipient was told by e-mail');
    expect(site.mails.at(-1)?.to).to.deep.equal(['laura@example.com']);
    expect(site.mails.at(-1)?.text).to.contain('602214');

    for (const digits of ['1', '602214']) await site.type('keypad-F', digits);
    await site.opened(place);
    await site.shut(place);
    await hears('mode6-panel', 'Compartment 1 is free again; its code has expired.');
    expect(JSON.stringify(bench.arrivals)).not.to.contain('602214');
  });

  it('alarms: a door that is left open calls, is seen to, and is over', async () => {
    const place = { cabinet: 'A', compartment: 5 };
    const alarm = 'door-left-open@A/5';
    await load('examples/alarms.json', {
      'alarms-seen': { payload: JSON.stringify({ do: 'acknowledge', alarm, comment: 'On my way.' }) },
    });
    const requester = { kind: 'machine', id: 'test' } as const;
    const open = { do: 'service-open', ...place, reason: 'trial' } as const;
    expect((await site.gateway.operate(open, requester)).ok).to.equal(true);
    const said = 'Compartment 5 of cabinet A: the door has been left open.';
    await hears('alarms-attendant', `raised (600): ${said}`);
    click('alarms-seen');
    await bench.until(() => heard('alarms-answer').length === 1);
    expect(heard('alarms-answer')[0]).to.include({
      do: 'acknowledge',
      alarm,
      acknowledged: true,
      active: true,
    });
    await hears('alarms-attendant', `acknowledged (600): ${said}`);
    await site.shut(place);
    await hears('alarms-attendant', `over (600): ${said}`);
    click('alarms-seen');
    await bench.until(() => heard('alarms-answer').length === 2);
    expect(heard('alarms-answer')[1]).to.include({ code: 'alarm-unknown' });
  });

  it('the demo flow: a silent alarm reaches whoever is to help, and nobody at the cabinet', async () => {
    await site.person('Zofia Wójcik', '0C0FFEE123', { duressPin: '90909' });
    await load('flows/flows.json', { 'demo-notify': { mailTo: 'guard@example.com' } });
    await site.type('keypad-1', '90909');
    await hears('demo-panel', /^Compartment \d+ is open\.$/);
    await hears('demo-attendant', 'alarm: Silent alarm at Cabinet A');
    await bench.until(() => heard('demo-mailed').length > 0);
    expect(heard('demo-mailed')[0]).to.include({
      code: 'duress',
      mail: 'sent',
    });
    expect(site.mails.at(-1)?.to).to.deep.equal(['guard@example.com']);
    expect(site.mails.at(-1)?.text).to.contain('Silent alarm at Cabinet A').and.not.to.contain('Zofia');
    expect(heard('demo-panel')).to.have.length(1);
    expect(JSON.stringify(site.gateway.panel('panel-A'))).not.to.match(/duress|alarm/i);
    const shown = bench.statuses.map(({ status }) => status.text ?? '');
    expect(shown.filter((text) => /notice-alarm|duress/.test(text))).to.deep.equal([]);
  });

  it('the first flow of a site of its own: every reader is served, whatever the schema of its cabinet', async () => {
    const place = { cabinet: 'D', compartment: 7 };
    await site.person('Iga Mazur', '1111222233');
    await load(flowForSite(shippedFlow('flows/own-site.json'), site.gateway.site) as StoredNode[]);
    await site.hold('card-reader-1', '1111222233');
    await hears('first-panel', /Compartment \d+ opens\./);
    await site.hold('card-reader-C', '1111222233');
    await hears('first-panel', 'No compartments of cabinet C are set aside for your group.');
    await site.hold('card-reader-F', '1111222233');
    await hears('first-panel', 'To collect, give the number of the compartment and the code');
    for (const digits of ['0', '7']) await site.type('keypad-D', digits);
    await site.opened(place);
    await site.shut(place);
    await site.type('keypad-D', '123456');
    await hears('first-panel', 'Your deposit is in compartment 7.');
  });
});
