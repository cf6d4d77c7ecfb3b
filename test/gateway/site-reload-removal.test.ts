import { expect } from 'chai';
import { Cu48Simulator } from '../../simulators/kerong-cu48.ts';
import { eventually } from '../support/eventually.ts';
import { type Changed, ChangingSite } from './support/changing-site.ts';

const withoutB: Changed = (file) => ({
  ...file,
  buses: file.buses.filter(({ id }) => id !== 'b-locks'),
  boards: file.boards.filter(({ id }) => id !== 'board-b'),
  cabinets: file.cabinets.filter(({ id }) => id !== 'B'),
});

describe('A cabinet that is taken out of the site while the gateway runs', () => {
  let site: ChangingSite;
  let boardB: Cu48Simulator;
  let withB: Changed;

  beforeEach(async () => {
    boardB = new Cu48Simulator({ openMilliseconds: 30 });
    site = await ChangingSite.start();
    const plain = await site.withB(boardB);
    // Schema 1.1: compartments are assigned to persons.
    withB = (file) => {
      const { cabinets, ...rest } = plain(file);
      return {
        ...rest,
        cabinets: cabinets.map((each) => (each.id === 'B' ? { ...each, schema: '1.1' } : each)),
      };
    };
    await site.change(withB);
    await site.doorsKnown();
  });

  afterEach(() => site?.close());

  /** Gives compartment 1 of cabinet B to somebody. */
  async function assign(): Promise<string> {
    const { administration } = site.started;
    const actor = { kind: 'machine', id: 'test' } as const;
    const user = await administration.addUser({ name: 'Anna', roles: ['defined'], groups: ['staff'] }, actor);
    expect(
      await site.operate({ do: 'assign', cabinet: 'B', compartment: 1, user, reason: 'test' }),
    ).to.include({ ok: true });
    return user;
  }

  async function refusal(): Promise<{ readonly code: string; readonly message: string }> {
    return site.reload().then(
      () => {
        throw new Error('It was not refused.');
      },
      (error) => error as { code: string; message: string },
    );
  }

  it('goes, with its lines; the others do not notice', async () => {
    site.boardA.setStuck(0, true);
    const opening = site.opening('A', 1);
    await eventually('the first pulse', () => site.boardA.pulses.length > 0);
    expect((await site.change(withoutB)).done).to.equal(true);
    const { gateway } = site.started;
    expect(gateway.cabinet('B')).to.equal(undefined);
    expect(gateway.cabinets().map(({ setting }) => setting.id)).to.deep.equal(['A']);
    expect(await site.opening('B', 1)).to.deep.include({
      refusal: { code: 'cabinet-unknown', values: { cabinet: 'B' } },
    });
    expect(boardB.connections).to.equal(0);
    expect(gateway.health().buses.map(({ id }) => id)).not.to.include('b-locks');
    site.boardA.setStuck(0, false);
    expect(await opening).to.include({ ok: true });
    expect(site.boardA.connections).to.equal(1);
  });

  it('stays as long as somebody holds something in it, unless that is forced', async () => {
    const user = await assign();
    await site.write(withoutB);
    const { code, message } = await refusal();
    expect(code).to.equal('cabinet-in-use');
    expect(message).to.contain('cabinet B cannot go: compartment 1 is taken');
    expect(site.started.gateway.cabinet('B')).not.to.equal(undefined);
    expect(await site.opening('B', 2)).to.include({ ok: true });
    boardB.setDoor(1, false);
    await eventually('the door is closed', () => site.compartment('B', 2)?.use === undefined);

    expect((await site.reload({ dryRun: true })).obstacles).to.deep.equal([
      'cabinet B cannot go: compartment 1 is taken',
    ]);
    expect(await site.reload({ force: true })).to.deep.include({ done: true });
    expect(site.started.gateway.cabinet('B')).to.equal(undefined);
    const { length } = await site.stored('cabinet/B');
    expect(length, 'its stream stays in the log').to.be.greaterThan(3);
    expect((await site.reloads()).at(-1)?.data).to.include({ force: true });

    await site.change(withB);
    expect(site.compartment('B', 1)?.holders, 'it comes back as it went').to.deep.equal([user]);
    expect(await site.opening('B', 1)).to.include({ ok: true });
  });

  it('comes back with nothing lost of what it held, or not at all', async () => {
    const user = await assign();
    await site.write(withoutB);
    await site.reload({ force: true });
    await site.write((file) => {
      const { cabinets, ...rest } = withB(file);
      const compartments = [{ from: 2, to: 4, board: 'board-b', firstLock: 1 }];
      return {
        ...rest,
        cabinets: cabinets.map((each) => (each.id === 'B' ? { ...each, compartments } : each)),
      };
    });
    const { code, message } = await refusal();
    expect(code).to.equal('site-file-wrong');
    expect(message).to.match(
      /cabinets\[1\]\.compartments: leaves out compartment 1, which is taken; release it first\. Nothing was changed\.$/,
    );
    expect(site.started.gateway.cabinet('B')).to.equal(undefined);
    expect(boardB.connections).to.equal(0);
    await site.change((file) => withB(withoutB(file)));
    expect(site.compartment('B', 1)?.holders).to.deep.equal([user]);
  });

  it('stays while a door is being opened or stands open', async () => {
    boardB.setStuck(2, true);
    const opening = site.opening('B', 3);
    await eventually('the first pulse', () => boardB.pulses.length > 0);
    await site.write(withoutB);
    expect((await refusal()).message).to.match(/compartment 3 is being opened or stands open/);
    boardB.setStuck(2, false);
    expect(await opening, 'it was not disturbed').to.include({ ok: true });
    expect((await refusal()).message).to.match(/compartment 3 is being opened or stands open/);
    boardB.setDoor(2, false);
    await eventually('the door is closed', () => site.compartment('B', 3)?.use === undefined);
    expect((await site.reload()).done).to.equal(true);
  });

  it('ends what was under way, where that is forced, without a word of a lock that failed', async () => {
    boardB.setStuck(2, true);
    const opening = site.opening('B', 3);
    await eventually('the first pulse', () => boardB.pulses.length > 0);
    await site.write(withoutB);
    await site.reload({ force: true });
    expect(await opening).to.deep.include({ refusal: { code: 'cabinet-unknown', values: { cabinet: 'B' } } });
    expect((await site.stored('cabinet/B')).map(({ type }) => type)).not.to.include('unlock-failed');
  });

  it('ends an opening of all of it', async () => {
    for (const lock of [0, 1, 2, 3]) boardB.setStuck(lock, true);
    const all = site.started.gateway.openAll('B', 'inventory', { kind: 'machine', id: 'test' });
    await eventually('the first pulse', () => boardB.pulses.length > 0);
    await site.write(withoutB);
    await site.reload({ force: true });
    const ended = await all;
    if (!ended.ok) throw new Error(ended.text.en);
    expect(ended.failed.map(({ refusal: { code } }) => code)).to.deep.equal(['cabinet-unknown']);
    expect(ended.opened).to.deep.equal([]);
  });

  it('takes its alarms with it: they end in the book, and come up again with it', async () => {
    const { alarms } = site.started.gateway;
    const open = (): readonly string[] =>
      alarms.list().flatMap(({ id, current }) => (current.ended === undefined ? [id] : []));
    boardB.setDoor(3, true);
    await eventually('the alarm', () => open().some((id) => id.startsWith('door-forced@B')));
    await site.change(withoutB);
    await eventually('the end of the alarm', () => open().length === 0);
    const [alarm] = alarms.list();
    expect(alarm, 'nobody has seen to it yet').to.deep.include({ kind: 'door-forced' });

    await site.change(withB);
    await eventually('the alarm stands again', () => open().some((id) => id.startsWith('door-forced@B')));
    boardB.setDoor(3, false);
    await eventually('and ends as any other', () => open().length === 0);
  });

  it('takes the alarm of its line with it', async () => {
    const { alarms } = site.started.gateway;
    const lost = (): boolean =>
      alarms.list().some(({ kind, current }) => kind === 'bus-lost' && current.ended === undefined);
    await site.hangUp('b-locks');
    await eventually('the line is lost', lost);
    await site.change(withoutB);
    await eventually('nobody misses it', () => !lost());
  });

  it('may be the one that a grant is for: it opens nothing then', async () => {
    const { gateway, administration } = site.started;
    const actor = { kind: 'machine', id: 'test' } as const;
    const user = await administration.addUser({ name: 'Bert', roles: ['defined'], groups: ['staff'] }, actor);
    await administration.addCredential(user, { kind: 'card', value: '62E3086CED' }, actor);
    expect(
      await site.operate({ do: 'assign', cabinet: 'B', compartment: 1, user, reason: 'test' }),
    ).to.include({ ok: true });
    await site.change((file) => ({
      ...file,
      readers: file.readers.map((reader) => ({ ...reader, cabinet: 'B' })),
    }));
    const presented = gateway.present('reader-a', { kind: 'card', value: '62E3086CED' });
    const identified = await gateway.identify(presented);
    if (!identified.ok) throw new Error(identified.text.en);
    const granted = await gateway.allocate(identified.identity);
    if (!granted.ok) throw new Error(granted.text.en);
    await site.write((file) => ({
      ...withoutB(file),
      readers: file.readers.map((reader) => ({ ...reader, cabinet: 'A' })),
    }));
    await site.reload({ force: true });
    expect(await gateway.unlock(granted.grant)).to.deep.include({
      refusal: { code: 'cabinet-unknown', values: { cabinet: 'B' } },
    });
    expect(boardB.pulses).to.deep.equal([]);
  });
});

describe('A panel that is taken out of the site while the gateway runs', () => {
  let site: ChangingSite;

  afterEach(() => site?.close());

  it('stays while somebody is served there, unless that is forced; nothing opens for them then', async () => {
    site = await ChangingSite.start((file) => ({
      ...file,
      panels: [{ id: 'hall', name: 'Hall', cabinet: 'A' }],
      cabinets: file.cabinets.map((cabinet) => ({
        ...cabinet,
        schema: '4.2',
      })),
    }));
    const { gateway } = site.started;
    const asked = await gateway.answer('hall', { answer: 'deposit' });
    if (!asked.ok) throw new Error(asked.text.en);
    expect(asked.view.prompt.code).to.equal('choose-compartment');
    const without: Changed = ({ panels: _gone, ...file }) => file;
    const refused = await site.change(without).catch((error: unknown) => error);
    expect(refused).to.include({ code: 'cabinet-in-use' });
    expect((refused as Error).message).to.contain(
      'panel hall of cabinet A cannot go: somebody is served there',
    );
    expect(gateway.panel('hall')?.prompt.code, 'it goes on').to.equal('choose-compartment');

    expect(await site.reload({ force: true })).to.deep.include({ done: true });
    expect(gateway.panel('hall')).to.equal(undefined);
    const late = await gateway.answer('hall', { answer: 'compartment', compartment: 1 });
    expect(late).to.deep.include({ refusal: { code: 'panel-unknown', values: { panel: 'hall' } } });
    expect(site.boardA.pulses).to.deep.equal([]);
  });
});
