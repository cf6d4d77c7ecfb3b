import { expect } from 'chai';
import type { PanelAnswer, PanelView, Refused } from '../../../gateway/api.ts';
import type { Cabinet } from '../../../gateway/cabinet.ts';
import type { CodeMail, CodeMailRequest, MailOutcome } from '../../../gateway/ports.ts';
import { card, GatewayAtWork, type SiteChange, shownCode } from '../support/gateway-at-work.ts';
import { ADMINISTRATOR } from '../support/people.ts';
import { StoredLog } from '../support/stored-log.ts';

/** Bytes of a journal that takes not even one event. */
const NO_JOURNAL = 100;
const HOUR = 3_600_000;

/** Mail that is under way until the test says what became of it. */
class SlowMail implements CodeMail {
  readonly cancelled: string[] = [];
  end: (outcome: MailOutcome) => void = () => {};

  deliver(_request: CodeMailRequest): Promise<MailOutcome> {
    return new Promise((resolve) => {
      this.end = resolve;
    });
  }

  waits(): Promise<boolean> {
    return Promise.resolve(false);
  }

  cancel(deposit: string): Promise<void> {
    this.cancelled.push(deposit);
    return Promise.resolve();
  }
}

describe('a cabinet with panels, while neither store nor journal takes anything', () => {
  let stored: StoredLog;
  let work: GatewayAtWork;
  let mail: SlowMail;

  beforeEach(async () => {
    stored = await StoredLog.open(NO_JOURNAL);
    mail = new SlowMail();
  });

  afterEach(async () => {
    await work.stop();
    expect(stored.clock.pending, 'timers left behind').to.equal(0);
    await stored.remove();
  });

  const start = async (schema: string, cabinet: SiteChange['cabinet'] = {}): Promise<void> => {
    work = await GatewayAtWork.start(stored, {
      cabinet: { schema, ...cabinet },
      panels: [{ id: 'panel', name: 'Panel', cabinet: 'A' }],
      codeMail: mail,
    });
  };
  const at = (answer: PanelAnswer): Promise<PanelView | Refused> => work.answer('panel', answer);
  const hold = (number: number): Promise<PanelView | Refused> => at({ answer: 'scan', scan: card(number) });
  const type = (value: string): Promise<PanelView | Refused> =>
    at({ answer: 'scan', scan: { kind: 'pin', value } });
  const useDoor = async (compartment: number): Promise<void> => {
    await stored.pass(500);
    await work.closeDoor(compartment);
  };
  const back = async (): Promise<void> => {
    await stored.recover();
    await stored.pass(6_000);
  };
  const notice = (): string | undefined => work.gateway.panel('panel')?.notice?.code;

  /** A deposit whose mail is under way. */
  const mailed = async (): Promise<void> => {
    await start('6.1');
    const { administration } = work.people;
    const master = await administration.addUser(
      { name: 'Maria', roles: ['master', 'defined'], groups: [] },
      ADMINISTRATOR,
    );
    await administration.addCredential(master, card(7), ADMINISTRATOR);
    const recipient = await administration.addUser(
      { name: 'Olga', roles: ['defined'], groups: [], email: 'olga@example.org' },
      ADMINISTRATOR,
    );
    await hold(7);
    await useDoor(1);
    await at({ answer: 'recipient', user: recipient });
    await type('918273');
    await stored.pass(100);
  };

  it('asks for another recipient as soon as it is on record that the mail was refused', async () => {
    await mailed();
    stored.fault = 'refused';
    mail.end({ outcome: 'refused', status: '550 5.1.1' });
    await stored.pass(3_000);
    expect(notice(), 'nothing is said that is not on record').to.not.equal('mail-refused');
    await back();
    expect(work.prompt('panel')).to.equal('choose-recipient');
    expect(notice()).to.equal('mail-refused');
  });

  it('tells nobody of a mail whose deposit was collected in the meantime', async () => {
    await mailed();
    const deposit = work.compartment(1).deposit?.id ?? '';
    await at({ answer: 'collect', compartment: 1, pin: '918273' });
    await useDoor(1);
    mail.end({ outcome: 'refused', status: '550 5.1.1' });
    await stored.pass(200);
    expect(notice()).to.equal('collected');
    expect(work.prompt('panel')).to.equal('identify-or-collect');
    expect(mail.cancelled).to.deep.equal([deposit]);
  });

  it('takes mails back that a change of mode gave up', async () => {
    await mailed();
    const deposit = work.compartment(1).deposit?.id ?? '';
    const change = { cabinet: 'A', schema: '2.2', dryRun: false, force: true, reason: 'new tenant' };
    await stored.until(work.gateway.changeMode(change, { kind: 'machine', id: 'test' }));
    expect(mail.cancelled).to.deep.equal([deposit]);
  });

  it('tells of an overdue deposit once it can, and does not try without pause until then', async () => {
    await start('4.3', { overdueAfterHours: 1 });
    await at({ answer: 'deposit' });
    await useDoor(1);
    await type('1234');
    stored.fault = 'refused';
    await stored.clock.advance(HOUR + 60_000);
    expect(work.troubles.length).to.be.within(1, 20);
    await back();
    expect((await work.types()).at(-1)).to.equal('overdue');
  });

  it('ends a session whose time is over once it can', async () => {
    await start('4.2');
    await at({ answer: 'deposit' });
    stored.fault = 'refused';
    await stored.pass(62_000);
    expect(work.prompt('panel')).to.equal('choose-compartment');
    await back();
    expect((await work.types()).at(-1)).to.equal('session-ended');
  });

  it('keeps the last word of an item reader, once, however often it is told', async () => {
    await start('3.1');
    const cabinet = work.cabinets.get('A') as Cabinet;
    stored.fault = 'refused';
    const tell = (present: boolean): void => void cabinet.itemSeen(2, 'item-drill', present);
    tell(true);
    await stored.pass(1_000);
    tell(false);
    await stored.pass(1_000);
    tell(true);
    await stored.pass(1_000);
    await back();
    expect(work.compartment(2).contents).to.deep.equal([{ item: 'item-drill' }]);
    expect((await work.types()).filter((name) => name.startsWith('item-'))).to.deep.equal(['item-placed']);
  });

  it('answers a right PIN as a wrong one, since neither counts', async () => {
    await start('2.2');
    await work.person('Anna', { kind: 'pin', value: '4711' });
    stored.fault = 'refused';
    expect(shownCode(await type('4711'))).to.equal('store-unavailable');
    expect(shownCode(await type('4712'))).to.equal('store-unavailable');
    expect(work.board.pulses).to.deep.equal([]);
    await back();
  });
});
