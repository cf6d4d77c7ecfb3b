/** `sezam-command`: what it asks of the gateway, on whose behalf, and what it makes of the answer. */
import { expect } from 'chai';
import { COMMANDS, commandRequest, migrations } from '../../nodes/command/command.ts';
import { migrate } from '../../nodes/config-version.ts';
import { around, FlowBench } from './flow-bench.ts';

const bench = new FlowBench();
const REQUESTER = { kind: 'machine', id: 'flow:node' };

function command(settings: object = {}): object[] {
  return around('sezam-command', settings, ['done', 'refused']);
}

describe('sezam-command', () => {
  before(() => bench.start());
  after(() => bench.stop());
  afterEach(() => bench.unload());

  it('carries out what its settings say, on behalf of the flow', async () => {
    bench.runGateway();
    await bench.load(
      command({ do: 'open', cabinet: 'A', compartment: '7', reason: 'Lost card, passport seen' }),
    );
    bench.node('node').receive({ payload: Date.now(), topic: 't' });
    const { at, message } = await bench.arrival();
    expect(at).to.equal('done');
    expect(message).to.include({ topic: 't' });
    expect(message.payload).to.deep.equal({ do: 'open', cabinet: 'A', compartment: 7 });
    expect(bench.gateway.operated).to.deep.equal([
      {
        request: { do: 'open', cabinet: 'A', compartment: 7, reason: 'Lost card, passport seen' },
        requester: REQUESTER,
      },
    ]);
    expect(bench.status('node')).to.equal('green dot opened');
  });

  const compartment = 7;
  const payloads = [
    { do: 'service-open' },
    { do: 'release' },
    { do: 'block' },
    { do: 'unblock' },
    { do: 'return-to-service' },
    { do: 'empty' },
    { do: 'assign', user: 'user-1' },
    { do: 'withdraw', user: 'user-1' },
    { do: 'stock' },
    { do: 'stock', item: 'item-1' },
  ];
  for (const said of payloads) {
    it(`takes ${JSON.stringify(said)} from a message, and nothing that it has no use for`, async () => {
      bench.runGateway();
      await bench.load(command());
      const request = { cabinet: 'A', compartment, reason: 'Asked for', ...said };
      bench.node('node').receive({ payload: { ...request, from: 'a form', schema: '4.2' } });
      await bench.arrival();
      expect(bench.gateway.operated).to.deep.equal([{ request, requester: REQUESTER }]);
    });
  }

  it('opens all, and tells which did not open, in words', async () => {
    bench.runGateway();
    await bench.load(command({ do: 'open-all', cabinet: 'A', reason: 'Fire' }));
    bench.node('node').receive({ payload: {} });
    const { message } = await bench.arrival();
    expect(message.payload).to.deep.include({ do: 'open-all', cabinet: 'A', opened: [1, 2] });
    const [failed] = (message.payload as { failed: { text: { en: string } }[] }).failed;
    expect(failed).to.deep.include({ compartment: 3, code: 'lock-failed', values: { compartment: 3 } });
    expect(failed?.text.en).to.contain('Compartment 3');
    expect(bench.status('node')).to.equal('yellow dot opened-all');
  });

  const extents: [string | undefined, object][] = [
    [undefined, { dryRun: true, force: false }],
    ['dry-run', { dryRun: true, force: false }],
    ['careful', { dryRun: false, force: false }],
    ['force', { dryRun: false, force: true }],
  ];
  for (const [extent, meant] of extents) {
    it(`changes the mode to the extent ${extent ?? 'that a message leaves open'}`, async () => {
      bench.runGateway();
      await bench.load(command({ do: 'change-mode', cabinet: 'A', extent: '', reason: 'Season' }));
      bench.node('node').receive({ payload: { schema: '4.2', ...(extent && { extent }) } });
      const { message } = await bench.arrival();
      expect(bench.gateway.operated[0]?.request).to.deep.equal({
        cabinet: 'A',
        schema: '4.2',
        reason: 'Season',
        ...meant,
      });
      const done = extent === 'careful' || extent === 'force';
      expect(message.payload).to.deep.equal({
        do: 'change-mode',
        cabinet: 'A',
        from: '2.2',
        to: '4.2',
        lost: [{ lost: 'right', compartment: 7, user: 'user-1' }],
        done,
      });
      expect(bench.status('node')).to.equal(done ? 'green dot mode-changed' : 'yellow dot would-lose');
    });
  }

  it('only looks at a change of mode, unless the settings say otherwise', () => {
    const settings = migrate<object>({ do: 'change-mode', cabinet: 'A', schema: '4.2' }, migrations);
    expect(commandRequest({ ...settings }, {})).to.include({ extent: 'dry-run' });
    expect(() => commandRequest({ ...settings }, { extent: 'force' }))
      .to.throw()
      .with.property('code', 'setting-contradicted');
  });

  it('sends a refusal by the second output', async () => {
    bench.runGateway();
    bench.gateway.refuses = 'reason-required';
    await bench.load(command({ do: 'block', cabinet: 'A', compartment: '7' }));
    bench.node('node').receive({ payload: {} });
    const { at, message } = await bench.arrival();
    expect(at).to.equal('refused');
    expect(message.payload).to.include({ code: 'reason-required' });
    expect(bench.status('node')).to.equal('yellow dot refused');
  });

  const contradictions: [object, object][] = [
    [{ do: 'block' }, { do: 'open' }],
    [{ cabinet: 'A' }, { cabinet: 'B' }],
    [{ compartment: '7' }, { compartment: 8 }],
    [{ reason: 'Cleaning' }, { reason: 'Theft' }],
  ];
  for (const [settings, payload] of contradictions) {
    it(`is not turned from ${JSON.stringify(settings)} to ${JSON.stringify(payload)} by a message`, async () => {
      bench.runGateway();
      await bench.load(command(settings));
      const rest = { do: 'block', cabinet: 'A', compartment: 7, reason: 'Cleaning' };
      bench.node('node').receive({ payload: { ...rest, ...payload } });
      expect((await bench.completion()).error?.code).to.equal('setting-contradicted');
      expect(bench.gateway.operated).to.deep.equal([]);
      expect(bench.status('node')).to.equal('red dot bad-message');
    });
  }

  it('takes a message that says the same as its settings', () => {
    const settings = { do: 'block', cabinet: 'A', compartment: '7', reason: 'Cleaning' };
    expect(commandRequest(settings, { ...settings, compartment: 7 })).to.deep.equal({
      kind: 'operate',
      request: { do: 'block', cabinet: 'A', compartment: 7, reason: 'Cleaning' },
    });
  });

  const wrong: [string, object, string][] = [
    ['no command', { cabinet: 'A' }, 'message-malformed'],
    ['an unknown command', { do: 'explode', cabinet: 'A' }, 'message-malformed'],
    ['no cabinet', { do: 'open', compartment }, 'message-malformed'],
    ['no compartment', { do: 'open', cabinet: 'A' }, 'message-malformed'],
    ['compartment 513', { do: 'open', cabinet: 'A', compartment: 513 }, 'message-malformed'],
    ['no user', { do: 'assign', cabinet: 'A', compartment }, 'message-malformed'],
    ['no schema', { do: 'change-mode', cabinet: 'A' }, 'message-malformed'],
    ['an odd extent', { do: 'change-mode', cabinet: 'A', schema: '4.2', extent: true }, 'message-malformed'],
    ['a reason that is no text', { do: 'open', cabinet: 'A', compartment, reason: 7 }, 'message-malformed'],
    ['a common PIN', { do: 'assign-code', cabinet: 'A', compartment, pin: '4711' }, 'secret-in-message'],
  ];
  for (const [what, payload, code] of wrong) {
    it(`refuses a message with ${what}`, async () => {
      bench.runGateway();
      await bench.load(command({ extent: '' }));
      bench.node('node').receive({ payload });
      expect((await bench.completion()).error?.code).to.equal(code);
      expect(bench.gateway.operated).to.deep.equal([]);
    });
  }

  it('offers no command that would carry a secret', () => {
    expect(COMMANDS).not.to.include('assign-code');
  });

  it('complains while no gateway is running', async () => {
    await bench.load(command({ do: 'open-all', cabinet: 'A' }));
    expect(bench.status('node')).to.equal('red ring no-gateway');
    bench.node('node').receive({ payload: {} });
    expect((await bench.completion()).error?.code).to.equal('gateway-not-running');
  });
});
