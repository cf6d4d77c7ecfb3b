import { mkdir, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import { keepStates, readKeptStates } from '../../../gateway/cassettes/kept-states.ts';
import type { KeptState } from '../../../gateway/cassettes/protocol.ts';
import { StreamStates } from '../../../gateway/cassettes/stream-states.ts';
import { temporaryFolder } from '../../support/store.ts';

const STREAM = 'cassette/a/../b';

describe('kept states of streams', () => {
  let folder: string;
  let troubles: string[];

  beforeEach(async () => {
    folder = join(await temporaryFolder(), 'states');
    troubles = [];
  });

  afterEach(() => rm(join(folder, '..'), { recursive: true }));

  function kept(stream = STREAM, seq = 3): KeptState {
    return { ...new StreamStates().kept(stream), seq, hash: 'a'.repeat(64) };
  }

  function read(): Promise<ReadonlyMap<string, KeptState>> {
    return readKeptStates(folder, (text) => troubles.push(text));
  }

  async function path(): Promise<string> {
    const [name = ''] = await readdir(folder);
    return join(folder, name);
  }

  it('are read as they were kept, for this user only, and stay in their folder', async () => {
    expect((await read()).size).to.equal(0);
    await keepStates(folder, [kept(), kept('keys/gateway', 1)]);
    await keepStates(folder, [kept(STREAM, 4)]);
    expect([...(await read()).values()]).to.have.deep.members([kept(STREAM, 4), kept('keys/gateway', 1)]);
    expect(await readdir(folder)).to.have.length(2);
    expect((await stat(await path())).mode & 0o777).to.equal(0o600);
    expect((await stat(folder)).mode & 0o777).to.equal(0o700);
    expect(troubles).to.deep.equal([]);
  });

  const damages: readonly (readonly [string, (text: string) => string])[] = [
    ['is empty', () => ''],
    ['is half of one', (text) => text.slice(0, text.length / 2)],
    ['is of another version', (text) => text.replace('"version":1', '"version":2')],
    ['has no number', (text) => text.replace('"seq":3', '"seq":null')],
    ['has no state', (text) => text.replace(/"state":.*$/, '"state":null}')],
    ['is that of another stream', (text) => text.replace('"cassette/', '"cabinet/')],
    ['is nothing', () => 'null'],
  ];
  for (const [what, damage] of damages) {
    it(`are told, and done without, where one ${what}`, async () => {
      await read();
      await keepStates(folder, [kept()]);
      const file = await path();
      await writeFile(file, damage(await readFile(file, 'utf8')));
      await keepStates(folder, [kept('keys/gateway', 1)]);
      expect([...(await read()).keys()]).to.deep.equal(['keys/gateway']);
      expect(troubles).to.have.length(1);
      expect(troubles[0]).to.include(file);
    });
  }

  it('leave the one before where the next cannot be written', async () => {
    await read();
    await keepStates(folder, [kept()]);
    const draft = `${await path()}.new`;
    await mkdir(draft);
    let failed = false;
    await keepStates(folder, [kept(STREAM, 4)]).catch(() => {
      failed = true;
    });
    expect(failed).to.equal(true);
    expect((await read()).get(STREAM)).to.deep.equal(kept());
    // What a crash has left behind is no state, and in nobody's way.
    await rm(draft, { recursive: true });
    await writeFile(draft, 'half');
    await keepStates(folder, [kept(STREAM, 4)]);
    expect((await read()).get(STREAM)?.seq).to.equal(4);
    expect(troubles).to.deep.equal([]);
  });
});
