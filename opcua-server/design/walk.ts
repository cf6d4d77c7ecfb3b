/** Every node of the model that people read the name of. */
import {
  type ArgumentDesign,
  designId,
  type MemberDesign,
  type ModelDesign,
  transitionName,
  type Words,
} from './design.ts';
import { membersOf } from './members.ts';

export interface NamedNode {
  /** Node id without its namespace. */
  readonly id: string;
  readonly name: Words;
  readonly description: Words;
}

/** Types with all of their members, and enumerations, each with its words. */
export function* everyNode(model: ModelDesign): Generator<NamedNode> {
  for (const { browse, name, description } of model.enumerations) {
    yield { id: designId(browse), name, description };
  }
  for (const type of model.types) {
    const { browse, name, description } = type;
    yield { id: designId(browse), name, description };
    yield* membersWithin(model, [browse], membersOf(model, type));
    for (const state of type.states ?? []) {
      yield { id: designId(browse, state.browse), name: state.name, description: state.description };
    }
    for (const transition of type.transitions ?? []) {
      const { name: words } = transition;
      yield { id: designId(browse, transitionName(transition)), name: words, description: words };
    }
  }
}

function* membersWithin(
  model: ModelDesign,
  path: readonly [string, ...string[]],
  members: readonly MemberDesign[],
): Generator<NamedNode> {
  const [type, ...rest] = path;
  for (const member of members) {
    const { browse, name, description } = member;
    yield { id: designId(type, ...rest, browse), name, description };
    const inside =
      member.kind === 'object'
        ? membersOf(model, member)
        : member.kind === 'variable'
          ? (member.members ?? [])
          : [];
    yield* membersWithin(model, [...path, browse], inside);
  }
}

/** The arguments of all methods. */
export function everyArgument(model: ModelDesign): readonly ArgumentDesign[] {
  return model.types.flatMap(({ members }) =>
    members.flatMap((member) => (member.kind === 'method' ? [...member.inputs, ...member.outputs] : [])),
  );
}
