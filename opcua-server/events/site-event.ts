/** An event as it is delivered: where it comes from, who may see it, and its fields in each language. */
import type { BaseNode, NodeId, QualifiedName, Variant } from 'node-opcua';
import type { Language } from '../../domain/texts/texts.ts';
import type { FilteredEvent } from '../history/event-filter.ts';

/** Where an event comes from. */
export interface EventSource {
  /** The node that it is about; whoever may receive events of it may receive this one. */
  readonly node: BaseNode;
  readonly name: string;
  /** Objects that hand it on besides the Server object, by the text of their node ids. */
  readonly notifiers: readonly string[];
}

export interface SiteEvent {
  readonly source: EventSource;
  /** Only for people who look after the site, over encrypted connections: nobody near its source may see it. */
  readonly silent: boolean;
  /**
   * Its fields, made once for all who want them in that language.
   *
   * @param persons whether they tell what people did and said
   */
  fields(language: Language, persons: boolean): FilteredEvent;
}

/** Fields that are kept for all who ask for them. Each is made when it is first asked for. */
export class KeptFields implements FilteredEvent {
  readonly type: FilteredEvent['type'];
  readonly condition: NodeId | undefined;
  readonly #make: (name: string) => Variant | undefined;
  readonly #made = new Map<string, Variant | undefined>();

  constructor(
    type: FilteredEvent['type'],
    condition: NodeId | undefined,
    make: (name: string) => Variant | undefined,
  ) {
    this.type = type;
    this.condition = condition;
    this.#make = make;
  }

  field(name: string): Variant | undefined {
    const made = this.#made.get(name);
    if (made !== undefined || this.#made.has(name)) return made;
    const value = this.#make(name);
    this.#made.set(name, value);
    return value;
  }
}

/** Fields with some of them withheld, or told as something else. */
export function without(
  fields: FilteredEvent,
  withheld: ReadonlySet<string>,
  instead: Readonly<Record<string, (field: Variant | undefined) => Variant | undefined>>,
): FilteredEvent {
  const { type, condition } = fields;
  return new KeptFields(type, condition, (name) => {
    if (withheld.has(name)) return undefined;
    const field = fields.field(name);
    return Object.hasOwn(instead, name) ? instead[name]?.(field) : field;
  });
}

/** Fields of events in the namespace of the site's own types; all others are of the standard. */
export const OWN_FIELDS: ReadonlySet<string> = new Set([
  'Type',
  'Sequence',
  'Actor',
  'User',
  'Data',
  'AlarmKind',
  'Cabinet',
  'Compartment',
  'Cassette',
]);

/** The name of the field at a path, e.g. `AckedState/Id`; undefined where no event has a field there. */
export function eventField(path: readonly QualifiedName[], ownNamespace: number): string | undefined {
  const [first, deeper] = path;
  if (first === undefined) return undefined;
  if (first.namespaceIndex === ownNamespace && ownNamespace !== 0) {
    const name = first.name ?? '';
    return !deeper && OWN_FIELDS.has(name) ? name : undefined;
  }
  if (path.some(({ namespaceIndex }) => namespaceIndex !== 0)) return undefined;
  const name = path.map((step) => step.name ?? '').join('/');
  return OWN_FIELDS.has(name) ? undefined : name;
}
