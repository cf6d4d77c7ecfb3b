import { expect } from 'chai';
import type { PanelAnswer, PanelView, Refused, Requester } from '../../../gateway/api.ts';
import type { CodeMail, CodeMailRequest, MailOutcome } from '../../../gateway/ports.ts';
import { card, GatewayAtWork, type SiteChange, shownCode } from '../support/gateway-at-work.ts';
import { ADMINISTRATOR } from '../support/people.ts';
import { StoredLog } from '../support/stored-log.ts';

const PANELS = [{ id: 'panel', name: 'Panel', cabinet: 'A' }];
const MACHINE: Requester = { kind: 'machine', id: 'command-line' };

/** Mail whose outcomes the test gives, and which remembers what it was asked. */
class TestMail implements CodeMail {
  readonly asked: CodeMailRequest[] = [];
  readonly cancelled: string[] = [];
  outcome: MailOutcome = { outcome: 'sent' };

  deliver(request: CodeMailRequest): Promise<MailOutcome> {
    this.asked.push(request);
    return Promise.resolve(this.outcome);
  }

  waits(): Promise<boolean> {
    return Promise.resolve(this.outcome.outcome === 'deferred');
  }

  cancel(deposit: string): Promise<void> {
    this.cancelled.push(deposit);
    return Promise.resolve();
  }
}

describe('defined users at a panel', () => {
  let stored: StoredLog;
  let work: GatewayAtWork;

  before(async () => {
    stored = await StoredLog.open();
  });

  after(() => stored.remove());

  const start = async (schema: string, change: SiteChange = {}): Promise<void> => {
    work = await GatewayAtWork.start(stored, {
      ...change,
      cabinet: { schema, ...change.cabinet },
      panels: PANELS,
    });
  };

  afterEach(async () => {
    await work.stop();
    await stored.renew();
  });

  const at = (answer: PanelAnswer): Promise<PanelView | Refused> => work.answer('panel', answer);
  const hold = (number: number): Promise<PanelView | Refused> => at({ answer: 'scan', scan: card(number) });
  const type = (value: string): Promise<PanelView | Refused> =>
    at({ answer: 'scan', scan: { kind: 'pin', value } });
  const open = async (compartment: number): Promise<void> => {
    await stored.pass(500);
    expect(work.compartment(compartment).door, `door ${compartment}`).to.equal('open');
  };
  const useDoor = async (compartment: number): Promise<void> => {
    await open(compartment);
    await work.closeDoor(compartment);
  };
  const administer = (request: object): Promise<object> =>
    stored.until(work.gateway.operate({ cabinet: 'A', reason: 'because', ...request } as never, MACHINE));
  const notice = (): string | undefined => work.gateway.panel('panel')?.notice?.code;

  it('open their own compartment with one durable event (1.1)', async () => {
    await start('1.1');
    const anna = await work.person('Anna', card(1));
    await administer({ do: 'assign', compartment: 2, user: anna });
    await hold(1);
    expect(notice()).to.equal('open');
    await useDoor(2);
    expect((await work.types()).slice(1)).to.deep.equal([
      'compartment-granted',
      'door-opened',
      'door-closed',
    ]);
  });

  it('log in with login and password, and are refused with a wrong one', async () => {
    await start('2.2');
    const { administration } = work.people;
    const user = await administration.addUser(
      { name: 'Anna', login: 'anna', roles: ['defined'], groups: [] },
      ADMINISTRATOR,
    );
    const once = await administration.issueOneTimePassword(user, ADMINISTRATOR);
    await administration.changePassword('anna', once, 'correct horse battery');
    const logIn = (password: string): Promise<PanelView | Refused> =>
      at({ answer: 'login', login: 'anna', password });
    expect(shownCode(await logIn('wrong horse battery'))).to.equal('unknown-credential');
    expect(shownCode(await logIn('correct horse battery'))).to.equal('identify');
    await useDoor(1);
    expect(JSON.stringify(await stored.events('cabinet/A'))).to.not.include('horse');
  });

  it('take an item and return it to the first free compartment (3.1)', async () => {
    await start('3.1');
    const anna = await work.person('Anna', card(1));
    await hold(1);
    expect(notice()).to.equal('no-item-here');
    await administer({ do: 'stock', compartment: 2 });
    await administer({ do: 'stock', compartment: 3 });
    await hold(1);
    expect(notice()).to.equal('take-item-and-close');
    await useDoor(2);
    expect(notice()).to.equal('taken');
    expect(work.gateway.queries.whoHasWhat({ user: anna })).to.have.nested.property('possessions.length', 1);
    expect(work.status(2)).to.equal('free');
    await hold(1);
    await useDoor(1);
    expect(notice()).to.equal('returned');
    expect([1, 2, 3].map((number) => work.status(number))).to.deep.equal(['occupied', 'free', 'occupied']);
  });

  it('pick what they take from the groups given to them (3.2)', async () => {
    await start('3.2', {
      cabinet: { groups: [{ id: 'tools', compartments: '2-4', userGroups: ['staff'] }] },
    });
    await work.person('Anna', card(1));
    for (const compartment of [1, 2, 4]) await administer({ do: 'stock', compartment });
    const asked = (await hold(1)) as PanelView;
    expect(asked.prompt).to.deep.include({ code: 'choose-compartment', compartments: [2, 4] });
    expect(shownCode(await at({ answer: 'compartment', compartment: 1 }))).to.equal('compartment-taken');
    await at({ answer: 'compartment', compartment: 4 });
    await useDoor(4);
    await hold(1);
    await useDoor(3);
    expect(notice()).to.equal('returned');
  });

  it('of whom the first opens what was assigned to all, once, by card or a common PIN (5.2)', async () => {
    await start('5.2');
    const anna = await work.person('Anna', card(1));
    const bert = await work.person('Bert', card(2));
    for (const user of [anna, bert]) await administer({ do: 'assign', compartment: 1, user });
    await hold(2);
    await useDoor(1);
    expect(work.status(1)).to.equal('free');
    expect(shownCode(await hold(1))).to.equal('no-compartment-assigned');
    await administer({ do: 'assign', compartment: 3, user: anna });
    await administer({ do: 'assign-code', compartment: 3, pin: '2580' });
    expect(await administer({ do: 'assign-code', compartment: 3, pin: '25' })).to.have.nested.property(
      'refusal.code',
      'pin-length',
    );
    await at({ answer: 'collect', compartment: 3, pin: '2580' });
    await useDoor(3);
    expect(work.compartment(3)).to.deep.include({ holders: [], codes: [] });
    expect(shownCode(await at({ answer: 'collect', compartment: 3, pin: '2580' }))).to.equal('wrong-code');
  });

  describe('who are masters', () => {
    let mail: TestMail;
    let recipient: string;

    const startMailing = async (schema: string): Promise<void> => {
      mail = new TestMail();
      await start(schema, { codeMail: mail });
      const { administration } = work.people;
      await work.person('Anna', card(1));
      const master = await administration.addUser(
        { name: 'Maria', roles: ['master', 'defined'], groups: [] },
        ADMINISTRATOR,
      );
      await administration.addCredential(master, card(7), ADMINISTRATOR);
      recipient = await administration.addUser(
        { name: 'Olga', roles: ['defined'], groups: [], email: 'olga@example.org', language: 'it' },
        ADMINISTRATOR,
      );
    };

    it('leave something for a defined user, who is told the PIN by mail (6.1)', async () => {
      await startMailing('6.1');
      expect(shownCode(await hold(1))).to.equal('collect-with-code');
      await hold(7);
      await useDoor(1);
      const asked = work.gateway.panel('panel');
      expect(asked?.prompt.code).to.equal('choose-recipient');
      expect(asked?.recipients?.map(({ name }) => name)).to.deep.equal(['Anna', 'Maria', 'Olga']);
      const [anna] = work.gateway.recipients('ann');
      expect(shownCode(await at({ answer: 'recipient', user: anna?.user ?? '' }))).to.equal(
        'recipient-without-email',
      );
      expect(shownCode(await at({ answer: 'recipient', user: 'nobody' }))).to.equal('recipient-unknown');
      const gone = await work.people.administration.addUser(
        {
          name: 'Pia',
          roles: ['defined'],
          groups: [],
          email: 'pia@example.org',
          validUntil: stored.clock.now(),
        },
        ADMINISTRATOR,
      );
      expect(shownCode(await at({ answer: 'recipient', user: gone }))).to.equal('recipient-unknown');
      await at({ answer: 'recipient', user: recipient });
      await type('918273');
      await stored.pass(200);
      expect(mail.asked).to.have.length(1);
      expect(mail.asked[0]).to.deep.include({ compartment: 1, pin: '918273' });
      expect(mail.asked[0]?.recipient).to.deep.equal({
        name: 'Olga',
        email: 'olga@example.org',
        language: 'it',
      });
      expect(notice()).to.equal('mail-sent');
      await at({ answer: 'collect', compartment: 1, pin: '918273' });
      await useDoor(1);
      expect(work.status(1)).to.equal('free');
      expect(mail.cancelled).to.deep.equal([mail.asked[0]?.deposit]);
      const granted = (await stored.events('cabinet/A')).filter(
        ({ type: name }) => name === 'compartment-granted',
      );
      expect(granted.at(-1)?.data).to.deep.include({ purpose: 'collect', user: recipient });
    });

    it('are told at once that a mailbox does not exist, and choose again or take it back (6.2)', async () => {
      await startMailing('6.2');
      mail.outcome = { outcome: 'refused', status: '550 5.1.1' };
      expect(shownCode(await hold(7))).to.equal('choose-compartment');
      await at({ answer: 'compartment', compartment: 3 });
      await useDoor(3);
      await at({ answer: 'recipient', user: recipient });
      await type('5511');
      await stored.pass(200);
      expect(notice()).to.equal('mail-refused');
      expect(work.prompt('panel')).to.equal('choose-recipient');
      expect(shownCode(await at({ answer: 'collect', compartment: 3, pin: '5511' }))).to.equal('wrong-code');
      mail.outcome = { outcome: 'deferred', status: '450' };
      await at({ answer: 'recipient', user: recipient });
      await type('5512');
      await stored.pass(200);
      expect(notice()).to.equal('mail-later');
      expect(work.compartment(3).deposit).to.deep.include({ stage: 'stored', mail: 'deferred' });
    });

    it('are asked again where the power failed before anybody knew what became of the mail', async () => {
      await startMailing('6.1');
      mail.deliver = () => new Promise(() => {});
      await hold(7);
      await useDoor(1);
      await at({ answer: 'recipient', user: recipient });
      await type('5511');
      await work.crash();
      await work.report();
      await stored.pass(200);
      expect(work.prompt('panel')).to.equal('choose-recipient');
      expect(work.compartment(1).codes).to.deep.equal([]);
    });

    it('who were asked again and go away leave nothing that anybody can open', async () => {
      await startMailing('6.1');
      mail.outcome = { outcome: 'refused', status: '550' };
      await hold(7);
      await useDoor(1);
      await at({ answer: 'recipient', user: recipient });
      await type('5511');
      await stored.pass(200);
      await work.reaches(() => work.status(1) === 'blocked', 65_000);
      expect(await work.last()).to.deep.include({ cause: 'no-recipient' });
    });

    it('and a recipient who was blocked since does not collect, until they are not any more', async () => {
      await startMailing('6.1');
      await hold(7);
      await useDoor(1);
      await at({ answer: 'recipient', user: recipient });
      await type('918273');
      await stored.pass(200);
      await work.people.administration.setUserBlocked(recipient, true, ADMINISTRATOR);
      const collect = { answer: 'collect', compartment: 1, pin: '918273' } as const;
      expect(shownCode(await at(collect))).to.equal('user-blocked');
      expect(work.status(1)).to.equal('occupied');
      await work.people.administration.setUserBlocked(recipient, false, ADMINISTRATOR);
      await at(collect);
      await useDoor(1);
      expect(work.status(1)).to.equal('free');
    });

    it('scan a code that reaches an undefined user outside of the system (6.3)', async () => {
      await startMailing('6.3');
      expect(shownCode(await hold(7))).to.equal('set-code');
      await at({ answer: 'scan', scan: { kind: 'qr', value: 'PARCEL-0042' } });
      expect(work.prompt('panel')).to.equal('choose-compartment');
      await at({ answer: 'compartment', compartment: 2 });
      await useDoor(2);
      expect(notice()).to.equal('stored');
      expect(shownCode(await at({ answer: 'scan', scan: { kind: 'qr', value: 'PARCEL-0043' } }))).to.equal(
        'unknown-credential',
      );
      await at({ answer: 'scan', scan: { kind: 'qr', value: 'PARCEL-0042' } });
      await useDoor(2);
      expect(work.status(2)).to.equal('free');
      expect(JSON.stringify(await stored.events('cabinet/A'))).to.not.include('PARCEL');
    });

    it('cannot begin where no mail is set up', async () => {
      await startMailing('6.1');
      await work.stop();
      await stored.renew();
      await start('6.1');
      await work.people.administration.addUser({ name: 'M', roles: ['master'], groups: [] }, ADMINISTRATOR);
      await work.person('Maria', card(7));
      expect(shownCode(await hold(7))).to.equal('mail-not-set-up');
    });
  });

  it('need a second person where the cabinet asks for one', async () => {
    await start('2.2', { cabinet: { twoPersons: {} } });
    await work.person('Anna', card(1));
    await work.person('Bert', card(2));
    expect(shownCode(await hold(1))).to.equal('second-person');
    expect(shownCode(await hold(1))).to.equal('second-person-same');
    expect(work.board.pulses).to.deep.equal([]);
    await hold(2);
    await useDoor(1);
    const granted = (await stored.events('cabinet/A')).find(
      ({ type: name }) => name === 'compartment-granted',
    );
    expect(granted?.data).to.have.nested.property('second.user');
  });

  it('raise a silent alarm with a duress PIN, and see nothing of it', async () => {
    await start('2.2');
    const anna = await work.person('Anna', card(1));
    await work.people.administration.addCredential(
      anna,
      { kind: 'pin', value: '99110', duress: true } as never,
      ADMINISTRATOR,
    );
    const shown = JSON.stringify(await type('99110'));
    await useDoor(1);
    expect(shown).to.not.include('duress');
    expect(JSON.stringify(work.gateway.panel('panel'))).to.not.include('duress');
    const granted = (await stored.events('cabinet/A')).find(
      ({ type: name }) => name === 'compartment-granted',
    );
    expect(granted?.data).to.include({ duress: true });
  });

  it('who are blocked in the middle go no further', async () => {
    await start('3.2', {
      cabinet: { groups: [{ id: 'tools', compartments: '1-4', userGroups: ['staff'] }] },
    });
    const anna = await work.person('Anna', card(1));
    await administer({ do: 'stock', compartment: 2 });
    await hold(1);
    await work.people.administration.setUserBlocked(anna, true, ADMINISTRATOR);
    expect(shownCode(await at({ answer: 'compartment', compartment: 2 }))).to.equal('user-blocked');
    expect(work.board.pulses).to.deep.equal([]);
  });
});
