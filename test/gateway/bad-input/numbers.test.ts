import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import type { ImportMessage } from '../../../gateway/commands/people.ts';
import type { GatewayAtWork } from '../support/gateway-at-work.ts';
import { StoredLog } from '../support/stored-log.ts';
import { CommandedWork } from './support/commanded-work.ts';

const PANELS = [{ id: 'panel', name: 'Panel', cabinet: 'A' }];

/** What is out of bounds, broken or given twice, as a person meets it. */
describe('Bad input of administrators and guests', () => {
  let stored: StoredLog;
  let commanded: CommandedWork;
  let work: GatewayAtWork;

  before(async () => {
    stored = await StoredLog.open();
  });

  after(() => stored.remove());

  const start = async (schema: string): Promise<void> => {
    commanded = await CommandedWork.start(stored, { cabinet: { schema }, panels: PANELS });
    work = commanded.work;
  };

  afterEach(async () => {
    await commanded.stop();
    await stored.renew();
  });

  const person = async (): Promise<string> =>
    (await commanded.ask<{ user: string }>({ do: 'add-user', name: 'Anna', roles: ['defined'], groups: [] }))
      .user;

  for (const pin of ['123', '12345678901234567', '12a4', '']) {
    it(`a user's PIN "${pin}" is not taken, and the answer says which are`, async () => {
      await start('2.2');
      const user = await person();
      const refused = await commanded.refused({ do: 'add-credential', user, kind: 'pin', value: pin });
      expect(refused).to.match(pin === '' ? /^malformed: / : /^pin-malformed: .*4 to 16 digits/);
      expect(await commanded.ask({ do: 'list-credentials', user })).to.deep.equal([]);
    });

    it(`a guest's PIN "${pin}" is not taken, and the guest is asked again`, async () => {
      await start('4.3');
      await work.answer('panel', { answer: 'deposit' });
      await stored.pass(500);
      await work.closeDoor(1);
      const refused = await work.answer('panel', { answer: 'scan', scan: { kind: 'pin', value: pin } });
      expect(refused).to.have.nested.property('refusal.code', 'pin-length');
      expect(refused)
        .to.have.nested.property('text.en')
        .that.matches(/4 to 16 digits/);
      expect(work.prompt('panel')).to.equal('set-pin');
      await work.answer('panel', { answer: 'scan', scan: { kind: 'pin', value: '1234' } });
      expect(work.compartment(1).deposit?.stage).to.equal('stored');
    });

    it(`a common PIN "${pin}" is not taken`, async () => {
      await start('5.2');
      const user = await person();
      const place = { cabinet: 'A', compartment: 1, reason: 'shared' };
      await commanded.ask({ do: 'assign', ...place, user });
      const refused = await commanded.refused({ do: 'assign-code', ...place, pin });
      expect(refused).to.match(/^(?:pin-length|malformed): /);
      expect(work.compartment(1).codes).to.deep.equal([]);
    });
  }

  it('compartment 513 is not understood, compartment 5 of four does not exist', async () => {
    await start('2.2');
    const open = (compartment: number): Promise<string> =>
      commanded.refused({ do: 'open', cabinet: 'A', compartment, reason: 'looking for it' });
    for (const compartment of [513, 0, -1, 1.5])
      expect(await open(compartment)).to.match(/^malformed: .*compartment/);
    expect(await open(5)).to.match(/^compartment-unknown: .*5/);
    expect(work.board.pulses).to.deep.equal([]);
  });

  it('compartment 513 at a panel or keypad is answered as any other with another code', async () => {
    await start('4.3');
    const collected = await work.answer('panel', { answer: 'collect', compartment: 513, pin: '1234' });
    expect(collected).to.have.nested.property('refusal.code', 'wrong-code');
    for (const value of ['513', '1234']) work.reader('own-reader').scan({ kind: 'pin', value });
    await stored.pass(1_000);
    expect(await work.last()).to.deep.equal({
      reason: 'wrong-code',
      reader: 'own-reader',
      panel: 'own-reader',
    });
    expect(work.board.pulses).to.deep.equal([]);
  });

  it('rights that overlap are taken, and the answer names those that are there', async () => {
    await start('2.2');
    const user = await person();
    type Given = { readonly right: string; readonly overlaps: readonly string[] };
    const give = (limits: object): Promise<Given> =>
      commanded.ask({ do: 'add-right', cabinet: 'A', user, ...limits });
    const hours = (from: string, to: string): object => ({ weekly: [{ days: [1, 2], from, to }] });
    const morning = await give(hours('06:00', '12:00'));
    const evening = await give(hours('12:00', '20:00'));
    const noon = await give(hours('11:00', '13:00'));
    const later = await give({ validFrom: '2030-01-01', ...hours('11:00', '13:00') });
    const year = await give({ validFrom: '2026-01-01', validUntil: '2026-12-31' });
    expect(morning.overlaps).to.deep.equal([]);
    expect(evening.overlaps, 'one ends where the other begins').to.deep.equal([]);
    expect(noon.overlaps).to.have.members([morning.right, evening.right]);
    expect(later.overlaps).to.have.members([morning.right, evening.right, noon.right]);
    expect(year.overlaps).to.have.members([morning.right, evening.right, noon.right]);
    expect(await commanded.ask({ do: 'list-rights', user })).to.have.length(5);
  });

  it('a CSV with broken lines: each is told with its number and why, the others are taken', async () => {
    await start('2.2');
    const file = join(commanded.folder, 'people.csv');
    const lines = [
      'name,login,card,pin',
      'Anna,anna,04A1B2C1,48151',
      ',nobody,04A1B2C2,',
      '"Bert,bert,04A1B2C3,',
      'Carl,carl,04A1B2C4,123',
      'Dora,dora,no card,',
      'Emil,anna,04A1B2C5,',
      'Fred,fred,04A1B2C1,',
      'Gina,gina',
      'Hugo,hugo,04A1B2C6,51623',
    ];
    await writeFile(file, `${lines.join('\n')}\n`);
    for (const dryRun of [true, false]) {
      const { told, answer } = await commanded.tell({ do: 'import', file, dryRun });
      const reports = (told as readonly ImportMessage[]).map(({ progress: { report } }) =>
        report.status === 'error' ? `${report.line} ${report.code}` : `${report.line} ok`,
      );
      expect(reports).to.deep.equal([
        '2 ok',
        '3 field-wrong',
        '4 line-malformed',
        '5 pin-malformed',
        '6 card-malformed',
        '7 duplicate-in-file',
        '8 duplicate-in-file',
        '9 line-malformed',
        '10 ok',
      ]);
      expect(answer).to.deep.equal({ ok: true, result: { dryRun, total: 9, added: 2, refused: 7 } });
      expect(JSON.stringify(told), 'no PIN and no card is repeated').to.not.match(/48151|04A1B2C1/);
    }
    const people = await commanded.ask<readonly { name: string }[]>({ do: 'list-users' });
    expect(people.map(({ name }) => name)).to.have.members(['Anna', 'Hugo']);
    await work.answer('panel', { answer: 'scan', scan: { kind: 'card', value: '04A1B2C6' } });
    await stored.pass(500);
    expect(work.compartment(1).door).to.equal('open');
  });
});
