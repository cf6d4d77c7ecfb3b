import { readdir } from 'node:fs/promises';
import { expect } from 'chai';
import { loadSchemas } from '../../config/modes.ts';
import { SCHEMAS } from './support/cabinet.ts';

/** Every schema of the source, mode by mode. */
const NUMBERS = '1.1, 2.1, 2.2, 2.3, 2.4, 3.1, 3.2, 3.3, 4.1, 4.2, 4.3, 4.4, 5.1, 5.2, 6.1, 6.2, 6.3'.split(
  ', ',
);

describe('the modes table', () => {
  it('offers each schema with a flow block of its own, and every block of the folder', async () => {
    const schemas = await loadSchemas();
    expect([...schemas.keys()]).to.deep.equal(NUMBERS);
    for (const [number, schema] of schemas) expect(schema, number).to.equal(SCHEMAS[number]);
    const files = await readdir(new URL('../../domain/schemas/', import.meta.url));
    expect(new Set(schemas.values()).size).to.equal(files.length - 1);
  });

  const wrong: readonly (readonly [name: string, rows: unknown, message: RegExp])[] = [
    ['a block that the source does not have', [{ schema: '1.1', mode: 1, block: 'B18' }], /\[0\]\.block/],
    [
      'a schema that stands twice',
      [
        { schema: '1.1', mode: 1, block: 'B1' },
        { schema: '1.1', mode: 1, block: 'B3' },
      ],
      /\[1\]\.schema: schema 1\.1 stands twice/,
    ],
    ['a seventh mode', [{ schema: '1.1', mode: 7, block: 'B1' }], /\[0\]\.mode/],
  ];
  for (const [name, rows, message] of wrong) {
    it(`refuses ${name}`, async () => {
      const error = await loadSchemas(rows).catch((reason: unknown) => reason);
      expect(error).to.be.an('error').with.property('message').that.matches(message);
    });
  }
});
