import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import type { OPCUACertificateManager } from 'node-opcua';
import type { Browser, Page } from 'playwright-core';
import { type Announcement, endAll, SezamProcess } from '../end-to-end/support/sezam-process.ts';
import { TestStore } from '../end-to-end/support/test-store.ts';
import { clientCertificates, failureOf, person, TestClient } from '../opcua-server/support/client.ts';
import { launchBrowser } from './support/browser.ts';

/** What the page says in each language, and the password that is set in it. */
const LANGUAGES = [
  {
    locale: 'en-GB',
    button: 'English',
    title: 'Set your password',
    notAlike: 'The new passwords are not alike.',
    wrong: 'Login and password do not fit.',
    done: 'Your password is set.',
    password: 'an english sentence',
  },
  {
    locale: 'pl-PL',
    button: 'Polski',
    title: 'Ustaw swoje hasło',
    notAlike: 'Nowe hasła nie są takie same.',
    wrong: 'Login i hasło nie pasują do siebie.',
    done: 'Hasło zostało ustawione.',
    password: 'zażółć gęślą jaźń',
  },
  {
    locale: 'it-IT',
    button: 'Italiano',
    title: 'Imposti la sua password',
    notAlike: 'Le nuove password non sono uguali.',
    wrong: 'Nome utente e password non corrispondono.',
    done: 'La password è impostata.',
    password: 'perché no, città mia',
  },
] as const;

describe('The first login', function () {
  this.bail(true);

  let folder: string;
  let store: TestStore;
  let sezam: SezamProcess;
  let announced: Announcement;
  let certificates: OPCUACertificateManager;
  let browser: Browser;
  /** The password that is valid now. */
  let current: string;

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'sezam-first-login-'));
    store = new TestStore();
    certificates = await clientCertificates(folder);
    browser = await launchBrowser();
    ({ sezam, announced } = await SezamProcess.start('node', {
      SEZAM_DATA: join(folder, 'data'),
      SEZAM_HTTP_PORT: '0',
      SEZAM_OPCUA_PORT: '0',
      ...store.environment,
    }));
    current = announced.oneTimePassword ?? '';
  });

  after(async () => {
    await browser?.close();
    await certificates?.dispose();
    await sezam?.stop();
    await endAll();
    await store?.remove();
    if (folder) await rm(folder, { recursive: true, force: true });
  });

  async function editorToken(password: string): Promise<{ status: number; token: string | undefined }> {
    const response = await fetch(`${announced.editor}auth/token`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({
        client_id: 'node-red-editor',
        grant_type: 'password',
        scope: '*',
        username: 'admin',
        password,
      }),
    });
    const answer = (await response.json()) as { access_token?: string };
    return { status: response.status, token: answer.access_token };
  }

  async function opcuaLogin(password: string): Promise<string> {
    const session = TestClient.connect(announced.opcua, certificates, person('admin', password));
    return failureOf(
      session.then(async (client) => {
        await client.close();
        throw new Error('logged in');
      }),
    );
  }

  /** Fills the form and sends it. */
  async function fill(page: Page, values: { current: string; next: string; again: string }): Promise<void> {
    for (const [name, value] of Object.entries(values)) await page.fill(`#${name}`, value);
    await page.click('button[type="submit"]');
  }

  it('lets nobody in with the one-time password, neither into the editor nor over OPC UA', async () => {
    expect(await editorToken(current)).to.deep.equal({ status: 403, token: undefined });
    expect(await opcuaLogin(current)).to.match(/BadUserAccessDenied|BadIdentityTokenRejected/);
  });

  for (const { locale, title, notAlike, wrong, done, password } of LANGUAGES) {
    it(`sets a password on the page of a browser in ${locale}`, async () => {
      const context = await browser.newContext({ locale });
      const complaints: string[] = [];
      try {
        const page = await context.newPage();
        page.on('console', (message) => {
          if (message.type() === 'error' && !message.text().includes('403')) complaints.push(message.text());
        });
        page.on('pageerror', (error) => complaints.push(error.message));
        await page.goto(announced.account ?? '');
        expect(await page.textContent('h2')).to.equal(title);
        expect(await page.getAttribute('html', 'lang')).to.equal(locale.slice(0, 2));

        const message = page.locator('#message');
        await fill(page, { current, next: password, again: `${password}.` });
        expect(await message.textContent()).to.equal(notAlike);
        await fill(page, { current: `${current}.`, next: password, again: password });
        await message.filter({ hasText: wrong }).waitFor({ timeout: 30_000 });
        await fill(page, { current, next: password, again: password });
        await page.locator('#done').waitFor({ state: 'visible', timeout: 30_000 });
        expect(await page.textContent('#done p')).to.include(done);
        expect(await page.isVisible('#password-form')).to.equal(false);
        expect(complaints).to.deep.equal([]);
        current = password;
      } finally {
        await context.close();
      }
    });
  }

  it('changes the language of the page at a click, and remembers nothing that was typed wrong', async () => {
    const page = await browser.newPage({ locale: 'de-DE' });
    try {
      await page.goto(announced.account ?? '');
      for (const { button, title } of LANGUAGES) {
        await page.click(`button:has-text("${button}")`);
        expect(await page.textContent('h2')).to.equal(title);
        expect(await page.getAttribute(`button:has-text("${button}")`, 'aria-pressed')).to.equal('true');
      }
    } finally {
      await page.close();
    }
  });

  it('lets the administrator into the editor and over OPC UA from then on, and nobody else', async () => {
    const { status, token } = await editorToken(current);
    expect(status).to.equal(200);
    const flows = (headers: Record<string, string>): Promise<Response> =>
      fetch(`${announced.editor}flows`, { headers });
    expect((await flows({})).status).to.equal(401);
    const answer = await flows({ Authorization: `Bearer ${token}` });
    expect(answer.status).to.equal(200);
    expect(JSON.stringify(await answer.json())).to.include('sezam-allocate');
    expect((await editorToken(announced.oneTimePassword ?? '')).status).to.equal(403);
    expect(await opcuaLogin(current)).to.equal('logged in');
    expect(await opcuaLogin(announced.oneTimePassword ?? '')).to.match(
      /BadUserAccessDenied|BadIdentityTokenRejected/,
    );
  });

  it('lets the administrator log in to the editor in the browser', async () => {
    const page = await browser.newPage({ locale: 'en-GB' });
    try {
      await page.goto(announced.editor);
      await page.fill('input[type="text"]', 'admin');
      await page.fill('input[type="password"]', current);
      await page.click('#node-dialog-login-submit');
      await page.locator('#red-ui-workspace-chart').waitFor({ state: 'visible', timeout: 60_000 });
      await page.locator('text=A card opens a locker').first().waitFor({ timeout: 60_000 });
    } finally {
      await page.close();
    }
  });
});
