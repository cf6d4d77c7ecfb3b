import { existsSync } from 'node:fs';
import { type Browser, chromium, type Page } from 'playwright-core';

const CHROMIUM = '/usr/bin/chromium';
const QUIET_BROWSER = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--no-first-run',
];

/** The size of a small touch panel. */
const PANEL = { width: 800, height: 480 } as const;
/** How long anything may take to be seen. Milliseconds. */
const SEEN_WITHIN = 30_000;

export function launchBrowser(): Promise<Browser> {
  if (!existsSync(CHROMIUM)) {
    throw new Error(`There is no ${CHROMIUM}. Install it: apt-get install chromium (.ci/run does that).`);
  }
  return chromium.launch({ executablePath: CHROMIUM, args: QUIET_BROWSER });
}

/** A page as a person at a touch panel or with a phone uses it. */
export class Visitor {
  readonly page: Page;
  /** What the browser complained about, refused requests aside: they are part of the stories. */
  readonly complaints: string[] = [];

  private constructor(page: Page) {
    this.page = page;
    page.setDefaultTimeout(SEEN_WITHIN);
    page.on('console', (message) => {
      const text = message.text();
      if (message.type() !== 'error' || text.startsWith('Failed to load resource')) return;
      this.complaints.push(text);
    });
    page.on('pageerror', (error) => this.complaints.push(error.message));
  }

  /** Opens an address in a browser that knows nothing yet. */
  static async at(browser: Browser, address: string, locale = 'en-GB'): Promise<Visitor> {
    const context = await browser.newContext({ locale, viewport: PANEL });
    const visitor = new Visitor(await context.newPage());
    await visitor.page.goto(address);
    return visitor;
  }

  /** Presses a button by its name. */
  press(name: string): Promise<void> {
    return this.page.getByRole('button', { name, exact: true }).click();
  }

  /** Types digits on the pad of the screen and confirms them. */
  async type(digits: string, ok = 'OK'): Promise<void> {
    const pad = this.page.locator('.keypad');
    for (const digit of digits) await pad.getByRole('button', { name: digit, exact: true }).click();
    await pad.getByRole('button', { name: ok, exact: true }).click();
  }

  /** Waits until the panel asks or says something. */
  reads(text: string): Promise<void> {
    return this.page.getByText(text).first().waitFor();
  }

  async close(): Promise<void> {
    await this.page.context().close();
  }
}
