/** A picture of what stands in what, from the topmost object down, as SVG. */
import type { MemberDesign, ModelDesign, ObjectDesign, TypeDesign } from './design.ts';

/** A box of the picture. */
interface Box {
  readonly depth: number;
  /** Row of the box that it stands in; undefined of the topmost. */
  readonly above?: number;
  readonly label: string;
  readonly type: string;
  /** Its type is one of the model, and has a page. */
  readonly own: boolean;
}

/** Pixels. */
const ROW = 38;
const BOX = 28;
const INDENT = 34;
const MARGIN = 20;
const CHARACTER = 9.2;
const WIDTH = 700;
/** Where the types stand, right of all boxes. */
const TYPES_FROM = 440;

/** The objects below the type that stands in no other one. */
export function hierarchyPicture(model: ModelDesign, top: string): string {
  const type = typeNamed(model, top);
  if (!type) throw new Error(`The model has no type "${top}".`);
  const boxes: Box[] = [{ depth: 0, label: type.name.en, type: top, own: true }];
  addBoxes(model, boxes, 0, type.members);
  const height = 2 * MARGIN + boxes.length * ROW - (ROW - BOX);
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" width="${WIDTH}" height="${height}" role="img" aria-labelledby="title description" font-family="Helvetica, Arial, sans-serif">`,
    '  <!-- Made from opcua-server/design by `npm run opcua-model`. -->',
    '  <title id="title">What stands in what</title>',
    `  <desc id="description">${escaped(boxes.map(({ label, type: of }) => `${label}: ${of}`).join('; '))}.</desc>`,
    '  <style>',
    '    .box { fill: #ffffff; stroke: #3d5a6c; stroke-width: 1.5 }',
    '    .own { fill: #e8f2f0; stroke: #7fbfb5; stroke-width: 2 }',
    '    .name { font-size: 14px; font-weight: bold; fill: #16303d }',
    '    .type { font-size: 13px; fill: #3a4b55 }',
    '    .way { stroke: #3d5a6c; stroke-width: 1.5; fill: none }',
    '  </style>',
    `  <rect x="0.5" y="0.5" width="${WIDTH - 1}" height="${height - 1}" rx="10" fill="#f7f9fa" stroke="#c9d3d8"/>`,
    ...boxes.flatMap((box, row) => drawn(boxes, box, row)),
    '</svg>',
    '',
  ].join('\n');
}

function addBoxes(model: ModelDesign, boxes: Box[], above: number, members: readonly MemberDesign[]): void {
  const depth = (boxes[above]?.depth ?? 0) + 1;
  for (const object of members.filter(({ kind }) => kind === 'object') as ObjectDesign[]) {
    const { label, holds } = merged(object);
    const type = typeNamed(model, holds.type);
    boxes.push({
      depth,
      above,
      label,
      type: holds.type.slice(holds.type.indexOf(':') + 1),
      own: type !== undefined,
    });
    const inside = type?.members ?? [];
    // The plain groups of a type that holds nothing else are told on its page.
    if (
      inside.some((member) => member.kind === 'object' && merged(member).holds.type !== 'ua:BaseObjectType')
    ) {
      addBoxes(model, boxes, boxes.length - 1, inside);
    }
  }
}

/** A folder of one kind of objects is drawn as one box with what it holds. */
function merged(object: ObjectDesign): { readonly label: string; readonly holds: ObjectDesign } {
  const held = (object.members ?? []).filter(({ kind }) => kind === 'object') as ObjectDesign[];
  const [first] = held;
  const alike = first !== undefined && held.every(({ type }) => type === first.type);
  if (object.type !== 'ua:FolderType' || !alike) return { label: object.browse, holds: object };
  const last = held.at(-1) ?? first;
  const names = held.length === 1 ? first.browse : `${first.browse} … ${last.browse}`;
  return { label: `${object.browse} / ${names}`, holds: first };
}

function typeNamed({ types }: ModelDesign, name: string): TypeDesign | undefined {
  return types.find(({ browse }) => browse === name);
}

function drawn(boxes: readonly Box[], { depth, above, label, type, own }: Box, row: number): string[] {
  const x = MARGIN + depth * INDENT;
  const y = top(row);
  const width = Math.round(label.length * CHARACTER + 34);
  const middle = y + BOX / 2;
  const parent = above === undefined ? undefined : boxes[above];
  const from = parent && MARGIN + parent.depth * INDENT + INDENT / 2;
  return [
    ...(parent && above !== undefined
      ? [`  <path class="way" d="M${from} ${top(above) + BOX} V${middle} H${x}"/>`]
      : []),
    `  <rect class="${own ? 'own' : 'box'}" x="${x}" y="${y}" width="${width}" height="${BOX}" rx="6"/>`,
    `  <text class="name" x="${x + 14}" y="${middle + 5}">${escaped(label)}</text>`,
    `  <text class="type" x="${TYPES_FROM}" y="${middle + 5}">${escaped(type)}</text>`,
  ];
}

function top(row: number): number {
  return MARGIN + row * ROW;
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
