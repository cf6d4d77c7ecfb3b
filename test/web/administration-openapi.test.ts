import { readFileSync } from 'node:fs';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { expect } from 'chai';
import { placeholdersIn } from '../../domain/texts/texts.ts';
import { administrationApiDescription } from '../../web/administration/openapi.ts';
import { COMMAND_BODIES } from '../../web/administration/shapes.ts';
import { FAILURE_CODES, failureText } from '../../web/administration/texts.ts';

const FILE = new URL('../../docs/administration.openapi.json', import.meta.url);

describe('The description of the administration API', () => {
  const description = administrationApiDescription() as {
    readonly paths: Readonly<Record<string, Readonly<Record<string, { readonly operationId: string }>>>>;
  };
  const ajv = new Ajv2020({ strict: false });
  ajv.addSchema({ $id: 'api', ...description });

  it('is the one that stands in docs/administration.openapi.json (node scripts/administration-api.ts writes it)', () => {
    expect(JSON.parse(readFileSync(FILE, 'utf8'))).to.deep.equal(JSON.parse(JSON.stringify(description)));
  });

  it('names every command, and each operation once', () => {
    for (const command of Object.keys(COMMAND_BODIES)) {
      expect(description.paths, command).to.have.property(`/api/alarms/{id}/${command}`);
    }
    const ids = Object.values(description.paths).flatMap((path) =>
      Object.values(path).map(({ operationId }) => operationId),
    );
    expect(new Set(ids).size).to.equal(ids.length);
  });

  it('names no schema that is not there', () => {
    const names = [...JSON.stringify(description).matchAll(/"#\/components\/schemas\/(\w+)"/g)];
    expect(names.length).to.be.greaterThan(20);
    for (const [, name = ''] of names) {
      expect(() => ajv.compile({ $ref: `api#/components/schemas/${name}` }), name).to.not.throw();
    }
  });

  it('has a sentence for each failure in every language, with the same values', () => {
    for (const code of FAILURE_CODES) {
      const [en, ...others] = (['en', 'pl', 'it'] as const).map((language) =>
        failureText(code, {}, language),
      );
      expect(en).to.match(/\S/);
      for (const text of others) {
        expect(text).to.not.equal(en);
        expect(placeholdersIn(text), code).to.deep.equal(placeholdersIn(en ?? ''));
      }
    }
  });
});
