import { execFileSync } from 'node:child_process';
import { hash as digestOf } from 'node:crypto';
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import fc from 'fast-check';
import { listIncidents, readIncident, readSealedFile } from '../../../gateway/cassettes/incident-files.ts';
import {
  incidentKey,
  parseSealed,
  publicPart,
  type SealedIncident,
  seal,
  sealedText,
  verifySealed,
} from '../../../gateway/cassettes/incident-seal.ts';
import { type IncidentSource, sealIncident } from '../../../gateway/cassettes/incidents.ts';
import { canonical, hashOf } from '../../../gateway/event-log/chain.ts';
import { EventRepository } from '../../../models/events.ts';
import { K1, K2, UNKNOWN_ROM } from '../../domain/cassette/machine.ts';
import { openFreshStore } from '../../support/store.ts';
import { SCENE, struckInTheMachine } from './support/staining.ts';

describe('records of stainings', () => {
  let folder: string;
  const story = struckInTheMachine();
  const source = (given: Partial<IncidentSource> = {}): IncidentSource => ({
    dataFolder: folder,
    ...SCENE,
    ...story,
    ...given,
  });

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'sezam-incidents-'));
  });

  afterEach(() => rm(folder, { recursive: true, force: true }));

  async function sealed(given: Partial<IncidentSource> = {}): Promise<SealedIncident> {
    const { incident } = await sealIncident(source(given));
    return readIncident(folder, incident);
  }

  it('end with the staining, and hold nothing after it', async () => {
    const { incident } = await sealed();
    const last = incident.events.at(-1);
    expect(last?.type).to.equal('stained');
    expect(last?.seq).to.equal(story.stainedSeq);
    expect(incident.chain.fromSeq).to.equal(incident.events[0]?.seq);
    expect(incident.chain.hash).to.equal(last?.hash);
  });

  it('say why and when, who armed it, which keys were there, and what was measured', async () => {
    const { incident } = await sealed();
    expect(incident.stained).to.include({ cause: 'shock', phase: 'full' });
    expect(incident.armedBy.map(({ stage, key, rom }) => [stage, key, rom])).to.deep.equal([
      ['first', 'k1', K1.rom],
      ['second', 'k2', K2.rom],
    ]);
    expect(incident.keys.map(({ key, outcome, refusal }) => [key, outcome, refusal])).to.deep.equal([
      ['k1', 'used', undefined],
      ['k2', 'refused', 'not-in-machine'],
      [undefined, 'refused', 'key-unknown'],
      ['k2', 'used', undefined],
      ['k1-other', 'refused', 'key-has-no-effect-here'],
    ]);
    expect(incident.keys[2]?.rom).to.equal(UNKNOWN_ROM);
    const shock = incident.sensors.find(({ sensor }) => sensor === 'shock');
    expect(shock).to.include({ liveness: 'high', active: true, value: 4_100 });
    // The link was lost since the cassette was tilted: nothing of before counts any more.
    const tilt = incident.sensors.find(({ sensor }) => sensor === 'tilt');
    expect(tilt).to.deep.equal({ sensor: 'tilt', liveness: 'report', active: false });
    expect(incident.attack?.readings?.gas).to.equal(12);
    expect(incident.setting.mode).to.equal('outsourced');
    expect(incident.parts.battery).to.equal('ok');
    expect(incident.linked).to.equal(true);
    expect(incident.software).to.deep.equal(SCENE.software);
  });

  it('are found again: sealing twice answers the same and writes nothing', async () => {
    const once = await sealIncident(source());
    const path = join(folder, 'incidents', `${once.incident}.json`);
    const written = await stat(path);
    const twice = await sealIncident(source({ software: { name: 'Sezam', version: '9.9.9' } }));
    expect(twice).to.deep.equal(once);
    expect(once.toSeq).to.equal(story.stainedSeq);
    expect((await stat(path)).ino).to.equal(written.ino);
    expect(await listIncidents(folder)).to.deep.equal([once.incident]);
  });

  it('are made of what the store gives back as of what was put into it', async () => {
    const store = await openFreshStore();
    try {
      const repository = new EventRepository(store.connection);
      await repository.append(story.events);
      const once = await sealIncident(source({ events: repository.read('cassette/c1', 0) }));
      await rm(join(folder, 'incidents'), { recursive: true });
      expect(await sealIncident(source())).to.deep.equal(once);
    } finally {
      await store.remove();
    }
  });

  it('are files that nobody else may read', async () => {
    const { incident } = await sealIncident(source());
    expect((await stat(join(folder, 'incidents', `${incident}.json`))).mode & 0o777).to.equal(0o600);
    expect((await stat(join(folder, 'incidents'))).mode & 0o777).to.equal(0o700);
    expect((await stat(join(folder, 'secrets', 'incident-key'))).mode & 0o777).to.equal(0o600);
  });

  it('are verified as they are, also where the file was laid out anew', async () => {
    const record = await sealed();
    expect(verifySealed(record)).to.deep.include({ intact: true, flaws: [] });
    const again = parseSealed(JSON.stringify(JSON.parse(sealedText(record)), undefined, 4), 'the text');
    expect(verifySealed(again).flaws).to.deep.equal([]);
  });

  it('are signed with the key of the installation', async () => {
    const { fingerprint } = publicPart(await incidentKey(folder));
    expect(verifySealed(await sealed()).fingerprint).to.equal(fingerprint);
  });

  it('are verified by openssl and a few tools of every system, as the documentation says', async () => {
    const page = await readFile(new URL('../../../docs/incidents.md', import.meta.url), 'utf8');
    const [, recipe = ''] = /```sh\n([\s\S]*?)```/.exec(page) ?? [];
    const { incident: id, digest } = await sealIncident(source());
    const FILE = join(folder, 'incidents', `${id}.json`);
    const follow = (): string =>
      execFileSync('bash', ['-euo', 'pipefail', '-c', recipe], {
        cwd: folder,
        env: { PATH: process.env['PATH'] ?? '', FILE },
        encoding: 'utf8',
        stdio: ['ignore', 'pipe', 'pipe'],
      });
    const said = follow();
    expect(said).to.contain('Signature Verified Successfully');
    expect(said)
      .to.contain(digest)
      .and.to.contain(publicPart(await incidentKey(folder)).fingerprint);
    await writeFile(FILE, (await readFile(FILE, 'utf8')).replace('"cause":"shock"', '"cause":"gas"'));
    expect(follow).to.throw();
  });

  it('tell of any change to their content', async () => {
    const record = await sealed();
    const text = canonical(record.incident);
    fc.assert(
      fc.property(fc.nat(text.length - 1), fc.constantFrom('0', 'a', ' '), (place, letter) => {
        const changed = text.slice(0, place) + letter + text.slice(place + 1);
        fc.pre(changed !== text);
        let verdict: readonly string[];
        try {
          const whole = sealedText(record).replace(text, () => changed);
          verdict = verifySealed(parseSealed(whole, 'the text')).flaws;
        } catch (error) {
          expect(error).to.have.property('code', 'incident-unreadable');
          return;
        }
        expect(verdict).not.to.deep.equal([]);
      }),
      { numRuns: 60 },
    );
  });

  it('tell of a signature by somebody else, and of what is no key', async () => {
    const record = await sealed();
    const other = await mkdtemp(join(tmpdir(), 'sezam-incidents-'));
    try {
      const theirs = seal(record.incident, await incidentKey(other));
      expect(verifySealed({ ...record, signature: theirs.signature }).intact).to.equal(false);
      expect(verifySealed({ ...record, publicKey: theirs.publicKey }).intact).to.equal(false);
      expect(verifySealed({ ...record, publicKey: 'AAAA' }).intact).to.equal(false);
      // Signed anew it is intact, but by another key: that is what the fingerprint is for.
      expect(verifySealed(theirs).fingerprint).not.to.equal(verifySealed(record).fingerprint);
    } finally {
      await rm(other, { recursive: true, force: true });
    }
  });

  it('tell of events that do not follow one another, though the seal be right', async () => {
    const { incident } = await sealed();
    const key = await incidentKey(folder);
    const without = incident.events.filter((_event, index) => index !== 3);
    expect(verifySealed(seal({ ...incident, events: without }, key)).flaws.join()).to.contain('is missing');
    const touched = incident.events.map((event, index) =>
      index === 3 ? { ...event, at: incident.stained.at } : event,
    );
    expect(verifySealed(seal({ ...incident, events: touched }, key)).flaws.join()).to.contain('was changed');
    const short = incident.events.slice(0, -1);
    expect(verifySealed(seal({ ...incident, events: short }, key)).flaws).to.have.length(2);
  });

  it('tell of a summary that says something else than the events', async () => {
    const { incident } = await sealed();
    const otherwise = { ...incident, stained: { ...incident.stained, cause: 'gas' as const } };
    const verdict = verifySealed(seal(otherwise, await incidentKey(folder)));
    expect(verdict.flaws.join()).to.contain('not the staining');
    expect(verdict.intact).to.equal(true);
  });

  it('keep a log that is damaged as it is, and say so when verified', async () => {
    const events = story.events.map((event) =>
      event.seq === story.stainedSeq - 2 ? { ...event, hash: hashOf({ ...event, type: 'x' }) } : event,
    );
    const verdict = verifySealed(await sealed({ events }));
    expect(verdict.intact).to.equal(true);
    expect(verdict.flaws.join()).to.contain(`event ${story.stainedSeq - 2}`);
  });

  it('are not made of a log that does not hold the staining', async () => {
    for (const given of [{ stainedSeq: story.stainedSeq - 1 }, { events: story.events.slice(3) }]) {
      expect(await failure(sealIncident(source(given)))).to.equal('incident-incomplete');
    }
    expect(await listIncidents(folder)).to.deep.equal([]);
  });

  it('are not sealed over a file that somebody changed', async () => {
    const { incident: id } = await sealIncident(source());
    const path = join(folder, 'incidents', `${id}.json`);
    const text = await readFile(path, 'utf8');
    await chmod(path, 0o600);
    await writeFile(path, text.replace('"cause":"shock"', '"cause":"gas"'));
    expect(await failure(sealIncident(source()))).to.equal('incident-damaged');
    await writeFile(path, '{}');
    expect(await failure(sealIncident(source()))).to.equal('incident-unreadable');
  });

  it('are not kept where there is no folder to be had', async () => {
    await incidentKey(folder);
    await writeFile(join(folder, 'incidents'), 'in the way');
    expect(await failure(sealIncident(source()))).to.equal('incident-not-kept');
  });

  it('are looked for by nothing but their id', async () => {
    for (const id of ['../secrets/incident-key', '', 'c1/..', 'nobody']) {
      expect(await failure(readIncident(folder, id))).to.equal('incident-unknown');
    }
    await mkdir(join(folder, 'file'));
    expect(await failure(readSealedFile(join(folder, 'file')))).to.equal('incident-unreadable');
    expect(await listIncidents(join(folder, 'nowhere'))).to.deep.equal([]);
  });

  it('leave nothing half written behind', async () => {
    await Promise.all([sealIncident(source()), sealIncident(source()), sealIncident(source())]);
    expect(await readdir(join(folder, 'incidents'))).to.have.length(1);
  });

  it('have the digest of what they hold', async () => {
    const { incident, digest } = await sealed();
    expect(digestOf('sha256', canonical(incident))).to.equal(digest);
  });
});

/** The code with which something fails. */
async function failure(work: Promise<unknown>): Promise<unknown> {
  try {
    await work;
  } catch (error) {
    return (error as { readonly code?: unknown }).code;
  }
  throw new Error('It did not fail.');
}
