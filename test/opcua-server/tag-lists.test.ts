import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { expect } from 'chai';
import { parse } from 'csv-parse/sync';
import { AttributeIds, StatusCodes } from 'node-opcua';
import { GATEWAY } from '../../domain/event.ts';
import type { CommandAnswer } from '../../gateway/command-socket.ts';
import type { OpcUaTag, OpcUaTagPage, OpcUaTagRequest } from '../../gateway/opcua-administration.ts';
import { writeTags } from '../../scripts/opcua-tags.ts';
import { ADMINISTRATOR } from './support/client.ts';
import { SecuredServer } from './support/secured-server.ts';

describe('OPC UA lists of tags', () => {
  let server: SecuredServer;

  before(async () => {
    server = await SecuredServer.start();
    const doors = { open: [], closed: [1, 2, 3, 4] };
    server.gateway.append('A', {
      type: 'doors-found',
      actor: GATEWAY,
      data: { board: 'A-0', ...doors },
    });
  });

  after(() => server.close());

  const page = (about: Omit<OpcUaTagRequest, 'do'> = {}): Promise<OpcUaTagPage> =>
    server.asked({ do: 'list-opcua-tags', ...about });

  async function tagsOf(about: Omit<OpcUaTagRequest, 'do'> = {}): Promise<readonly OpcUaTag[]> {
    const tags: OpcUaTag[] = [];
    for (let given = await page(about); ; given = await page({ next: given.next })) {
      expect(given.tags.length).to.be.at.most(250);
      tags.push(...given.tags);
      if (given.next === undefined) return tags;
    }
  }

  const ask = async (request: OpcUaTagRequest): Promise<CommandAnswer> => server.ask(request);

  /** What is written without a file. */
  async function written(values: Parameters<typeof writeTags>[0]): Promise<string> {
    let text = '';
    const output = new Writable({
      write: (chunk: Buffer, _encoding, done) => {
        text += chunk.toString();
        done();
      },
    });
    expect(await writeTags(values, ask, output)).to.include({ ok: true });
    return text;
  }

  it('hold every variable of the site once, by its browse path, with what it is', async () => {
    const tags = await tagsOf();
    const ids = tags.map(({ nodeId }) => nodeId);
    expect(new Set(ids).size).to.equal(ids.length);
    const byId = new Map(tags.map((tag) => [tag.nodeId, tag]));
    expect(byId.get('ns=1;s=cabinet/A/compartment/3/State')).to.deep.include({
      path: ['Objects', 'Sezam', 'Cabinets', 'A', 'Compartments', '3', 'State'],
      dataType: 'Int32',
      array: false,
      history: true,
    });
    const values = byId.get('ns=1;s=cabinet/A/compartment/3/State')?.values;
    expect(values?.map(({ number }) => number)).to.deep.equal([0, 1, 2, 3, 4, 5]);
    expect(byId.get('ns=1;s=cabinet/A/Summary/OccupiedSet')).to.include({ dataType: 'UInt32', array: true });
    expect(byId.get('ns=1;s=cassette/C%2F1/Supervision/Temperature')).to.include({
      dataType: 'Double',
      unit: '°C',
    });
    for (const { description, displayName } of tags) expect([description, displayName]).to.not.include('');
  });

  it('hold one cabinet, one cassette, or both, where they are asked for', async () => {
    const all = (await tagsOf()).map(({ nodeId }) => nodeId);
    const cabinet = (await tagsOf({ cabinet: 'A' })).map(({ nodeId }) => nodeId);
    const cassette = (await tagsOf({ cassette: 'C/1' })).map(({ nodeId }) => nodeId);
    const within = (prefix: string): string[] => all.filter((id) => id.startsWith(prefix));
    expect([cabinet.length, cassette.length].every((count) => count > 20)).to.equal(true);
    expect(cabinet).to.have.members(within('ns=1;s=cabinet/A/'));
    expect(cassette).to.have.members(within('ns=1;s=cassette/C%2F1/'));
    const both = (await tagsOf({ cabinet: 'A', cassette: 'C/1' })).map(({ nodeId }) => nodeId);
    expect(both).to.deep.equal([...cabinet, ...cassette]);
  });

  it('hold nothing but what a client can read under the address that they give', async () => {
    const client = await server.connect(ADMINISTRATOR);
    for (const [format, column] of [
      ['csv', 'NodeId'],
      ['kepware', 'Address'],
    ] as const) {
      const rows: Readonly<Record<string, string>>[] = parse(await written({ format }), {
        columns: true,
        bom: true,
        record_delimiter: '\r\n',
      });
      const addresses = rows.map((row) => row[column] ?? '');
      expect(addresses).to.have.length((await tagsOf()).length);
      for (const nodeId of addresses) {
        const { statusCode, value } = await client.session.read({ nodeId, attributeId: AttributeIds.Value });
        // The one sensor that this cassette does not have.
        if (nodeId.endsWith('Supervision/Light')) {
          expect(statusCode).to.equal(StatusCodes.BadNotConnected);
          continue;
        }
        expect(statusCode, nodeId).to.equal(StatusCodes.Good);
        expect(value.dataType, nodeId).to.not.equal(0);
      }
    }
    const text = await written({ format: 'ignition', cabinet: 'A' });
    const paths = [...text.matchAll(/"opcItemPath":"(.*?)"/g)].map(([, path]) => path);
    expect(paths).to.have.members((await tagsOf({ cabinet: 'A' })).map(({ nodeId }) => nodeId));
    expect(text).to.contain('"opcServer":"Sezam"');
    expect(await written({ format: 'ignition', server: 'north' })).to.contain('"opcServer":"north"');
  });

  it('say which cabinet or cassette there is not, and which format', async () => {
    for (const [about, code] of [
      [{ cabinet: 'Z' }, 'cabinet-unknown'],
      [{ cabinet: 'A/Summary' }, 'cabinet-unknown'],
      [{ cassette: 'A' }, 'cassette-unknown'],
      [{ next: 'nothing' }, 'tag-list-expired'],
    ] as const) {
      const outcome = await server.ask({ do: 'list-opcua-tags', ...about });
      expect(outcome).to.include({ ok: false, code });
    }
    let said = '';
    await writeTags({ format: 'xml' }, ask, new Writable()).catch((error: Error) => {
      said = error.message;
    });
    expect(said).to.contain('csv, kepware, ignition');
  });

  it('go to a file as a whole, or not at all', async () => {
    const out = join(server.folder, 'tags.csv');
    await writeFile(out, 'an older list');
    const nobody = new Writable();
    expect(await writeTags({ cabinet: 'Z', out }, ask, nobody)).to.include({ code: 'cabinet-unknown' });
    expect(await readFile(out, 'utf8')).to.equal('an older list');
    const done = await writeTags({ cabinet: 'A', out }, ask, nobody);
    expect(done.tags).to.equal((await tagsOf({ cabinet: 'A' })).length);
    expect(await readFile(out, 'utf8')).to.equal(await written({ cabinet: 'A' }));
    expect((await readdir(server.folder)).filter((name) => name.startsWith('tags'))).to.deep.equal([
      'tags.csv',
    ]);
  });

  it('come in parts, each good once, for four readers at a time', async () => {
    server.gateway.configure('big', 512);
    await server.restart();
    const first = await page({ cabinet: 'big' });
    expect(first.tags).to.have.length(250);
    const { next = '' } = first;
    const all = await tagsOf({ cabinet: 'big' });
    expect(all.filter(({ path }) => path.at(-1) === 'State')).to.have.length(512);
    expect((await page({ next })).tags[0]).to.deep.equal(all[250]);
    expect(await server.ask({ do: 'list-opcua-tags', next })).to.include({ code: 'tag-list-expired' });
    const begun: string[] = [];
    for (let count = 0; count < 5; count += 1) begun.push((await page({ cabinet: 'big' })).next ?? '');
    expect(await server.ask({ do: 'list-opcua-tags', next: begun[0] ?? '' })).to.include({
      code: 'tag-list-expired',
    });
    expect((await page({ next: begun[4] ?? '' })).tags).to.have.length(250);
  });
});
