/** What the editor shows: every node has its page, its texts in every language, help, an icon and an example. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { LANGUAGES as TEXT_LANGUAGES } from '../../domain/texts/texts.ts';
import { ALARM_COMMANDS } from '../../nodes/alarm/alarm.ts';
import { CASSETTE_COMMANDS } from '../../nodes/cassette-command/cassette-command.ts';
import { REPORTS } from '../../nodes/cassette-state/cassette-state.ts';
import { CASSETTE_STATUS_KEYS } from '../../nodes/cassette-status.ts';
import { COMMANDS, EXTENTS } from '../../nodes/command/command.ts';
import { type Migration, migrate } from '../../nodes/config-version.ts';
import { DOOR_SIGNALS } from '../../nodes/door/door.ts';
import { ITEM_KINDS } from '../../nodes/item/item.ts';
import { KEY_OUTCOMES } from '../../nodes/key/key.ts';
import { NOTICE_CODES } from '../../nodes/notify/notice.ts';
import { QUESTIONS } from '../../nodes/query/query.ts';
import { SOURCES } from '../../nodes/sensor/changes.ts';
import { PANEL_PROMPTS, STATUS } from '../../nodes/status.ts';
import { CONFIG_NODES, NODES, PALETTE_NODES, ROOT } from './built-nodes.ts';

const LANGUAGES = ['en-US', 'pl', 'it'];
/** Headings that help has in this order, per language; settings stand first where a node has no messages. */
const HEADINGS: Readonly<Record<string, readonly string[]>> = {
  'en-US': ['Settings', 'Inputs', 'Outputs', 'Details', 'References'],
  pl: ['Ustawienia', 'Wejścia', 'Wyjścia', 'Szczegóły', 'Odnośniki'],
  it: ['Impostazioni', 'Ingressi', 'Uscite', 'Dettagli', 'Riferimenti'],
};
const LONGEST_STATUS = 19;
/** The longest values that statuses are filled with. */
const LONGEST_VALUES: Readonly<Record<string, string>> = {
  compartment: '512',
  seq: '12345678',
  amount: '59',
  count: '512',
  schema: '4.2',
  role: 'K1',
};

type Catalogue = { readonly [key: string]: string | Catalogue };

function file(...parts: string[]): string {
  return readFileSync(join(ROOT, ...parts), 'utf8');
}

function catalogue(node: string, language: string): Catalogue {
  return JSON.parse(file('nodes', node, 'locales', language, `${node}.json`)) as Catalogue;
}

/** Paths of all texts, e.g. `status.ready`. */
function textsOf(texts: Catalogue, path = ''): Map<string, string> {
  const found = new Map<string, string>();
  for (const [key, value] of Object.entries(texts)) {
    if (typeof value === 'string') found.set(path + key, value);
    else for (const entry of textsOf(value, `${path}${key}.`)) found.set(...entry);
  }
  return found;
}

function placeholders(text: string): string[] {
  return [...text.matchAll(/__(\w+?)__/g)].map(([, name]) => name ?? '').sort();
}

function folders(path: string): string[] {
  return readdirSync(join(ROOT, path), { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => name)
    .sort();
}

describe('the files of the nodes', () => {
  it('are a folder for each node, and these tests know every one', () => {
    expect(folders('nodes')).to.deep.equal([...NODES].sort());
  });

  for (const node of NODES) {
    describe(`sezam-${node}`, () => {
      const page = file('nodes', node, `${node}.html`);
      const english = textsOf(catalogue(node, 'en-US'));

      it('has the same texts with the same placeholders in every language', () => {
        expect(folders(`nodes/${node}/locales`)).to.deep.equal([...LANGUAGES].sort());
        for (const language of LANGUAGES) {
          const texts = textsOf(catalogue(node, language));
          expect([...texts.keys()], language).to.deep.equal([...english.keys()]);
          for (const [key, text] of texts) {
            expect(text.trim(), `${language} ${key}`).not.to.equal('');
            expect(placeholders(text), `${language} ${key}`).to.deep.equal(
              placeholders(english.get(key) ?? ''),
            );
          }
        }
      });

      it('has every text that its page asks for', () => {
        const shared = textsOf(catalogue('gateway', 'en-US'));
        const asked = [...page.matchAll(/data-i18n="(?:\[\w+\])?([^"]+)"/g)].map(([, key]) => key ?? '');
        const called = [...page.matchAll(/this\._\('([\w.-]+)'\)/g)].map(([, key]) => key ?? '');
        const outputs = [...page.matchAll(/'(output\.[\w-]+)'/g)].map(([, key]) => key ?? '');
        expect(asked).not.to.deep.equal([]);
        for (const key of [...asked, ...called, ...outputs]) {
          const ownOrShared = key.startsWith('node-red-contrib-sezam/gateway:')
            ? shared.has(key.slice('node-red-contrib-sezam/gateway:'.length))
            : english.has(key);
          expect(ownOrShared, key).to.equal(true);
        }
      });

      for (const language of LANGUAGES) {
        it(`has help in ${language}: a summary, then the usual headings`, () => {
          const help = file('nodes', node, 'locales', language, `${node}.html`);
          expect(help).to.match(
            new RegExp(`^<script type="text/html" data-help-name="sezam-${node}">\\n  <p>[^<]+</p>\\n`),
          );
          const headings = [...help.matchAll(/<h3>([^<]+)<\/h3>/g)].map(([, heading]) => heading);
          expect(headings).to.include.members(HEADINGS[language]?.slice(3) ?? []);
          expect(headings).to.deep.equal(HEADINGS[language]?.filter((heading) => headings.includes(heading)));
          expect(balanced(help)).to.equal(true);
        });
      }

      it('keeps the version of its settings, and fills in each that a flow written by hand leaves out', async () => {
        expect(page).to.contain('configVersion: { value: 1 }');
        const [, defaults = ''] = /defaults: \{([\s\S]*?)\n {4}\}/.exec(page) ?? [];
        const settings = [...defaults.matchAll(/^ {6}(\w+): \{/gm)].map(([, name]) => name);
        const { migrations } = (await import(`../../nodes/${node}/${node}.ts`)) as {
          migrations: readonly Migration[];
        };
        expect(Object.keys(migrate<object>({}, migrations))).to.have.members(settings);
      });
    });
  }

  for (const node of PALETTE_NODES) {
    it(`sezam-${node} has an icon of its own in the palette Sezam`, () => {
      const page = file('nodes', node, `${node}.html`);
      expect(page).to.contain(`category: 'Sezam'`).and.to.contain(`icon: 'sezam-${node}.svg'`);
      const icon = file('nodes', node, 'icons', `sezam-${node}.svg`);
      expect(icon).to.match(/^<svg [^>]*viewBox="0 0 40 60"/);
      expect(icon).not.to.match(/<script|href=|<image/);
    });
  }

  for (const node of CONFIG_NODES) {
    it(`sezam-${node} is a configuration node`, () => {
      expect(file('nodes', node, `${node}.html`)).to.contain(`category: 'config'`);
    });
  }

  const offered: [node: string, section: string, values: readonly string[]][] = [
    ['door', 'signal', DOOR_SIGNALS],
    ['item', 'kind', ITEM_KINDS],
    ['alarm', 'do', ALARM_COMMANDS],
    ['notify', 'code', NOTICE_CODES],
    ['notify', 'language', TEXT_LANGUAGES],
    ['command', 'do', COMMANDS],
    ['command', 'extent', EXTENTS],
    ['query', 'ask', QUESTIONS],
    ['key', 'outcome', KEY_OUTCOMES],
    ['sensor', 'source', SOURCES],
    ['cassette-state', 'report', REPORTS],
    ['cassette-command', 'do', CASSETTE_COMMANDS],
  ];
  for (const [node, section, values] of offered) {
    it(`sezam-${node} offers every ${section} that its code knows, in words`, () => {
      const page = file('nodes', node, `${node}.html`);
      for (const value of values) {
        expect(page, value).to.match(new RegExp(`['"]${value}['"]`));
        for (const language of LANGUAGES) {
          const texts = textsOf(catalogue(node, language));
          expect(texts.has(`${section}.${value}`), `${language} ${value}`).to.equal(true);
        }
      }
      const options = [...page.matchAll(new RegExp(`data-i18n="${section}\\.([\\w-]+)"`, 'g'))];
      if (options.length > 0) expect(options.map(([, value]) => value)).to.have.members([...values]);
    });
  }

  it('name examples that there are', () => {
    for (const node of NODES) {
      for (const language of LANGUAGES) {
        const help = file('nodes', node, 'locales', language, `${node}.html`);
        const line = /▸ node-red-contrib-sezam ▸ (.+)<\/li>/.exec(help)?.[1] ?? '';
        for (const [, example = ''] of line.matchAll(/<code>([^<]+)<\/code>/g)) {
          expect(existsSync(join(ROOT, 'examples', `${example}.json`)), `${node}: ${example}`).to.equal(true);
        }
      }
    }
  });

  it('every node stands in an example', () => {
    const used = new Set(
      readdirSync(join(ROOT, 'examples')).flatMap((name) =>
        (JSON.parse(file('examples', name)) as { type: string }[]).map(({ type }) => type),
      ),
    );
    expect([...used]).to.include.members(NODES.map((node) => `sezam-${node}`));
  });

  it('only the gateway node keeps a secret, and as a credential', () => {
    for (const node of NODES) {
      const page = file('nodes', node, `${node}.html`);
      expect(page.includes('type="password"'), node).to.equal(node === 'gateway');
    }
    const [, defaults = ''] =
      /defaults: \{([\s\S]*?)\n {4}\}/.exec(file('nodes', 'gateway', 'gateway.html')) ?? [];
    expect(defaults).not.to.match(/uri|password|secret/i);
  });
});

describe('the texts of statuses', () => {
  for (const language of LANGUAGES) {
    const texts = textsOf(catalogue('gateway', language));
    const statuses = [...texts].filter(([key]) => key.startsWith('status.'));

    it(`are short in ${language}`, () => {
      for (const [key, text] of statuses) {
        const filled = text.replace(/__(\w+?)__/g, (_whole, name: string) => LONGEST_VALUES[name] ?? name);
        expect(filled.length, `${key}: ${filled}`).to.be.at.most(LONGEST_STATUS);
      }
    });

    it(`are there for every status, in ${language}`, () => {
      const keys = [
        ...Object.values(STATUS).map(({ key }) => key),
        ...DOOR_SIGNALS.map((signal) => `door-${signal}`),
        ...['s', 'min', 'h', 'd'].map((unit) => `event-${unit}`),
        ...ITEM_KINDS.map((kind) => `item-${kind}`),
        ...PANEL_PROMPTS.map((prompt) => `panel-${prompt}`),
        ...['alarm', 'warning', 'information'].flatMap((each) => [`notice-${each}`, `notice-${each}-at`]),
        'granted',
        'opened',
        'done',
        'found',
        'opened-all',
        'would-lose',
        'mode-changed',
        'alarms',
        'no-alarm',
        ...CASSETTE_STATUS_KEYS,
        ...SOURCES.map((source) => `source-${source}`),
      ];
      expect(statuses.map(([key]) => key.slice('status.'.length))).to.have.members(keys);
    });
  }
});

describe('built files', () => {
  it('lie beside the compiled nodes', () => {
    for (const node of NODES) {
      for (const name of [`${node}.js`, `${node}.html`, `locales/pl/${node}.json`]) {
        expect(existsSync(join(ROOT, 'dist/nodes', node, name)), `${node}/${name}`).to.equal(true);
      }
    }
  });
});

/** Whether every tag of a page that is opened is closed, in order. */
function balanced(html: string): boolean {
  const open: string[] = [];
  for (const [, end, name = ''] of html.matchAll(/<(\/?)([a-z0-9]+)[^>]*>/g)) {
    if (end === '') open.push(name);
    else if (open.pop() !== name) return false;
  }
  return open.length === 0;
}
