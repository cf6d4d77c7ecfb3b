import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import { Keyring, makeKey, readKeys } from '../../gateway/keyring.ts';
import { digestKey, digestOf, hashSecret, SecretError } from '../../gateway/secrets.ts';
import { temporaryFolder } from '../support/store.ts';

const [ONE, TWO, THREE] = ['11', '22', '33'].map((byte) => byte.repeat(32)) as [string, string, string];
const CARD = '04A1B2C3';

describe('the keyring', () => {
  it('with one key gives the digest that stored credentials have always had', () => {
    expect(new Keyring([ONE]).digest('card', CARD)).to.deep.equal({
      digest: digestOf(digestKey(ONE), 'card', CARD),
      generation: 1,
    });
  });

  it('lifts a digest of any generation to that of the current key, without the value', () => {
    const rings = [[ONE], [ONE, TWO], [ONE, TWO, THREE]].map((keys) => new Keyring(keys));
    const last = rings[2] as Keyring;
    const digests = rings.map((ring) => ring.digest('card', CARD));
    expect(digests.map(({ generation }) => generation)).to.deep.equal([1, 2, 3]);
    expect(new Set(digests.map(({ digest }) => digest)).size).to.equal(3);
    for (const digest of digests) expect(last.lift(digest)).to.equal(digests[2]?.digest);
    expect(last.digests('card', CARD)).to.deep.equal(digests.map(({ digest }) => digest).reverse());
  });

  it('makes an old key worthless: with it alone nothing compares to a lifted digest', () => {
    const lifted = new Keyring([ONE, TWO]).digest('card', CARD).digest;
    const thief = new Keyring([ONE]);
    expect(thief.digests('card', CARD)).to.not.include(lifted);
    expect(new Keyring([ONE, THREE]).digest('card', CARD).digest).to.not.equal(lifted);
    expect(new Keyring([THREE, TWO]).digest('card', CARD).digest).to.not.equal(lifted);
  });

  it('does not use a key that is only prepared', () => {
    const ring = new Keyring([ONE, TWO]);
    ring.use(1);
    expect(ring.digest('card', CARD).generation).to.equal(1);
    expect(ring.prepared).to.equal(2);
    ring.learn([ONE, THREE]);
    ring.use(2);
    expect(ring.digest('card', CARD)).to.deep.equal(new Keyring([ONE, THREE]).digest('card', CARD));
    expect(() => ring.use(3)).to.throw(SecretError, 'generation 3');
  });

  it('hashes with the key, which the hash names and which is needed to verify it', async () => {
    const ring = new Keyring([ONE]);
    const hash = await ring.hash('73519');
    expect(hash).to.match(/^\$argon2id\$v=19\$m=19456,t=2,p=1,keyid=[A-Za-z0-9+/]{11}\$/);
    expect(hash).to.contain(`keyid=${ring.idOf(1)}$`);
    expect(await ring.verify('73519', hash)).to.deep.equal({ fits: true, stale: false });
    expect(await ring.verify('73518', hash)).to.include({ fits: false });
    expect(await new Keyring([TWO]).verify('73519', hash)).to.include({ fits: false });
    expect(await ring.verify('73519', hash.replace(/,keyid=[^$]+/, ''))).to.include({ fits: false });
  });

  it('goes on verifying hashes of old keys, and of none, and says that they are stale', async () => {
    const ring = new Keyring([ONE, TWO]);
    for (const hash of [await new Keyring([ONE]).hash('73519'), await hashSecret('73519')]) {
      expect(await ring.verify('73519', hash)).to.deep.equal({ fits: true, stale: true });
    }
  });

  it('keeps the codes of deposits good after a rotation', async () => {
    const before = new Keyring([ONE]);
    const pin = await before.hashAccessCode('4711');
    const code = before.scanVerifier('qr', 'https://example.org/7');
    const after = new Keyring([ONE, TWO]);
    expect(await after.verifyAccessCode('4711', pin)).to.equal(true);
    expect(await after.verifyAccessCode('4712', pin)).to.equal(false);
    expect(after.scanFits('qr', 'https://example.org/7')(code)).to.equal(true);
    expect(after.scanFits('qr', 'https://example.org/8')(code)).to.equal(false);
    expect(after.scanFits('barcode', 'https://example.org/7')(code)).to.equal(false);
    expect(after.scanFits('qr', 'https://example.org/7')(pin)).to.equal(false);
    expect(after.scanVerifier('qr', 'https://example.org/7')).to.not.equal(code);
    expect(new Keyring([TWO]).scanFits('qr', 'https://example.org/7')(code)).to.equal(false);
  });

  it('shows nothing of keys and codes in verifiers and names', () => {
    const ring = new Keyring([ONE]);
    const shown = `${ring.idOf(1)} ${ring.scanVerifier('barcode', '4006381333931')}`;
    expect(shown).to.not.contain('4006381333931').and.not.contain(ONE.slice(0, 8));
  });
});

describe('the key files', () => {
  let folder: string;

  beforeEach(async () => {
    folder = await temporaryFolder();
    await mkdir(join(folder, 'secrets'));
  });

  afterEach(() => rm(folder, { recursive: true }));

  async function put(name: string, content: string): Promise<void> {
    await writeFile(join(folder, 'secrets', name), content);
  }

  it('are none at first, and then as many as were made', async () => {
    expect(await readKeys(folder)).to.deep.equal([]);
    const made = [await makeKey(folder, 1), await makeKey(folder, 2)];
    expect(await readKeys(folder)).to.deep.equal(made);
    expect(await makeKey(folder, 2)).to.equal(made[1]);
  });

  it('are read in the order of their generations, whatever else lies there', async () => {
    const keys = Array.from({ length: 11 }, (_, index) => String(index + 10).repeat(32));
    for (const [index, key] of keys.entries()) {
      await put(index === 0 ? 'credential-key' : `credential-key-${index + 1}`, `${key}\n`);
    }
    for (const other of ['node-red-credential-secret', 'credential-key-2.bak', 'credential-key-02']) {
      await put(other, 'no key');
    }
    expect(await readKeys(folder)).to.deep.equal(keys);
  });

  it('are refused where one is missing between others, and none is made in its place', async () => {
    await put('credential-key', ONE);
    await put('credential-key-3', THREE);
    const refused = await readKeys(folder).catch((error: unknown) => error);
    expect(refused)
      .to.be.instanceOf(SecretError)
      .with.property('message')
      .that.contains('credential-key-2 is missing');
    await rm(join(folder, 'secrets', 'credential-key'));
    expect(await readKeys(folder).catch((error: Error) => error.message)).to.contain(
      'credential-key is missing',
    );
  });

  it('are refused where one is damaged', async () => {
    await put('credential-key', ONE);
    await put('credential-key-2', 'abc');
    const refused = await readKeys(folder).catch((error: unknown) => error);
    expect(refused).to.be.instanceOf(SecretError).with.property('message').that.contains('credential-key-2');
  });

  it('are refused where one is a folder', async () => {
    await mkdir(join(folder, 'secrets', 'credential-key'));
    const refused = await readKeys(folder).catch((error: unknown) => error);
    expect(refused).to.be.instanceOf(SecretError).with.property('message').that.contains('cannot be read');
  });
});
