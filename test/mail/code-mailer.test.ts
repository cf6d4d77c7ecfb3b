import { readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'chai';
import { startEmbeddedMongo } from '../../embedded-mongo/index.ts';
import { connect } from '../../models/connection.ts';
import { eventually } from '../support/eventually.ts';
import { type FreshStore, openFreshStore, temporaryFolder } from '../support/store.ts';
import {
  type MailingAtWork,
  type MailingOptions,
  mailingAtWork,
  PIN,
  RECIPIENT,
  request,
} from './support/mailing-at-work.ts';
import { readMail } from './support/read-mail.ts';
import { TestSmtpServer } from './support/smtp-server.ts';

const GREYLISTED = { code: 450, text: '4.2.0 Greylisted, come back later' };
const DEFERRED = { outcome: 'deferred', status: '450 4.2.0' };
const ABOUT = { cabinet: 'A', compartment: 12, deposit: 'deposit-1' };

describe('the mailer of PINs', () => {
  let fresh: FreshStore;
  let smtp: TestSmtpServer;
  let atWork: MailingAtWork;

  before(async () => {
    fresh = await openFreshStore();
  });

  after(() => fresh.remove());

  beforeEach(async () => {
    await fresh.empty();
    smtp = await TestSmtpServer.start();
  });

  afterEach(async () => {
    await atWork.stop();
    await smtp.close();
  });

  async function open(options: Partial<MailingOptions> = {}): Promise<MailingAtWork> {
    atWork = await mailingAtWork({ connection: fresh.connection, port: smtp.port, ...options });
    return atWork;
  }

  /** What waits in the queue, as the database keeps it. */
  function waiting(): Promise<Record<string, unknown>[]> {
    return fresh.connection
      .collection('jobs')
      .find({ name: /^send-mail/ })
      .toArray();
  }

  async function untilNothingWaits(): Promise<void> {
    for (const end = Date.now() + 30_000; (await waiting()).length > 0; await sleep(10)) {
      if (Date.now() > end) throw new Error('Something still waits in the queue.');
    }
  }

  it('sends at once, in the language of the recipient, and keeps nothing', async () => {
    const { mailer, outcomes } = await open();
    expect(await mailer.deliver(request())).to.deep.equal({ outcome: 'sent' });
    const [mail] = smtp.received;
    expect(mail?.to).to.deep.equal([RECIPIENT.email]);
    expect(readMail(mail?.raw ?? '').text)
      .to.contain(`Kod PIN: ${PIN}`)
      .and.contain('Town hall');
    await untilNothingWaits();
    expect(outcomes).to.deep.equal([]);
  });

  it('tells at once of a mailbox that does not exist, and keeps nothing', async () => {
    const { mailer, outcomes } = await open();
    smtp.onRecipient = () => ({ code: 550, text: '5.1.1 User unknown' });
    expect(await mailer.deliver(request())).to.deep.equal({ outcome: 'refused', status: '550 5.1.1' });
    await untilNothingWaits();
    expect([smtp.recipients, outcomes.length]).to.deep.equal([1, 0]);
  });

  it('keeps the mail to the next recipient, whatever became of the one before', async () => {
    const { mailer } = await open();
    smtp.onRecipient = (address) =>
      address.startsWith('anna') ? { code: 550, text: '5.1.1 User unknown' } : GREYLISTED;
    expect(await mailer.deliver(request())).to.include({ outcome: 'refused' });
    const recipient = { ...RECIPIENT, email: 'jan@example.org' };
    expect(await mailer.deliver({ ...request(), recipient })).to.deep.equal(DEFERRED);
    smtp.onRecipient = () => undefined;
    await eventually('it was sent', () => smtp.received.length > 0);
    expect(smtp.received[0]?.to).to.deep.equal(['jan@example.org']);
  });

  it('tells at once of a recipient without an address and of mail that is not set up', async () => {
    const { mailer } = await open();
    const { email: _, ...nameless } = RECIPIENT;
    expect(await mailer.deliver({ ...request(), recipient: nameless })).to.deep.equal({
      outcome: 'refused',
      status: 'recipient-without-email',
    });
    await atWork.stop();
    atWork = await mailingAtWork({ connection: fresh.connection });
    expect(await atWork.mailer.deliver(request())).to.deep.equal({
      outcome: 'refused',
      status: 'mail-not-set-up',
    });
    expect(await waiting()).to.deep.equal([]);
  });

  it('tries again what was deferred, each time after its wait, and reports that it was sent', async () => {
    const tries: number[] = [];
    smtp.onRecipient = () => {
      tries.push(Date.now());
      return tries.length < 4 ? GREYLISTED : undefined;
    };
    const { mailer, outcomes, notices } = await open({
      retries: { waits: [250, 500, 250], giveUpAfter: 60_000 },
    });
    expect(await mailer.deliver(request())).to.deep.equal(DEFERRED);
    await eventually('it was sent', () => outcomes.length > 0);
    expect(outcomes).to.deep.equal([{ ...ABOUT, outcome: 'sent' }]);
    const waits = tries.slice(1).map((at, index) => at - (tries[index] ?? 0));
    for (const [index, least] of [150, 500, 250].entries()) expect(waits[index]).to.be.at.least(least);
    expect(smtp.received).to.have.length(1);
    await untilNothingWaits();
    expect(notices).to.deep.equal([]);
  });

  it('reports a mailbox that turns out not to exist', async () => {
    smtp.onRecipient = () => (smtp.recipients === 1 ? GREYLISTED : { code: 550, text: '5.1.1 User unknown' });
    const { mailer, outcomes } = await open();
    expect(await mailer.deliver(request())).to.deep.equal(DEFERRED);
    await eventually('it was refused', () => outcomes.length > 0);
    expect(outcomes).to.deep.equal([{ ...ABOUT, outcome: 'refused', status: '550 5.1.1' }]);
    await untilNothingWaits();
  });

  it('gives up after its time, and reports that as refused', async () => {
    smtp.onRecipient = () => GREYLISTED;
    const { mailer, outcomes } = await open({ retries: { waits: [300], giveUpAfter: 700 } });
    expect(await mailer.deliver(request())).to.deep.equal(DEFERRED);
    await eventually('it was given up', () => outcomes.length > 0);
    expect(outcomes).to.deep.equal([{ ...ABOUT, outcome: 'refused', status: '450 4.2.0' }]);
    expect(smtp.recipients).to.be.within(2, 3);
    await untilNothingWaits();
  });

  it('keeps what was deferred through a restart, and sends it once', async () => {
    smtp.onRecipient = () => GREYLISTED;
    await open();
    expect(await atWork.mailer.deliver(request())).to.deep.equal(DEFERRED);
    await atWork.stop();
    const tried = smtp.recipients;
    smtp.onRecipient = () => undefined;
    await open();
    expect(await atWork.mailer.waits('deposit-1')).to.equal(true);
    await eventually('it was sent', () => atWork.outcomes.length > 0);
    expect(atWork.outcomes).to.deep.equal([{ ...ABOUT, outcome: 'sent' }]);
    expect(smtp.recipients).to.equal(tried + 1);
    await untilNothingWaits();
    expect(await atWork.mailer.waits('deposit-1')).to.equal(false);
    await atWork.stop();
    await open();
    await sleep(400);
    expect(smtp.received).to.have.length(1);
  });

  it('takes up what a crash left in the middle of a try', async () => {
    smtp.onRecipient = () => GREYLISTED;
    await open({ retries: { waits: [60_000], giveUpAfter: 120_000 } });
    await atWork.mailer.deliver(request());
    await atWork.stop();
    // As agenda leaves a job that was running when the process ended, locked for longer than this test takes.
    const lockedAt = new Date(Date.now() + 3_600_000);
    await fresh.connection
      .collection('jobs')
      .updateMany({ name: /^send-mail/ }, { $set: { lockedAt, nextRunAt: null } });
    smtp.onRecipient = () => undefined;
    await open();
    await eventually('it was sent', () => atWork.outcomes.length > 0);
  });

  it('does not send again what was sent while its outcome could not be told', async () => {
    smtp.onRecipient = () => (smtp.recipients === 1 ? GREYLISTED : undefined);
    let calls = 0;
    await open({
      onOutcome: () => {
        calls += 1;
        return Promise.reject(new Error('nobody listens'));
      },
    });
    await atWork.mailer.deliver(request());
    await eventually('it was sent and could not be told', () => calls === 1);
    const notices = (): string[] => atWork.notices.filter((notice) => notice.includes('nobody listens'));
    await eventually('the operator was told', () => notices().length === 1);
    await atWork.stop();
    const [kept] = await waiting();
    expect(kept?.['data']).to.deep.include({ ...ABOUT, ended: { outcome: 'sent' } });
    expect(kept?.['data']).to.not.have.property('sealed');
    await fresh.connection
      .collection('jobs')
      .updateMany({ name: /^send-mail/ }, { $set: { nextRunAt: new Date() } });
    await open();
    await eventually('it was told', () => atWork.outcomes.length > 0);
    expect(atWork.outcomes).to.deep.equal([{ ...ABOUT, outcome: 'sent' }]);
    expect(smtp.received).to.have.length(1);
  });

  it('forgets what was cancelled', async () => {
    smtp.onRecipient = () => GREYLISTED;
    const { mailer, outcomes } = await open();
    await mailer.deliver(request());
    await mailer.deliver(request('deposit-2'));
    await mailer.cancel('deposit-1');
    expect((await waiting()).map(({ data }) => (data as { deposit: string }).deposit)).to.deep.equal([
      'deposit-2',
    ]);
    smtp.onRecipient = () => undefined;
    await eventually('the other one was sent', () => outcomes.length > 0);
    await sleep(400);
    expect(outcomes).to.deep.equal([{ ...ABOUT, deposit: 'deposit-2', outcome: 'sent' }]);
    expect(smtp.received).to.have.length(1);
  });

  it('reports nothing of what was cancelled while it was tried', async () => {
    let answer: (() => void) | undefined;
    smtp.onRecipient = () => (smtp.recipients === 1 ? GREYLISTED : undefined);
    smtp.onContent = () =>
      new Promise((resolve) => {
        answer = () => resolve(undefined);
      });
    const { mailer, outcomes, notices } = await open();
    await mailer.deliver(request());
    await eventually('it is tried again', () => answer !== undefined);
    await mailer.cancel('deposit-1');
    answer?.();
    await atWork.stop();
    expect([outcomes, notices, await waiting()]).to.deep.equal([[], [], []]);
  });

  it('does not try again for a deposit that does not wait for it any more', async () => {
    smtp.onRecipient = () => GREYLISTED;
    const asked: unknown[] = [];
    const { mailer, outcomes } = await open({
      wanted: (deposit) => {
        asked.push(deposit);
        return false;
      },
    });
    await mailer.deliver(request());
    await untilNothingWaits();
    expect([asked, smtp.recipients, outcomes]).to.deep.equal([[ABOUT], 1, []]);
  });

  it('leaves the mails of other gateways alone', async () => {
    smtp.onRecipient = () => GREYLISTED;
    await open();
    await atWork.mailer.deliver(request());
    await atWork.stop();
    smtp.onRecipient = () => undefined;
    await open({ gateway: 'gateway-2' });
    await sleep(500);
    expect(smtp.received).to.have.length(0);
    expect(await waiting()).to.have.length(1);
  });

  it('gives up what was sealed with another key: it cannot be read', async () => {
    smtp.onRecipient = () => GREYLISTED;
    await open();
    await atWork.mailer.deliver(request());
    await atWork.stop();
    await open({ key: '0e'.repeat(32) });
    await eventually('it was given up', () => atWork.outcomes.length > 0);
    expect(atWork.outcomes).to.deep.equal([{ ...ABOUT, outcome: 'refused', status: 'seal-broken' }]);
  });

  it('waits for the settings of mail where they are gone after a restart', async () => {
    smtp.onRecipient = () => GREYLISTED;
    await open();
    await atWork.mailer.deliver(request());
    await atWork.stop();
    atWork = await mailingAtWork({ connection: fresh.connection });
    await sleep(500);
    expect(await waiting()).to.have.length(1);
    expect(atWork.outcomes).to.deep.equal([]);
  });

  it('refuses what can neither be sent nor kept', async () => {
    smtp.onRecipient = () => GREYLISTED;
    const away = (): Promise<never> => Promise.reject(new Error('the database is away'));
    const { mailer } = await open({ queue: { put: away, has: away, remove: away } });
    expect(await mailer.deliver(request())).to.deep.equal({ outcome: 'refused', status: '450 4.2.0' });
    smtp.onRecipient = () => undefined;
    expect(await mailer.deliver(request())).to.deep.equal({ outcome: 'sent' });
    await mailer.cancel('deposit-1');
  });
});

describe('the database of a mailer', () => {
  it('holds neither PIN nor name nor address, in no document and in no byte of its files', async () => {
    const folder = await temporaryFolder();
    const embedded = await startEmbeddedMongo({ folder, thread: false });
    const connection = await connect(embedded.uri);
    const smtp = await TestSmtpServer.start();
    smtp.onRecipient = (address) => ({ code: 450, text: `4.2.0 <${address}> is busy` });
    const { mailer, stop } = await mailingAtWork({ connection, port: smtp.port });
    try {
      expect(await mailer.deliver(request())).to.deep.equal(DEFERRED);
      await eventually('it was tried again', () => smtp.recipients === 2);
      await stop();
      const stored = JSON.stringify(await connection.collection('jobs').find().toArray());
      const files = await readdir(folder, { recursive: true, withFileTypes: true });
      const bytes = await Promise.all(
        files
          .filter((file) => file.isFile())
          .map((file) => readFile(join(file.parentPath, file.name), 'latin1')),
      );
      expect(bytes.join('')).to.contain('deposit-1');
      for (const secret of [PIN, RECIPIENT.email, 'example.org', 'Nowak']) {
        expect(stored).to.not.contain(secret);
        expect(bytes.join('').includes(secret), secret).to.equal(false);
      }
    } finally {
      await smtp.close();
      await connection.close();
      await embedded.close();
      await rm(folder, { recursive: true });
    }
  });
});
