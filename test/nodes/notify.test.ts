/** `sezam-notify`: which events people are told of, in which words, and what becomes of the mail. */
import { expect } from 'chai';
import type { CabinetEvent } from '../../domain/cabinet/events.ts';
import { FAULT_REASONS } from '../../domain/cabinet/events.ts';
import { GATEWAY } from '../../domain/event.ts';
import { LANGUAGES } from '../../domain/texts/texts.ts';
import type { MailOutcome } from '../../gateway/ports.ts';
import {
  NOTICE_CODES,
  NOTICE_TEXTS,
  NOTICES,
  type NoticeCode,
  type NoticePayload,
} from '../../nodes/notify/notice.ts';
import { MOST_WAITING, NoticePost, type PostedNotice } from '../../nodes/notify/notice-post.ts';
import { around, FlowBench } from './flow-bench.ts';

const bench = new FlowBench();

function notify(settings: object = {}): object[] {
  return around('sezam-notify', settings, ['notice', 'mail']);
}

const actor = GATEWAY;
const user = 'user-1';
const unlock = { compartment: 7, grant: 'g1', cause: 'door-did-not-open', attempts: 3, freed: true } as const;

/** Each notice, and an event that leads to it. Whoever it was about must not be told. */
const TOLD: Readonly<Record<NoticeCode, CabinetEvent>> = {
  duress: {
    type: 'compartment-granted',
    actor: { kind: 'user', id: user },
    data: { compartment: 7, grant: 'g1', allocation: 'existing', user, duress: true },
  },
  'door-forced': { type: 'door-forced', actor, data: { compartment: 7, whileAway: false } },
  'door-found-open': { type: 'door-forced', actor, data: { compartment: 7, whileAway: true } },
  'door-left-open': { type: 'door-left-open', actor, data: { compartment: 7 } },
  'out-of-order': { type: 'unlock-failed', actor, data: { ...unlock, outOfOrder: true } },
  'unlock-failed': { type: 'unlock-failed', actor, data: { ...unlock, outOfOrder: false } },
  'board-lost': { type: 'board-lost', actor, data: { board: 'board-1' } },
  'board-found': { type: 'board-found', actor, data: { board: 'board-1' } },
  'too-many-attempts': {
    type: 'access-refused',
    actor: { kind: 'reader', id: 'keypad-1' },
    data: { reason: 'too-many-attempts', reader: 'keypad-1' },
  },
  'deposit-abandoned': {
    type: 'deposit-abandoned',
    actor,
    data: { compartment: 7, deposit: 'd1', session: 's1', panel: 'panel-1', cause: 'no-code', user },
  },
  'deposit-overdue': { type: 'overdue', actor, data: { compartment: 7, deposit: 'd1', user } },
  'mail-refused': {
    type: 'deposit-mail',
    actor,
    data: { compartment: 7, deposit: 'd1', outcome: 'refused', user, status: '550 5.1.1' },
  },
  'item-overdue': { type: 'overdue', actor, data: { compartment: 7, user, item: 'wrench' } },
  'item-missing': {
    type: 'use-settled',
    actor,
    data: { compartment: 7, grant: 'g1', outcome: 'item-missing', user, item: 'wrench' },
  },
  'wrong-item': {
    type: 'use-settled',
    actor,
    data: { compartment: 7, grant: 'g1', outcome: 'wrong-item', user, item: 'drill' },
  },
  'fault-reported': {
    type: 'fault-reported',
    actor,
    data: { compartment: 7, fault: 'dirty', panel: 'panel-1', user },
  },
  'mode-changed': {
    type: 'mode-changed',
    actor,
    data: { from: '2.2', to: '4.2', reason: 'Season', lost: [], inspect: [] },
  },
};

/** Events of the same types that nobody has to be told of. */
const SILENT: readonly CabinetEvent[] = [
  { type: 'access-refused', actor, data: { reason: 'unknown-credential' } },
  { type: 'deposit-mail', actor, data: { compartment: 7, deposit: 'd1', outcome: 'sent', user } },
  { type: 'use-settled', actor, data: { compartment: 7, grant: 'g1', outcome: 'taken', user } },
  { type: 'compartment-granted', actor, data: { compartment: 7, grant: 'g1', allocation: 'new', user } },
  { type: 'door-closed', actor, data: { compartment: 7 } },
];

describe('sezam-notify', () => {
  before(() => bench.start());
  after(() => bench.stop());
  afterEach(() => bench.unload());

  for (const code of NOTICE_CODES) {
    it(`tells of ${code} in every language, without saying who it was`, async () => {
      bench.runGateway();
      await bench.load(notify());
      for (const event of SILENT) bench.gateway.store(event);
      bench.gateway.store(TOLD[code]);
      const { at, message } = await bench.arrival();
      await bench.turn();
      expect(bench.arrivals).to.have.length(1);
      expect(at).to.equal('notice');
      expect(message.topic).to.equal(code);
      const payload = message.payload as NoticePayload;
      expect(payload).to.include({ code, severity: NOTICES[code], cabinet: 'A', seq: SILENT.length + 1 });
      expect(payload.at).to.be.a('number');
      expect(payload.compartment).to.equal('compartment' in TOLD[code].data ? 7 : undefined);
      for (const language of LANGUAGES) {
        expect(payload.text[language], 'every placeholder has its value').not.to.match(/[{}]/);
        expect(payload.text[language]).to.contain('Cabinet A');
      }
      expect(JSON.stringify(payload)).not.to.contain(user);
    });
  }

  it('keeps a duress alarm silent: neither status nor panel shows it', async () => {
    bench.runGateway();
    await bench.load([
      ...notify(),
      {
        id: 'panel',
        type: 'sezam-session',
        z: 'tab',
        gateway: 'gateway',
        panel: 'panel-1',
        wires: [['notice'], []],
      },
    ]);
    const before = bench.statuses.length;
    bench.gateway.store(TOLD.duress);
    await bench.arrival();
    await bench.turn();
    expect(bench.arrivals).to.have.length(1);
    expect(bench.statuses).to.have.length(before);
  });

  it('keeps to the chosen cabinet and notices', async () => {
    bench.runGateway();
    await bench.load(notify({ cabinet: 'B', codes: 'door-forced, board-lost' }));
    bench.gateway.store(TOLD['door-forced'], 'A');
    bench.gateway.store(TOLD['door-left-open'], 'B');
    bench.gateway.store(TOLD['board-lost'], 'B');
    expect((await bench.arrival()).message.topic).to.equal('board-lost');
    await bench.turn();
    expect(bench.arrivals).to.have.length(1);
    expect(bench.status('node')).to.equal('red dot notice-alarm');
  });

  it('names a cabinet by its id where the site does not name it', async () => {
    bench.runGateway();
    await bench.load(notify());
    bench.gateway.store(TOLD['door-forced'], 'Z');
    expect(((await bench.arrival()).message.payload as NoticePayload).text.en).to.match(/^Z: /);
  });

  it('says in words what is wrong with a compartment', async () => {
    bench.runGateway();
    await bench.load(notify());
    bench.gateway.store(TOLD['fault-reported']);
    const { text } = (await bench.arrival()).message.payload as NoticePayload;
    expect([text.en, text.pl, text.it].map((each) => each.split(': ').pop())).to.deep.equal([
      'it is dirty.',
      'jest brudna.',
      'è sporco.',
    ]);
    expect(bench.status('node')).to.equal('yellow dot notice-warning-at');
  });

  it('mails the sentence in the chosen language, and tells what became of it', async () => {
    bench.runGateway();
    await bench.load(notify({ mailTo: ' guard@example.com ', language: 'pl' }));
    bench.gateway.store(TOLD['door-forced']);
    await bench.arrival(2);
    expect(bench.arrivals.map(({ at }) => at)).to.deep.equal(['notice', 'mail']);
    const [mail] = bench.gateway.mailed;
    expect(mail).to.include({ to: 'guard@example.com', subject: 'Alarm – Test site' });
    expect(mail?.text).to.match(
      /^Cabinet A: drzwi 7 otwarto bez uprawnienia\.\n\n\d{4}-\d\d-\d\d [\d:]{8} UTC\n$/,
    );
    expect(bench.arrivals[1]?.message.payload).to.include({ code: 'door-forced', mail: 'sent' });
  });

  it('tells that a mail was refused, and why', async () => {
    bench.runGateway();
    bench.gateway.mailOutcome = { outcome: 'refused', status: 'mail-not-set-up' };
    await bench.load(notify({ mailTo: 'guard@example.com' }));
    bench.gateway.store(TOLD['board-lost']);
    const { message } = await bench.arrival(2);
    expect(message.payload).to.include({ mail: 'refused', status: 'mail-not-set-up' });
  });

  it('mails nothing without an address', async () => {
    bench.runGateway();
    await bench.load(notify());
    bench.gateway.store(TOLD['board-lost']);
    await bench.arrival();
    await bench.turn();
    expect(bench.gateway.mailed).to.deep.equal([]);
  });

  it('shows that there is no gateway, and listens once after a deploy', async () => {
    const flow = notify();
    await bench.load(flow);
    expect(bench.status('node')).to.equal('red ring no-gateway');
    bench.runGateway();
    await bench.deploy(flow.map((node) => ({ ...node })));
    bench.gateway.store(TOLD['board-lost']);
    await bench.arrival();
    await bench.turn();
    expect(bench.arrivals).to.have.length(1);
  });
});

describe('the words of notices', () => {
  const placeholders = (text: string): string[] => [...text.matchAll(/\{(\w+)\}/g)].map(String).sort();

  for (const language of LANGUAGES) {
    it(`are there for every notice and fault in ${language}, with the same placeholders`, () => {
      const { notices, faults, severities } = NOTICE_TEXTS[language];
      expect(Object.keys(notices)).to.deep.equal(NOTICE_CODES);
      expect(Object.keys(faults)).to.deep.equal([...FAULT_REASONS]);
      expect(Object.keys(severities)).to.have.members([...new Set(Object.values(NOTICES))]);
      for (const code of NOTICE_CODES) {
        expect(placeholders(notices[code]), code).to.deep.equal(placeholders(NOTICE_TEXTS.en.notices[code]));
      }
    });
  }
});

describe('the post of notices', () => {
  const notice = { code: 'board-lost', at: 0, seq: 1 } as NoticePayload;
  const deferred: MailOutcome = { outcome: 'deferred', status: '451 4.7.1' };

  /** A post whose mails end one after the other as told, and what it tells. */
  function postWith(outcomes: MailOutcome[], waits: readonly number[] = [1, 1]) {
    const told: PostedNotice[] = [];
    let tries = 0;
    const post = new NoticePost({
      send: () => {
        tries += 1;
        return Promise.resolve(outcomes.shift() ?? { outcome: 'sent' });
      },
      told: (posted) => told.push(posted),
      waits,
    });
    return { post, told, tries: () => tries };
  }

  it('tries again what was deferred, and tells the first and the last outcome', async () => {
    const { post, told, tries } = postWith([deferred, deferred, { outcome: 'sent' }]);
    post.post(notice);
    await bench.until(() => post.waiting === 0);
    expect(tries()).to.equal(3);
    expect(told.map(({ outcome }) => outcome.outcome)).to.deep.equal(['deferred', 'sent']);
  });

  it('gives up after the last wait', async () => {
    const { post, told, tries } = postWith([deferred, deferred, deferred]);
    post.post(notice);
    await bench.until(() => post.waiting === 0);
    expect(tries()).to.equal(3);
    expect(told.at(-1)?.outcome).to.deep.equal({ outcome: 'refused', status: '451 4.7.1' });
  });

  it('lets a bounded number wait', async () => {
    const { post, told } = postWith([]);
    for (let count = 0; count <= MOST_WAITING; count += 1) post.post(notice);
    expect(told.map(({ outcome }) => outcome)).to.deep.equal([
      { outcome: 'refused', status: 'too-many-waiting' },
    ]);
    await bench.until(() => post.waiting === 0);
    expect(told).to.have.length(MOST_WAITING + 1);
  });

  it('sends and tells nothing after it was closed', async () => {
    const { post, told, tries } = postWith([deferred], [100]);
    const longerThanTheWait = 150;
    post.post(notice);
    await bench.until(() => told.length === 1);
    post.close();
    post.post(notice);
    await new Promise((resolve) => setTimeout(resolve, longerThanTheWait));
    expect(tries()).to.equal(1);
    expect(told).to.have.length(1);
  });
});
