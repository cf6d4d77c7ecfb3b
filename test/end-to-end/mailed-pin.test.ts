import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import type { SiteFile } from '../../config/site.ts';
import type { PanelView } from '../../gateway/api.ts';
import { makeCertificate } from '../mail/support/certificate.ts';
import { readMail } from '../mail/support/read-mail.ts';
import { TestSmtpServer } from '../mail/support/smtp-server.ts';
import { CommandedSezam } from './support/commanded-sezam.ts';
import { secretsBelow, secretsIn, secretsStored } from './support/find-secrets.ts';
import { endAll, npmRun } from './support/sezam-process.ts';
import { TestStore } from './support/test-store.ts';
import { TwoCabinets } from './support/two-cabinets.ts';

const MASTER_CARD = '5D00C4F1A7';
const REFUSED_PIN = '3318507926';
const PIN = '6402917385';
const GONE = 'anna.gone@example.org';
const ADDRESS = 'jan.kowalski@example.org';

/** Cabinet `tools` takes parcels under schema 6.1: masters have a card, and a touch panel is at hand. */
function parcels({ readers, panels = [], cabinets, ...file }: SiteFile): SiteFile {
  return {
    ...file,
    panels: [...panels, { id: 'parcels', name: 'Parcels', cabinet: 'tools' }],
    readers: readers.map((reader) => (reader.id === 'cards' ? { ...reader, panel: 'parcels' } : reader)),
    itemReaders: [],
    buses: file.buses.filter(({ id }) => id !== 'tool-items'),
    cabinets: cabinets.map(({ antennas: __, ...cabinet }) =>
      cabinet.id === 'tools' ? { ...cabinet, schema: '6.1' } : cabinet,
    ),
  };
}

describe('A master’s deposit whose recipient is told by mail', function () {
  this.timeout(240_000);

  let folder: string;
  let dataFolder: string;
  let environment: Readonly<Record<string, string>>;
  let site: TwoCabinets;
  let store: TestStore;
  let smtp: TestSmtpServer;
  let sezam: CommandedSezam;
  let web: string;
  let token: string;

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'sezam-mailed-pin-'));
    dataFolder = join(folder, 'data');
    const certificate = await makeCertificate(folder, 'mail');
    smtp = await TestSmtpServer.start({ certificate });
    store = new TestStore();
    site = await TwoCabinets.wire();
    await writeFile(join(folder, 'site.json'), JSON.stringify(parcels(site.file)));
    environment = {
      SEZAM_DATA: dataFolder,
      SEZAM_SITE: join(folder, 'site.json'),
      SEZAM_HTTP_PORT: '0',
      SEZAM_OPCUA_PORT: '0',
      SEZAM_SMTP_HOST: 'localhost',
      SEZAM_SMTP_PORT: String(smtp.port),
      SEZAM_SMTP_CA: certificate.certificate,
      SEZAM_MAIL_FROM: 'lockers@example.com',
      ...store.environment,
    };
    sezam = new CommandedSezam(environment);
  });

  after(async () => {
    await endAll();
    await smtp?.close();
    await site?.close();
    await store?.remove();
    await rm(folder, { recursive: true, force: true });
  });

  async function view(): Promise<PanelView> {
    const response = await fetch(`${web}/api/panels/parcels`, {
      headers: { Authorization: `Bearer ${token}` },
    });
    return (await response.json()) as PanelView;
  }

  /** What is said at the panel: the code of its notice, or of its prompt. */
  async function says(code: string): Promise<void> {
    let said: unknown;
    await sezam.until(
      () => `the panel says ${code} (${JSON.stringify(said)})`,
      async () => {
        const { prompt, notice } = await view();
        said = [prompt.code, notice?.code];
        return prompt.code === code || notice?.code === code;
      },
    );
  }

  /** Answers at the panel; gives `ok`, or the code of the refusal. */
  async function answer(given: object): Promise<string> {
    const response = await fetch(`${web}/api/panels/parcels/answers`, {
      method: 'POST',
      headers: { Authorization: `Bearer ${token}`, 'Content-Type': 'application/json' },
      body: JSON.stringify({ answer: given }),
    });
    const body = (await response.json()) as { readonly code?: string };
    return response.ok ? 'ok' : (body.code ?? String(response.status));
  }

  async function giveTo(user: string, pin: string): Promise<void> {
    expect(await answer({ answer: 'recipient', user })).to.equal('ok');
    expect(await answer({ answer: 'scan', scan: { kind: 'pin', value: pin } })).to.equal('ok');
  }

  it('tells of a mailbox that does not exist at once; what waits for a busy server survives kill -9', async () => {
    ({ web } = await sezam.start());
    const add = async (name: string, more: object): Promise<string> => {
      const person = { do: 'add-user', name, roles: ['defined'], groups: [], ...more };
      return (await sezam.ask<{ user: string }>(person)).user;
    };
    const master = await add('Maria', { roles: ['defined', 'master'] });
    await sezam.ask({ do: 'add-credential', user: master, kind: 'card', value: MASTER_CARD });
    const gone = await add('Anna Nowak', { email: GONE });
    const jan = await add('Jan Kowalski', { email: ADDRESS, language: 'pl' });
    ({ token } = await sezam.ask<{ token: string }>({ do: 'add-panel-token', panel: 'parcels' }));

    await site.cardReader.presentCard(MASTER_CARD);
    await sezam.becomes('tools', 1, 'open occupied');
    site.toolBoard.setDoor(0, false);
    await says('choose-recipient');
    smtp.onRecipient = (address) =>
      address === GONE
        ? { code: 550, text: `5.1.1 <${address}> unknown` }
        : { code: 450, text: '4.2.0 Greylisted' };
    await giveTo(gone, REFUSED_PIN);
    await says('mail-refused');
    await says('choose-recipient');
    const collect = (pin: string): Promise<string> => answer({ answer: 'collect', compartment: 1, pin });
    expect(await collect(REFUSED_PIN)).to.equal('wrong-code');
    await giveTo(jan, PIN);
    await says('mail-later');
    await sezam.kill();

    // Instead of waiting for the minutes that a busy server is given.
    const opened = await store.open(dataFolder);
    const { db } = opened.connection;
    const { modifiedCount } =
      (await db
        ?.collection('jobs')
        .updateMany({ name: /^send-mail/ }, { $set: { nextRunAt: new Date(), lockedAt: null } })) ?? {};
    expect(modifiedCount, 'the mail waits in the database').to.equal(1);
    expect(await secretsStored(opened.connection, [PIN, REFUSED_PIN]), 'sealed').to.deep.equal([]);
    await opened.close();
    smtp.onRecipient = () => undefined;
    ({ web } = await sezam.start());
    await sezam.until('the mail has arrived', () => Promise.resolve(smtp.received.length > 0));

    const [mail] = smtp.received;
    expect(mail).to.deep.include({ to: [ADDRESS], encrypted: true });
    const [, read = ''] = /PIN: (\d+)/.exec(readMail(mail?.raw ?? '').text) ?? [];
    expect(read).to.equal(PIN);
    expect(await collect(read)).to.equal('ok');
    await sezam.becomes('tools', 1, 'open occupied');
    site.toolBoard.setDoor(0, false);
    await sezam.becomes('tools', 1, 'closed free');
    expect(await collect(read)).to.equal('wrong-code');
    expect(site.toolPulses).to.deep.equal([1, 1]);
    expect(smtp.received).to.have.length(1);
  });

  it('leaves a sound log, no PIN and no token anywhere, and addresses with people alone', async () => {
    await sezam.stop();
    const { stdout } = await npmRun('verify-log', [], environment);
    expect(stdout).to.match(/The log is sound: \d+ events\./);
    const secrets = [PIN, REFUSED_PIN, MASTER_CARD, token];
    expect(secretsIn(Buffer.from(sezam.printed), [...secrets, GONE, ADDRESS])).to.deep.equal([]);
    expect(await secretsBelow(dataFolder, secrets)).to.deep.equal([]);
    const opened = await store.open(dataFolder);
    try {
      expect(await secretsStored(opened.connection, [...secrets, ADDRESS])).to.deep.equal([
        `users: ${ADDRESS}`,
      ]);
    } finally {
      await opened.close();
    }
  });
});
