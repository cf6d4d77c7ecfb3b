/** `sezam-cassette-command`: what people in charge do to a cassette, and what a flow may do without them. */
import { expect } from 'chai';
import { CASSETTE_COMMANDS, cassetteCommand } from '../../nodes/cassette-command/cassette-command.ts';
import { aroundCassette } from './around-cassette.ts';
import { FlowBench } from './flow-bench.ts';
import { romOf } from './test-cassettes.ts';
import { KNOWN_CARD, SECOND_CARD, TestGateway } from './test-gateway.ts';

const bench = new FlowBench();

function command(settings: object = {}, cassette = 'C1'): object[] {
  return aroundCassette('sezam-cassette-command', settings, ['done', 'refused'], cassette);
}

/** Somebody identifies with a card; returns what the identify node would hand on. */
async function identified(card = KNOWN_CARD): Promise<{ identity: string; user: string }> {
  const presentation = bench.gateway.present('card-reader-1', { kind: 'card', value: card });
  const answer = await bench.gateway.identify(presentation);
  if (!answer.ok) throw new Error(answer.refusal.code);
  return { identity: answer.identity, user: answer.user };
}

describe('sezam-cassette-command', () => {
  before(() => bench.start());
  after(() => bench.stop());
  afterEach(() => bench.unload());

  it('carries out a command on behalf of a person, straight from an identify node', async () => {
    bench.runGateway();
    const identify = { id: 'identify', type: 'sezam-identify', z: 'tab', gateway: 'gateway' };
    await bench.load([
      ...command({ do: 'enter-service', minutes: '10', reason: 'Loading' }),
      { ...identify, wires: [['node'], []] },
    ]);
    const notices: object[] = [];
    bench.gateway.cassettes.onNotice(({ type, actor, data }) =>
      notices.push({ type, actor, reason: data['reason'] }),
    );
    const presentation = bench.gateway.present('card-reader-1', { kind: 'card', value: KNOWN_CARD });
    bench.node('identify').receive({ payload: { presentation } });
    const { at, message } = await bench.arrival();
    expect(at).to.equal('done');
    expect(message.payload).to.deep.include({
      do: 'enter-service',
      cassette: 'C1',
      phase: 'service',
      user: 'user-1',
      reader: 'card-reader-1',
    });
    const { view } = message.payload as { view: { left: { service: number } } };
    expect(view.left.service).to.equal(600_000);
    expect(message.payload).not.to.have.any.keys('identity', 'credential');
    expect(notices).to.deep.equal([
      { type: 'service-entered', actor: { kind: 'administrator', id: 'user-1' }, reason: 'Loading' },
    ]);
    expect(bench.status('node')).to.equal('green dot carried-out');
    expect((await bench.completion()).error).to.equal(undefined);
  });

  it('lets a flow without a person only end a test and ask for a self-test', async () => {
    bench.runGateway();
    await bench.load(command({ reason: 'Automatic' }));
    const told = new Map<string, string>();
    for (const [count, name] of CASSETTE_COMMANDS.entries()) {
      bench.node('node').receive({ payload: { do: name, loaded: false } });
      const { at, message } = await bench.arrival(count + 1);
      told.set(name, at === 'done' ? 'done' : String((message.payload as { code: string }).code));
    }
    const alone = CASSETTE_COMMANDS.filter((name) => told.get(name) !== 'person-needed');
    expect(alone).to.have.members(['end-test', 'self-test']);
    expect(told.get('self-test')).to.equal('done');
    expect(bench.gateway.cassettes.view('C1')?.phase).to.equal('rest');
  });

  it('takes two persons for what replaces a lost key', async () => {
    bench.runGateway();
    await bench.load(command({ do: 'override-key', reason: 'Key lost' }));
    bench.gateway.cassettes.touchController('C1', romOf(1));
    const first = await identified();
    bench.node('node').receive({ payload: { ...first } });
    expect((await bench.arrival()).message.payload).to.include({
      code: 'second-person-missing',
      do: 'override-key',
      cassette: 'C1',
    });
    const again = await identified();
    const same = await identified();
    bench.node('node').receive({ payload: { ...again, second: same.identity } });
    expect((await bench.arrival(2)).message.payload).to.include({ code: 'second-person-same' });
    const one = await identified();
    const other = await identified(SECOND_CARD);
    bench.node('node').receive({ payload: { ...one, second: other.identity } });
    const { at, message } = await bench.arrival(3);
    expect(at).to.equal('done');
    expect(message.payload).to.include({ phase: 'rest', user: 'user-1' });
    expect(JSON.stringify(bench.arrivals)).not.to.match(/identity-\d/);
  });

  it('confirms a key that awaits a person', async () => {
    bench.gateway = new TestGateway({ secondFactor: { required: true, within: 30_000 } });
    bench.runGateway();
    await bench.load(command({ do: 'confirm-key', reason: 'Second factor' }));
    bench.gateway.cassettes.touchController('C1', romOf(1));
    bench.node('node').receive({ payload: await identified() });
    expect((await bench.arrival()).message.payload).to.include({ phase: 'transit' });
  });

  it('works through service and test', async () => {
    bench.runGateway();
    await bench.load(command({ reason: 'Inspection' }));
    const phases: unknown[] = [];
    for (const [count, what] of [
      { do: 'enter-service' },
      { do: 'begin-test' },
      { do: 'end-test' },
      { do: 'finish-service', loaded: true },
    ].entries()) {
      bench.node('node').receive({ payload: { ...what, ...(await identified()) } });
      const { message } = await bench.arrival(count + 1);
      const { phase, view } = message.payload as { phase: string; view: { subState: string } };
      phases.push([phase, view.subState]);
    }
    expect(phases).to.deep.equal([
      ['service', 'none'],
      ['service', 'test'],
      ['service', 'none'],
      ['rest', 'none'],
    ]);
  });

  it('refuses without a reason, and an identity that was used', async () => {
    bench.runGateway();
    await bench.load(command({ do: 'enter-service' }));
    const person = await identified();
    bench.node('node').receive({ payload: { ...person } });
    expect((await bench.arrival()).message.payload).to.include({ code: 'reason-missing' });
    bench.node('node').receive({ payload: { ...person, reason: 'Loading' } });
    const { at, message } = await bench.arrival(2);
    expect(at).to.equal('refused');
    expect(message.payload).to.include({ code: 'person-needed', do: 'enter-service', cassette: 'C1' });
    expect(bench.status('node')).to.equal('yellow dot refused');
  });

  const WRONG: [what: string, settings: object, payload: object, code: string][] = [
    ['an unknown command', {}, { do: 'fire' }, 'message-malformed'],
    ['no command', {}, {}, 'message-malformed'],
    ['another command than its own', { do: 'self-test' }, { do: 'enter-service' }, 'setting-contradicted'],
    ['no word on the notes', { do: 'finish-service' }, {}, 'message-malformed'],
    ['a time that is none', { do: 'enter-service' }, { minutes: 0 }, 'message-malformed'],
    ['a password', { do: 'self-test' }, { second: { login: 'a', password: 'b' } }, 'secret-in-message'],
    ['a person that is no reference', { do: 'self-test' }, { identity: 7 }, 'message-malformed'],
    ['another cassette than its own', { do: 'self-test' }, { cassette: 'C3' }, 'setting-contradicted'],
  ];
  for (const [what, settings, payload, code] of WRONG) {
    it(`does not take ${what}`, async () => {
      bench.runGateway();
      await bench.load(command({ reason: 'Test', ...settings }));
      bench.node('node').receive({ payload });
      expect((await bench.completion()).error?.code).to.equal(code);
      expect(bench.arrivals).to.deep.equal([]);
      expect(bench.status('node')).to.equal('red dot bad-message');
    });
  }

  it('makes one request of settings and message', () => {
    const settings = { do: 'finish-service', minutes: '', loaded: 'true', reason: 'Done' };
    expect(cassetteCommand('C1', settings, { loaded: true, second: 's', identity: 'i' })).to.deep.equal({
      request: {
        cassette: 'C1',
        command: { do: 'finish-service', loaded: true },
        reason: 'Done',
        second: { kind: 'person', identity: 's' },
      },
      identity: 'i',
    });
    expect(
      cassetteCommand('C1', { do: 'enter-service', minutes: '15' }, undefined).request.command,
    ).to.deep.equal({
      do: 'enter-service',
      lasts: 900_000,
    });
  });

  it('complains where no cassette is chosen', async () => {
    bench.runGateway();
    await bench.load(command({ cassette: '', do: 'self-test', reason: 'Test' }));
    expect(bench.status('node')).to.equal('red ring not-configured');
    bench.node('node').receive({ payload: {} });
    expect((await bench.completion()).error?.code).to.equal('setting-missing');
  });
});
