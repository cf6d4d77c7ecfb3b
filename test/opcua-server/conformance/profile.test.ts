import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import { VariableIds } from 'node-opcua';
import { ANONYMOUS, PROFILES, UNENCRYPTED } from '../../../opcua-server/services/profiles.ts';
import { ADMINISTRATOR } from '../support/client.ts';
import { SecuredServer } from '../support/secured-server.ts';
import { standard } from './support.ts';

const PAGE = new URL('../../../docs/opcua-profile.md', import.meta.url);
const TESTS = new URL('../', import.meta.url);
const ALL = [...PROFILES, UNENCRYPTED, ANONYMOUS];

interface Proof {
  readonly unit: string;
  readonly file: string;
  readonly title: string;
}
interface Section {
  readonly title: string;
  readonly uri: string;
  readonly proofs: readonly Proof[];
}

const ROW = /^\| (?<unit>[^|]+) \| `(?<file>[^`]+)`: (?<title>.+) \|$/;

/** The sections of the page, one for each profile that is claimed. */
function sectionsOf(page: string): Section[] {
  const [claimed = ''] = page.split(/^# Not claimed$/m);
  return claimed
    .split(/^## /m)
    .slice(1)
    .map((text) => {
      const lines = text.split('\n');
      const proofs = lines.flatMap((line) => {
        const { unit, file, title } = ROW.exec(line)?.groups ?? {};
        return unit && file && title ? [{ unit, file, title }] : [];
      });
      return { title: lines[0] ?? '', uri: /^`(.+)`$/.exec(lines[1] ?? '')?.[1] ?? '', proofs };
    });
}

describe('OPC UA profiles that are claimed', () => {
  let page: string;
  let sections: Section[];

  before(async () => {
    page = await readFile(PAGE, 'utf8');
    sections = sectionsOf(page);
  });

  it('are those of the page, and no others', () => {
    expect(sections.map(({ title, uri }) => ({ title, uri }))).to.have.deep.members(
      ALL.map(({ title, uri }) => ({ title, uri })),
    );
  });

  it('have a test for each conformance unit, which exists', async () => {
    const sources = new Map<string, string>();
    for (const { title, proofs } of sections) {
      expect(proofs.length, title).to.be.above(0);
      for (const proof of proofs) {
        const source = sources.get(proof.file) ?? (await readFile(new URL(proof.file, TESTS), 'utf8'));
        sources.set(proof.file, source);
        expect(
          source.includes(`${proof.title}'`) || source.includes(`${proof.title}\``),
          JSON.stringify(proof),
        ).to.equal(true);
      }
    }
  });

  it('stand in the page row by row: no line of a table is passed over', () => {
    const [claimed = ''] = page.split(/^# Not claimed$/m);
    const rows = claimed.split('\n').filter((line) => /^\| (?!Conformance unit)/.test(line));
    expect(rows).to.have.length(sections.flatMap(({ proofs }) => proofs).length);
  });

  it('are proved by every file of conformance tests', async () => {
    const named = new Set(sections.flatMap(({ proofs }) => proofs.map(({ file }) => file)));
    const files = (await readdir(new URL('conformance/', TESTS))).filter((name) => name.endsWith('.test.ts'));
    const unnamed = files.map((name) => join('conformance', name)).filter((file) => !named.has(file));
    expect(unnamed).to.have.members(['conformance/library.test.ts', 'conformance/profile.test.ts']);
  });

  it('are what the server says of itself, by its settings', async () => {
    const server = await SecuredServer.start();
    const told = async (): Promise<unknown> => {
      const client = await server.connect(ADMINISTRATOR);
      return (await standard(client, VariableIds.Server_ServerCapabilities_ServerProfileArray)).value.value;
    };
    expect(await told()).to.deep.equal(PROFILES.map(({ uri }) => uri));
    await server.restart({ allowUnencrypted: true, allowAnonymous: true });
    expect(await told()).to.deep.equal(ALL.map(({ uri }) => uri));
    await server.close();
  });
});
