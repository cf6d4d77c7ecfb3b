/**
 * What a site is made of, as the domain sees it: cabinets with compartments, groups and door rules.
 * Wires (buses, boards, readers) belong to the configuration and the drivers, not to the domain.
 */

/** Identifier of a cabinet, unique within a site, e.g. `A`. */
export type CabinetId = string;
/** Number of a compartment within its cabinet: 1 to 512 (System S.2.2: cabinets up to 512 compartments). */
export type CompartmentNumber = number;
/** Identifier of a user, opaque; events carry it instead of a name. */
export type UserId = string;
/** Identifier of a user group. */
export type UserGroupId = string;
/** Identifier of a lock board, unique within a site. */
export type BoardId = string;
/** Identifier of a reader, unique within a site. */
export type ReaderId = string;
/** Time as milliseconds since 1970-01-01T00:00:00Z. */
export type Milliseconds = number;

/** Most compartments that one cabinet may have (System S.2.2). */
export const MOST_COMPARTMENTS = 512;
/** Most compartments that one compartment group may have (System S.2.2). */
export const MOST_COMPARTMENTS_IN_GROUP = 32;

/** The kinds of cabinet: clothes (ubraniowa), multi (wieloskrytkowa), filing (kartotekowa, with drawers). */
export type CabinetKind = 'clothes' | 'multi' | 'filing';

/** A compartment as configured: which lock opens it. Several compartments never share a lock. */
export interface CompartmentSetting {
  readonly number: CompartmentNumber;
  readonly board: BoardId;
}

/** A named part of a cabinet, 1 to 32 compartments, which members of the named user groups may use. */
export interface CompartmentGroup {
  readonly id: string;
  readonly compartments: readonly CompartmentNumber[];
  /** User groups whose members are given compartments of this group; empty: nobody yet. */
  readonly userGroups: readonly UserGroupId[];
}

/** Times and counts that the door of every compartment of a cabinet obeys. */
export interface DoorRules {
  /** How long after a pulse the door may take to open before the pulse is repeated. Milliseconds. */
  readonly opensWithin: Milliseconds;
  /** Pulses sent in all before the compartment is put out of order. 1 to 10. */
  readonly attempts: number;
  /** How long a door may stand open before an alarm. Milliseconds. */
  readonly leftOpenAfter: Milliseconds;
  /** How long a grant may wait for its pulse. Milliseconds. */
  readonly grantValidFor: Milliseconds;
}

/** A cabinet as configured. */
export interface CabinetSetting {
  readonly id: CabinetId;
  readonly kind: CabinetKind;
  /** The schema that decides who gets which compartment, e.g. `2.2`. */
  readonly schema: string;
  readonly compartments: readonly CompartmentSetting[];
  readonly groups: readonly CompartmentGroup[];
  /** User groups whose members may use the cabinet; empty: every defined user. */
  readonly userGroups: readonly UserGroupId[];
  readonly doors: DoorRules;
}
