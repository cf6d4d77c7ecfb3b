import { chmod, rm, writeFile } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { createServer, type Server, type Socket } from 'node:net';
import { join } from 'node:path';
import { expect } from 'chai';
import type { MailSettings } from '../../config/mail-settings.ts';
import { MailService, type MailServiceOptions } from '../../mail/mail-service.ts';
import { eventually } from '../support/eventually.ts';
import { temporaryFolder } from '../support/store.ts';
import { type CertificateFiles, makeCertificate } from './support/certificate.ts';
import { readMail } from './support/read-mail.ts';
import { type SmtpServerOptions, TestSmtpServer } from './support/smtp-server.ts';

const MESSAGE = { to: 'anna@example.org', subject: 'Something waits', text: 'In compartment 7.\n' };
const LOGIN = { user: 'sezam', password: 'correct horse' };

describe('the mail service', () => {
  let folder: string;
  let certificate: CertificateFiles;
  let stranger: CertificateFiles;
  let undo: (() => unknown)[];

  before(async () => {
    folder = await temporaryFolder();
    certificate = await makeCertificate(folder, 'own');
    stranger = await makeCertificate(folder, 'stranger', 'DNS:mail.example.net');
  });

  after(() => rm(folder, { recursive: true }));

  beforeEach(() => {
    undo = [];
  });

  afterEach(async () => {
    for (const action of undo.reverse()) await action();
  });

  async function server(options: SmtpServerOptions = {}): Promise<TestSmtpServer> {
    const started = await TestSmtpServer.start(options);
    undo.push(() => started.close());
    return started;
  }

  async function service(
    port: number,
    settings: Partial<MailSettings> = {},
    options: MailServiceOptions = {},
  ): Promise<MailService> {
    const opened = await MailService.open(
      {
        host: '127.0.0.1',
        port,
        security: 'starttls',
        login: undefined,
        ca: certificate.certificate,
        from: { name: 'Lockers', address: 'lockers@example.com' },
        ...settings,
      },
      options,
    );
    undo.push(() => opened.close());
    return opened;
  }

  async function passwordFile(password: string, mode = 0o600): Promise<string> {
    const path = join(folder, `password-${undo.length}`);
    await writeFile(path, password);
    await chmod(path, mode);
    undo.push(() => rm(path));
    return path;
  }

  /** A server that does whatever `behave` does with each connection. */
  async function oddServer(behave: (socket: Socket) => void): Promise<number> {
    const sockets = new Set<Socket>();
    const odd: Server = createServer((socket) => {
      sockets.add(socket);
      socket.on('error', () => {});
      behave(socket);
    });
    await new Promise<void>((resolve) => {
      odd.listen(0, '127.0.0.1', resolve);
    });
    undo.push(() => {
      for (const socket of sockets) socket.destroy();
      return new Promise((resolve) => {
        odd.close(resolve);
      });
    });
    return (odd.address() as AddressInfo).port;
  }

  describe('encryption', () => {
    it('goes over STARTTLS, with the certificate checked', async () => {
      const smtp = await server({ certificate });
      expect(await (await service(smtp.port)).send(MESSAGE)).to.deep.equal({ outcome: 'sent' });
      expect(smtp.received).to.have.length(1);
      const [mail] = smtp.received;
      expect(mail).to.deep.include({
        from: 'lockers@example.com',
        to: ['anna@example.org'],
        encrypted: true,
      });
      const { headers, text } = readMail(mail?.raw ?? '');
      expect(headers.get('from')).to.deep.equal(['Lockers <lockers@example.com>']);
      expect(headers.get('to')).to.deep.equal(['anna@example.org']);
      expect(headers.get('subject')).to.deep.equal(['Something waits']);
      expect(headers.get('auto-submitted')).to.deep.equal(['auto-generated']);
      expect(text).to.equal('In compartment 7.\n');
    });

    it('goes over TLS from the first byte', async () => {
      const smtp = await server({ certificate, tls: true });
      const sender = await service(smtp.port, { security: 'tls', host: 'localhost' });
      expect(await sender.send(MESSAGE)).to.deep.equal({ outcome: 'sent' });
      expect(smtp.received[0]?.encrypted).to.equal(true);
    });

    it('goes in clear to this computer where that was asked for', async () => {
      const smtp = await server({ certificate });
      const sender = await service(smtp.port, { security: 'none', host: 'localhost', ca: undefined });
      expect(await sender.send(MESSAGE)).to.deep.equal({ outcome: 'sent' });
      expect(smtp.received[0]?.encrypted).to.equal(false);
    });

    it('says nothing to a server without STARTTLS', async () => {
      const smtp = await server();
      const outcome = await (await service(smtp.port)).send(MESSAGE);
      expect(outcome).to.include({ outcome: 'deferred' });
      expect(outcome)
        .to.have.property('status')
        .that.matches(/^no-encryption 5\d\d/);
      expect([smtp.recipients, smtp.received.length]).to.deep.equal([0, 0]);
    });

    it('says nothing where STARTTLS is cut out of what the server offers', async () => {
      const heard: string[] = [];
      const port = await oddServer((socket) => {
        socket.write('220 mail ESMTP\r\n');
        socket.on('data', (chunk) => {
          heard.push(String(chunk));
          socket.write(String(chunk).startsWith('EHLO') ? '250-mail\r\n250 8BITMIME\r\n' : '500 what?\r\n');
        });
      });
      expect(await (await service(port)).send(MESSAGE)).to.include({ outcome: 'deferred' });
      expect(heard.join('')).to.match(/^EHLO [^\r]*\r\nSTARTTLS\r\n$/);
    });

    for (const [what, settings] of [
      ['nobody known has signed', { ca: undefined }],
      ['another one than the trusted has signed', { ca: 'stranger' }],
      ['is made for another name', { certificate: 'stranger', ca: 'stranger' }],
    ] as const) {
      it(`refuses a certificate that ${what}`, async () => {
        const of = (name: string | undefined): CertificateFiles => (name ? stranger : certificate);
        const shown = of('certificate' in settings ? settings.certificate : undefined);
        for (const security of ['starttls', 'tls'] as const) {
          const smtp = await server({ certificate: shown, tls: security === 'tls' });
          const ca = settings.ca && of(settings.ca).certificate;
          const sender = await service(smtp.port, { security, ca });
          expect(await sender.send(MESSAGE), security).to.deep.equal({
            outcome: 'deferred',
            status: 'certificate-refused',
          });
          expect([smtp.recipients, smtp.received.length]).to.deep.equal([0, 0]);
        }
      });
    }
  });

  describe('the login', () => {
    it('is given with the password of the file', async () => {
      const smtp = await server({ certificate, login: LOGIN });
      const login = { user: LOGIN.user, passwordFile: await passwordFile(`${LOGIN.password}\n`) };
      expect(await (await service(smtp.port, { login })).send(MESSAGE)).to.deep.equal({ outcome: 'sent' });
      expect(smtp.received[0]?.user).to.equal(LOGIN.user);
    });

    it('that is refused defers, and the operator is told once, without the password', async () => {
      const smtp = await server({ certificate, login: LOGIN });
      const login = { user: LOGIN.user, passwordFile: await passwordFile('wrong horse') };
      const notices: string[] = [];
      const sender = await service(smtp.port, { login }, { notice: (message) => void notices.push(message) });
      for (let time = 0; time < 2; time += 1) {
        expect(await sender.send(MESSAGE)).to.deep.equal({
          outcome: 'deferred',
          status: 'login-refused 535 5.7.8',
        });
      }
      expect(notices).to.have.length(1);
      expect(notices[0]).to.contain('login-refused').and.not.contain('horse');
    });

    it('that is missing defers: it is not the message that is wrong', async () => {
      const smtp = await server({ certificate, login: LOGIN });
      expect(await (await service(smtp.port)).send(MESSAGE)).to.deep.equal({
        outcome: 'deferred',
        status: 'login-refused 530',
      });
    });
  });

  describe('what the server answers', () => {
    it('tells a mailbox that does not exist from one that is busy', async () => {
      const smtp = await server({ certificate });
      const sender = await service(smtp.port);
      smtp.onRecipient = (address) => ({ code: 550, text: `5.1.1 <${address}> User unknown` });
      expect(await sender.send(MESSAGE)).to.deep.equal({ outcome: 'refused', status: '550 5.1.1' });
      smtp.onRecipient = () => ({ code: 450, text: '4.2.0 Greylisted, come back later' });
      expect(await sender.send(MESSAGE)).to.deep.equal({ outcome: 'deferred', status: '450 4.2.0' });
      smtp.onRecipient = () => ({ code: 452, text: 'Mailbox full' });
      expect(await sender.send(MESSAGE)).to.deep.equal({ outcome: 'deferred', status: '452' });
      smtp.onRecipient = () => undefined;
      expect(await sender.send(MESSAGE)).to.deep.equal({ outcome: 'sent' });
    });

    it('takes a refused sender and refused content for good as well', async () => {
      const smtp = await server({ certificate });
      const sender = await service(smtp.port);
      smtp.onSender = () => ({ code: 553, text: '5.7.1 Not your address' });
      expect(await sender.send(MESSAGE)).to.deep.equal({ outcome: 'refused', status: '553 5.7.1' });
      smtp.onSender = () => undefined;
      smtp.onContent = () => ({ code: 554, text: '5.6.0 Message content rejected' });
      expect(await sender.send(MESSAGE)).to.deep.equal({ outcome: 'refused', status: '554 5.6.0' });
      smtp.onContent = () => ({ code: 451, text: '4.3.0 Try again' });
      expect(await sender.send(MESSAGE)).to.deep.equal({ outcome: 'deferred', status: '451 4.3.0' });
    });

    it('is not asked for about a text that no server takes', async () => {
      const smtp = await server({ certificate });
      const sender = await service(smtp.port);
      expect(await sender.send({ ...MESSAGE, text: 'x'.repeat(1_000_001) })).to.deep.equal({
        outcome: 'refused',
        status: 'text-too-long',
      });
      expect(smtp.recipients).to.equal(0);
    });

    it('defers where the server as a whole does not want: that is not about the recipient', async () => {
      const sender = await service(await oddServer((socket) => socket.end('554 5.3.2 No service\r\n')));
      expect(await sender.send(MESSAGE)).to.deep.equal({ outcome: 'deferred', status: '554 5.3.2' });
    });

    it('does not even ask about what is no address', async () => {
      const smtp = await server({ certificate });
      const sender = await service(smtp.port);
      for (const to of ['anna', 'anna@example.org, eve@example.net', 'anna@example.org\r\nRCPT TO:<eve@x>']) {
        expect(await sender.send({ ...MESSAGE, to })).to.deep.equal({
          outcome: 'refused',
          status: 'address-malformed',
        });
      }
      expect(smtp.recipients).to.equal(0);
    });
  });

  describe('a server that is', () => {
    it('away defers; the operator is told when it cannot be used and when it can again', async () => {
      const smtp = await server({ certificate });
      const notices: string[] = [];
      const sender = await service(
        smtp.port,
        {},
        { notice: (message) => void notices.push(message.replace(/:\d+/, '')) },
      );
      const { port } = smtp;
      await smtp.close();
      const outcome = { outcome: 'deferred', status: 'connection-refused' };
      expect(await sender.send(MESSAGE)).to.deep.equal(outcome);
      expect(await sender.send(MESSAGE)).to.deep.equal(outcome);
      await server({ certificate, port });
      expect(await sender.send(MESSAGE)).to.deep.equal({ outcome: 'sent' });
      expect(notices).to.deep.equal([
        'The mail server 127.0.0.1 cannot be used (connection-refused): see "E-mail" in docs/operation.md.',
        'The mail server 127.0.0.1 takes mail again.',
      ]);
    });

    it('silent from the start defers', async () => {
      const sender = await service(await oddServer(() => {}), {}, { limits: { connect: 100 } });
      expect(await sender.send(MESSAGE)).to.deep.equal({ outcome: 'deferred', status: 'timed-out' });
    });

    it('silent in the middle defers', async () => {
      const smtp = await server({ certificate });
      smtp.onContent = () => new Promise(() => {});
      const sender = await service(smtp.port, {}, { limits: { answer: 200 } });
      expect(await sender.send(MESSAGE)).to.deep.equal({ outcome: 'deferred', status: 'timed-out' });
    });

    it('talking without end is given up when the time for all of it is over', async () => {
      const port = await oddServer((socket) => {
        const drip = setInterval(() => socket.write('220-still here\r\n'), 20);
        socket.on('close', () => clearInterval(drip));
      });
      const sender = await service(port, {}, { limits: { attempt: 300 } });
      expect(await sender.send(MESSAGE)).to.deep.equal({ outcome: 'deferred', status: 'timed-out' });
    });

    it('closing on us defers', async () => {
      const sender = await service(await oddServer((socket) => socket.destroy()));
      const outcome = await sender.send(MESSAGE);
      expect(outcome).to.deep.equal({ outcome: 'deferred', status: 'connection-lost' });
    });
  });

  describe('many mails at once', () => {
    it('share a few connections, and all go', async () => {
      const smtp = await server({ certificate });
      let now = 0;
      let most = 0;
      smtp.onContent = async () => {
        now += 1;
        most = Math.max(most, now);
        await new Promise((resolve) => setTimeout(resolve, 20));
        now -= 1;
        return undefined;
      };
      const sender = await service(smtp.port);
      const outcomes = await Promise.all(Array.from({ length: 12 }, () => sender.send(MESSAGE)));
      expect(outcomes.map(({ outcome }) => outcome)).to.deep.equal(Array(12).fill('sent'));
      expect(most).to.equal(4);
    });

    it('are told to come back where too many wait, or wait too long', async () => {
      const port = await oddServer(() => {});
      const sender = await service(port, {}, { limits: { attempt: 200 } });
      const outcomes = await Promise.all(Array.from({ length: 300 }, () => sender.send(MESSAGE)));
      const statuses = outcomes.map((outcome) => ('status' in outcome ? outcome.status : 'sent'));
      expect(statuses.filter((status) => status === 'timed-out')).to.have.length(260);
      expect(statuses.filter((status) => status === 'too-many-mails')).to.have.length(40);
    });

    it('are given up when the service is closed', async () => {
      let open = 0;
      const port = await oddServer((socket) => {
        open += 1;
        socket.on('close', () => {
          open -= 1;
        });
      });
      const sender = await service(port);
      const sent = [sender.send(MESSAGE), sender.send(MESSAGE)];
      await eventually('both are connected', () => open === 2);
      sender.close();
      expect((await Promise.all(sent)).map(({ outcome }) => outcome)).to.deep.equal(['deferred', 'deferred']);
      await eventually('the connections are closed', () => open === 0);
      expect(await sender.send(MESSAGE)).to.include({ outcome: 'deferred' });
    });
  });

  it('writes what comes from people so that it stays in its header', async () => {
    const smtp = await server({ certificate });
    const from = { name: 'Lockers, "North" <x@y>', address: 'lockers@example.com' };
    const sender = await service(smtp.port, { from });
    const subject = 'Hello\r\nBcc: eve@example.net\r\n\r\nśmieci\u2028Cc: eve@example.net';
    expect(await sender.send({ ...MESSAGE, subject, id: 'deposit-1' })).to.deep.equal({ outcome: 'sent' });
    const [mail] = smtp.received;
    expect(mail?.to).to.deep.equal(['anna@example.org']);
    const { headers } = readMail(mail?.raw ?? '');
    expect([...headers.keys()])
      .to.not.include.members(['bcc'])
      .and.not.include.members(['cc']);
    expect(headers.get('subject')).to.deep.equal(['Hello Bcc: eve@example.net śmieci Cc: eve@example.net']);
    expect(headers.get('from')).to.have.length(1);
    expect(mail?.from).to.equal('lockers@example.com');
    expect(headers.get('message-id')?.[0]).to.match(/^<[0-9a-f]{40}@example\.com>$/);
  });

  it('gives mails with the same id the same Message-ID', async () => {
    const smtp = await server({ certificate });
    const sender = await service(smtp.port);
    for (const id of ['deposit-1', 'deposit-1', 'deposit-2']) await sender.send({ ...MESSAGE, id });
    const ids = smtp.received.map(({ raw }) => readMail(raw).headers.get('message-id')?.[0]);
    expect(ids[0]).to.equal(ids[1]);
    expect(ids[0]).to.not.equal(ids[2]);
    expect(ids[0]).to.not.contain('deposit');
  });
});
