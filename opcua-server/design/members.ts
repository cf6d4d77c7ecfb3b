/** The members of types and of the objects in them, those that come from the types of objects included. */
import type { MemberDesign, ModelDesign, ObjectDesign, TypeDesign } from './design.ts';

/** What an object or type has by itself: an object also what its type says, as far as that is a type of this model. */
export function membersOf(model: ModelDesign, of: TypeDesign | ObjectDesign): readonly MemberDesign[] {
  if (of.kind === 'type') return of.members;
  const own = of.members ?? [];
  // A placeholder stands for objects that have all of it by themselves.
  if (of.rule?.endsWith('Placeholder')) return own;
  const type = model.types.find(({ browse }) => browse === of.type);
  if (!type) return own;
  const names = new Set(own.map(({ browse }) => browse));
  return [
    ...own,
    ...inherited(model, type).filter(({ browse, rule }) => !names.has(browse) && rule === undefined),
  ];
}

/** The members of a type and of those above it in this model, the topmost first. */
function inherited(model: ModelDesign, type: TypeDesign): readonly MemberDesign[] {
  const above = model.types.find(({ browse }) => browse === type.superType);
  return [...(above ? inherited(model, above) : []), ...type.members];
}

/** Paths of the variables of a type, and of the objects in it, that are the word of a device. @param type its browse name */
export function measuredPaths(model: ModelDesign, type: string): readonly string[] {
  const design = model.types.find(({ browse }) => browse === type);
  return design ? measuredIn(model, design) : [];
}

function measuredIn(model: ModelDesign, of: TypeDesign | ObjectDesign): readonly string[] {
  return membersOf(model, of).flatMap((member) => {
    if (member.kind === 'variable') return member.measured ? [member.browse] : [];
    if (member.kind === 'method') return [];
    return measuredIn(model, member).map((path) => `${member.browse}/${path}`);
  });
}
