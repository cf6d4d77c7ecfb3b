import { expect } from 'chai';
import type { PanelAnswer, PanelView, Refused, Requester } from '../../../gateway/api.ts';
import { card, codeOf, GatewayAtWork, type SiteChange, shownCode } from '../support/gateway-at-work.ts';
import { ADMINISTRATOR } from '../support/people.ts';
import { StoredLog } from '../support/stored-log.ts';

const MACHINE: Requester = { kind: 'machine', id: 'command-line' };
const TOOLS = { groups: [{ id: 'tools', compartments: '1-4', userGroups: ['staff'] }] };

describe('what changes between two answers', () => {
  let stored: StoredLog;
  let work: GatewayAtWork;

  before(async () => {
    stored = await StoredLog.open();
  });

  after(() => stored.remove());

  afterEach(async () => {
    stored.fault = 'none';
    await work.stop();
    await stored.renew();
  });

  const start = async (schema: string, cabinet: SiteChange['cabinet'] = {}): Promise<void> => {
    work = await GatewayAtWork.start(stored, {
      cabinet: { schema, ...cabinet },
      panels: [{ id: 'panel', name: 'Panel', cabinet: 'A' }],
    });
  };
  const at = (answer: PanelAnswer): Promise<PanelView | Refused> => work.answer('panel', answer);
  const hold = (number: number): Promise<PanelView | Refused> => at({ answer: 'scan', scan: card(number) });
  const pick = (compartment: number): Promise<PanelView | Refused> =>
    at({ answer: 'compartment', compartment });
  const administer = (request: object): Promise<object> =>
    stored.until(work.gateway.operate({ cabinet: 'A', reason: 'because', ...request } as never, MACHINE));

  /** Anna, who was asked which compartment she takes an item from, and the id of her card. */
  const asked = async (): Promise<{ readonly anna: string; readonly card: string }> => {
    await start('3.2', TOOLS);
    const anna = await work.person('Anna', card(1));
    await administer({ do: 'stock', compartment: 2 });
    expect(shownCode(await hold(1))).to.equal('choose-compartment');
    const [held] = await work.people.administration.credentialsOf(anna);
    return { anna, card: held?.id ?? '' };
  };

  it('a card that was blocked or taken away opens nothing any more, and that is on record', async () => {
    const { anna, card: id } = await asked();
    const { administration } = work.people;
    await administration.setCredentialBlocked(id, true, ADMINISTRATOR);
    expect(shownCode(await pick(2))).to.equal('credential-blocked');
    expect(await work.last()).to.deep.equal({
      reason: 'credential-blocked',
      reader: 'panel',
      user: anna,
      credential: id,
    });
    await administration.removeCredential(id, ADMINISTRATOR);
    expect(shownCode(await pick(2))).to.equal('unknown-credential');
    expect(work.board.pulses).to.deep.equal([]);
    expect(work.cabinet.wrongTries.size, 'nothing was guessed').to.equal(0);
  });

  it('a card whose time is over goes no further', async () => {
    await start('3.2', TOOLS);
    const anna = await work.person('Anna');
    const validUntil = stored.clock.now() + 30_000;
    await work.people.administration.addCredential(anna, { ...card(1), validUntil }, ADMINISTRATOR);
    await administer({ do: 'stock', compartment: 2 });
    await hold(1);
    await stored.clock.advance(30_000);
    expect(shownCode(await pick(2))).to.equal('no-longer-valid');
  });

  it('somebody who was erased goes no further', async () => {
    const { anna } = await asked();
    await work.people.administration.eraseUser(anna, ADMINISTRATOR);
    expect(shownCode(await pick(2))).to.equal('unknown-credential');
    expect(work.board.pulses).to.deep.equal([]);
  });

  it('somebody who left the group to which compartments are given picks none of them', async () => {
    const { anna } = await asked();
    await work.people.administration.changeUser(anna, { groups: [] }, ADMINISTRATOR);
    expect(shownCode(await pick(2))).to.equal('no-group-given');
    expect(work.prompt('panel')).to.equal('identify');
    expect(work.board.pulses).to.deep.equal([]);
  });

  it('a first person who was blocked is not let in by a second one', async () => {
    await start('2.2', { twoPersons: {} });
    const anna = await work.person('Anna', card(1));
    await work.person('Bert', card(2));
    await hold(1);
    await work.people.administration.setUserBlocked(anna, true, ADMINISTRATOR);
    expect(shownCode(await hold(2))).to.equal('user-blocked');
    expect(work.board.pulses).to.deep.equal([]);
  });

  it('a person in a flow who was blocked after they identified is allocated nothing', async () => {
    await start('2.2');
    const anna = await work.person('Anna', card(1));
    const identified = await work.identify(card(1));
    if (!identified.ok) throw new Error('not identified');
    await work.people.administration.setUserBlocked(anna, true, ADMINISTRATOR);
    expect(codeOf(await stored.until(work.gateway.allocate(identified.identity)))).to.equal('user-blocked');
    expect(await work.last()).to.include({ reason: 'user-blocked', user: anna });
  });

  it('a login, and an access by phone that is used up by now, go on', async () => {
    await start('3.2', TOOLS);
    const { administration } = work.people;
    const anna = await administration.addUser(
      { name: 'Anna', login: 'anna', roles: ['defined'], groups: ['staff'] },
      ADMINISTRATOR,
    );
    const once = await administration.issueOneTimePassword(anna, ADMINISTRATOR);
    await administration.changePassword('anna', once, 'correct horse battery');
    for (const compartment of [2, 3]) await administer({ do: 'stock', compartment });
    await at({ answer: 'login', login: 'anna', password: 'correct horse battery' });
    await pick(2);
    await stored.pass(500);
    await work.closeDoor(2);
    expect(work.cabinet.loans).to.have.length(1);
    const bert = await work.person('Bert');
    const { code } = await administration.issuePhoneAccess(
      bert,
      { cabinet: 'A', validFor: 60_000 },
      ADMINISTRATOR,
    );
    await at({ answer: 'scan', scan: { kind: 'phone', value: code } });
    await pick(3);
    await stored.pass(500);
    expect(work.compartment(3).door).to.equal('open');
  });

  it('nobody is the second person from afar, and their link stays good', async () => {
    await start('2.2', { twoPersons: {} });
    await work.person('Anna', card(1));
    const bert = await work.person('Bert', card(2));
    const { token } = await work.people.administration.issuePhoneAccess(
      bert,
      { cabinet: 'A', validFor: 60_000 },
      ADMINISTRATOR,
    );
    const byLink = { answer: 'scan', scan: { kind: 'phone', value: token } } as const;
    await hold(1);
    expect(shownCode(await at(byLink))).to.equal('panel-busy');
    await at({ answer: 'cancel' });
    expect(shownCode(await at(byLink)), 'as the first one').to.equal('second-person');
    await hold(1);
    await stored.pass(500);
    expect(work.compartment(1).door).to.equal('open');
  });

  it('a fault is not laid at the door of somebody who has gone to theirs', async () => {
    await start('6.3');
    const { administration } = work.people;
    const master = await administration.addUser({ name: 'M', roles: ['master'], groups: [] }, ADMINISTRATOR);
    await administration.addCredential(master, card(7), ADMINISTRATOR);
    await hold(7);
    await at({ answer: 'fault', compartment: 4, fault: 'dirty' });
    expect(await work.last()).to.include({ compartment: 4, user: master });
    await at({ answer: 'scan', scan: { kind: 'qr', value: 'PARCEL-1' } });
    await pick(1);
    await at({ answer: 'fault', compartment: 4, fault: 'damaged' });
    expect(await work.last())
      .to.include({ compartment: 4 })
      .and.not.have.property('user');
  });

  describe('under threat', () => {
    const DURESS = { kind: 'pin', value: '99110', duress: true } as const;
    const underThreat = (): Promise<PanelView | Refused> =>
      at({ answer: 'scan', scan: { kind: 'pin', value: '99110' } });

    it('the alarm goes with every step', async () => {
      await start('3.2', TOOLS);
      const anna = await work.person('Anna');
      await work.people.administration.addCredential(anna, DURESS, ADMINISTRATOR);
      await administer({ do: 'stock', compartment: 2 });
      await underThreat();
      expect(await work.last()).to.include({ duress: true });
      await pick(2);
      expect(await work.last()).to.include({ compartment: 2, duress: true });
    });

    it('the alarm is raised where nothing opens, too, and nobody at the panel sees it', async () => {
      await start('2.2');
      const anna = await work.person('Anna', card(1));
      await work.people.administration.addCredential(anna, DURESS, ADMINISTRATOR);
      await work.people.administration.setUserBlocked(anna, true, ADMINISTRATOR);
      const shown = await underThreat();
      expect(shownCode(shown)).to.equal('user-blocked');
      expect(await work.last()).to.include({ reason: 'user-blocked', duress: true });
      expect(JSON.stringify([shown, work.gateway.panel('panel')])).to.not.include('duress');
    });
  });
});
