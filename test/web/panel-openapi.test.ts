import { readFileSync } from 'node:fs';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { expect } from 'chai';
import { promptText, textOf } from '../../domain/texts/texts.ts';
import type { PanelAnswer, PanelView } from '../../gateway/api.ts';
import { panelApiDescription } from '../../web/panels/openapi.ts';
import { readAnswer } from '../../web/panels/reading.ts';

const FILE = new URL('../../docs/panels.openapi.json', import.meta.url);

/** One of each answer that there is. */
const ANSWERS: { readonly [Name in PanelAnswer['answer']]: Extract<PanelAnswer, { answer: Name }> } = {
  presentation: { answer: 'presentation', presentation: 'a-reference' },
  scan: { answer: 'scan', scan: { kind: 'qr', value: 'parcel 12' } },
  login: { answer: 'login', login: 'olga', password: 'a long sentence' },
  deposit: { answer: 'deposit' },
  collect: { answer: 'collect', compartment: 512, pin: '2468' },
  compartment: { answer: 'compartment', compartment: 1 },
  recipient: { answer: 'recipient', user: 'user-1' },
  cancel: { answer: 'cancel' },
  fault: { answer: 'fault', compartment: 3, fault: 'does-not-close' },
};

const WRONG: readonly unknown[] = [
  undefined,
  null,
  [],
  {},
  { answer: 'deposit' },
  { answer: {} },
  { answer: { answer: 'open' } },
  { answer: { answer: 'deposit' }, session: 7 },
  { answer: { answer: 'deposit' }, token: 'x' },
  { answer: { answer: 'collect', compartment: 513, pin: '2468' } },
  { answer: { answer: 'collect', compartment: 1, pin: '24a8' } },
  { answer: { answer: 'scan', scan: { kind: 'password', value: 'x' } } },
  { answer: { answer: 'fault', compartment: 1, fault: 'ugly' } },
];

describe('The description of the panel API', () => {
  const description = panelApiDescription() as { readonly paths: object };
  const ajv = new Ajv2020({ strict: false });
  ajv.addSchema({ $id: 'api', ...description });
  const named = (name: string) => ajv.compile({ $ref: `api#/components/schemas/${name}` });

  it('is the one that stands in docs/panels.openapi.json (node scripts/panel-api.ts writes it)', () => {
    expect(JSON.parse(readFileSync(FILE, 'utf8'))).to.deep.equal(JSON.parse(JSON.stringify(description)));
  });

  it('takes every answer that the gateway takes, and so does the server', () => {
    const isBody = named('AnswerBody');
    for (const answer of Object.values(ANSWERS)) {
      for (const body of [{ answer }, { answer, session: 'session-1' }]) {
        expect(isBody(body), `${answer.answer}: ${ajv.errorsText(isBody.errors)}`).to.equal(true);
        expect(readAnswer(body), answer.answer).to.deep.equal(body);
      }
    }
  });

  it('refuses what the server refuses', () => {
    const isBody = named('AnswerBody');
    for (const body of WRONG) {
      expect(isBody(body), JSON.stringify(body)).to.equal(false);
      expect(readAnswer(body), JSON.stringify(body)).to.be.a('string');
    }
  });

  it('has room for everything that a panel may show', () => {
    const isView = named('View');
    const values = { compartment: 3 };
    const view: PanelView = {
      panel: 'left',
      cabinet: 'A',
      prompt: {
        code: 'set-pin',
        values,
        answers: ['code', 'cancel'],
        compartments: [1, 512],
        codes: ['pin', 'qr'],
        pin: { least: 4, most: 16 },
      },
      text: promptText({ code: 'set-pin', values }),
      session: 'session-1',
      until: 1_792_000_000_000,
      recipients: [{ user: 'user-1', name: 'Zofia' }],
      notice: { code: 'wrong-code', values: {}, text: textOf({ code: 'wrong-code', values: {} }), at: 0 },
    };
    expect(isView(view), ajv.errorsText(isView.errors)).to.equal(true);
    expect(isView({ ...view, pin: '2468' }), 'and for nothing else').to.equal(false);
  });

  it('names no schema that is not there', () => {
    const names = [...JSON.stringify(description).matchAll(/"#\/components\/schemas\/(\w+)"/g)];
    expect(names.length).to.be.greaterThan(20);
    for (const [, name = ''] of names) expect(() => named(name), name).to.not.throw();
  });
});
