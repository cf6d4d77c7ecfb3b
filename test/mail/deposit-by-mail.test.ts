import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'chai';
import type { SiteFile } from '../../config/site.ts';
import type { CabinetEvents } from '../../domain/cabinet/events.ts';
import type { CompartmentState } from '../../domain/cabinet/state.ts';
import type { Actor, LoggedEvent } from '../../domain/event.ts';
import type { PanelAnswer, PanelView } from '../../gateway/api.ts';
import { type StartedGateway, startGateway } from '../../gateway/start.ts';
import { Cu48Simulator } from '../../simulators/kerong-cu48.ts';
import { type ServedSimulator, serveTcp } from '../../simulators/serve.ts';
import { eventually } from '../support/eventually.ts';
import { type FreshStore, openFreshStore, temporaryFolder } from '../support/store.ts';
import { readMail } from './support/read-mail.ts';
import { TestSmtpServer } from './support/smtp-server.ts';

const MASTER_CARD = 'A1B2C3D4';
const PIN = '480913';
const ADMINISTRATOR: Actor = { kind: 'administrator', id: 'user-admin' };

/** Two compartments under schema 6.1 with one panel, on a board that is simulated. */
function siteOn(port: number): SiteFile {
  return {
    version: 1,
    site: { id: 'hall', name: 'Town hall', timeZone: 'Europe/Warsaw', language: 'en' },
    userGroups: [{ id: 'staff', name: 'Staff' }],
    buses: [{ id: 'locks', transport: { type: 'tcp', host: '127.0.0.1', port } }],
    boards: [
      {
        id: 'board-1',
        bus: 'locks',
        driver: 'kerong-cu48',
        address: 0,
        settings: { pollMilliseconds: 30, fastPollMilliseconds: 20 },
      },
    ],
    readers: [],
    panels: [{ id: 'panel', name: 'Panel', cabinet: 'A' }],
    cabinets: [
      {
        id: 'A',
        name: 'Entrance',
        kind: 'multi',
        schema: '6.1',
        compartments: [{ from: 1, to: 2, board: 'board-1', firstLock: 0 }],
      },
    ],
  };
}

describe('a deposit whose PIN goes by mail', () => {
  const board = new Cu48Simulator({ openMilliseconds: 20 });
  let served: ServedSimulator;
  let fresh: FreshStore;
  let smtp: TestSmtpServer;
  let folder: string;
  let started: StartedGateway;
  let events: LoggedEvent[];
  let people: Readonly<Record<'anna' | 'jan', string>>;

  before(async () => {
    served = await serveTcp(board, 0);
    fresh = await openFreshStore();
  });

  after(async () => {
    await served.close();
    board.close();
    await fresh.remove();
  });

  beforeEach(async () => {
    await fresh.empty();
    folder = await temporaryFolder();
    smtp = await TestSmtpServer.start();
    events = [];
    await start();
    const { administration } = started;
    const roles = ['defined'] as const;
    await administration.addUser(
      { name: 'Master', roles: ['defined', 'master'], groups: [] },
      ADMINISTRATOR,
      [{ kind: 'card', value: MASTER_CARD }],
    );
    people = {
      anna: await administration.addUser(
        { name: 'Anna Nowak', roles, groups: [], email: 'anna@example.org', language: 'pl' },
        ADMINISTRATOR,
      ),
      jan: await administration.addUser(
        { name: 'Jan Kowalski', roles, groups: [], email: 'jan@example.org' },
        ADMINISTRATOR,
      ),
    };
  });

  afterEach(async () => {
    await started.close();
    await smtp.close();
    await rm(folder, { recursive: true });
    for (const lock of [0, 1]) board.setDoor(lock, false);
  });

  async function start(mail = true): Promise<void> {
    started = await startGateway({
      siteFile: 'hall.json',
      site: siteOn(served.port),
      dataFolder: join(folder, 'data'),
      mongodbUri: fresh.uri,
      lookForJobsEvery: 500,
      ...(mail && {
        mail: {
          host: '127.0.0.1',
          port: smtp.port,
          security: 'none',
          login: undefined,
          ca: undefined,
          from: { name: '', address: 'lockers@example.com' },
        },
      }),
    });
    started.gateway.onChange(({ event }) => events.push(event));
    await eventually('the doors are known', () => compartment().door === 'closed');
  }

  function compartment(): CompartmentState {
    return started.gateway.cabinet('A')?.compartments[0] as CompartmentState;
  }

  /** An answer at the panel, which has to be taken. */
  async function answer(given: PanelAnswer): Promise<PanelView> {
    const answered = await started.gateway.answer('panel', given);
    if (!answered.ok) throw new Error(`refused: ${answered.refusal.code}`);
    return answered.view;
  }

  function view(): PanelView {
    return started.gateway.panel('panel') as PanelView;
  }

  function mails(): CabinetEvents['deposit-mail'][] {
    return events
      .filter(({ type }) => type === 'deposit-mail')
      .map(({ data }) => data as unknown as CabinetEvents['deposit-mail']);
  }

  async function closeDoor(): Promise<void> {
    await eventually('the door is seen open', () => compartment().door === 'open');
    board.setDoor(0, false);
    await eventually('the door is seen closed', () => compartment().door === 'closed');
  }

  /** The master puts something into compartment 1 and closes it. */
  async function deposit(): Promise<void> {
    await answer({ answer: 'scan', scan: { kind: 'card', value: MASTER_CARD } });
    await closeDoor();
    expect(view().prompt.code).to.equal('choose-recipient');
  }

  async function giveTo(user: string): Promise<void> {
    const asked = await answer({ answer: 'recipient', user });
    expect(asked.prompt.code).to.equal('set-pin');
    await answer({ answer: 'scan', scan: { kind: 'pin', value: PIN } });
  }

  /** The PIN that stands in a mail, and the compartment that it names. */
  function readPin(index: number): { readonly pin: string; readonly compartment: number } {
    const { text } = readMail(smtp.received[index]?.raw ?? '');
    const [, pin = ''] = /PIN: (\d+)/.exec(text) ?? [];
    const [, number = ''] = /(?:skrytka|compartment) (\d+)/.exec(text) ?? [];
    return { pin, compartment: Number(number) };
  }

  it('is collected once with what the mail says', async () => {
    await deposit();
    await giveTo(people.anna);
    await eventually('the panel says that it was sent', () => view().notice?.code === 'mail-sent');
    expect(mails().map(({ outcome, user }) => [outcome, user])).to.deep.equal([['sent', people.anna]]);
    expect(smtp.received.map(({ to }) => to)).to.deep.equal([['anna@example.org']]);

    const read = readPin(0);
    expect(read).to.deep.equal({ pin: PIN, compartment: 1 });
    await answer({ answer: 'collect', ...read });
    await closeDoor();
    await eventually('it is collected', () => compartment().deposit === undefined);
    const again = await started.gateway.answer('panel', { answer: 'collect', ...read });
    expect(again.ok).to.equal(false);
  });

  it('goes to another recipient where the mailbox of the first one does not exist', async () => {
    smtp.onRecipient = (address) =>
      address.startsWith('anna') ? { code: 550, text: `5.1.1 <${address}> unknown` } : undefined;
    await deposit();
    await giveTo(people.anna);
    await eventually('the master is asked again', () => view().prompt.code === 'choose-recipient');
    expect(view().notice?.code).to.equal('mail-refused');
    expect(mails()[0]).to.include({ outcome: 'refused', status: '550 5.1.1' });
    const early = await started.gateway.answer('panel', { answer: 'collect', compartment: 1, pin: PIN });
    expect(early.ok, 'the PIN that nobody was told').to.equal(false);

    await giveTo(people.jan);
    await eventually('it was sent', () => view().notice?.code === 'mail-sent');
    expect(smtp.received.map(({ to }) => to)).to.deep.equal([['jan@example.org']]);
  });

  it('is mailed later where the server is busy, after a restart too, and that is on record', async () => {
    smtp.onRecipient = () => ({ code: 450, text: '4.2.0 Greylisted' });
    await deposit();
    await giveTo(people.anna);
    await eventually('the panel says that it is sent later', () => view().notice?.code === 'mail-later');
    expect(mails()[0]).to.include({ outcome: 'deferred', status: '450 4.2.0' });
    await started.close();

    smtp.onRecipient = () => undefined;
    await fresh.connection
      .collection('jobs')
      .updateMany({ name: /^send-mail/ }, { $set: { nextRunAt: new Date() } });
    await start();
    await eventually('the mail was sent', () => mails().length === 2);
    expect(mails()[1]).to.include({ outcome: 'sent', user: people.anna });
    expect(readPin(0)).to.deep.equal({ pin: PIN, compartment: 1 });
    expect(compartment().deposit?.mail).to.equal('sent');
  });

  it('is mailed after a restart that came while the mail server did not answer', async () => {
    smtp.onContent = () => new Promise(() => {});
    await deposit();
    await giveTo(people.anna);
    await eventually('the mail is under way', () => smtp.recipients === 1);
    await started.close();
    expect(mails()).to.deep.equal([]);

    smtp.onContent = () => undefined;
    await start();
    await eventually('it is on record that the mail waits', () => compartment().deposit?.mail === 'deferred');
    expect(compartment().deposit?.stage).to.equal('stored');
  });

  it('is not mailed any more once it was released', async () => {
    smtp.onRecipient = () => ({ code: 450, text: '4.2.0 Greylisted' });
    await deposit();
    await giveTo(people.anna);
    await eventually('it is mailed later', () => mails().length === 1);
    const jobs = fresh.connection.collection('jobs');
    expect(await jobs.countDocuments({ name: /^send-mail/ })).to.equal(1);
    const released = await started.gateway.operate(
      { do: 'release', cabinet: 'A', compartment: 1, reason: 'taken back' },
      { kind: 'machine', id: 'test' },
    );
    expect(released).to.have.property('ok', true);
    for (const end = Date.now() + 5_000; (await jobs.countDocuments({ name: /^send-mail/ })) > 0; ) {
      if (Date.now() > end) throw new Error('The mail still waits.');
      await sleep(10);
    }
  });

  it('is refused where no mail server is set up', async () => {
    await started.close();
    await start(false);
    const refused = await started.gateway.answer('panel', {
      answer: 'scan',
      scan: { kind: 'card', value: MASTER_CARD },
    });
    expect(refused.ok ? '' : refused.refusal.code).to.equal('mail-not-set-up');
    expect(compartment().door).to.equal('closed');
    const notice = { to: 'anna@example.org', subject: 'Overdue', text: 'Compartment 1' };
    expect(await started.gateway.mail.notify(notice)).to.deep.equal({
      outcome: 'refused',
      status: 'mail-not-set-up',
    });
  });

  it('is not the only thing to mail: flows send notices of their own', async () => {
    const notice = { to: 'anna@example.org', subject: 'Overdue', text: 'Compartment 1' };
    expect(await started.gateway.mail.notify(notice)).to.deep.equal({ outcome: 'sent' });
    const { headers, text } = readMail(smtp.received[0]?.raw ?? '');
    expect([headers.get('subject'), text.trim()]).to.deep.equal([['Overdue'], 'Compartment 1']);
  });
});
