import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { dirname, join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import cassettesSchema from '../../config/schemas/cassettes.schema.json' with { type: 'json' };
import siteSchema from '../../config/schemas/site.schema.json' with { type: 'json' };
import { readSettings } from '../../config/settings.ts';
import { ALARM_KINDS } from '../../domain/alarms/kinds.ts';
import manifest from '../../package.json' with { type: 'json' };

const ROOT = fileURLToPath(new URL('../../', import.meta.url));

/** A JSON schema, as far as names of fields are told by it. */
interface Fields {
  readonly $ref?: string;
  readonly properties?: Readonly<Record<string, Fields>>;
  readonly items?: Fields;
  readonly oneOf?: readonly Fields[];
}

const DEFINITIONS: Readonly<Record<string, Fields>> = {
  ...(siteSchema.definitions as Readonly<Record<string, Fields>>),
  ...(cassettesSchema.definitions as Readonly<Record<string, Fields>>),
};

describe('the documentation', () => {
  let pages: ReadonlyMap<string, string>;

  before(async () => {
    const below = await readdir(join(ROOT, 'docs'), { recursive: true });
    const names = [
      'README.md',
      'CHANGELOG.md',
      'embedded-mongo/README.md',
      ...below.filter((name) => name.endsWith('.md')).map((name) => join('docs', name)),
    ];
    pages = new Map(
      await Promise.all(names.map(async (name) => [name, await readFile(join(ROOT, name), 'utf8')] as const)),
    );
  });

  it('leads to pages, headings and pictures that are there', () => {
    const broken: string[] = [];
    let followed = 0;
    for (const [page, text] of pages) {
      for (const [, link = ''] of proseOf(text).matchAll(/\]\(([^)\s]+)\)/g)) {
        if (/^https?:/.test(link)) continue;
        followed += 1;
        const [path = '', heading] = link.split('#');
        const target = path === '' ? page : normalize(join(dirname(page), path));
        const goal = pages.get(target);
        const found = heading === undefined || goal === undefined || headingsOf(goal).has(heading);
        if (!existsSync(join(ROOT, target)) || !found) broken.push(`${page}: ${link}`);
      }
    }
    expect(broken).to.deep.equal([]);
    expect(followed).to.be.greaterThan(100);
  });

  it('numbers the decisions without gaps, and refers to each', async () => {
    const decisions = (await readdir(join(ROOT, 'docs/decisions'))).sort();
    expect(decisions.map((name) => Number(name.slice(0, 4)))).to.deep.equal(
      decisions.map((_, index) => index + 1),
    );
    const architecture = pages.get('docs/architecture.md') ?? '';
    expect(decisions.filter((name) => !architecture.includes(`decisions/${name}`))).to.deep.equal([]);
  });

  it('lists every kind of alarm with its severity, and what it takes', () => {
    const rows = [
      ...(pages.get('docs/alarms.md') ?? '').matchAll(/^\| `([\w-]+)` +\| (\d+) +\|([^|]*)\|([^|]*)\|$/gm),
    ];
    const listed = rows.map(([, kind, severity, raised = '', over = '']) => ({
      kind,
      severity: Number(severity),
      endsBy: over.trim().startsWith('seen') ? 'acknowledgement' : 'sign',
      silent: raised.includes('(silent)'),
      confirmation: over.includes('confirmed'),
    }));
    const kinds = Object.entries(ALARM_KINDS).map(([kind, settings]) => ({ kind, ...settings }));
    expect(listed).to.have.deep.members(kinds);
  });

  it('lists every field of a site file', () => {
    const settings = pages.get('docs/settings.md') ?? '';
    const listed = (name: string): boolean => new RegExp(`[\`.…]${name}(\\[\\])?[\`.]`).test(settings);
    expect(
      fieldsOf(siteSchema as Fields).filter((name) => name !== '$schema' && !listed(name)),
    ).to.deep.equal([]);
  });

  it('lists every variable of the environment', async () => {
    const sources = await Promise.all(
      ['settings.ts', 'mail-settings.ts'].map((name) => readFile(join(ROOT, 'config', name), 'utf8')),
    );
    const settings = variablesOf(pages.get('docs/settings.md') ?? '');
    const missing = [...variablesOf(sources.join())].filter((name) => !settings.has(name));
    expect(missing).to.deep.equal([]);
  });

  it('names no variable that is not known', () => {
    // The one that settings.md misspells on purpose, and those that belong to the tests.
    const others = new Set(['SEZAM_HTTP_PRT', 'SEZAM_TEST_HISTORIES', 'SEZAM_FUZZ_RUNS']);
    const named = new Set([...pages.values()].flatMap((text) => [...variablesOf(text)]));
    expect([...named].filter((name) => !others.has(name) && !isKnown(name))).to.deep.equal([]);
  });

  it('shows npm scripts that are there', () => {
    const text = [...pages.values()].join('\n');
    const shown = new Set([...text.matchAll(/npm run (?:-s )?([a-z:-]+)/g)].map(([, name = '']) => name));
    expect([...shown].filter((name) => !(name in manifest.scripts))).to.deep.equal([]);
    expect(shown).to.include('demo:card');
  });
});

/** A page without its code blocks, where brackets mean something else. */
function proseOf(text: string): string {
  return text.replaceAll(/^```.*?^```/gms, '');
}

/** The anchors of the headings of a page, as GitHub makes them. */
function headingsOf(text: string): ReadonlySet<string> {
  const headings = [...proseOf(text).matchAll(/^#+ (.*)$/gm)].map(([, words = '']) => words);
  return new Set(
    headings.map((words) =>
      words
        .toLowerCase()
        .replaceAll(/[^\p{L}\p{N}_ -]/gu, '')
        .replaceAll(' ', '-'),
    ),
  );
}

function fieldsOf({ $ref, properties = {}, items, oneOf = [] }: Fields): string[] {
  if ($ref !== undefined) {
    const name = $ref.split('/').at(-1) ?? '';
    const definition = DEFINITIONS[name];
    if (!definition) throw new Error(`No schema defines ${$ref}.`);
    return fieldsOf(definition);
  }
  return [
    ...Object.entries(properties).flatMap(([name, field]) => [name, ...fieldsOf(field)]),
    ...(items ? fieldsOf(items) : []),
    ...oneOf.flatMap(fieldsOf),
  ];
}

function variablesOf(text: string): ReadonlySet<string> {
  return new Set([...text.matchAll(/\bSEZAM_[A-Z_]*[A-Z]\b(?!_)/g)].map(([name]) => name));
}

function isKnown(variable: string): boolean {
  try {
    readSettings({ [variable]: 'x' });
    return true;
  } catch (error) {
    return !(error as Error).message.includes('is not a known setting');
  }
}
