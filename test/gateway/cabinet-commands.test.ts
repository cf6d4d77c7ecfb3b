/** Commands about compartments, cabinets and panels, over the socket of the command line. */
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import type { PanelView } from '../../gateway/api.ts';
import { type CommandAnswer, openCommandSocket } from '../../gateway/command-socket.ts';
import type { LineSocket } from '../../gateway/line-socket.ts';
import { connectLines, type LineClient } from '../../scripts/line-client.ts';
import { temporaryFolder } from '../support/store.ts';
import { GatewayAtWork, type SiteChange } from './support/gateway-at-work.ts';
import { StoredLog } from './support/stored-log.ts';

const PLACE = { cabinet: 'A', compartment: 2, reason: 'trial' } as const;
const PANELS = [{ id: 'front', name: 'Front', cabinet: 'A' }] as const;
const MALFORMED = 'malformed';

describe('commands about cabinets and panels', () => {
  let stored: StoredLog;
  let work: GatewayAtWork;
  let folder: string;
  let socket: LineSocket;
  let client: LineClient;
  let messages: AsyncIterator<unknown>;
  /** What was told of a panel. */
  let views: PanelView[];

  before(async () => {
    stored = await StoredLog.open();
  });

  after(() => stored.remove());

  beforeEach(async () => {
    folder = await temporaryFolder();
    views = [];
  });

  afterEach(async () => {
    client.end();
    await socket.close();
    await work.stop();
    await stored.renew();
    await rm(folder, { recursive: true });
  });

  async function start(schema: string, change: SiteChange = {}): Promise<void> {
    work = await GatewayAtWork.start(stored, { ...change, cabinet: { schema, ...change.cabinet } });
    const path = join(folder, 'commands.sock');
    socket = await openCommandSocket(path, work.gateway, work.people.administration);
    client = await connectLines(path);
    messages = client.messages[Symbol.asyncIterator]();
  }

  async function ask(command: object): Promise<CommandAnswer> {
    client.send(command);
    for (;;) {
      const { value } = await stored.until(messages.next());
      const message = value as CommandAnswer | { readonly view: PanelView };
      if ('ok' in message) return message;
      views.push(message.view);
    }
  }

  async function done(command: object): Promise<unknown> {
    const answer = await ask(command);
    if (!answer.ok) throw new Error(`${answer.code}: ${answer.message}`);
    return answer.result;
  }

  async function refused(command: object): Promise<string> {
    const answer = await ask(command);
    return answer.ok ? 'ok' : answer.code;
  }

  it('say what lies in a compartment to be borrowed, and that nothing does', async () => {
    await start('3.1');
    const item = await work.people.administration.addItem(
      { name: 'Wrench', tag: '0123456789ABCDEF', tagKind: 'rfid' },
      { kind: 'machine', id: 'test' },
    );
    expect(await done({ do: 'stock', ...PLACE, item })).to.deep.equal({ cabinet: 'A', compartment: 2 });
    expect(work.compartment(2).contents.map((content) => content.item)).to.deep.equal([item]);
    expect(await done({ do: 'empty', ...PLACE })).to.deep.equal({ cabinet: 'A', compartment: 2 });
    expect(work.compartment(2).contents).to.deep.equal([]);
    expect(await refused({ do: 'empty', ...PLACE })).to.equal('compartment-empty');
    expect(await done({ do: 'stock', ...PLACE })).to.deep.equal({ cabinet: 'A', compartment: 2 });
  });

  it('give a common PIN to those whose compartment it is, and keep it to themselves', async () => {
    await start('5.2');
    expect(await refused({ do: 'assign-code', ...PLACE, pin: '123' })).to.equal('pin-length');
    expect(await refused({ do: 'assign-code', ...PLACE, pin: '12a456' })).to.equal('pin-length');
    const user = await work.person('Ewa');
    await done({ do: 'assign', ...PLACE, user });
    await done({ do: 'assign-code', ...PLACE, pin: '824613' });
    expect(work.compartment(2).codes).to.have.length(1);
    expect(JSON.stringify(await stored.events('cabinet/A'))).to.not.include('824613');
  });

  it('look inside without a change of anything', async () => {
    await start('2.2');
    expect(await done({ do: 'service-open', ...PLACE })).to.deep.equal({ cabinet: 'A', compartment: 2 });
    expect(work.status(2)).to.equal('free');
  });

  it('look at a change of mode, refuse it while something would be lost, and force it', async () => {
    await start('1.1');
    const user = await work.person('Ewa');
    await done({ do: 'assign', ...PLACE, user });
    const change = { do: 'change-mode', cabinet: 'A', schema: '4.2', reason: 'summer' };
    const lost = [{ lost: 'right', compartment: 2, user }];
    const looked = { cabinet: 'A', from: '1.1', to: '4.2', lost };
    expect(await done({ ...change, dryRun: true, force: false })).to.deep.equal({ ...looked, done: false });
    expect(await refused({ ...change, dryRun: false, force: false })).to.equal('cabinet-not-empty');
    expect(await done({ ...change, dryRun: false, force: true })).to.deep.equal({ ...looked, done: true });
    expect(work.cabinet.setting.schema).to.equal('4.2');
    expect(await refused({ ...change, schema: '9.9', dryRun: false, force: true })).to.equal(
      'schema-unknown',
    );
  });

  it('follow a panel, answer there, and say why an answer is refused', async () => {
    await start('4.2', { panels: PANELS });
    const { view } = (await done({ do: 'follow-panel', panel: 'front' })) as { readonly view: PanelView };
    expect(view.prompt.code).to.equal('deposit-or-collect');
    await done({ do: 'panel-answer', panel: 'front', answer: { answer: 'deposit' } });
    expect(views.at(-1)?.prompt.code).to.equal('choose-compartment');
    const meant = { do: 'panel-answer', panel: 'front', answer: { answer: 'cancel' } };
    expect(await refused({ ...meant, session: 'session-of-somebody-else' })).to.equal('session-over');
    await done({ ...meant, session: views.find(({ session }) => session)?.session });
    const shown = (await done({ do: 'panel', panel: 'front' })) as { readonly view: PanelView };
    expect(shown.view.notice?.code).to.equal('cancelled');
    expect(await refused({ do: 'panel', panel: 'back' })).to.equal('panel-unknown');
    expect(await refused({ do: 'follow-panel', panel: 'back' })).to.equal('panel-unknown');
  });

  for (const wrong of [
    { do: 'panel-answer', panel: 'front' },
    { do: 'panel-answer', panel: 'front', answer: {} },
    { do: 'panel-answer', panel: 'front', answer: { answer: 'shout' } },
    { do: 'panel-answer', panel: 'front', answer: { answer: 'presentation', presentation: 'x' } },
    { do: 'panel-answer', panel: 'front', answer: { answer: 'compartment', compartment: 513 } },
    { do: 'panel-answer', panel: 'front', answer: { answer: 'deposit', more: 1 } },
    { do: 'panel-answer', panel: 'front', answer: { answer: 'fault', compartment: 1, fault: 'ugly' } },
    {
      do: 'panel-answer',
      panel: 'front',
      answer: { answer: 'scan', scan: { kind: 'password', value: 'x' } },
    },
    { do: 'stock', ...PLACE, item: '' },
    { do: 'assign-code', ...PLACE },
    { do: 'open-all', cabinet: 'A' },
    { do: 'change-mode', cabinet: 'A', schema: '4.2', reason: 'x', force: true },
  ]) {
    it(`do not take ${JSON.stringify(wrong)}`, async () => {
      await start('4.2', { panels: PANELS });
      expect(await refused(wrong)).to.equal(MALFORMED);
    });
  }
});
