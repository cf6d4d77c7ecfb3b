import { expect } from 'chai';
import { queuedMail } from '../../mail/queued-mail.ts';

const MAIL = { cabinet: 'A', compartment: 12, deposit: 'deposit-1', giveUpAt: 1_000 };

describe('what the queue holds of a mail', () => {
  it('is taken as it was put, and as it ended', () => {
    for (const mail of [
      MAIL,
      { ...MAIL, sealed: 'AAAA' },
      { ...MAIL, ended: { outcome: 'sent' } },
      { ...MAIL, ended: { outcome: 'refused', status: '550 5.1.1' } },
    ]) {
      expect(queuedMail(mail)).to.deep.equal(mail);
    }
  });

  it('is no mail where the database holds something else', () => {
    for (const data of [
      {},
      { ...MAIL, compartment: 513 },
      { ...MAIL, compartment: '12' },
      { ...MAIL, cabinet: { $ne: '' } },
      { ...MAIL, giveUpAt: 'never' },
      { ...MAIL, ended: { outcome: 'deferred' } },
    ]) {
      expect(queuedMail(data), JSON.stringify(data)).to.equal(undefined);
    }
  });
});
