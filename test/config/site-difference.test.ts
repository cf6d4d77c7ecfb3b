import { expect } from 'chai';
import demoSite from '../../config/demo-site.json' with { type: 'json' };
import { checkSite } from '../../config/read-site.ts';
import type { SiteFile } from '../../config/site.ts';
import { isDifferent, restartFields, siteDifference } from '../../config/site-difference.ts';

const SITE = checkSite('demo-site.json', demoSite);
const NONE = { added: [], removed: [], changed: [] };

/** The bus with the controller of the first cassette. */
const GUARDED = SITE.cassettes?.[0]?.controller.bus ?? '';

function busElsewhere(bus: string): SiteFile {
  return {
    ...SITE,
    buses: SITE.buses.map((each) =>
      each.id === bus ? { id: bus, transport: { type: 'tcp', host: '192.0.2.7', port: 4001 } } : each,
    ),
  };
}

describe('The difference of two site files', () => {
  it('is none between a file and itself, in whatever order its entries and their fields stand', () => {
    const turned = {
      ...Object.fromEntries(Object.entries(SITE).toReversed()),
      boards: SITE.boards.toReversed(),
      cabinets: SITE.cabinets.map((cabinet) => Object.fromEntries(Object.entries(cabinet).toReversed())),
    } as unknown as SiteFile;
    expect(isDifferent(siteDifference(SITE, turned))).to.equal(false);
    expect(restartFields(SITE, turned)).to.deep.equal([]);
  });

  it('names what was added, removed and changed by its id, and other fields by their names', () => {
    const [first, ...others] = SITE.cabinets;
    if (!first) throw new Error('The demo site has no cabinet.');
    const after: SiteFile = {
      ...SITE,
      pins: { least: 6 },
      cabinets: [...others.map((cabinet) => ({ ...cabinet, name: 'Otherwise' })), { ...first, id: 'NEW' }],
    };
    const difference = siteDifference(SITE, after);
    expect(difference).to.deep.equal({
      cabinets: { added: ['NEW'], removed: [first.id], changed: others.map(({ id }) => id) },
      panels: NONE,
      buses: NONE,
      boards: NONE,
      readers: NONE,
      itemReaders: NONE,
      fields: ['pins'],
    });
    expect(isDifferent(difference)).to.equal(true);
    expect(restartFields(SITE, after)).to.deep.equal([]);
  });

  const LATE: readonly (readonly [string, SiteFile, readonly string[]])[] = [
    ['the name of the site', { ...SITE, site: { ...SITE.site, name: 'Else' } }, ['site.name']],
    ['its language', { ...SITE, site: { ...SITE.site, language: 'it' } }, ['site.language']],
    [
      'a rule of a cassette',
      { ...SITE, cassettes: (SITE.cassettes ?? []).map((cassette) => ({ ...cassette, name: 'Else' })) },
      ['cassettes'],
    ],
    ['the bus of a cassette', busElsewhere(GUARDED), [`buses "${GUARDED}"`]],
    ['what operators may do', { ...SITE, operators: { may: ['open'] } }, ['operators']],
  ];
  for (const [what, after, fields] of LATE) {
    it(`needs a restart where it is ${what}`, () => {
      expect(restartFields(SITE, after)).to.deep.equal(fields);
      expect(restartFields(after, SITE), 'and back').to.deep.equal(fields);
    });
  }

  it('needs none where it is the bus of a cabinet', () => {
    const bus = SITE.boards[0]?.bus ?? '';
    expect(restartFields(SITE, busElsewhere(bus))).to.deep.equal([]);
    expect(siteDifference(SITE, busElsewhere(bus)).buses.changed).to.deep.equal([bus]);
  });
});
