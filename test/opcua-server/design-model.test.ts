import { execFile } from 'node:child_process';
import { readdir, readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect } from 'chai';
import { type MemberDesign, transitionName } from '../../opcua-server/design/design.ts';
import { MODEL } from '../../opcua-server/design/model.ts';
import { nodeSetOf } from '../../opcua-server/design/nodeset.ts';
import { pagesOf } from '../../opcua-server/design/pages.ts';
import { everyNode } from '../../opcua-server/design/walk.ts';

const run = promisify(execFile);
const TIMEOUT = 60_000;

const pathOf = (name: string): string => fileURLToPath(new URL(`../../${name}`, import.meta.url));
const NODESET = pathOf('opcua-server/nodesets/Sezam.NodeSet2.xml');
const SCHEMA = pathOf('node_modules/node-opcua-nodesets/nodesets/UANodeSet.xsd');
const PAGES = pathOf('docs/opcua');

describe('the information model', () => {
  it('has the NodeSet that its tables make (npm run opcua-model writes it)', async () => {
    expect(await readFile(NODESET, 'utf8')).to.equal(nodeSetOf(MODEL));
  });

  it('has the pages that its tables make, and no others (npm run opcua-model writes them)', async () => {
    const names = await readdir(PAGES);
    const texts = await Promise.all(names.map((name) => readFile(`${PAGES}/${name}`, 'utf8')));
    const written = Object.fromEntries(names.map((name, place) => [name, texts[place]]));
    expect(written).to.deep.equal(Object.fromEntries(pagesOf(MODEL)));
  });

  it('is valid by the schema of NodeSets', async function () {
    this.timeout(TIMEOUT);
    const { stderr } = await run('xmllint', ['--noout', '--nonet', '--schema', SCHEMA, NODESET], {
      timeout: TIMEOUT,
    });
    expect(stderr.trim()).to.equal(`${NODESET} validates`);
  });

  it('is loaded by the library without a word', async function () {
    this.timeout(TIMEOUT);
    const { stdout, stderr } = await run(
      process.execPath,
      [fileURLToPath(new URL('support/load-model.ts', import.meta.url))],
      { timeout: TIMEOUT },
    );
    expect(stdout + stderr).to.equal('');
  });

  it('has every node once, and refers to none that is not there', async () => {
    const document = await readFile(NODESET, 'utf8');
    const text = document.replaceAll('&lt;', '‹').replaceAll('&gt;', '›');
    const ids = [...text.matchAll(/<UA\w+ NodeId="([^"]+)"/g)].map(([, id]) => id);
    const own = [...text.matchAll(/(?:<Reference [^>]*>|DataType="|<Identifier>)(ns=1;[^<"]+)/g)].map(
      ([, id]) => id,
    );
    expect(ids).to.have.length(new Set(ids).size);
    expect(ids).to.include.members(
      [...everyNode(MODEL)].map(({ id }) => `ns=1;${id.replace('<', '‹').replace('>', '›')}`),
    );
    expect(own.length).to.be.greaterThan(ids.length);
    expect(own.filter((id) => !ids.includes(id))).to.deep.equal([]);
  });

  it('tells on its pages of every member, method, argument, state and transition', () => {
    const pages = pagesOf(MODEL);
    const missing: string[] = [];
    for (const type of MODEL.types) {
      const page = pages.get(`${type.browse}.md`) ?? '';
      const tell = (name: string, description: string): void => {
        if (!page.includes(`\`${name}\``) || !page.includes(description))
          missing.push(`${type.browse}: ${name}`);
      };
      const tellAll = (members: readonly MemberDesign[], above: string): void => {
        for (const member of members) {
          tell(`${above}${member.browse}`, member.description.en);
          if (member.kind !== 'method') tellAll(member.members ?? [], `${above}${member.browse}/`);
          else
            for (const { name, description } of [...member.inputs, ...member.outputs])
              tell(name, description.en);
        }
      };
      tellAll(type.members, '');
      for (const { browse, description } of type.states ?? []) tell(browse, description.en);
      for (const transition of type.transitions ?? []) tell(transitionName(transition), transition.name.en);
    }
    expect(missing).to.deep.equal([]);
  });
});
