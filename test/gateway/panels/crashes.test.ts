import { expect } from 'chai';
import type { PanelAnswer } from '../../../gateway/api.ts';
import type { CodeMail, MailOutcome } from '../../../gateway/ports.ts';
import { ManualClock } from '../../support/manual-clock.ts';
import { card, GatewayAtWork } from '../support/gateway-at-work.ts';
import { ADMINISTRATOR } from '../support/people.ts';
import { StoredLog } from '../support/stored-log.ts';

const PIN = '918273';
const DAY = 86_400_000;
/** More events than one use leads to: the last ones are never reached, and nothing is cut off then. */
const MOST_EVENTS = 11;

const MAIL: CodeMail = {
  deliver: () => Promise.resolve<MailOutcome>({ outcome: 'sent' }),
  waits: () => Promise.resolve(false),
  cancel: () => Promise.resolve(),
};

describe('a loss of power in the middle of a deposit', () => {
  let stored: StoredLog;
  let work: GatewayAtWork;
  /** Events of the cabinet in this life of the gateway. */
  let seen: number;
  let recipient: string;

  before(async () => {
    stored = await StoredLog.open();
  });

  after(() => stored.remove());

  afterEach(async () => {
    await work.stop();
    await stored.renew();
  });

  const start = async (schema: string): Promise<void> => {
    work = await GatewayAtWork.start(stored, {
      cabinet: { schema },
      panels: [{ id: 'panel', name: 'Panel', cabinet: 'A' }],
      codeMail: MAIL,
    });
    const { administration } = work.people;
    const master = await administration.addUser({ name: 'M', roles: ['master'], groups: [] }, ADMINISTRATOR);
    await administration.addCredential(master, card(7), ADMINISTRATOR);
    recipient = await administration.addUser(
      { name: 'Olga', roles: ['defined'], groups: [], email: 'olga@example.org' },
      ADMINISTRATOR,
    );
    seen = 0;
    work.gateway.onChange(() => {
      seen += 1;
    });
  };

  /** What the people do next, as the panel asks them; undefined where they have nothing more to do. */
  const nextAnswer = (): PanelAnswer | undefined => {
    const { deposit } = work.compartment(1);
    switch (work.prompt('panel')) {
      case 'choose-recipient':
        return { answer: 'recipient', user: recipient };
      case 'set-pin':
        return { answer: 'scan', scan: { kind: 'pin', value: PIN } };
      case 'deposit-or-collect':
      case 'identify-or-collect':
        return deposit?.stage === 'stored' ? { answer: 'collect', compartment: 1, pin: PIN } : undefined;
      default:
        return undefined;
    }
  };

  /** Lets the people go on until everything is collected, or so many events have happened. */
  const goOn = async (mostEvents: number): Promise<void> => {
    for (let turn = 0; turn < 60 && seen < mostEvents; turn += 1) {
      const answer = nextAnswer();
      if (answer) void work.gateway.answer('panel', answer);
      for (let step = 0; step < 8 && seen < mostEvents; step += 1) await stored.pass(50);
      if (work.compartment(1).door === 'open' && seen < mostEvents) work.board.move(4, 'closed');
      if (!answer && work.status(1) === 'free') return;
    }
  };

  /** Every grant of the log, in order, and the doors that opened under one. */
  const grants = async (): Promise<{ readonly granted: string[]; readonly opened: string[] }> => {
    const events = await stored.events('cabinet/A');
    const of = (type: string): string[] =>
      events.filter((event) => event.type === type).map(({ data }) => (data as { grant: string }).grant);
    return { granted: of('compartment-granted'), opened: of('door-opened') };
  };

  for (const [schema, first] of [
    ['4.3', { answer: 'deposit' }],
    ['6.1', { answer: 'scan', scan: card(7) }],
  ] as const) {
    for (let event = 1; event <= MOST_EVENTS; event += 1) {
      it(`opens nothing twice and leaves nothing behind (${schema}, after event ${event})`, async () => {
        await start(schema);
        void work.gateway.answer('panel', first);
        await goOn(event);
        const pulsed = work.board.pulses.length;
        await work.crash();
        expect(pulsed, 'each pulse has its grant').to.be.at.most((await grants()).granted.length);
        await work.report();
        await stored.pass(1_000);
        expect(work.board.pulses, 'nothing opens by itself').to.deep.equal([]);
        seen = 0;
        await goOn(Number.POSITIVE_INFINITY);
        await work.reaches(() => work.status(1) !== 'occupied', 700_000);
        const { granted, opened } = await grants();
        expect(new Set(granted).size).to.equal(granted.length);
        expect(new Set(opened).size, 'a grant opens once').to.equal(opened.length);
        expect(granted).to.include.members(opened);
        expect(work.cabinet.sessions.size).to.equal(0);
        expect(work.compartment(1)).to.deep.include({ codes: [], deposit: undefined, opening: undefined });
      });
    }
  }

  it('of a day ends what nobody can go on with, and blocks what somebody may have left', async () => {
    await start('4.3');
    await stored.until(work.gateway.answer('panel', { answer: 'deposit' }));
    await stored.pass(500);
    await work.closeDoor(1);
    expect(work.prompt('panel')).to.equal('set-pin');
    stored.clock = new ManualClock(stored.clock.now() + DAY);
    await work.crash();
    await work.report();
    await stored.pass(200);
    expect(work.prompt('panel')).to.equal('deposit-or-collect');
    expect(work.status(1)).to.equal('blocked');
    expect(await work.last()).to.include({ cause: 'no-code' });
  });
});
