/** `sezam-alarm`: what becomes of alarms, and what a flow does to them. */
import { expect } from 'chai';
import type { AlarmSign } from '../../domain/alarms/sign.ts';
import { ALARM_COMMANDS, type AlarmChangePayload, alarmCommand } from '../../nodes/alarm/alarm.ts';
import { around, FlowBench } from './flow-bench.ts';

const bench = new FlowBench();

const FORCED: AlarmSign = {
  sign: 'raised',
  kind: 'door-forced',
  source: { source: 'compartment', cabinet: 'A', compartment: 1 },
};
const LEFT_OPEN: AlarmSign = { ...FORCED, kind: 'door-left-open' };
const DURESS: AlarmSign = { sign: 'raised', kind: 'duress', source: { source: 'cabinet', cabinet: 'B' } };
const LINK_LOST: AlarmSign = {
  sign: 'raised',
  kind: 'link-lost',
  source: { source: 'cassette', cassette: 'C1' },
};
const EVERY = [FORCED, LEFT_OPEN, DURESS, LINK_LOST];

function alarm(settings: object = {}): object[] {
  return around('sezam-alarm', settings, ['change', 'done', 'refused']);
}

async function happens(...signs: readonly AlarmSign[]): Promise<void> {
  for (const sign of signs) await bench.gateway.alarms.record([{ signs: () => [sign] }]);
}

function send(payload: object): void {
  bench.node('node').receive({ payload });
}

/** The test Node-RED gives back keys instead of words. */
function shows(status: string): Promise<void> {
  return bench.until(() => bench.status('node') === status);
}

function changes(): AlarmChangePayload[] {
  return bench.arrivals
    .filter(({ at }) => at === 'change')
    .map(({ message }) => message.payload as AlarmChangePayload);
}

describe('sezam-alarm', () => {
  before(() => bench.start());
  after(() => bench.stop());
  afterEach(() => bench.unload());

  it('tells what becomes of an alarm, in words', async () => {
    bench.runGateway();
    await bench.load(alarm());
    await happens(FORCED, { ...FORCED, sign: 'over' });
    await bench.arrival(2);
    const [raised, over] = changes();
    expect(raised).to.deep.include({
      change: 'raised',
      alarm: 'door-forced@A/1',
      kind: 'door-forced',
      cabinet: 'A',
      compartment: 1,
      severity: 850,
      occurrence: 1,
      active: true,
      acknowledged: false,
      calls: true,
      silent: false,
    });
    expect(raised?.text.en).to.equal('Compartment 1 of cabinet A: the door was opened without a right to.');
    expect(raised?.at).to.be.a('number');
    expect(over).to.deep.include({ change: 'over', active: false, calls: true });
    expect(bench.arrivals[0]?.message['topic']).to.equal('door-forced@A/1');
  });

  const CHOICES: readonly (readonly [settings: object, ids: readonly string[]])[] = [
    [{}, ['door-forced@A/1', 'door-left-open@A/1', 'link-lost@cassette:C1']],
    [{ silent: true }, ['door-forced@A/1', 'door-left-open@A/1', 'duress@B', 'link-lost@cassette:C1']],
    [{ severity: '800' }, ['door-forced@A/1', 'link-lost@cassette:C1']],
    [{ kinds: 'door-left-open, duress' }, ['door-left-open@A/1']],
    [{ source: 'cabinet:A' }, ['door-forced@A/1', 'door-left-open@A/1']],
    [{ source: 'cabinet:B', silent: true }, ['duress@B']],
    [{ source: 'cassette:C1' }, ['link-lost@cassette:C1']],
    [{ source: 'gateway' }, []],
  ];
  for (const [settings, ids] of CHOICES) {
    it(`set to ${JSON.stringify(settings)} it tells of ${ids.length}`, async () => {
      bench.runGateway();
      await bench.load(alarm(settings));
      await happens(...EVERY);
      await bench.turn();
      expect(changes().map((change) => change.alarm)).to.deep.equal(ids);
    });
  }

  it('shows whether alarms call for somebody', async () => {
    bench.runGateway();
    await happens(FORCED);
    await bench.load(alarm());
    await shows('red dot alarms');
    await happens(LEFT_OPEN);
    const by = { kind: 'machine', id: 'test' } as const;
    for (const { kind } of [FORCED, LEFT_OPEN]) {
      await bench.gateway.alarms.command({ do: 'shelve', alarm: `${kind}@A/1`, lasts: 1_000 }, by);
    }
    await shows('green dot no-alarm');
  });

  it('does what a message says, on behalf of the flow', async () => {
    bench.runGateway();
    await bench.load(alarm());
    await happens(FORCED);
    send({ do: 'acknowledge', alarm: 'door-forced@A/1', comment: 'On my way.' });
    await bench.arrival(3);
    const done = bench.arrivals.find(({ at }) => at === 'done')?.message.payload;
    expect(done).to.include({ do: 'acknowledge', acknowledged: true, comment: 'On my way.', active: true });
    const change = changes().at(-1);
    expect(change).to.include({ change: 'acknowledged', comment: 'On my way.' });
    expect(change?.actor).to.deep.equal({ kind: 'machine', id: 'flow:node' });
  });

  it('does what its setting says, and is not turned from that', async () => {
    bench.runGateway();
    await bench.load(alarm({ do: 'silence' }));
    await happens(FORCED);
    send({ alarm: 'door-forced@A/1' });
    await bench.arrival(3);
    expect(bench.gateway.alarms.alarm('door-forced@A/1')?.silenced).to.equal(true);
    send({ do: 'acknowledge', alarm: 'door-forced@A/1' });
    await bench.until(() => bench.completions.length === 2);
    expect(bench.completions[1]?.error?.code).to.equal('setting-contradicted');
  });

  it('sends a refusal by the third output', async () => {
    bench.runGateway();
    await bench.load(alarm());
    send({ do: 'confirm', alarm: 'stained@cassette:C9' });
    await bench.arrival(1);
    const [refused] = bench.arrivals;
    expect(refused?.at).to.equal('refused');
    expect(refused?.message.payload).to.deep.include({
      code: 'alarm-unknown',
      values: { alarm: 'stained@cassette:C9' },
    });
  });

  const alarmOf = 'door-forced@A/1';
  const TAKEN: readonly (readonly [payload: object, command: object])[] = [
    [
      { do: 'acknowledge', alarm: alarmOf, occurrence: '3' },
      { do: 'acknowledge', alarm: alarmOf, number: 3 },
    ],
    [
      { do: 'confirm', alarm: alarmOf },
      { do: 'confirm', alarm: alarmOf },
    ],
    [
      { do: 'comment', alarm: alarmOf, comment: 'Seen.' },
      { do: 'comment', alarm: alarmOf, comment: 'Seen.' },
    ],
    [
      { do: 'shelve', alarm: alarmOf, minutes: 1.5 },
      { do: 'shelve', alarm: alarmOf, lasts: 90_000 },
    ],
    [
      { do: 'unshelve', alarm: alarmOf },
      { do: 'unshelve', alarm: alarmOf },
    ],
    [
      { do: 'silence', alarm: alarmOf, comment: 'Loud.' },
      { do: 'silence', alarm: alarmOf, comment: 'Loud.' },
    ],
  ];
  it('knows every command', () => {
    expect(TAKEN.map(([payload]) => alarmCommand({}, payload))).to.deep.equal(TAKEN.map(([, to]) => to));
    expect(TAKEN.map(([, command]) => (command as { do: string }).do)).to.have.members([...ALARM_COMMANDS]);
  });

  const WRONG: Readonly<Record<string, object>> = {
    'no command': { alarm: alarmOf },
    'a command for administrators': { do: 'suppress', alarm: alarmOf },
    'no alarm': { do: 'acknowledge' },
    'a comment without words': { do: 'comment', alarm: alarmOf },
    'no time to shelve for': { do: 'shelve', alarm: alarmOf },
    'a time that is none': { do: 'shelve', alarm: alarmOf, minutes: 'soon' },
    'an occurrence below 1': { do: 'acknowledge', alarm: alarmOf, occurrence: 0 },
  };
  for (const [what, payload] of Object.entries(WRONG)) {
    it(`refuses a message with ${what}`, () => {
      expect(() => alarmCommand({}, payload)).to.throw(/msg\.payload/);
    });
  }

  it('follows the gateway that is running, once after each deploy', async () => {
    bench.runGateway();
    await bench.load(alarm());
    await bench.deploy(alarm());
    await happens(FORCED);
    await bench.arrival(1);
    await bench.turn();
    expect(changes()).to.have.length(1);
  });

  it('complains while no gateway is running', async () => {
    await bench.load(alarm());
    send({ do: 'acknowledge', alarm: alarmOf });
    await bench.until(() => bench.completions.length === 1);
    expect(bench.completions[0]?.error?.code).to.match(/^gateway-/);
  });
});
