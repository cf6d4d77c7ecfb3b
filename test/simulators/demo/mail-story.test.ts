/** The story of schema 6.1, with a mail server and without. */
import { readFile } from 'node:fs/promises';
import { expect } from 'chai';
import { story } from '../../../scripts/demo/stories/mode-6-mail.ts';
import { TestSmtpServer } from '../../mail/support/smtp-server.ts';
import { DemoAtWork } from './support/demo-at-work.ts';

const PIN = '739105';

describe('the story of a parcel by mail', () => {
  let demo: DemoAtWork;
  let smtp: TestSmtpServer;

  beforeEach(async () => {
    smtp = await TestSmtpServer.start();
    demo = await DemoAtWork.prepare();
  });

  afterEach(async () => {
    await demo.remove();
    await smtp.close();
  });

  it('prints what a person sees, sends one mail, and leaves the cabinet as it was', async () => {
    await demo.start({
      host: '127.0.0.1',
      port: smtp.port,
      security: 'none',
      login: undefined,
      ca: undefined,
      from: { name: '', address: 'lockers@example.com' },
    });
    const expected = await readFile(new URL('./transcripts/mode6-mail-en.txt', import.meta.url), 'utf8');
    const lines = await demo.play(story);
    expect(lines).to.deep.equal(expected.trimEnd().split('\n'));
    expect(lines.join(), 'nothing that is printed tells the PIN').to.not.include(PIN);
    expect(smtp.received.map(({ to }) => to)).to.deep.equal([['anna.nowak@example.com']]);
    expect(smtp.received[0]?.raw).to.include(PIN);
    expect(demo.gateway.cabinet('F')?.setting.schema).to.equal('6.3');
    expect(demo.lyingIn('F')).to.deep.equal([]);
  });

  it('says that mail is not set up where it is not, and takes the change of mode back', async () => {
    await demo.start();
    const error = await demo.play(story).catch((reason: unknown) => reason);
    expect(String(error)).to.include('E-mail is not set up here. Please ask the administrator.');
    expect(demo.gateway.cabinet('F')?.setting.schema).to.equal('6.3');
  });
});
