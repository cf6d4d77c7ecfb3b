import { expect } from 'chai';
import type { Browser } from 'playwright-core';
import { TestSmtpServer } from '../mail/support/smtp-server.ts';
import { eventually } from '../support/eventually.ts';
import { launchBrowser, Visitor } from './support/browser.ts';
import { ACTOR, PanelSite } from './support/panel-site.ts';

describe('The page of a touch panel', () => {
  let browser: Browser;
  let site: PanelSite;
  const visitors: Visitor[] = [];

  before(async () => {
    browser = await launchBrowser();
    site = await PanelSite.start();
  });

  afterEach(async () => {
    for (const visitor of visitors.splice(0)) {
      expect(visitor.complaints).to.deep.equal([]);
      await visitor.close();
    }
  });

  after(async () => {
    await browser?.close();
    await site?.close();
  });

  /** A panel that is set up by the address that its installer opened. */
  async function panel(id = 'left', locale?: string, at = site): Promise<Visitor> {
    const visitor = await Visitor.at(browser, `${at.address}/panel/#token=${await at.tokenFor(id)}`, locale);
    visitors.push(visitor);
    return visitor;
  }

  async function leave(visitor: Visitor, compartment: number, pin: string): Promise<void> {
    await visitor.press('Deposit');
    await visitor.press(`Compartment ${compartment}`);
    await visitor.reads(`Compartment ${compartment} opens.`);
    await site.closeDoor(compartment);
    await visitor.reads('Set a PIN of 4 to 16 digits');
    await visitor.type(pin);
    await visitor.reads('Type the same PIN again.');
    await visitor.type(pin);
    await visitor.reads(`Your deposit is in compartment ${compartment}.`);
  }

  async function collect(visitor: Visitor, compartment: number, pin: string): Promise<void> {
    await visitor.press('Collect');
    await visitor.type(String(compartment));
    await visitor.reads(`Compartment ${compartment}: type its PIN.`);
    await visitor.type(pin);
  }

  it('takes a deposit and gives it back for compartment number and PIN', async () => {
    const guest = await panel();
    await guest.reads('Deposit something, or collect');
    await guest.press('Deposit');
    await guest.press('Compartment 3');
    await guest.reads('Put your things in and close it.');
    expect(await guest.page.textContent('.number')).to.equal('3');
    await site.closeDoor(3);
    await guest.reads('Set a PIN of 4 to 16 digits for compartment 3.');
    expect(await guest.page.textContent('.left')).to.match(/^Time left (0:\d\d|1:00)$/);
    await guest.type('2468');
    await guest.reads('Type the same PIN again.');
    await guest.type('2469');
    await guest.reads('The two PINs are not alike.');
    await guest.type('2468');
    const pad = guest.page.locator('.keypad');
    for (const digit of '2468') await pad.getByRole('button', { name: digit, exact: true }).click();
    const shown = await guest.page.locator('.typed').textContent();
    expect(shown, 'a PIN is not to be read over a shoulder').to.equal('••••Digits typed: 4');
    await guest.press('OK');
    await guest.reads('Your deposit is in compartment 3.');
    expect(site.statusOf(3)).to.equal('occupied');

    await collect(guest, 3, '2468');
    await guest.reads('Compartment 3 opens. Take everything out and close it.');
    await site.closeDoor(3);
    await guest.reads('Thank you. Compartment 3 is free again');
    expect(site.statusOf(3)).to.equal('free');
  });

  it('keeps its token out of the address bar, and finds it again', async () => {
    const visitor = await panel();
    await visitor.reads('Deposit something');
    expect(visitor.page.url()).to.equal(`${site.address}/panel/`);
    await visitor.page.reload();
    await visitor.reads('Deposit something');
    expect(await visitor.page.textContent('h1')).to.equal('Parcels · Left panel');
  });

  it('asks for a token, says where one is wrong, and when it is taken away', async () => {
    const visitor = await Visitor.at(browser, `${site.address}/panel/`);
    visitors.push(visitor);
    const enter = async (token: string): Promise<void> => {
      await visitor.page.getByLabel('Token of the panel').fill(token);
      await visitor.press('Start');
    };
    await enter('not-a-token');
    await visitor.reads('This token is not known here.');
    const { id, token } = await site.administration.panelTokens.add('left', ACTOR);
    await enter(token);
    await visitor.reads('Deposit something');
    await site.administration.panelTokens.remove(id, ACTOR);
    await visitor.reads('This token is not known here.');
    expect(await visitor.page.evaluate('localStorage.length')).to.equal(0);
  });

  it('offers only what may be chosen, to two people at two panels at once', async () => {
    const left = await panel('left');
    const right = await panel('right');
    await left.press('Deposit');
    await right.press('Deposit');
    const offered = (visitor: Visitor) => visitor.page.locator('.grid button').allTextContents();
    await right.page.locator('.grid').waitFor();
    await left.press('Compartment 2');
    await left.reads('Compartment 2 opens.');
    await eventually('door 2 opens', () => site.board.isOpen(1));
    await right.page
      .getByRole('button', { name: 'Compartment 2', exact: true })
      .waitFor({ state: 'detached' });
    expect(await offered(right)).to.deep.equal(['1', '3', '4']);
    await right.press('Compartment 4');
    await right.reads('Compartment 4 opens.');
    await site.closeDoor(4);
    await right.reads('for compartment 4.');
    await site.closeDoor(2);
    await left.reads('for compartment 2.');
    for (const [visitor, pin] of [
      [left, '1111'],
      [right, '1111'],
    ] as const) {
      await visitor.type(pin);
      await visitor.reads('Type the same PIN again.');
      await visitor.type(pin);
      await visitor.reads('Your deposit is in compartment');
    }
    for (const compartment of [2, 4]) {
      await collect(right, compartment, '1111');
      await right.reads(`Compartment ${compartment} opens.`);
      await site.closeDoor(compartment);
      await right.reads(`Thank you. Compartment ${compartment} is free again`);
    }
  });

  it('comes back to the same question after the gateway was restarted', async () => {
    const guest = await panel();
    await guest.press('Deposit');
    await guest.press('Compartment 1');
    await guest.reads('Compartment 1 opens.');
    await site.closeDoor(1);
    await guest.reads('for compartment 1.');
    await site.stop();
    await guest.reads('No connection. Trying again …');
    expect(await guest.page.locator('main').getAttribute('inert')).to.equal('');
    await site.restart();
    await guest.page.locator('main:not([inert])').waitFor();
    expect(await guest.page.textContent('h2')).to.include('for compartment 1.');
    await guest.type('97531');
    await guest.reads('Type the same PIN again.');
    await guest.type('97531');
    await guest.reads('Your deposit is in compartment 1.');
    await collect(guest, 1, '97531');
    await guest.reads('Compartment 1 opens.');
    await site.closeDoor(1);
    await guest.reads('Thank you.');
  });

  it('takes back what somebody does not want to leave', async () => {
    const guest = await panel();
    await guest.press('Deposit');
    await guest.press('Cancel');
    await guest.reads('Cancelled.');
    await guest.press('Deposit');
    await guest.press('Compartment 1');
    await guest.reads('Compartment 1 opens.');
    await site.closeDoor(1);
    await guest.reads('for compartment 1.');
    await guest.press('Take it back');
    await guest.reads('Compartment 1 opens. Take everything out and close it.');
    await site.closeDoor(1);
    await guest.reads('Deposit something');
    await eventually('compartment 1 is free', () => site.statusOf(1) === 'free');
  });

  it('notes a fault', async () => {
    const visitor = await panel();
    await visitor.press('Report a fault');
    await visitor.reads('Which compartment is it about?');
    await visitor.press('Compartment 4');
    await visitor.press('Does not close');
    await visitor.reads('Thank you. The fault of compartment 4 has been noted.');
  });

  it('is worked by keyboard alone, and tells screen readers what it asks', async () => {
    const { page, ...visitor } = await panel();
    const { keyboard } = page;
    await page.getByText('Deposit something').waitFor();
    for (const role of ['status', 'alert']) {
      expect(await page.getByRole(role as 'status').count(), role).to.be.greaterThan(0);
    }
    await page.getByRole('button', { name: 'Deposit', exact: true }).focus();
    await keyboard.press('Tab');
    await keyboard.press('Enter');
    await page.getByText('Type the number of the compartment.').waitFor();
    await keyboard.type('12');
    await keyboard.press('Backspace');
    await keyboard.press('Enter');
    await page.getByText('Compartment 1: type its PIN.').waitFor();
    await keyboard.type('123');
    await keyboard.press('Enter');
    expect(await page.textContent('h2'), 'a PIN has four digits at least').to.equal(
      'Compartment 1: type its PIN.',
    );
    await keyboard.type('4');
    await keyboard.press('Enter');
    await page.getByText('do not fit').waitFor();
    expect(visitor.complaints).to.deep.equal([]);
  });

  for (const { locale, deposit, question } of [
    { locale: 'pl-PL', deposit: 'Zdeponuj', question: 'Wybierz skrytkę.' },
    { locale: 'it-IT', deposit: 'Deposita', question: 'Scelga uno scomparto.' },
  ]) {
    it(`speaks the language of a browser in ${locale}, and another one at a touch`, async () => {
      const visitor = await panel('right', locale);
      await visitor.press(deposit);
      await visitor.reads(question);
      await visitor.press('English');
      await visitor.reads('Choose a compartment.');
      expect(await visitor.page.getAttribute('html', 'lang')).to.equal('en');
      await visitor.press('Cancel');
      await visitor.reads('Cancelled.');
    });
  }

  // The last one: its panel makes people wait afterwards.
  it('says when a PIN is wrong, and how long to wait after too many', async () => {
    const guest = await panel();
    await leave(guest, 2, '2468');
    await collect(guest, 2, '1357');
    await guest.reads('The number of the compartment and the code do not fit.');
    for (let tries = 1; tries < 5; tries += 1) {
      await guest.type(`135${tries}`);
      await guest.page.locator('.actions:not(.busy)').waitFor();
    }
    await guest.type('2468');
    await guest.reads('Too many wrong codes. Please wait');
    expect(site.statusOf(2), 'the right PIN opens nothing now').to.equal('occupied');
  });
});

describe('The page of a touch panel, where people are slow', () => {
  let browser: Browser;
  let site: PanelSite;

  before(async () => {
    browser = await launchBrowser();
    site = await PanelSite.start({ sessions: { answerWithinSeconds: 2, useWithinSeconds: 600 } });
  });

  after(async () => {
    await browser?.close();
    await site?.close();
  });

  it('goes back to the beginning for the next person, and says why', async () => {
    const guest = await Visitor.at(browser, `${site.address}/panel/#token=${await site.tokenFor('left')}`);
    await guest.press('Deposit');
    await guest.reads('Choose a compartment.');
    await guest.reads('That took too long. Please begin again.');
    await guest.reads('Deposit something');
    expect(site.gateway.cabinet('A')?.sessions.size).to.equal(0);
    expect(guest.complaints).to.deep.equal([]);
    await guest.close();
  });
});

describe('The page of a touch panel, for masters', () => {
  let browser: Browser;
  let smtp: TestSmtpServer;
  let site: PanelSite;

  before(async () => {
    browser = await launchBrowser();
    smtp = await TestSmtpServer.start();
    site = await PanelSite.start(
      { schema: '6.1' },
      {
        host: '127.0.0.1',
        port: smtp.port,
        security: 'none',
        login: undefined,
        ca: undefined,
        from: { name: '', address: 'lockers@example.com' },
      },
    );
  });

  after(async () => {
    await browser?.close();
    await site?.close();
    await smtp?.close();
  });

  it('lets one log in, leave something, find its recipient by name and have the PIN sent', async () => {
    const { administration } = site;
    const login = 'olga';
    const password = 'a sentence of a master';
    const master = await administration.addUser(
      { name: 'Olga', login, roles: ['defined', 'master'], groups: [] },
      ACTOR,
    );
    await administration.changePassword(
      login,
      await administration.issueOneTimePassword(master, ACTOR),
      password,
    );
    for (const name of ['Anna Nowak', 'Jan Kowalski']) {
      const email = `${name.split(' ')[0]?.toLowerCase() ?? ''}@example.org`;
      await administration.addUser({ name, email, roles: ['defined'], groups: [] }, ACTOR);
    }
    const visitor = await Visitor.at(browser, `${site.address}/panel/#token=${await site.tokenFor('left')}`);
    const { page } = visitor;
    const logIn = async (words: string): Promise<void> => {
      await page.getByLabel('Login', { exact: true }).fill(login);
      await page.getByLabel('Password', { exact: true }).fill(words);
      await page.keyboard.press('Enter');
    };
    await visitor.press('Login and password');
    await logIn('another sentence');
    await visitor.reads('not known here');
    await logIn(password);
    await visitor.reads('Compartment 1 opens. Put your things in and close it.');
    await site.closeDoor(1);
    await visitor.reads('Choose who is to collect from compartment 1.');
    await page.getByRole('button', { name: 'Anna Nowak' }).waitFor();
    await page.getByLabel('Name of the recipient').fill('kowal');
    await page.getByRole('button', { name: 'Anna Nowak' }).waitFor({ state: 'detached' });
    await page.getByLabel('Name of the recipient').fill('nobody at all');
    await visitor.reads('Nobody with that name.');
    await page.getByLabel('Name of the recipient').fill('kowal');
    await visitor.press('Jan Kowalski');
    await visitor.reads('Set a PIN of 4 to 16 digits for compartment 1.');
    await visitor.type('480913');
    await visitor.reads('Type the same PIN again.');
    await visitor.type('480913');
    await visitor.reads('the recipient was told by e-mail');
    expect(smtp.received.map(({ to }) => to)).to.deep.equal([['jan@example.org']]);
    expect(visitor.complaints).to.deep.equal([]);
    await visitor.close();
  });
});
