/**
 * The words of the information model: its types as tables, from which the NodeSet, its documentation and the names that
 * clients see in their language are made.
 */
import type { LocalizedText } from '../../domain/texts/texts.ts';

/** What people read of a node, in every language of Sezam. */
export type Words = LocalizedText;

/** A type of this model by its browse name, or one of another model as `<model>:<browse name>`, e.g. `di:DeviceType`. */
export type TypeName = string;

/** A model that this one rests on; `ua` is the standard itself. */
export type OtherModel = 'ua' | 'di' | 'machinery' | 'autoid';

/** Whether instances have a member (OPC 10000-3, 6.4.4.4). */
export type Rule = 'Mandatory' | 'Optional' | 'MandatoryPlaceholder' | 'OptionalPlaceholder';

interface Named {
  /** Browse name. Never changes: node ids are made of it. */
  readonly browse: string;
  readonly name: Words;
  readonly description: Words;
}

interface Member extends Named {
  /** Left out: mandatory. */
  readonly rule?: Rule;
  /** The model whose name it is; left out: this one. */
  readonly browseIn?: OtherModel;
}

/** What a measured value is in, and between what it usually is. */
export interface UnitDesign {
  /** Common code of UNECE Recommendation 20, e.g. `CEL`. */
  readonly code: string;
  /** What stands behind the number, e.g. `°C`. */
  readonly symbol: string;
  readonly description: Words;
  readonly low: number;
  readonly high: number;
}

export interface VariableDesign extends Member {
  readonly kind: 'variable';
  /** Data type, e.g. `ua:Boolean` or `DoorStateEnumeration`. */
  readonly type: TypeName;
  /** Left out: `ua:BaseDataVariableType`, `ua:PropertyType` of a property, `ua:AnalogUnitRangeType` of what has a unit. */
  readonly typeDefinition?: TypeName;
  readonly array?: true;
  readonly property?: true;
  /** The event log tells its past. */
  readonly historized?: true;
  /** The word of a device: BadNoCommunication while that does not answer. Left out: the gateway's own word. */
  readonly measured?: true;
  readonly unit?: UnitDesign;
  readonly members?: readonly VariableDesign[];
}

export interface ObjectDesign extends Member {
  readonly kind: 'object';
  readonly type: TypeName;
  /** Left out: `HasComponent`. */
  readonly reference?: 'HasComponent' | 'HasAddIn' | 'Organizes';
  /** What it has; of an object whose type is one of this model, that type's members are added. */
  readonly members?: readonly MemberDesign[];
}

export interface ArgumentDesign {
  readonly name: string;
  /** Data type. */
  readonly type: TypeName;
  readonly array?: true;
  readonly description: Words;
}

export interface MethodDesign extends Member {
  readonly kind: 'method';
  readonly inputs: readonly ArgumentDesign[];
  readonly outputs: readonly ArgumentDesign[];
}

export type MemberDesign = VariableDesign | ObjectDesign | MethodDesign;

/** A state of a finite state machine (OPC 10000-16, 4.4.5). */
export interface StateDesign extends Named {
  readonly number: number;
  /** The machine is in it when it is made. */
  readonly initial?: true;
}

/** A transition of a finite state machine, between states by browse name. */
export interface TransitionDesign {
  readonly number: number;
  readonly from: string;
  readonly to: string;
  readonly name: Words;
}

/** A type of objects or events. */
export interface TypeDesign extends Named {
  readonly kind: 'type';
  readonly superType: TypeName;
  readonly abstract?: true;
  readonly members: readonly MemberDesign[];
  /** Types of the events that its instances raise. */
  readonly raises?: readonly TypeName[];
  readonly states?: readonly StateDesign[];
  readonly transitions?: readonly TransitionDesign[];
}

/** A value of an enumeration. Its number never changes; a new one comes after all others. */
export interface EnumerationValue {
  /** Name in programs, in PascalCase. */
  readonly field: string;
  readonly number: number;
  readonly name: Words;
}

export interface EnumerationDesign extends Named {
  readonly kind: 'enumeration';
  readonly values: readonly EnumerationValue[];
}

export interface ModelDesign {
  readonly uri: string;
  readonly version: string;
  readonly published: Date;
  readonly enumerations: readonly EnumerationDesign[];
  readonly types: readonly TypeDesign[];
}

/** Words that are the same in every language: numbers, names of standards. */
export function same(text: string): Words {
  return { en: text, pl: text, it: text };
}

/** Words in English, Polish and Italian. */
export function words(en: string, pl: string, it: string): Words {
  return { en, pl, it };
}

/** Node id of a type, or of a member of it by its path, without the namespace: `s=type/CabinetType/Free`. */
export function designId(type: string, ...path: readonly string[]): string {
  return `s=${['type', type, ...path].join('/')}`;
}

/** Browse name of a transition, e.g. `FromRestToTransit`. */
export function transitionName({ from, to }: TransitionDesign): string {
  return `From${from}To${to}`;
}
