/** `sezam-session` around the panel of a gateway in memory. */
import { expect } from 'chai';
import { promptText, textOf } from '../../domain/texts/texts.ts';
import type { PanelView } from '../../gateway/api.ts';
import { panelRequest, viewStatus } from '../../nodes/session/session.ts';
import { around, FlowBench } from './flow-bench.ts';
import { KNOWN_CARD } from './test-gateway.ts';
import { IDLE } from './test-panel.ts';

const bench = new FlowBench();

function session(settings: object = {}): object[] {
  return around('sezam-session', { panel: 'panel-1', ...settings }, ['shows', 'refused']);
}

const SET_PIN: Partial<PanelView> = {
  prompt: { code: 'set-pin', values: { least: 4, most: 8, compartment: 3 }, answers: ['code', 'cancel'] },
  text: promptText({ code: 'set-pin', values: { least: 4, most: 8, compartment: 3 } }),
  session: 'session-1',
};

describe('sezam-session', () => {
  before(() => bench.start());
  after(() => bench.stop());
  afterEach(() => bench.unload());

  it('hands an answer to the panel, and its message tells what the panel shows then', async () => {
    bench.runGateway();
    await bench.load(session());
    bench.node('node').receive({ payload: { answer: 'deposit', session: 's-7' }, lane: 3 });
    const { at, message } = await bench.arrival();
    expect(at).to.equal('shows');
    expect(message).to.include({ lane: 3 });
    expect(message.payload).to.deep.include({ panel: 'panel-1', cabinet: 'A' });
    expect((message.payload as PanelView).prompt).to.deep.equal({
      code: 'choose-compartment',
      values: {},
      answers: ['compartment', 'cancel'],
      compartments: [1, 3],
    });
    expect(bench.gateway.shownPanel.answers).to.deep.equal([
      { answer: { answer: 'deposit' }, session: 's-7' },
    ]);
    expect((await bench.completion()).error).to.equal(undefined);
    await bench.turn();
    expect(bench.arrivals, 'the change itself is not told a second time').to.have.length(1);
    expect(bench.status('node')).to.equal('green dot panel-choose-compartment');
  });

  it('takes the reference of a reader node for a presentation', async () => {
    bench.runGateway();
    await bench.load(session());
    const presentation = bench.gateway.present('card-reader-1', { kind: 'card', value: KNOWN_CARD });
    bench.node('node').receive({ payload: { presentation, reader: 'card-reader-1', cabinet: 'A' } });
    const { message } = await bench.arrival();
    expect(bench.gateway.shownPanel.answers[0]?.answer).to.deep.equal({
      answer: 'presentation',
      presentation,
    });
    expect(message.payload).not.to.have.property('presentation');
  });

  it('tells every change of the panel by itself, each once, as a copy', async () => {
    bench.runGateway();
    await bench.load(session());
    bench.gateway.shownPanel.show(SET_PIN);
    bench.gateway.shownPanel.show(SET_PIN);
    const { at, message } = await bench.arrival();
    expect(at).to.equal('shows');
    expect(message.topic).to.equal('panel-1');
    expect((message.payload as PanelView).text.it).to.equal(SET_PIN.text?.it);
    expect(bench.status('node')).to.equal('green ring panel-set-pin');
    (message.payload as { cabinet: string }).cabinet = 'changed';
    expect(bench.gateway.shownPanel.view.cabinet).to.equal('A');
    await bench.turn();
    expect(bench.arrivals).to.have.length(1);
  });

  it('tells a change that comes with a refusal after the refusal', async () => {
    bench.runGateway();
    await bench.load(session());
    const { shownPanel } = bench.gateway;
    const answer = shownPanel.answer.bind(shownPanel);
    shownPanel.refuses = 'compartment-taken';
    shownPanel.answer = (given, id) => {
      const code = 'compartment-taken';
      const values = { compartment: 3 };
      shownPanel.show({ notice: { code, values, text: textOf({ code, values }), at: 5 } });
      return answer(given, id);
    };
    bench.node('node').receive({ payload: { answer: 'compartment', compartment: 3 } });
    await bench.arrival(2);
    expect(bench.arrivals.map(({ at }) => at)).to.deep.equal(['refused', 'shows']);
    expect(bench.arrivals[0]?.message.payload).to.include({ code: 'compartment-taken' });
    const { notice } = (await bench.arrival(2)).message.payload as PanelView;
    expect(notice?.code).to.equal('compartment-taken');
    expect(bench.status('node')).to.equal('yellow dot refused');
  });

  it('says what the panel shows when asked, and answers nothing', async () => {
    bench.runGateway();
    await bench.load(session());
    bench.node('node').receive({ payload: { answer: 'show' } });
    expect((await bench.arrival()).message.payload).to.deep.equal(IDLE);
    expect(bench.gateway.shownPanel.answers).to.deep.equal([]);
  });

  it('does not follow an answer with what it heard before', async () => {
    bench.runGateway();
    await bench.load(session());
    bench.gateway.shownPanel.show(SET_PIN);
    await bench.arrival();
    // What may be chosen changes without an event of this cabinet, e.g. with the rights of a person.
    bench.gateway.shownPanel.view = { ...IDLE, recipients: [] };
    bench.node('node').receive({ payload: { answer: 'show' } });
    await bench.arrival(2);
    await bench.turn();
    expect(bench.arrivals).to.have.length(2);
    expect(bench.arrivals[1]?.message.payload).to.deep.equal({ ...IDLE, recipients: [] });
  });

  const secrets: [string, object][] = [
    ['a PIN', { answer: 'collect', compartment: 7, pin: '4711' }],
    ['a password', { answer: 'login', login: 'olga', password: 'correct horse' }],
    ['a scan', { answer: 'scan', scan: { kind: 'pin', value: '4711' } }],
    ['a scan within an answer', { answer: { answer: 'scan', scan: { kind: 'pin', value: '4711' } } }],
    ['a PIN beside a harmless answer', { answer: 'deposit', pin: '4711' }],
    ['a pick-up, whose PIN is missing', { answer: 'collect', compartment: 7 }],
  ];
  for (const [what, payload] of secrets) {
    it(`refuses a message with ${what}, and takes the secret out of it`, async () => {
      bench.runGateway();
      await bench.load(session());
      bench.node('node').receive({ payload });
      const { error } = await bench.completion();
      expect(error?.code).to.equal('secret-in-message');
      expect(error?.message)
        .to.contain('keypad')
        .and.not.to.match(/4711|correct horse/);
      expect(JSON.stringify(payload)).not.to.match(/4711|correct horse/);
      expect(bench.gateway.shownPanel.answers).to.deep.equal([]);
      expect(bench.status('node')).to.equal('red dot bad-message');
    });
  }

  const wrong: [string, unknown][] = [
    ['nothing', undefined],
    ['a text', 'deposit'],
    ['an answer that nobody knows', { answer: 'open' }],
    ['an answer in parts', { answer: { answer: 'deposit' } }],
    ['no number of a compartment', { answer: 'compartment' }],
    ['compartment 0', { answer: 'compartment', compartment: 0 }],
    ['a broken number', { answer: 'compartment', compartment: 1.5 }],
    ['no recipient', { answer: 'recipient' }],
    ['a fault that nobody knows', { answer: 'fault', compartment: 1, fault: 'haunted' }],
    ['an empty session', { answer: 'cancel', session: '' }],
  ];
  for (const [what, payload] of wrong) {
    it(`refuses a message with ${what}`, async () => {
      bench.runGateway();
      await bench.load(session());
      bench.node('node').receive({ payload });
      expect((await bench.completion()).error?.code).to.equal('message-malformed');
      expect(bench.gateway.shownPanel.answers).to.deep.equal([]);
    });
  }

  it('reads answers with what belongs to them', () => {
    expect(panelRequest({ answer: 'compartment', compartment: '12' })).to.deep.equal({
      answer: { answer: 'compartment', compartment: 12 },
    });
    expect(panelRequest({ answer: 'recipient', user: 'user-9', cabinet: 'A' })).to.deep.equal({
      answer: { answer: 'recipient', user: 'user-9' },
    });
    expect(panelRequest({ answer: 'fault', compartment: 4, fault: 'dirty' })).to.deep.equal({
      answer: { answer: 'fault', compartment: 4, fault: 'dirty' },
    });
  });

  it('shows that no panel is named, and refuses messages', async () => {
    bench.runGateway();
    await bench.load(session({ panel: '' }));
    expect(bench.status('node')).to.equal('red ring not-configured');
    bench.node('node').receive({ payload: { answer: 'deposit' } });
    expect((await bench.completion()).error?.code).to.equal('setting-missing');
  });

  it('shows that the site has no such panel, and refuses answers', async () => {
    bench.runGateway();
    await bench.load(session({ panel: 'nowhere' }));
    expect(bench.status('node')).to.equal('red ring not-configured');
    for (const answer of ['deposit', 'show']) bench.node('node').receive({ payload: { answer } });
    await bench.arrival(2);
    for (const { at, message } of bench.arrivals) {
      expect(at).to.equal('refused');
      expect(message.payload).to.include({ code: 'panel-unknown' });
    }
  });

  it('shows that its panel was taken out of the site, and follows it again once it is back', async () => {
    bench.runGateway();
    await bench.load(session());
    const { panels } = bench.gateway.site;
    bench.gateway.becomeSite({ panels: [] });
    expect(bench.status('node')).to.equal('red ring not-configured');
    expect(bench.gateway.shownPanel.listeners).to.equal(0);
    bench.gateway.becomeSite({ panels });
    expect(bench.gateway.shownPanel.listeners).to.equal(1);
    bench.gateway.shownPanel.show(SET_PIN);
    await bench.arrival();
    expect(bench.arrivals).to.have.length(1);
  });

  it('follows the gateway: none, one, none, another; and listens once after a deploy', async () => {
    const flow = session();
    await bench.load(flow);
    expect(bench.status('node')).to.equal('red ring no-gateway');
    bench.runGateway();
    expect(bench.status('node')).to.equal('green dot panel-deposit-or-collect');
    bench.stopGateway();
    expect(bench.status('node')).to.equal('red ring no-gateway');
    expect(bench.gateway.shownPanel.listeners).to.equal(0);
    bench.runGateway();
    await bench.deploy(flow.map((node) => ({ ...node })));
    expect(bench.gateway.shownPanel.listeners).to.equal(1);
    bench.gateway.shownPanel.show(SET_PIN);
    await bench.arrival();
    await bench.turn();
    expect(bench.arrivals).to.have.length(1);
  });

  it('shows a refusal that the panel shows, as long as it does', () => {
    const code = 'wrong-code';
    const notice = { code, values: {}, text: textOf({ code, values: {} }), at: 1 } as const;
    expect(viewStatus({ ...IDLE, notice })).to.include({ key: 'refused' });
    expect(viewStatus({ ...IDLE, notice: { ...notice, code: 'stored' } })).to.include({
      key: 'panel-deposit-or-collect',
    });
  });
});
