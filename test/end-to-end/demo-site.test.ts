/** The demo site as a person meets it: `npm start` on an empty data folder, stories at the command line, a second start. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import type { CassetteView } from '../../domain/cassette/view.ts';
import { CommandedSezam } from './support/commanded-sezam.ts';
import { type Ended, endAll, npmRun, SezamProcess } from './support/sezam-process.ts';

interface User {
  readonly id: string;
  readonly name: string;
  readonly login?: string;
}

describe('The demo site', function () {
  this.timeout(240_000);
  // Each step rests on the one before it.
  this.bail(true);

  let folder: string;
  let environment: Readonly<Record<string, string>>;
  let sezam: CommandedSezam;
  let people: readonly User[];

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'sezam-demo-site-'));
    environment = { SEZAM_DATA: join(folder, 'data'), SEZAM_HTTP_PORT: '0', SEZAM_OPCUA_PORT: '0' };
    sezam = new CommandedSezam(environment);
  });

  after(async () => {
    await endAll();
    await rm(folder, { recursive: true, force: true });
  });

  async function run(script: string, ...parameters: string[]): Promise<Ended> {
    return npmRun(script, parameters, environment);
  }

  /** The lines of a story that one source told. */
  function told(stdout: string, source: string): string[] {
    return stdout.split('\n').flatMap((line) => {
      const [, who, words] = /^ *\d+ ms {2}(\S+) +(.*)$/.exec(line) ?? [];
      return who === source && words !== undefined ? [words] : [];
    });
  }

  async function shown(cassette: string): Promise<CassetteView> {
    return (await sezam.ask<{ readonly view: CassetteView }>({ do: 'show-cassette', cassette })).view;
  }

  it('starts with a cabinet for each mode, and people', async () => {
    await sezam.start();
    expect(sezam.printed).to.include('Demo site with simulated hardware, 6 cabinet(s), 3 cassette(s).');
    expect(sezam.printed).to.include('Try: npm run demo:card -- 62E3086CED, or npm run demo -- mode-4');
    people = await sezam.ask<readonly User[]>({ do: 'list-users' });
    expect(people.map(({ login }) => login)).to.have.members([
      'admin',
      'anna',
      'marek',
      'giulia',
      'olga',
      'ewa',
      'paolo',
    ]);
  });

  it('opens a compartment for the card of the README, which the Node-RED flow decides', async () => {
    const { code, stdout } = await run('demo:card', '62E3086CED');
    expect(code, stdout).to.equal(0);
    expect(stdout).to.match(/log {7}\S+ {2}cabinet\/A #\d+ {2}compartment-granted {2}compartment=1/);
    expect(stdout).to.match(/hardware {2}compartment 1: door-closed/);
  });

  it('has a door broken open by hand, which is an alarm', async () => {
    const { code, stdout, stderr } = await run('demo:door', '7');
    expect(code, stderr).to.equal(0);
    expect(stdout).to.match(/log {7}\S+ {2}cabinet\/A #\d+ {2}door-forced {2}compartment=7/);
    const alarms = await run('admin', 'alarms');
    expect(alarms.stdout).to.include('door-forced@A/7').and.include('over, not acknowledged');
    const elsewhere = await run('demo:door', '7', 'Z');
    expect(elsewhere.code).to.equal(2);
    expect(elsewhere.stderr).to.include('The demo has no cabinet Z.');
  });

  it('plays the story of a cabinet at which the Node-RED flow decides', async () => {
    const { code, stdout, stderr } = await run('demo', 'mode-2', '--pace', '0');
    expect(code, stderr).to.equal(0);
    expect(told(stdout, 'panel')).to.deep.equal([
      'Please identify: card, code, or another way.',
      'Compartment 2 opens.',
    ]);
    expect(told(stdout, 'hardware')).to.have.length(6);
  });

  it('plays the story of guests, in the language that was asked for', async () => {
    const { code, stdout, stderr } = await run('demo', 'mode-4', '--pace', '0', '--language', 'pl');
    expect(code, stderr).to.equal(0);
    expect(told(stdout, 'panel')).to.include('Dziękujemy. Skrytka 3 jest znów wolna, a jej kod wygasł.');
    expect(stdout).to.not.include('2468');
  });

  it('shows its cassettes, and has one attacked by hand', async () => {
    const listed = await run('admin', 'cassettes');
    expect(listed.code, listed.stderr).to.equal(0);
    for (const cassette of ['C1', 'C2', 'C3']) expect(listed.stdout).to.include(`'${cassette}'`);
    const paired = await run('admin', 'pairing-key', '--cassette', 'C2');
    expect(paired.stdout).to.match(/^[0-9a-f]{64}$/m);
    await sezam.until('its controller answers', async () => (await shown('C2')).linked);
    const { code, stderr } = await run('demo:cassette', 'C2', 'break-in');
    expect(code, stderr).to.equal(0);
    await sezam.until('the notes are stained', async () => (await shown('C2')).phase === 'stained');
    const { stdout } = await run('admin', 'cassette', '--cassette', 'C2');
    expect(stdout).to.include('  cause       forcing of the shell\n');
    const refused = await run('demo', 'cassette-2');
    expect(refused.code).to.equal(1);
    expect(refused.stderr).to.include('Cassette C2 is not at rest, its state is "stained".');
  });

  it('says what can be done to a cassette', async () => {
    for (const parameters of [[], ['C1'], ['C1', 'explode']]) {
      const { code, stderr } = await run('demo:cassette', ...parameters);
      expect(code).to.equal(2);
      expect(stderr).to.match(/Usage: npm run demo:cassette -- CASSETTE ACT/);
    }
    const { code, stderr } = await run('demo:cassette', 'C9', 'open-lid');
    expect(code).to.equal(1);
    expect(stderr).to.include('There is no cassette "C9" here');
  });

  it('names the stories where none, or none that there is, was asked for', async () => {
    for (const parameters of [
      [],
      ['mode-9'],
      ['mode-4', '--language', 'tlh'],
      ['mode-4', '--pace', 'slow'],
    ]) {
      const { code, stderr } = await run('demo', ...parameters);
      expect(code).to.equal(2);
      expect(stderr).to.match(/Usage: npm run demo -- STORY/);
      expect(stderr.match(/^ {2}mode-[1-6]/gm)).to.have.length(7);
    }
  });

  it('finds everybody and everything again at the second start', async () => {
    const before = await sezam.occupancy();
    await sezam.stop();
    await sezam.start();
    expect(await sezam.ask<readonly User[]>({ do: 'list-users' })).to.deep.equal(people);
    const taken = (all: typeof before): object[] =>
      all
        .filter(({ status }) => status !== 'free')
        .map(({ cabinet, compartment, holders, items }) => ({ cabinet, compartment, holders, items }));
    expect(taken(await sezam.occupancy())).to.deep.equal(taken(before));
    expect(taken(before).map((each) => Object.values(each).slice(0, 2).join(''))).to.deep.equal([
      'A1',
      'C1',
      'C2',
      'C3',
    ]);
    expect(await shown('C2')).to.include({ phase: 'stained', cause: 'break-in' });
    await sezam.stop();
  });

  it('warns where its people would become those of a site', async () => {
    const site = join(folder, 'site.json');
    const lobby = {
      id: 'lobby',
      name: 'Lobby',
      kind: 'multi',
      schema: '2.2',
      compartments: [{ from: 1, to: 2, board: 'board', firstLock: 0 }],
    };
    await writeFile(
      site,
      JSON.stringify({
        version: 1,
        site: { id: 'works', name: 'Works', timeZone: 'Europe/Warsaw', language: 'en' },
        buses: [{ id: 'wire', transport: { type: 'flow' } }],
        boards: [{ id: 'board', bus: 'wire', driver: 'kerong-cu48', address: 0 }],
        readers: [],
        cabinets: [lobby],
      }),
    );
    const { sezam: works } = await SezamProcess.start('node', { ...environment, SEZAM_SITE: site });
    const { stdout } = await works.stop();
    expect(stdout).to.include('! People of the demo site are known here: ');
    for (const { name } of people.filter(({ login }) => login !== 'admin')) expect(stdout).to.include(name);
  });

  it('says how to start it where it does not run', async () => {
    const { code, stderr } = await run('demo', 'mode-4');
    expect(code).to.equal(1);
    expect(stderr).to.include('Start it with "npm start", in another terminal.');
  });
});
