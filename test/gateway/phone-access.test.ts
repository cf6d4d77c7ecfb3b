import { expect } from 'chai';
import type { PhoneAccessRequest } from '../../gateway/phone-access.ts';
import { ADMINISTRATOR, type People, startPeople } from './support/people.ts';
import { StoredLog } from './support/stored-log.ts';

const PANEL = { cabinet: 'A', panel: 'panel' } as const;
const REQUEST: PhoneAccessRequest = { ...PANEL, validFor: 600_000 };

describe('access by phone', () => {
  let stored: StoredLog;
  let people: People;
  let user: string;

  before(async () => {
    stored = await StoredLog.open();
  });

  after(() => stored.remove());

  beforeEach(async () => {
    people = await startPeople(stored);
    const anna = { name: 'Anna', roles: ['defined'], groups: [] } as const;
    user = await people.administration.addUser(anna, ADMINISTRATOR);
  });

  afterEach(async () => {
    await people.stop();
    await stored.renew();
  });

  async function use(value: string, place: { cabinet: string; panel?: string } = PANEL): Promise<string> {
    const identity = await people.directory.identify({ kind: 'phone', value }, place);
    return identity.known ? identity.user.id : identity.refusal.code;
  }

  it('is a token of 256 bits and a code of 8 digits, and is on record without either', async () => {
    const access = await people.administration.issuePhoneAccess(user, REQUEST, ADMINISTRATOR);
    expect(access.token).to.match(/^[A-Za-z0-9_-]{43}$/);
    expect(access.code).to.match(/^\d{8}$/);
    expect(access.validUntil).to.equal(stored.clock.now() + 600_000);
    const event = (await stored.events('site')).at(-1);
    expect(event).to.deep.include({
      type: 'phone-access-issued',
      data: { access: access.id, user, cabinet: 'A', panel: 'panel' },
    });
    const kept = await stored.fresh.connection.collection('phone-accesses').find().toArray();
    const everything = JSON.stringify([kept, await stored.events('site')]);
    expect(everything).to.not.contain(access.token).and.not.contain(access.code);
  });

  for (const way of ['token', 'code'] as const) {
    it(`lets its user in once, by its ${way}; then the other way is over as well`, async () => {
      const access = await people.administration.issuePhoneAccess(user, REQUEST, ADMINISTRATOR);
      expect(await use(access[way])).to.equal(user);
      expect(await use(access.token)).to.equal('unknown-credential');
      expect(await use(access.code)).to.equal('unknown-credential');
    });
  }

  it('is used by one of two who are there at the same moment', async () => {
    const { token, code } = await people.administration.issuePhoneAccess(user, REQUEST, ADMINISTRATOR);
    const outcomes = await Promise.all([token, code, token, code].map((value) => use(value)));
    expect(outcomes.filter((outcome) => outcome === user)).to.have.length(1);
    expect(outcomes.filter((outcome) => outcome === 'unknown-credential')).to.have.length(3);
  });

  it('counts at its cabinet and panel alone, and is not used up elsewhere', async () => {
    const { token } = await people.administration.issuePhoneAccess(user, REQUEST, ADMINISTRATOR);
    for (const place of [
      { cabinet: 'B', panel: 'panel' },
      { cabinet: 'A', panel: 'back' },
      { cabinet: 'A' },
    ]) {
      expect(await use(token, place)).to.equal('unknown-credential');
    }
    expect(await people.directory.identify({ kind: 'phone', value: token })).to.include({ known: false });
    expect(await use(token)).to.equal(user);
  });

  it('without a panel counts at every panel of the cabinet', async () => {
    const { code } = await people.administration.issuePhoneAccess(
      user,
      { cabinet: 'A', validFor: 60_000 },
      ADMINISTRATOR,
    );
    expect(await use(code, { cabinet: 'A', panel: 'back' })).to.equal(user);
  });

  it('is over when its time is', async () => {
    const { token } = await people.administration.issuePhoneAccess(
      user,
      { ...REQUEST, validFor: 60_000 },
      ADMINISTRATOR,
    );
    people.directory.stop();
    await stored.clock.advance(60_000);
    expect(await use(token)).to.equal('unknown-credential');
  });

  it('is not forgotten by a restart, nor by a rotation of the key', async () => {
    const first = await people.administration.issuePhoneAccess(user, REQUEST, ADMINISTRATOR);
    await people.administration.rotateKey(ADMINISTRATOR);
    await people.stop();
    people = await startPeople(stored, { keys: [] });
    expect(await use(first.code)).to.equal(user);
    await people.stop();
    people = await startPeople(stored, { keys: [] });
    expect(await use(first.token)).to.equal('unknown-credential');
  });

  it('is no way in for somebody who is blocked, and stays theirs until they are not', async () => {
    const { administration } = people;
    const { code } = await administration.issuePhoneAccess(user, REQUEST, ADMINISTRATOR);
    await administration.setUserBlocked(user, true, ADMINISTRATOR);
    expect(await use(code)).to.equal('user-blocked');
    await administration.setUserBlocked(user, false, ADMINISTRATOR);
    expect(await use(code)).to.equal(user);
  });

  it('takes the place of one that was not used at that cabinet', async () => {
    const first = await people.administration.issuePhoneAccess(user, REQUEST, ADMINISTRATOR);
    const second = await people.administration.issuePhoneAccess(user, REQUEST, ADMINISTRATOR);
    const elsewhere = await people.administration.issuePhoneAccess(
      user,
      { cabinet: 'B', validFor: 60_000 },
      ADMINISTRATOR,
    );
    expect(await use(first.token)).to.equal('unknown-credential');
    expect(await use(second.token)).to.equal(user);
    expect(await use(elsewhere.token, { cabinet: 'B' })).to.equal(user);
  });

  for (const [what, code, request] of [
    ['59 seconds', 'field-wrong', { ...REQUEST, validFor: 59_000 }],
    ['more than an hour', 'field-wrong', { ...REQUEST, validFor: 3_600_001 }],
    ['no time', 'field-wrong', { ...REQUEST, validFor: Number.NaN }],
    ['a cabinet that there is not', 'cabinet-unknown', { ...REQUEST, cabinet: 'C' }],
    ['a panel of another cabinet', 'panel-unknown', { ...REQUEST, cabinet: 'B' }],
  ] as const) {
    it(`is not given for ${what} (${code})`, async () => {
      const work = people.administration.issuePhoneAccess(user, request, ADMINISTRATOR);
      expect(await work.catch((error: { code?: string }) => error.code)).to.equal(code);
      expect(await stored.fresh.connection.collection('phone-accesses').countDocuments()).to.equal(0);
    });
  }

  it('is not given to nobody', async () => {
    const work = people.administration.issuePhoneAccess('user-0', REQUEST, ADMINISTRATOR);
    expect(await work.catch((error: { code?: string }) => error.code)).to.equal('user-unknown');
  });

  it('an id that a reader answers with is found before any access', async () => {
    await people.administration.addCredential(user, { kind: 'phone', value: 'device-0815' }, ADMINISTRATOR);
    expect(await use('device-0815', { cabinet: 'B' })).to.equal(user);
    expect(await use('device-0815')).to.equal(user);
  });
});
