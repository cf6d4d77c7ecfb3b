/** Tables of the documentation of the information model, as Markdown. */
import type {
  ArgumentDesign,
  MemberDesign,
  MethodDesign,
  ModelDesign,
  ObjectDesign,
  OtherModel,
  TypeDesign,
  TypeName,
  UnitDesign,
  VariableDesign,
} from './design.ts';
import { membersOf } from './members.ts';

/** The specifications that other models are from. */
const SPECIFICATIONS: Readonly<Record<Exclude<OtherModel, 'ua'>, string>> = {
  di: 'OPC 10000-100, Devices',
  machinery: 'OPC 40001-1, Machinery',
  autoid: 'OPC 30010, AutoID',
};

/** Models whose browse names members may have. */
const SHORT_NAMES: Readonly<Record<Exclude<OtherModel, 'ua'>, string>> = {
  di: 'DI',
  machinery: 'Machinery',
  autoid: 'AutoID',
};

/** A member with its path below the type. */
interface Placed {
  readonly path: string;
  readonly member: MemberDesign;
}

/** A table; none where it has no rows. Columns that are empty in every row are left out. */
export function table(columns: readonly string[], rows: readonly (readonly string[])[]): readonly string[] {
  if (rows.length === 0) return [];
  const kept = columns.map((_name, place) => place === 0 || rows.some((row) => (row[place] ?? '') !== ''));
  const line = (cells: readonly string[]): string =>
    `| ${cells
      .filter((_cell, place) => kept[place])
      .map((cell) => cell.replaceAll('|', '\\|'))
      .join(' | ')} |`;
  return [line(columns), line(columns.map(() => '---')), ...rows.map(line)];
}

export function code(text: string): string {
  return `\`${text}\``;
}

export function joined(paths: readonly string[]): string {
  return paths.map(code).join(', ');
}

/** A type or enumeration with a link to where it is told of; one of another model by its name there. */
export function linked(model: ModelDesign, name: TypeName): string {
  if (name.includes(':')) return standardName(name);
  const isEnumeration = model.enumerations.some(({ browse }) => browse === name);
  return `[${name}](${isEnumeration ? `enumerations.md#${name.toLowerCase()}` : `${name}.md`})`;
}

/** A type of another model, with the specification that it is from; those of the standard itself by name alone. */
export function standardName(name: TypeName): string {
  const [from, browse = ''] = name.split(':') as [OtherModel, string | undefined];
  return from === 'ua' ? browse : `${browse} (${SPECIFICATIONS[from]})`;
}

/** Where objects of a type stand, by type that has them. */
export function placesOf(
  model: ModelDesign,
  name: string,
): readonly { readonly type: string; readonly paths: readonly string[] }[] {
  return model.types.flatMap((type) => {
    const paths = ownMembers(type).flatMap(({ path, member }) =>
      member.kind === 'object' && member.type === name ? [path] : [],
    );
    return paths.length === 0 ? [] : [{ type: type.browse, paths }];
  });
}

/** What the type declares by itself, with what is in groups and variables of it. */
function ownMembers(type: TypeDesign): readonly Placed[] {
  const within = (members: readonly MemberDesign[], above: string): readonly Placed[] =>
    members.flatMap((member) => {
      const path = `${above}${member.browse}`;
      const inside = member.kind === 'method' ? [] : (member.members ?? []);
      return [{ path, member }, ...within(inside, `${path}/`)];
    });
  return within(type.members, '');
}

/** The members of a type but its methods. */
export function memberRows(
  model: ModelDesign,
  type: TypeDesign,
): { readonly columns: readonly string[]; readonly rows: readonly (readonly string[])[] } {
  const placed = ownMembers(type).filter(({ member }) => member.kind !== 'method');
  return {
    columns: ['Path', 'Node class', 'Type', 'Unit', 'Rule', 'Measured', 'History', 'What it tells'],
    rows: placed.map(({ path, member }) => {
      const { browseIn = 'ua' } = member;
      const from = browseIn === 'ua' ? '' : ` (${SHORT_NAMES[browseIn]})`;
      const isVariable = member.kind === 'variable';
      return [
        `${code(path)}${from}`,
        nodeClass(member),
        isVariable ? variableType(model, member) : member.kind === 'object' ? linked(model, member.type) : '',
        isVariable && member.unit ? unitText(member.unit) : '',
        ruleText(member),
        isVariable && member.measured ? 'yes' : '',
        isVariable && member.historized ? 'yes' : '',
        member.description.en,
      ];
    }),
  };
}

function nodeClass(member: MemberDesign): string {
  if (member.kind === 'variable') return member.property ? 'Property' : 'Variable';
  const { reference } = member as ObjectDesign;
  return reference === undefined || reference === 'HasComponent' ? 'Object' : `Object, ${reference}`;
}

function variableType(model: ModelDesign, { type, array, typeDefinition }: VariableDesign): string {
  const dataType = `${linked(model, type)}${array ? '[]' : ''}`;
  return typeDefinition === undefined ? dataType : `${dataType}, ${standardName(typeDefinition)}`;
}

function unitText({ symbol, code: common, low, high }: UnitDesign): string {
  return `${symbol} (${common}), ${low} to ${high}`;
}

/** Nothing is said of what is mandatory: nearly everything is. */
const RULES = {
  Mandatory: '',
  Optional: 'optional',
  MandatoryPlaceholder: 'one or more',
  OptionalPlaceholder: 'any number',
} as const;

function ruleText({ rule = 'Mandatory' }: MemberDesign): string {
  return RULES[rule];
}

export function methodsOf(members: readonly MemberDesign[]): readonly MethodDesign[] {
  return members.filter((member): member is MethodDesign => member.kind === 'method');
}

export function methodRows(methods: readonly MethodDesign[]): readonly (readonly string[])[] {
  const names = (list: readonly ArgumentDesign[]): string => list.map(({ name }) => code(name)).join(', ');
  return methods.map(({ browse, inputs, outputs, description }) => [
    code(browse),
    names(inputs),
    names(outputs),
    description.en,
  ]);
}

/** Each argument once; the same name means the same in all of them. @throws where it does not */
export function argumentRows(
  model: ModelDesign,
  methods: readonly MethodDesign[],
): readonly (readonly string[])[] {
  const rows = new Map<string, readonly string[]>();
  for (const { browse, inputs, outputs } of methods) {
    for (const { name, type, array, description } of [...inputs, ...outputs]) {
      const row = [code(name), `${linked(model, type)}${array ? '[]' : ''}`, description.en];
      const known = rows.get(name);
      if (known && known.join() !== row.join()) {
        throw new Error(`The argument ${name} of ${browse} means something else than in a method before.`);
      }
      rows.set(name, row);
    }
  }
  return [...rows.values()];
}

/** The display names of everything that the type declares; a placeholder has that of its folder. */
export function nameRows(model: ModelDesign, type: TypeDesign): readonly (readonly string[])[] {
  const members = ownMembers({ ...type, members: membersOf(model, type) });
  const named = [
    ...members
      .filter(({ member: { rule } }) => !rule?.endsWith('Placeholder'))
      .map(({ path, member }) => ({ path, name: member.name })),
    ...(type.states ?? []).map(({ browse, name }) => ({ path: browse, name })),
    ...(type.transitions ?? []).map(({ from, to, name }) => ({ path: `${from} → ${to}`, name })),
  ];
  return named.map(({ path, name }) => [code(path), name.en, name.pl, name.it]);
}
