/** What the command line asks of alarms, over its socket, of a whole gateway; and what is left of it after a restart. */
import { expect } from 'chai';
import type { AlarmView } from '../../../gateway/api.ts';
import type { CommandAnswer, FollowedEvent } from '../../../gateway/command-socket.ts';
import { socketPath } from '../../../gateway/data-folder.ts';
import { lineFor } from '../../../scripts/event-line.ts';
import { connectLines, type LineClient } from '../../../scripts/line-client.ts';
import { DemoAtWork } from '../../simulators/demo/support/demo-at-work.ts';
import { eventually } from '../../support/eventually.ts';

const alarm = 'fault-reported@D/1';

describe('the command line of alarms', () => {
  let demo: DemoAtWork;
  let client: LineClient;
  let messages: AsyncIterator<unknown>;
  const followed: FollowedEvent[] = [];

  before(async () => {
    demo = await DemoAtWork.prepare();
    await demo.start();
    await connect();
  });

  after(async () => {
    client.end();
    await demo.remove();
  });

  async function connect(): Promise<void> {
    client = await connectLines(await socketPath(demo.folder, 'command'));
    messages = client.messages[Symbol.asyncIterator]();
  }

  async function ask(command: object): Promise<CommandAnswer> {
    client.send(command);
    for (;;) {
      const { value } = (await messages.next()) as { readonly value: CommandAnswer | FollowedEvent };
      if ('ok' in value) return value;
      followed.push(value);
    }
  }

  async function asked<Result>(command: object): Promise<Result> {
    const answer = await ask(command);
    if (!answer.ok) throw new Error(`${answer.code}: ${answer.message}`);
    return answer.result as Result;
  }

  async function listed(all = false): Promise<readonly AlarmView[]> {
    return (await asked<{ alarms: readonly AlarmView[] }>({ do: 'list-alarms', all })).alarms;
  }

  /** Somebody says at a panel of the demo that something is wrong with a compartment. */
  async function report(): Promise<void> {
    const { panel } = demo.gateway.panels().find(({ cabinet }) => cabinet === 'D') ?? {};
    const answer = await demo.gateway.answer(panel ?? '', {
      answer: 'fault',
      compartment: 1,
      fault: 'dirty',
    });
    expect(answer.ok).to.equal(true);
    await eventually('the alarm is there', () => demo.gateway.alarms.alarm(alarm) !== undefined);
  }

  it('lists what calls for somebody', async () => {
    await asked({ do: 'follow', alarms: true });
    await report();
    const found = (await listed()).find(({ id }) => id === alarm);
    expect(found?.text.en).to.equal('Compartment 1 of cabinet D: somebody has reported a fault.');
  });

  it('tells what becomes of alarms', async () => {
    await ask({ do: 'list-alarms', all: false });
    const raised = followed.find(({ type, data }) => type === 'alarm-raised' && data['alarm'] === alarm);
    expect(raised?.alarm).to.deep.equal({ severity: 300, silent: false });
    expect(raised && lineFor(raised)).to.match(
      /alarms\/\S+ #\d+ {2}alarm-raised {2}“Compartment 1 of cabinet D: somebody has reported a fault.”$/,
    );
  });

  it('says what somebody said of it, and who keeps it quiet', async () => {
    const commented = await asked<{ alarm: AlarmView }>({
      do: 'command-alarm',
      command: { do: 'comment', alarm, comment: 'A cleaner comes at six.' },
    });
    expect(commented.alarm.comment).to.deep.include({
      text: 'A cleaner comes at six.',
      actor: { kind: 'machine', id: 'command-line' },
    });
    const shelved = await asked<{ alarm: AlarmView }>({
      do: 'command-alarm',
      command: { do: 'shelve', alarm, lasts: 3_600_000 },
    });
    expect(shelved.alarm.calls).to.equal(false);
  });

  it('refuses what does not go together, in words', async () => {
    expect(await ask({ do: 'command-alarm', command: { do: 'confirm', alarm } })).to.include({
      code: 'not-acknowledged',
    });
    expect(await ask({ do: 'command-alarm', command: { do: 'shelve', alarm, lasts: 60_000 } })).to.include({
      code: 'already-shelved',
    });
    expect(await ask({ do: 'command-alarm', command: { do: 'acknowledge', alarm: 'x' } })).to.include({
      code: 'alarm-unknown',
      message: 'There is no alarm “x”: it may be over and seen to.',
    });
  });

  for (const command of [
    { do: 'suppress', alarm },
    { do: 'acknowledge' },
    { do: 'acknowledge', alarm, number: 0 },
    { do: 'shelve', alarm },
    { do: 'shelve', alarm, lasts: 'long' },
    { do: 'comment', alarm },
    { do: 'comment', alarm, comment: 'x'.repeat(5_000) },
  ]) {
    it(`does not understand ${JSON.stringify(command).slice(0, 60)}`, async () => {
      expect(await ask({ do: 'command-alarm', command })).to.include({ code: 'malformed' });
    });
  }

  it('finds all of it again after a restart', async () => {
    const before = demo.gateway.alarms.alarm(alarm);
    client.end();
    await demo.stop();
    await demo.start();
    await connect();
    expect((await listed()).find(({ id }) => id === alarm)).to.deep.equal(before);
  });

  it('lists what was seen to and set apart only where all is asked for', async () => {
    await asked({ do: 'command-alarm', command: { do: 'acknowledge', alarm } });
    expect((await listed()).map(({ id }) => id)).not.to.include(alarm);
    expect((await listed(true)).map(({ id }) => id)).to.include(alarm);
    await asked({ do: 'command-alarm', command: { do: 'unshelve', alarm } });
    expect((await listed(true)).map(({ id }) => id)).not.to.include(alarm);
  });
});
