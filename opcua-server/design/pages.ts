/** The documentation of the information model, made from its tables: a page for each type, one for all enumerations, an index. */
import { nodeIds } from '../names.ts';
import {
  designId,
  type EnumerationDesign,
  type ModelDesign,
  type TypeDesign,
  transitionName,
} from './design.ts';
import { membersOf } from './members.ts';
import {
  argumentRows,
  code,
  joined,
  linked,
  memberRows,
  methodRows,
  methodsOf,
  nameRows,
  placesOf,
  standardName,
  table,
} from './page-tables.ts';
import { hierarchyPicture } from './picture.ts';
import { REQUIRED_MODELS } from './standard.ts';

const MADE = '<!-- Made from opcua-server/design by `npm run opcua-model`. -->';
const PICTURE = 'hierarchy.svg';
/** What everything else stands in. */
const TOP = 'SiteType';

/** The node id of one object of a type, as in the demo site, where its place alone does not tell it. */
const EXAMPLES: Readonly<Record<string, string>> = {
  SiteType: nodeIds.site,
  CabinetType: nodeIds.cabinet('A'),
  CompartmentType: nodeIds.compartment('A', 7),
  LockBoardType: nodeIds.lockBoard('A', 'board-1'),
  ReaderType: nodeIds.reader('A', 'card-reader-1'),
  CassetteType: nodeIds.cassette('C1'),
};

/** Every page by its file name, and the picture of the index. Always the same for the same tables. */
export function pagesOf(model: ModelDesign): ReadonlyMap<string, string> {
  return new Map([
    ['README.md', index(model)],
    [PICTURE, hierarchyPicture(model, TOP)],
    ['enumerations.md', enumerations(model)],
    ...model.types.map((type) => [`${type.browse}.md`, typePage(model, type)] as const),
  ]);
}

function page(title: string, ...parts: readonly (readonly string[])[]): string {
  const filled = parts.filter((part) => part.length > 0);
  return `${[[`# ${title}`, MADE], ...filled].map((part) => part.join('\n')).join('\n\n')}\n`;
}

function section(title: string, ...lines: readonly string[]): readonly string[] {
  return lines.length === 0 ? [] : [`## ${title}`, '', ...lines];
}

function index(model: ModelDesign): string {
  const { uri, version, published, types, enumerations: all } = model;
  const listed = (of: readonly TypeDesign[]): readonly string[] =>
    table(
      ['Type', 'What it is'],
      of.toSorted(byName).map(({ browse, description }) => [linked(model, browse), description.en]),
    );
  return page(
    'The information model',
    [
      `The types of Sezam’s address space, version ${version} of ${published.toISOString().slice(0, 10)}, as`,
      '[NodeSet2](../../opcua-server/nodesets/Sezam.NodeSet2.xml) for whoever imports it. How values, methods, alarms and history behave',
      'is told in [opcua.md](../opcua.md).',
      '',
      'On the page of a type, members are mandatory where nothing else is said. *Measured* is the word of a device: it has the status',
      '`BadNoCommunication` and its last value while the device does not answer. *History* is what the event log tells the past of.',
    ],
    section(
      'Node ids',
      `Types are in the namespace \`${uri}\`, whose index may differ between servers: look it up by the URI. Node ids are`,
      '`type/<type>` and `type/<type>/<path>`.',
      '',
      'Objects are in the server’s own namespace, index 1: the id of the object, a slash and the path of the member, so',
      `\`ns=1;${nodeIds.compartment('A', 7)}/State\`. They stay the same over restarts and changes of the configuration.`,
      `The folders of all cabinets and of all cassettes are \`${nodeIds.cabinets}\` and \`${nodeIds.cassettes}\`.`,
      "Characters of an id other than letters, digits and `-_.!~*'()` are percent-encoded.",
    ),
    section('What stands in what', `![The objects of a site and their types](${PICTURE})`),
    section('Types of objects', ...listed(types.filter((type) => !isEventType(type)))),
    section('Types of events', ...listed(types.filter(isEventType))),
    section(
      'Enumerations',
      ...table(
        ['Enumeration', 'What it is'],
        all.map(({ browse, description }) => [linked(model, browse), description.en]),
      ),
    ),
    section(
      'Models that it rests on',
      'Tools that import the NodeSet want these first, in this order, or later versions of them; Machinery itself rests on IA',
      '(OPC 10000-200).',
      '',
      ...table(
        ['Model', 'Version', 'Published'],
        Object.values(REQUIRED_MODELS).map((each) => [
          code(each.uri),
          each.version,
          each.published.slice(0, 10),
        ]),
      ),
    ),
  );
}

function enumerations(model: ModelDesign): string {
  return page(
    'Enumerations',
    ['Numbers are for ever: a value may be added at the end, never moved.'],
    ...model.enumerations.map(enumerationSection),
  );
}

function enumerationSection({ browse, description, values }: EnumerationDesign): readonly string[] {
  return section(
    browse,
    `${description.en} Node id \`${designId(browse)}\`.`,
    '',
    ...table(
      ['Number', 'Field', 'English', 'Polski', 'Italiano'],
      values.map(({ number, field, name }) => [String(number), code(field), name.en, name.pl, name.it]),
    ),
  );
}

function typePage(model: ModelDesign, type: TypeDesign): string {
  const { browse, name, description, states = [], transitions = [] } = type;
  return page(
    browse,
    [description.en],
    table(['', ''], facts(model, type)),
    section('Members', ...members(model, type)),
    section('Methods', ...methods(model, type)),
    section(
      'States',
      ...table(
        ['State', 'Number', 'Means', ''],
        states.map((state) => [
          code(state.browse),
          String(state.number),
          state.description.en,
          state.initial ? 'initial' : '',
        ]),
      ),
    ),
    section(
      'Transitions',
      ...table(
        ['Transition', 'Number', 'From', 'To', 'Name'],
        transitions.map((each) => [
          code(transitionName(each)),
          String(each.number),
          each.from,
          each.to,
          each.name.en,
        ]),
      ),
    ),
    section(
      'In other languages',
      ...table(
        ['', 'English', 'Polski', 'Italiano'],
        [[code(browse), name.en, name.pl, name.it], ...nameRows(model, type)],
      ),
    ),
  );
}

/** What is told of a type before its members. */
function facts(model: ModelDesign, type: TypeDesign): readonly (readonly string[])[] {
  const { browse, superType, abstract, raises = [] } = type;
  const subtypes = model.types.filter((each) => each.superType === browse);
  const raisedBy = model.types.filter((each) => each.raises?.includes(browse));
  const example = exampleOf(model, browse);
  const links = (types: readonly TypeDesign[]): string =>
    types.map((each) => linked(model, each.browse)).join(', ');
  return [
    ['Node id', code(designId(browse)) + (abstract ? ', abstract' : '')],
    ['Supertype', linked(model, superType)],
    ['Subtypes', links(subtypes)],
    [
      'Found in',
      placesOf(model, browse)
        .map(({ type: parent, paths }) => `${linked(model, parent)}: ${joined(paths)}`)
        .join('; '),
    ],
    ['Example', example === undefined ? '' : code(`ns=1;${example}`)],
    ['Raises', raises.map((each) => linked(model, each)).join(', ')],
    ['Raised by', links(raisedBy)],
  ].filter(([, told]) => told !== '');
}

function exampleOf(model: ModelDesign, browse: string): string | undefined {
  const known = EXAMPLES[browse];
  if (known !== undefined) return known;
  const [place] = placesOf(model, browse);
  const path = place?.paths.find((each) => !each.includes('<'));
  const above = place && exampleOf(model, place.type);
  return path === undefined || above === undefined ? undefined : `${above}/${path}`;
}

function members(model: ModelDesign, type: TypeDesign): readonly string[] {
  const rows = memberRows(model, type);
  const above = model.types.find(({ browse }) => browse === type.superType);
  const inherited = above
    ? `Besides those of ${linked(model, above.browse)}`
    : type.superType === 'ua:BaseObjectType' || type.superType === 'ua:FolderType'
      ? undefined
      : `Besides those of ${standardName(type.superType)}`;
  if (rows.rows.length === 0) return [inherited ? `${inherited}, none.` : 'None.'];
  return [...(inherited ? [`${inherited}:`, ''] : []), ...table(rows.columns, rows.rows)];
}

function methods(model: ModelDesign, type: TypeDesign): readonly string[] {
  const all = methodsOf(membersOf(model, type));
  if (all.length === 0) return [];
  return [
    ...table(['Method', 'Takes', 'Answers', 'What it does'], methodRows(all)),
    '',
    ...table(['Argument', 'Data type', 'Means'], argumentRows(model, all)),
  ];
}

function byName(one: TypeDesign, other: TypeDesign): number {
  return one.browse < other.browse ? -1 : 1;
}

function isEventType({ browse }: TypeDesign): boolean {
  return /(Event|Alarm)Type$/.test(browse);
}
