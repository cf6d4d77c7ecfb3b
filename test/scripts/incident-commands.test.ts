import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect } from 'chai';
import { sealIncident } from '../../gateway/cassettes/incidents.ts';
import { type IncidentAnswer, incidentCommand } from '../../scripts/incident-commands.ts';
import { SCENE, struckInTheMachine } from '../gateway/cassettes/support/staining.ts';

const run = promisify(execFile);

describe('commands about records of stainings', () => {
  let folder: string;
  let id: string;
  let file: string;
  let events: number;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'sezam-incident-commands-'));
    const sealed = await sealIncident({ dataFolder: folder, ...SCENE, ...struckInTheMachine() });
    id = sealed.incident;
    events = sealed.toSeq - sealed.fromSeq + 1;
    file = join(folder, 'incidents', `${id}.json`);
  });

  afterEach(() => rm(folder, { recursive: true, force: true }));

  async function typed(
    name: string,
    values: Parameters<typeof incidentCommand>[1] = {},
  ): Promise<IncidentAnswer> {
    const answer = await incidentCommand(name, values, folder);
    if (!answer) throw new Error(`There is no command ${name}.`);
    return answer;
  }

  const change = async (): Promise<void> =>
    writeFile(file, (await readFile(file, 'utf8')).replace('"cause":"shock"', '"cause":"gas"'));

  it('list the records', async () => {
    const { table, exitCode } = await typed('incidents');
    expect(table).to.deep.equal([
      {
        id,
        at: '2026-03-14T11:00:56.550Z',
        cassette: 'c1',
        cause: 'blows against the cassette',
        events,
        record: 'sound',
      },
    ]);
    expect(exitCode).to.equal(0);
  });

  it('say that there are none', async () => {
    expect(await incidentCommand('incidents', {}, join(folder, 'elsewhere'))).to.deep.equal({
      lines: ['No cassette has stained its notes.'],
      exitCode: 0,
    });
  });

  it('list a record that was changed, and one that cannot be read, as such', async () => {
    await change();
    await writeFile(join(folder, 'incidents', 'other.json'), '{');
    const { table, exitCode } = await typed('incidents');
    expect(table?.map((row) => (row as { readonly record: string }).record)[0]).to.equal('DAMAGED');
    expect(JSON.stringify(table?.[1])).to.contain('is not JSON');
    expect(exitCode).to.equal(1);
  });

  it('tell what one says', async () => {
    const { lines, exitCode } = await typed('incident', { id });
    const said = lines?.join('\n');
    expect(said).to.contain('in the state “full protection”: blows against the cassette');
    expect(said).to.contain('second stage armed by k2 at 2026-03-14T10:43:34.250Z');
    expect(said).to.contain('The record is sound');
    expect(exitCode).to.equal(0);
  });

  it('write the statement, once, for its owner alone', async () => {
    const pdf = join(folder, 'statement.pdf');
    await typed('incident', { id, pdf, language: 'pl' });
    const written = await readFile(pdf);
    expect(written.subarray(0, 5).toString()).to.equal('%PDF-');
    expect((await stat(pdf)).mode & 0o777).to.equal(0o600);
    expect(await words(typed('incident', { id, pdf }))).to.contain('is there already');
    expect(await readFile(pdf)).to.deep.equal(written);
  });

  it('write no statement of a record that was changed', async () => {
    await change();
    const pdf = join(folder, 'statement.pdf');
    const { lines, exitCode } = await typed('incident', { id, pdf });
    expect(lines?.join('\n')).to.contain('DAMAGED');
    expect(exitCode).to.equal(1);
    expect(await words(stat(pdf))).to.contain('ENOENT');
  });

  it('write the statement of a damaged log, and say so', async () => {
    const { events: all, stainedSeq } = struckInTheMachine();
    const touched = all.map((event) => (event.seq === 20 ? { ...event, hash: 'ab'.repeat(32) } : event));
    const other = join(folder, 'other');
    const sealed = await sealIncident({ dataFolder: other, ...SCENE, events: touched, stainedSeq });
    const pdf = join(folder, 'statement.pdf');
    const answer = await incidentCommand('incident', { id: sealed.incident, pdf }, other);
    expect(answer?.exitCode).to.equal(1);
    expect(answer?.lines?.join('\n')).to.contain('written').and.to.contain('The chain breaks at event 20');
    expect((await stat(pdf)).size).to.be.greaterThan(10_000);
  });

  it('verify a file by the key that was handed over', async () => {
    const [line = ''] = (await typed('incident-key')).lines ?? [];
    const fingerprint = line.replace('SHA-256 ', '');
    const onPaper = fingerprint.toUpperCase().replace(/(.{8})/g, '$1 ');
    const right = await typed('verify-incident', { file, fingerprint: onPaper });
    expect(right.exitCode).to.equal(0);
    expect(right.lines?.join('\n')).not.to.contain('Compare');
    expect((await typed('verify-incident', { file })).lines?.join('\n')).to.contain('Compare this key');
    const wrong = await typed('verify-incident', { file, fingerprint: 'ab'.repeat(32) });
    expect(wrong.exitCode).to.equal(1);
    expect(wrong.lines?.join('\n')).to.contain('another key');
    await change();
    expect((await typed('verify-incident', { file })).exitCode).to.equal(1);
  });

  it('say what is missing or wrong', async () => {
    expect(await words(typed('incident'))).to.contain('--id is missing');
    expect(await words(typed('verify-incident'))).to.contain('--file is missing');
    expect(await words(typed('incident', { id: 'nobody' }))).to.contain('There is no file');
    expect(await words(typed('incident', { id, pdf: join(folder, 'x.pdf'), language: 'de' }))).to.contain(
      'en, pl, it',
    );
    expect(await words(incidentCommand('incident-key', {}, join(folder, 'elsewhere')))).to.contain('ENOENT');
    expect(await incidentCommand('open', {}, folder)).to.equal(undefined);
  });

  it('need no Sezam that runs', async () => {
    const admin = ['scripts/admin.ts', 'verify-incident', '--file', file];
    const { stdout } = await run(process.execPath, admin, { env: { ...process.env, SEZAM_DATA: folder } });
    expect(stdout).to.contain('The record is sound');
    await change();
    const failed = await run(process.execPath, admin, {
      env: { ...process.env, SEZAM_DATA: folder },
    }).catch((error: unknown) => error as { readonly code: number; readonly stdout: string });
    expect(failed).to.include({ code: 1 });
    expect(failed.stdout).to.contain('The content does not have the digest');
  });
});

/** The words with which something fails. */
async function words(work: Promise<unknown>): Promise<string> {
  try {
    await work;
  } catch (error) {
    return (error as Error).message;
  }
  throw new Error('It did not fail.');
}
