import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import { AdministrationError } from '../../../gateway/administration.ts';
import type { ImportSummary, LineReport } from '../../../gateway/import/people-import.ts';
import { ADMINISTRATOR, type People, startPeople } from '../support/people.ts';
import { StoredLog } from '../support/stored-log.ts';

const HEADER =
  'name,login,email,language,roles,groups,card,pin,ibutton,barcode,qr,phone,biometric,valid_from,valid_until';
const WHOLE =
  '"Kowalska, Anna",anna,anna@example.org,pl,defined|master,staff|guests,04a1b2c3,73519,021CB801000000A2,4006381333931,https://example.org/7,device-1,7,2026-01-01,2026-12-31';

describe('the import of people', () => {
  let stored: StoredLog;
  let people: People;

  before(async () => {
    stored = await StoredLog.open();
  });

  after(() => stored.remove());

  beforeEach(async () => {
    people = await startPeople(stored);
  });

  afterEach(async () => {
    await people.stop();
    await stored.renew();
  });

  interface Outcome {
    readonly summary: ImportSummary;
    readonly reports: readonly LineReport[];
  }

  async function imported(content: string | Buffer, dryRun = false): Promise<Outcome> {
    const file = join(stored.folder, 'users.csv');
    await writeFile(file, content);
    const reports: LineReport[] = [];
    const summary = await people.administration.importPeople({
      file,
      dryRun,
      actor: ADMINISTRATOR,
      tell: ({ report }) => void reports.push(report),
    });
    return { summary, reports };
  }

  /** By line, `ok` or the code of the error. */
  function codes(reports: readonly LineReport[]): Record<number, string> {
    return Object.fromEntries(
      reports.map((report) => [report.line, report.status === 'ok' ? 'ok' : report.code]),
    );
  }

  async function refusalOf(content: string | Buffer): Promise<Error> {
    return imported(content).then(
      () => new Error('nothing was refused'),
      (error: Error) => error,
    );
  }

  function names(): Promise<string[]> {
    return people.administration.users().then((users) => users.map(({ name }) => name));
  }

  it('makes a person with everything that a line says', async () => {
    const { summary, reports } = await imported(`${HEADER}\n${WHOLE}\n`);
    expect(summary).to.deep.equal({ dryRun: false, total: 1, added: 1, refused: 0 });
    const [user] = await people.administration.users();
    expect(user).to.deep.include({
      name: 'Kowalska, Anna',
      login: 'anna',
      email: 'anna@example.org',
      language: 'pl',
      roles: ['defined', 'master'],
      groups: ['staff', 'guests'],
      validFrom: new Date('2025-12-31T23:00:00Z'),
      validUntil: new Date('2026-12-31T23:00:00Z'),
    });
    const credentials = ['card', 'pin', 'phone', 'ibutton', 'barcode', 'qr', 'biometric'];
    expect(reports).to.deep.equal([{ line: 2, status: 'ok', user: user?._id, credentials }]);
    for (const [kind, value] of [
      ['card', '04A1B2C3'],
      ['pin', '73519'],
      ['phone', 'device-1'],
      ['qr', 'https://example.org/7'],
    ] as const) {
      expect(await people.directory.identify({ kind, value }), kind).to.have.nested.property(
        'user.id',
        user?._id,
      );
    }
    const events = (await stored.events('site')).map(({ type }) => type);
    expect(events).to.deep.equal(['user-added', ...Array(7).fill('credential-added'), 'people-imported']);
  });

  it('looks in a dry run, and leaves everything as it is', async () => {
    const { summary, reports } = await imported(`${HEADER}\n${WHOLE}\n`, true);
    expect(summary).to.deep.equal({ dryRun: true, total: 1, added: 1, refused: 0 });
    expect(reports[0]).to.include({ line: 2, status: 'ok' }).and.to.not.have.property('user');
    expect(await people.administration.users()).to.deep.equal([]);
    expect(await stored.fresh.connection.collection('credentials').countDocuments()).to.equal(0);
    expect(await stored.events('site')).to.deep.equal([]);
  });

  const BROKEN = [
    'name,login,language,roles,groups,card,pin,ibutton,valid_until',
    'Good One,,,,,04A1B2C1,11111,,',
    'Unclosed,,,,,"04A1B2C2,11112,,',
    'Quote "inside,,,,,04A1B2C3,11113,,',
    'Too few,cells',
    'Too,many,,,,,,,,cells',
    ',,,,,04A1B2C4,,,',
    'Short PIN,,,,,04A1B2C5,123,,',
    'Odd card,,,,,04A1B2C,,,',
    'Wrong check byte,,,,,,,021CB801000000A3,',
    'Unknown group,,,,night,,,,',
    'Unknown role,,,king,,,,,',
    'Unknown language,,de,,,,,,',
    'Odd login,an na,,,,,,,',
    'No day,,,,,,,,31.12.2026',
    `${'Long '.repeat(50)},,,,,,,,`,
    'Same card as in line 2,,,,,04a1b2c1,,,',
    'Same PIN as in line 2,,,,,,11111,,',
    'The card of a line that was refused,,,,,04A1B2C5,,,',
    '',
    '   ',
    `Endless ${'x'.repeat(9_000)},,,,,,,,`,
    'Good Last,last,it,,staff,,22222,,2026-12-31',
  ];
  const EXPECTED = {
    2: 'ok',
    3: 'line-malformed',
    4: 'line-malformed',
    5: 'line-malformed',
    6: 'line-malformed',
    7: 'field-wrong',
    8: 'pin-malformed',
    9: 'card-malformed',
    10: 'ibutton-malformed',
    11: 'group-unknown',
    12: 'field-wrong',
    13: 'field-wrong',
    14: 'field-wrong',
    15: 'field-wrong',
    16: 'field-wrong',
    17: 'duplicate-in-file',
    18: 'duplicate-in-file',
    19: 'ok',
    22: 'line-malformed',
    23: 'ok',
  };

  for (const dryRun of [true, false]) {
    it(`tells what is wrong line by line, and takes the others${dryRun ? ', in a dry run too' : ''}`, async () => {
      const { summary, reports } = await imported(BROKEN.join('\r\n'), dryRun);
      expect(codes(reports)).to.deep.equal(EXPECTED);
      expect(reports.map(({ line }) => line)).to.deep.equal(Object.keys(EXPECTED).map(Number));
      expect(summary).to.deep.equal({ dryRun, total: 20, added: 3, refused: 17 });
      expect(await names()).to.have.length(dryRun ? 0 : 3);
      const told = JSON.stringify(reports);
      for (const secret of ['11111', '11112', '11113', '04A1B2C2', '04A1B2C"', '021CB8', '"123"']) {
        expect(told, secret).to.not.contain(secret);
      }
    });
  }

  it('finds what is in the database already, in a dry run too', async () => {
    await imported(`${HEADER}\n${WHOLE}\n`);
    const lines = [
      'name,login,card,qr',
      'Bert,ANNA,,',
      'Bert,,04A1B2C3,',
      'Bert,,,https://example.org/7',
      'Bert,bert,04A1B2C9,https://example.org/9',
    ].join('\n');
    const expected = { 2: 'login-taken', 3: 'credential-taken', 4: 'credential-taken', 5: 'ok' };
    for (const dryRun of [true, false])
      expect(codes((await imported(lines, dryRun)).reports)).to.deep.equal(expected);
    const { reports } = await imported(lines);
    expect(codes(reports)[5]).to.equal('login-taken');
  });

  it('takes a line whole or not at all', async () => {
    await imported('name,card\nAnna,04A1B2C1\n');
    const before = await stored.fresh.connection.collection('credentials').countDocuments();
    const { reports } = await imported(
      'name,card,pin,qr\nBert,04A1B2C1,22222,code-1\nCarl,04A1B2C2,22222,code-1\n',
    );
    expect(codes(reports)).to.deep.equal({ 2: 'credential-taken', 3: 'ok' });
    expect(await names()).to.deep.equal(['Anna', 'Carl']);
    expect(await stored.fresh.connection.collection('credentials').countDocuments()).to.equal(before + 3);
  });

  it('takes semicolons, a mark at the beginning of the file, and capital letters in the header', async () => {
    const { reports } = await imported('\uFEFFName;GROUPS;Pin\r\n"Zażółć; gęślą";staff | guests;4711\r\n');
    expect(codes(reports)).to.deep.equal({ 2: 'ok' });
    expect((await people.administration.users())[0]).to.deep.include({
      name: 'Zażółć; gęślą',
      groups: ['staff', 'guests'],
      roles: ['defined'],
    });
  });

  for (const [what, content, words] of [
    ['without a header', '', 'is empty'],
    ['of blank lines', '\n \n', 'is empty'],
    ['without names', 'login,card\nanna,04A1B2C3\n', 'column "name" is missing'],
    ['with an unknown column', 'name,pincode\nAnna,1234\n', 'column "pincode" is not known'],
    ['with a column twice', 'name,card,card\nAnna,,\n', 'column "card" stands there twice'],
    ['that is not UTF-8', Buffer.from([0x6e, 0x61, 0x6d, 0x65, 0x0a, 0xb1, 0x0a]), 'not UTF-8'],
    ['that ends within a letter', Buffer.from('name\nZo\u00eb').subarray(0, -1), 'not UTF-8'],
    ['with an endless header', 'x'.repeat(9_000), 'header'],
    ['of more lines than are taken', `name\n${'A\n'.repeat(100_001)}`, 'more than 100000 lines'],
  ] as const) {
    it(`refuses a file ${what}, before anybody is added`, async () => {
      const refused = await refusalOf(content);
      expect(refused).to.be.instanceOf(AdministrationError).with.property('code', 'file-unusable');
      expect(refused.message).to.contain(words);
      expect(await names()).to.deep.equal([]);
      expect(await stored.events('site')).to.deep.equal([]);
    });
  }

  it('refuses what is no file', async () => {
    const run = (file: string): Promise<unknown> =>
      people.administration
        .importPeople({ file, dryRun: true, actor: ADMINISTRATOR, tell: () => {} })
        .catch((error: unknown) => error);
    for (const file of [join(stored.folder, 'nothing.csv'), stored.folder]) {
      expect(await run(file))
        .to.be.instanceOf(AdministrationError)
        .with.property('code', 'file-unusable');
    }
  });

  it('is one at a time', async () => {
    const outcomes = await Promise.allSettled([
      imported('name\nAnna\n', true),
      imported('name\nAnna\n', true),
    ]);
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).to.have.length(1);
    const refused = outcomes.find(({ status }) => status === 'rejected');
    expect(refused).to.have.nested.property('reason.code', 'import-under-way');
    expect((await imported('name\nAnna\n', true)).summary.added).to.equal(1);
  });

  it('waits for whoever is told, and ends when it is called off', async () => {
    const file = join(stored.folder, 'users.csv');
    await writeFile(file, `name\n${'Person\n'.repeat(100)}`);
    const off = new AbortController();
    const lines: number[] = [];
    const summary = await people.administration.importPeople({
      file,
      dryRun: false,
      actor: ADMINISTRATOR,
      signal: off.signal,
      tell: async ({ report }) => {
        await new Promise((resolve) => setImmediate(resolve));
        lines.push(report.line);
        if (lines.length === 10) off.abort();
      },
    });
    expect(summary.added).to.be.within(10, 20);
    expect(lines).to.deep.equal(Array.from({ length: summary.added }, (_, index) => index + 2));
    expect(await names()).to.have.length(summary.added);
  });

  it('tells how far it is', async () => {
    const file = join(stored.folder, 'users.csv');
    await writeFile(file, 'name\nAnna\n\nBert\n');
    const far: string[] = [];
    const tell = ({ done, total }: { done: number; total: number }) => void far.push(`${done}/${total}`);
    await people.administration.importPeople({ file, dryRun: true, actor: ADMINISTRATOR, tell });
    expect(far).to.deep.equal(['1/2', '2/2']);
  });
});
