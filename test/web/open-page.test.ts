import { expect } from 'chai';
import type { Browser } from 'playwright-core';
import type { Role } from '../../domain/identification.ts';
import { eventually } from '../support/eventually.ts';
import { launchBrowser, Visitor } from './support/browser.ts';
import { ACTOR, PanelSite } from './support/panel-site.ts';

describe('The page behind a one-time link', () => {
  let browser: Browser;
  let site: PanelSite;
  const visitors: Visitor[] = [];

  before(async () => {
    browser = await launchBrowser();
  });

  afterEach(async () => {
    for (const visitor of visitors.splice(0)) {
      expect(visitor.complaints).to.deep.equal([]);
      await visitor.close();
    }
    await site?.close();
  });

  after(() => browser?.close());

  /** Somebody with a link, and the code beside it. */
  async function link(panel?: string, role: Role = 'defined') {
    const user = await site.administration.addUser({ name: 'Somebody', roles: [role], groups: [] }, ACTOR);
    const place = { cabinet: 'A', ...(panel !== undefined && { panel }), validFor: 600_000 };
    const { token, code } = await site.administration.issuePhoneAccess(user, place, ACTOR);
    return { user, code, address: `${site.address}/open/#token=${token}` };
  }

  async function visit(address: string, locale?: string): Promise<Visitor> {
    const visitor = await Visitor.at(browser, address, locale);
    visitors.push(visitor);
    return visitor;
  }

  it('says what it opens, opens at the press of a button, and once only', async () => {
    site = await PanelSite.start({ schema: '2.2' });
    const { address, user } = await link('left');
    const requested: string[] = [];
    const visitor = await visit('about:blank');
    visitor.page.on('request', (request) => requested.push(request.url()));
    await visitor.page.goto(address);
    await visitor.reads('This opens Parcels for you at Left panel. It works once');
    await visitor.page.reload();
    await visitor.reads('This opens Parcels for you at Left panel.');
    expect(site.board.pulses, 'looking at it opens nothing').to.deep.equal([]);
    await visitor.press('Open');
    await visitor.reads('Compartment 1 opens.');
    await eventually('the door opens', () => site.board.isOpen(0));
    expect(await visitor.page.textContent('.number')).to.equal('1');
    expect(visitor.page.url(), 'the link is of no use any more').to.equal(`${site.address}/open/`);
    await site.closeDoor(1);
    expect(site.gateway.cabinet('A')?.compartments[0]?.holders).to.deep.equal([user]);

    const again = await visit(address);
    await again.reads('This link or code was used already or has expired.');
    expect(await again.page.getByRole('button', { name: 'Open', exact: true }).count()).to.equal(0);
    expect(site.board.pulses).to.have.length(1);
    const secret = address.split('token=')[1] ?? '';
    expect(requested.filter((url) => url.replace(/#.*$/, '').includes(secret))).to.deep.equal([]);
  });

  it('asks where a person is, where that matters', async () => {
    site = await PanelSite.start({ schema: '2.2' });
    const { address } = await link();
    const visitor = await visit(address, 'pl-PL');
    await visitor.reads('Gdzie jesteś?');
    await visitor.press('Otwórz przy: Right panel');
    await visitor.reads('Skrytka 1 otwiera się.');
    expect(site.gateway.panel('right')?.notice?.code).to.equal('open');
    expect(site.gateway.panel('left')?.notice).to.equal(undefined);
  });

  it('goes on with what the panel would ask, up to the end', async () => {
    site = await PanelSite.start({ schema: '6.3' });
    const { address } = await link('left', 'master');
    const visitor = await visit(address);
    await visitor.press('Open');
    await visitor.press('Set a PIN');
    await visitor.type('2468');
    await visitor.reads('Type the same PIN again.');
    await visitor.type('2468');
    await visitor.press('Compartment 2');
    await visitor.reads('Compartment 2 opens. Put your things in and close it.');
    expect(await visitor.page.getByRole('button').count(), 'the languages are left').to.equal(3);
    await site.closeDoor(2);
    await visitor.reads('Your deposit is in compartment 2.');
    await visitor.reads('You may close this page.');
    expect(site.statusOf(2)).to.equal('occupied');
  });

  it('is not needed where the code beside the link is typed at the panel', async () => {
    site = await PanelSite.start({ schema: '2.2' });
    const { code, address } = await link('left');
    const panel = await visit(`${site.address}/panel/#token=${await site.tokenFor('left')}`);
    await panel.press('Code from your phone');
    await panel.type(code);
    await panel.reads('Compartment 1 opens.');
    await site.closeDoor(1);
    const late = await visit(address);
    await late.reads('This link or code was used already or has expired.');
  });

  it('says why it does not open, and takes another try while the link is good', async () => {
    site = await PanelSite.start({ schema: '2.2' });
    const { address } = await link('left');
    const visitor = await visit(address);
    await visitor.reads('This opens Parcels');
    await visitor.page.context().setOffline(true);
    await visitor.press('Open');
    await visitor.reads('That did not work. Please try again.');
    expect(site.board.pulses).to.deep.equal([]);
    await visitor.page.context().setOffline(false);
    await visitor.press('Try again');
    await visitor.press('Open');
    await visitor.reads('Compartment 1 opens.');
  });

  it('says so where there is no link in its address', async () => {
    site = await PanelSite.start({ schema: '2.2' });
    const visitor = await visit(`${site.address}/open/`, 'it-IT');
    await visitor.reads('Apra di nuovo quel link.');
  });
});
