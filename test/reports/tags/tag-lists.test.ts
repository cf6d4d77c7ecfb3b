import { expect } from 'chai';
import { parse } from 'csv-parse/sync';
import fc from 'fast-check';
import type { OpcUaTag } from '../../../gateway/opcua-administration.ts';
import { csvLine } from '../../../reports/tags/cells.ts';
import { type TagList, TagNames } from '../../../reports/tags/format.ts';
import { genericTags } from '../../../reports/tags/generic.ts';
import { ignitionTags } from '../../../reports/tags/ignition.ts';
import { kepwareTags } from '../../../reports/tags/kepware.ts';

const tag = (about: Partial<OpcUaTag> = {}): OpcUaTag => ({
  nodeId: 'ns=1;s=cabinet/A/compartment/7/State',
  path: ['Objects', 'Sezam', 'Cabinets', 'A', 'Compartments', '7', 'State'],
  displayName: 'State',
  dataType: 'Int32',
  array: false,
  history: true,
  description: 'What the compartment is in.',
  ...about,
});

const below = (...names: readonly string[]): OpcUaTag =>
  tag({ path: ['Objects', 'Sezam', ...names], nodeId: `ns=1;s=${names.join('/')}` });

const written = (list: TagList, tags: readonly OpcUaTag[]): string =>
  `${list.begin()}${tags.map((each) => list.tag(each)).join('')}${list.end()}`;

const rows = (text: string): Readonly<Record<string, string>>[] =>
  parse(text, { columns: true, bom: true, record_delimiter: '\r\n' });

interface Folder {
  readonly name: string;
  readonly tagType: string;
  readonly tags?: readonly Folder[];
  readonly opcItemPath?: string;
  readonly [field: string]: unknown;
}

describe('Lists of tags', () => {
  describe('as CSV', () => {
    it('say of each tag what an engineer asks', () => {
      const values = [
        { number: 0, name: 'free' },
        { number: 1, name: 'occupied, or "taken"' },
      ];
      const tilt = tag({
        nodeId: 'ns=1;s=t',
        path: ['Objects', 'B/2'],
        unit: '°',
        array: true,
        history: false,
      });
      const [first, second] = rows(written(genericTags(), [tag({ values }), tilt]));
      expect(first).to.deep.equal({
        NodeId: 'ns=1;s=cabinet/A/compartment/7/State',
        BrowsePath: 'Objects/Sezam/Cabinets/A/Compartments/7/State',
        DisplayName: 'State',
        DataType: 'Int32',
        Array: 'no',
        Access: 'read',
        History: 'yes',
        Unit: '',
        Values: '0: free; 1: occupied, or "taken"',
        Description: 'What the compartment is in.',
      });
      expect(second).to.include({ BrowsePath: 'Objects/B&/2', Unit: '°', Array: 'yes', History: 'no' });
    });

    it('hold nothing that a spreadsheet would run', () => {
      for (const evil of ['=cmd|"/c calc"!A1', '+1+1', '-2+3', '@SUM(A1)', '\t=1', '\r=1', '\n=1']) {
        const text = written(genericTags(), [tag({ displayName: evil, description: evil })]);
        const [row] = rows(text);
        for (const cell of [row?.['DisplayName'], row?.['Description']])
          expect(cell).to.not.match(/^[=+\-@\t\r]/);
        const kepware = rows(written(kepwareTags(), [tag({ description: evil, unit: evil })]));
        for (const cell of Object.values(kepware[0] ?? {})) expect(cell).to.not.match(/^[=+\-@\t\r]/);
      }
    });

    it('keep whatever stands in a cell, but for line ends', () => {
      fc.assert(
        fc.property(fc.array(fc.string({ unit: 'grapheme' }), { minLength: 2, maxLength: 5 }), (cells) => {
          const line = csvLine(cells);
          const [parsed = []] = parse(line, { record_delimiter: '\r\n' }) as string[][];
          expect(parsed).to.have.length(cells.length);
          for (const [index, cell] of cells.entries()) {
            const plain = cell.replace(/[\r\n\t]+/g, ' ');
            expect([plain, `'${plain}`]).to.include(parsed[index]);
          }
        }),
      );
    });
  });

  describe('for Kepware', () => {
    it('have the columns of its own export, types of its own, and groups', () => {
      const text = written(kepwareTags(), [
        tag(),
        tag({ dataType: 'UInt32', array: true, path: ['Objects', 'Sezam', 'Summary', 'OpenSet'] }),
        tag({ dataType: 'LocalizedText', description: 'x'.repeat(300) }),
      ]);
      expect(text.split('\r\n')[0]).to.equal(
        'Tag Name,Address,Data Type,Respect Data Type,Client Access,Scan Rate,Scaling,Raw Low,Raw High,Scaled Low,Scaled High,Scaled Data Type,Clamp Low,Clamp High,Eng Units,Description,Negate Value',
      );
      const [first, second, third] = rows(text);
      expect(first).to.include({
        'Tag Name': 'Cabinets.A.Compartments.7.State',
        Address: 'ns=1;s=cabinet/A/compartment/7/State',
        'Data Type': 'Long',
        'Respect Data Type': '1',
        'Client Access': 'RO',
        'Scan Rate': '1000',
        Description: 'What the compartment is in.',
      });
      expect(second).to.include({ 'Tag Name': 'Summary.OpenSet', 'Data Type': 'DWord Array' });
      expect(third?.['Data Type']).to.equal('String');
      expect(third?.['Description']).to.have.length(255);
    });
  });

  describe('for Ignition', () => {
    it('are folders in folders, with types as wide as the values', () => {
      const text = written(ignitionTags('Sezam north'), [
        below('Name'),
        tag(),
        tag({
          path: ['Objects', 'Sezam', 'Cabinets', 'A', 'Compartments', '8', 'State'],
          dataType: 'UInt16',
          array: true,
          unit: '°C',
        }),
        below('Cassettes', 'C1', 'State'),
      ]);
      const root = JSON.parse(text) as Folder;
      const outline = ({ name, tags }: Folder): unknown => (tags ? [name, tags.map(outline)] : name);
      expect(outline(root)).to.deep.equal([
        'Sezam',
        [
          'Name',
          [
            'Cabinets',
            [
              [
                'A',
                [
                  [
                    'Compartments',
                    [
                      ['7', ['State']],
                      ['8', ['State']],
                    ],
                  ],
                ],
              ],
            ],
          ],
          ['Cassettes', [['C1', ['State']]]],
        ],
      ]);
      const compartments = root.tags?.[1]?.tags?.[0]?.tags?.[0]?.tags;
      expect(compartments?.[0]?.tags?.[0]).to.deep.equal({
        name: 'State',
        tagType: 'AtomicTag',
        valueSource: 'opc',
        opcServer: 'Sezam north',
        opcItemPath: 'ns=1;s=cabinet/A/compartment/7/State',
        dataType: 'Int4',
        readOnly: true,
        documentation: 'What the compartment is in.',
      });
      expect(compartments?.[1]?.tags?.[0]).to.include({ dataType: 'Int4Array', engUnit: '°C' });
    });

    it('are JSON that holds every tag, whatever the order and depth', () => {
      const names = fc.array(fc.constantFrom('a', 'b', 'C', '=', 'ł'), { minLength: 1, maxLength: 5 });
      fc.assert(
        fc.property(fc.array(names, { maxLength: 30 }), (paths) => {
          const tags = paths.map((path, index) =>
            tag({ path: ['Objects', 'Sezam', ...path], nodeId: `ns=1;i=${index}` }),
          );
          const root = JSON.parse(written(ignitionTags('s'), tags)) as Folder;
          const found = (folder: Folder): string[] =>
            folder.tags ? folder.tags.flatMap(found) : [String(folder.opcItemPath)];
          expect(found(root)).to.have.members(tags.map(({ nodeId }) => nodeId));
        }),
      );
    });

    it('are an empty folder where there are none', () => {
      expect(JSON.parse(written(ignitionTags('s'), []))).to.deep.equal({
        name: 'Sezam',
        tagType: 'Folder',
        tags: [],
      });
    });
  });

  describe('name tags', () => {
    it('in letters that every tool takes, no two alike in one group, the same each time', () => {
      const names = new TagNames();
      const named = (...path: readonly string[]): string => names.of(below(...path)).join('.');
      expect(named('Cabinets', 'B/2', 'Name')).to.equal('Cabinets.B_2.Name');
      expect(named('Cabinets', 'B.2', 'Name')).to.equal('Cabinets.B_2-2.Name');
      expect(named('Cabinets', 'b_2', 'Name')).to.equal('Cabinets.b_2-3.Name');
      expect(named('Cabinets', 'B/2', 'State')).to.equal('Cabinets.B_2.State');
      expect(named('Cabinets', '_x')).to.equal('Cabinets.x');
      expect(named('Cabinets', 'Łódź')).to.equal('Cabinets.odz');
      expect(named('Cabinets', '=')).to.equal('Cabinets.tag');
    });

    it('so that whatever there is, each has a name of its own', () => {
      fc.assert(
        fc.property(fc.uniqueArray(fc.string({ minLength: 1 }), { maxLength: 40 }), (ids) => {
          const names = new TagNames();
          const given = ids.map((id) => names.of(below(id))[0] ?? '');
          expect(new Set(given.map((name) => name.toLowerCase())).size).to.equal(ids.length);
          for (const name of given) expect(name).to.match(/^[A-Za-z0-9][A-Za-z0-9 _-]*$/);
        }),
      );
    });
  });
});
