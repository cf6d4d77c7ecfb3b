import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import type { PanelAnswer, PanelView, Refused } from '../../../gateway/api.ts';
import type { CodeMail, MailOutcome } from '../../../gateway/ports.ts';
import { GatewayAtWork } from '../support/gateway-at-work.ts';
import { ADMINISTRATOR } from '../support/people.ts';
import { StoredLog } from '../support/stored-log.ts';

/** Everything that somebody types, scans or holds to a reader here; each is told from anything else. */
const SECRETS = {
  card: 'C0FFEE5417BEAD',
  ownPin: '7305918264',
  duressPin: '7305918265',
  wrongPin: '6093518274',
  depositPin: '8120736459',
  wrongCode: '4598102736',
  password: 'jackdaws love my quartz',
  wrongPassword: 'jackdaws hate my quartz',
  badge: 'BADGE-90817263',
} as const;

const MAIL: CodeMail = {
  deliver: () => Promise.resolve<MailOutcome>({ outcome: 'refused', status: '550 5.1.1' }),
  waits: () => Promise.resolve(false),
  cancel: () => Promise.resolve(),
};

describe('what people type, scan and hold to readers', () => {
  it('stands nowhere in clear: not in database, journal or snapshot, and in nothing that is told or shown', async () => {
    const stored = await StoredLog.open();
    const warnings: string[] = [];
    const warned = (warning: Error): void => void warnings.push(warning.stack ?? warning.message);
    process.on('warning', warned);
    const work = await GatewayAtWork.start(stored, {
      cabinet: { schema: '6.1' },
      panels: [{ id: 'panel', name: 'Panel', cabinet: 'A' }],
      codeMail: MAIL,
    });
    const shown: unknown[] = [];
    work.gateway.onPanel('panel', (view) => shown.push(view));
    work.gateway.onChange((change) => shown.push(change.event));
    const at = async (answer: PanelAnswer): Promise<PanelView | Refused> => {
      const answered = await work.answer('panel', answer);
      shown.push(answered);
      return answered;
    };
    const scan = (kind: 'card' | 'pin' | 'barcode' | 'phone', value: string): Promise<PanelView | Refused> =>
      at({ answer: 'scan', scan: { kind, value } });

    const { administration } = work.people;
    const maria = await administration.addUser(
      { name: 'Maria', login: 'maria', roles: ['master', 'defined'], groups: [], email: 'maria@example.org' },
      ADMINISTRATOR,
    );
    for (const credential of [
      { kind: 'card', value: SECRETS.card },
      { kind: 'pin', value: SECRETS.ownPin },
      { kind: 'pin', value: SECRETS.duressPin, duress: true },
      { kind: 'barcode', value: SECRETS.badge },
    ] as const) {
      await administration.addCredential(maria, credential, ADMINISTRATOR);
    }
    const once = await administration.issueOneTimePassword(maria, ADMINISTRATOR);
    await administration.changePassword('maria', once, SECRETS.password);
    const access = await administration.issuePhoneAccess(
      maria,
      { cabinet: 'A', validFor: 60_000 },
      ADMINISTRATOR,
    );

    await scan('pin', SECRETS.wrongPin);
    await at({ answer: 'login', login: 'maria', password: SECRETS.wrongPassword });
    await scan('card', SECRETS.card);
    await stored.pass(500);
    await work.closeDoor(1);
    await at({ answer: 'recipient', user: maria });
    await scan('pin', SECRETS.depositPin);
    await stored.pass(200);
    expect(work.prompt('panel'), 'the mail was refused').to.equal('choose-recipient');
    await at({ answer: 'recipient', user: maria });
    await scan('pin', SECRETS.depositPin);
    await at({ answer: 'collect', compartment: 1, pin: SECRETS.wrongCode });
    stored.fault = 'refused';
    await scan('barcode', SECRETS.badge);
    await scan('phone', access.token);
    await scan('pin', SECRETS.duressPin);
    await at({ answer: 'login', login: 'maria', password: SECRETS.password });
    await stored.pass(1_000);
    const journal = await Promise.all(
      (await readdir(join(stored.folder, 'journal'))).map((name) =>
        readFile(join(stored.folder, 'journal', name), 'utf8'),
      ),
    );
    await stored.recover();
    await stored.until(work.gateway.stop());
    const everything = JSON.stringify([
      await everythingIn(stored),
      journal,
      shown,
      work.troubles,
      work.people.troubles,
      warnings,
      work.gateway.health(),
    ]);
    const { token, code } = access;
    for (const [name, secret] of Object.entries({ ...SECRETS, once, token, code })) {
      expect(everything.includes(secret), name).to.equal(false);
    }
    expect(everything, 'all of it was looked through').to.include('$argon2id$').and.include(maria);
    process.off('warning', warned);
    await work.stop();
    await stored.remove();
  });
});

/** Every document of the database. */
async function everythingIn(stored: StoredLog): Promise<unknown[]> {
  const { db } = stored.fresh.connection;
  if (!db) throw new Error('The connection was closed.');
  const names = (await db.listCollections().toArray()).map(({ name }) => name);
  return Promise.all(names.map((name) => db.collection(name).find().toArray()));
}
