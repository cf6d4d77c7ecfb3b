import { readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import {
  digestKey,
  digestOf,
  hashSecret,
  installationKey,
  newId,
  newOneTimePassword,
  SecretError,
  verifySecret,
} from '../../gateway/secrets.ts';
import { temporaryFolder } from '../support/store.ts';

describe('the key of an installation', () => {
  let folder: string;

  beforeEach(async () => {
    folder = await temporaryFolder();
  });

  afterEach(() => rm(folder, { recursive: true }));

  it('is made once, for its owner alone, and found again', async () => {
    const key = await installationKey(folder, 'credential-key');
    expect(key).to.match(/^[0-9a-f]{64}$/);
    expect(await installationKey(folder, 'credential-key')).to.equal(key);
    expect(await installationKey(folder, 'another-key')).to.not.equal(key);
    expect((await stat(join(folder, 'secrets'))).mode & 0o777).to.equal(0o700);
    expect((await stat(join(folder, 'secrets', 'credential-key'))).mode & 0o777).to.equal(0o600);
  });

  for (const damage of ['', 'abc', 'z'.repeat(64), `${'0'.repeat(64)}ff`]) {
    it(`is refused where its file holds "${damage.slice(0, 8)}", and never replaced`, async () => {
      await installationKey(folder, 'credential-key');
      const path = join(folder, 'secrets', 'credential-key');
      await writeFile(path, damage);
      const refused = await installationKey(folder, 'credential-key').catch((error: unknown) => error);
      expect(refused).to.be.instanceOf(SecretError).with.property('code', 'secret-unreadable');
      expect(refused).to.have.property('message').that.contains(path).and.contains('backup');
      expect(await readFile(path, 'utf8')).to.equal(damage);
    });
  }
});

describe('the digest of a card or PIN', () => {
  const key = digestKey('1'.repeat(64));

  it('is another for each kind, value and key', () => {
    const digests = [
      digestOf(key, 'card', '12345678'),
      digestOf(key, 'pin', '12345678'),
      digestOf(key, 'pin', '12345679'),
      digestOf(digestKey('2'.repeat(64)), 'card', '12345678'),
    ];
    expect(new Set(digests).size).to.equal(4);
    for (const digest of digests) expect(digest).to.match(/^[0-9a-f]{64}$/);
  });

  it('is HMAC-SHA256, so that stored digests stay good', () => {
    // HMAC-SHA256 of "card:04A1B2C3" under 32 bytes 0x11, made by Python's hmac.
    expect(digestOf(key, 'card', '04A1B2C3')).to.equal(
      'de3ce896d5914d65cc8cff8a52dafbfeba737ae1344ec6794659bbbb7229a066',
    );
  });
});

describe('the hash of a PIN or password', () => {
  it('fits its secret and no other', async () => {
    const hash = await hashSecret('correct horse');
    expect(await verifySecret('correct horse', hash)).to.equal(true);
    expect(await verifySecret('correct horsf', hash)).to.equal(false);
    expect(await verifySecret('', hash)).to.equal(false);
  });

  it('is in PHC format with a salt of its own and the parameters that OWASP asks for', async () => {
    const [one, other] = await Promise.all([hashSecret('1234'), hashSecret('1234')]);
    expect(one).to.match(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$[A-Za-z0-9+/]{22}\$[A-Za-z0-9+/]{43}$/);
    expect(one).to.not.equal(other);
  });

  it('takes letters however they are composed', async () => {
    expect(
      await verifySecret('zaz\u0307o\u0301\u0142c\u0301', await hashSecret('za\u017c\u00f3\u0142\u0107')),
    ).to.equal(true);
  });

  it('verifies what another argon2id with other parameters made', async () => {
    // The reference implementation: echo -n password | argon2 somesalt -id -t 2 -k 65536 -p 1 -l 32
    const hash = '$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc';
    expect(await verifySecret('password', hash)).to.equal(true);
    expect(await verifySecret('Password', hash)).to.equal(false);
  });

  for (const other of [
    '',
    'password',
    '$2b$10$abcdefghijklmnopqrstuv',
    '$argon2i$v=19$m=8,t=1,p=1$c2FsdA$AAAA',
  ]) {
    it(`fits nothing where it is "${other.slice(0, 12)}"`, async () => {
      expect(await verifySecret('password', other)).to.equal(false);
    });
  }
});

describe('what is made at random', () => {
  it('identifiers say what they are of and are never the same', () => {
    const ids = Array.from({ length: 200 }, () => newId('user'));
    expect(new Set(ids).size).to.equal(200);
    for (const id of ids) expect(id).to.match(/^user-[0-9a-f]{24}$/);
  });

  it('one-time passwords can be read off a screen', () => {
    for (let count = 0; count < 100; count += 1) {
      expect(newOneTimePassword()).to.match(/^(?:[A-HJKMNP-Z2-9]{4}-){3}[A-HJKMNP-Z2-9]{4}$/);
    }
  });
});
