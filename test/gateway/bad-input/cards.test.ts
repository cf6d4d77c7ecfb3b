import { expect } from 'chai';
import { eventually } from '../../support/eventually.ts';
import { type RunningGateway, TestSite, typesOf } from './support/test-site.ts';

const CARD = '62E3086CED';
const OTHER_CARD = '0102030405';
const ACTOR = { kind: 'machine', id: 'test' } as const;

describe('Bad input at a reader', () => {
  let site: TestSite;
  let running: RunningGateway;
  let user: string;

  beforeEach(async () => {
    site = await TestSite.build();
    running = await site.start();
    user = await running.addPerson(CARD);
  });

  afterEach(() => site.close());

  it('turns an unknown card away and puts that on record, without the card', async () => {
    await site.reader.presentCard(OTHER_CARD);
    const { data, actor } = await running.heard('access-refused');
    expect(data).to.deep.equal({ reason: 'unknown-credential', kind: 'card', reader: 'reader-1' });
    expect(actor).to.deep.equal({ kind: 'reader', id: 'reader-1' });
    const events = await site.stopAndRead(running);
    expect(typesOf(events)).to.deep.equal(['access-refused']);
    expect(JSON.stringify(events)).to.not.include(OTHER_CARD);
    expect(site.pulses).to.deep.equal([]);
  });

  it('turns a blocked person away, and serves them again once they are unblocked', async () => {
    const { administration } = running.started;
    await administration.setUserBlocked(user, true, ACTOR);
    await site.reader.presentCard(CARD);
    const { data } = await running.heard('access-refused');
    expect(data).to.deep.include({ reason: 'user-blocked', user });
    expect(site.pulses).to.deep.equal([]);
    await administration.setUserBlocked(user, false, ACTOR);
    expect(await running.serve(CARD)).to.equal('opened 1');
  });

  it('turns a blocked card away, whoever has it', async () => {
    const { administration } = running.started;
    const credential = await administration.addCredential(user, { kind: 'card', value: OTHER_CARD }, ACTOR);
    await administration.setCredentialBlocked(credential, true, ACTOR);
    await site.reader.presentCard(OTHER_CARD);
    const { data } = await running.heard('access-refused');
    expect(data).to.deep.include({ reason: 'credential-blocked', user, credential });
    expect(await running.serve(CARD)).to.equal('opened 1');
    expect(site.pulses).to.deep.equal([1]);
  });

  for (const broken of ['checksum', 'digit', 'cut-off'] as const) {
    it(`takes a frame with a wrong ${broken} for none, and the whole one after it`, async () => {
      await site.reader.presentCard(CARD, { broken });
      await site.reader.presentCard(CARD);
      await running.heard('door-opened');
      const events = await site.stopAndRead(running);
      expect(typesOf(events)).to.deep.equal(['compartment-granted', 'door-opened']);
      expect(site.pulses).to.deep.equal([1]);
      expect(running.notices).to.have.length(1);
      expect(running.notices[0]).to.match(
        /^Reader reader-1: a frame was not taken \((checksum|malformed)\)\.$/,
      );
    });
  }

  it('takes noise on the line for nothing', async () => {
    site.reader.sendRaw(Buffer.from('\x03\x03\xff\x00hello\x02\x02\x02', 'latin1'));
    await site.reader.presentCard(CARD);
    await running.heard('door-opened');
    expect(running.types).to.deep.equal(['compartment-granted', 'door-opened']);
  });

  it('opens once for a card that lies at the reader', async () => {
    await site.reader.presentCard(CARD, { heldMilliseconds: 900 });
    await running.heard('door-opened');
    expect(running.types).to.deep.equal(['compartment-granted', 'door-opened']);
    expect(site.pulses).to.deep.equal([1]);
  });

  it('serves the first of two cards at once and refuses the other, once', async () => {
    await running.addPerson(OTHER_CARD);
    // The reader mixes the frames of two cards in its field.
    await site.reader.presentCard(CARD);
    await site.reader.presentCard(OTHER_CARD);
    await site.reader.presentCard(CARD);
    await site.reader.presentCard(OTHER_CARD);
    const { data } = await running.heard('access-refused');
    expect(data).to.deep.include({ reason: 'two-cards', reader: 'reader-1' });
    await running.heard('door-opened');
    const events = await site.stopAndRead(running);
    expect(typesOf(events).sort()).to.deep.equal(['access-refused', 'compartment-granted', 'door-opened']);
    expect(site.pulses).to.deep.equal([1]);
  });

  it('opens for one of two people who hold the same card to it in the same moment', async () => {
    const outcomes = await Promise.all([running.serve(CARD), running.serve(CARD)]);
    expect(outcomes.filter((outcome) => outcome === 'opened 1')).to.have.length(1);
    expect(site.pulses).to.deep.equal([1]);
  });

  it('gives two people two compartments in the same moment', async () => {
    await running.addPerson(OTHER_CARD);
    const outcomes = await Promise.all([running.serve(CARD), running.serve(OTHER_CARD)]);
    expect(outcomes.sort()).to.deep.equal(['opened 1', 'opened 2']);
    expect(site.pulses).to.have.members([1, 2]);
  });

  it('uses every reference once', async () => {
    const { gateway } = running.started;
    const presentation = gateway.present('reader-1', { kind: 'card', value: CARD });
    const identified = await gateway.identify(presentation);
    if (!identified.ok) throw new Error(identified.refusal.code);
    const again = await gateway.identify(presentation);
    expect(again).to.deep.include({ ok: false });
    const granted = await gateway.allocate(identified.identity);
    if (!granted.ok) throw new Error(granted.refusal.code);
    expect(await gateway.allocate(identified.identity)).to.deep.include({ ok: false });
    const both = await Promise.all([gateway.unlock(granted.grant), gateway.unlock(granted.grant)]);
    expect(both.filter(({ ok }) => ok)).to.have.length(1);
    expect(await gateway.unlock(granted.grant)).to.deep.include({ ok: false });
    expect(await gateway.unlock(granted.grantId), 'the public id opens nothing').to.deep.include({
      ok: false,
    });
    expect(site.pulses).to.deep.equal([1]);
  });

  it('serves on after the line of the reader broke', async () => {
    site.dropConnections();
    await running.heard('board-lost');
    await running.heard('board-found');
    await eventually('both lines are back', () =>
      running.started.gateway.health().buses.every(({ state }) => state === 'connected'),
    );
    await site.reader.presentCard(CARD);
    await running.heard('door-opened');
    expect(site.pulses).to.deep.equal([1]);
  });
});
