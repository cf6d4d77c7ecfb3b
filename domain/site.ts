/**
 * What a site is made of, as the domain sees it: cabinets with compartments, groups and door rules.
 * Wires (buses, boards, readers) belong to the configuration and the drivers, not to the domain.
 */

/** Identifier of a cabinet, unique within a site, e.g. `A`. */
export type CabinetId = string;
/** Identifier of a cassette, unique within a site, e.g. `C1`. */
export type CassetteId = string;
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
/** Identifier of a panel: a place where people work with a cabinet. A reader without a panel is one by itself. */
export type PanelId = string;
/** Identifier of an item, opaque; events carry it instead of what its tag says. */
export type ItemId = string;
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
  /** Whether an item reader says which items lie inside. */
  readonly itemReader?: boolean;
}

/**
 * A named part of a cabinet, 1 to 32 compartments, which members of the named user groups may use. Under schema 4.4 a
 * group that names no user groups is set aside for undefined users.
 */
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

/** Bounds of a PIN. System S.2.2: 4 to 16 digits by default. */
export interface PinBounds {
  /** Fewest digits, 4 to 16. */
  readonly least: number;
  /** Most digits, `least` to 16. */
  readonly most: number;
}

/** How long a session at a panel may rest. */
export interface SessionRules {
  /** How long an answer may take. Milliseconds. */
  readonly answerWithin: Milliseconds;
  /** How long a door may stand open before the session that opened it ends. Milliseconds. */
  readonly useWithin: Milliseconds;
}

/** Two persons have to identify before a door opens. */
export interface TwoPersonRule {
  /** User groups of which the second person must be; empty: anybody who may use the cabinet. */
  readonly userGroups: readonly UserGroupId[];
}

/** Against a credential that is handed back through the door. */
export interface AntiPassbackRule {
  /** A person whose door still stands open opens no other one. */
  readonly closeFirst: boolean;
  /** For how long a person who opened a compartment opens none again. Milliseconds; 0: no wait. */
  readonly waitFor: Milliseconds;
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
  /** Bounds of the PINs that people give to deposits here. */
  readonly pins: PinBounds;
  readonly sessions: SessionRules;
  readonly twoPersons?: TwoPersonRule;
  readonly antiPassback: AntiPassbackRule;
  /** After how long a deposit or a loan is overdue. Milliseconds; left out: never. */
  readonly overdueAfter?: Milliseconds;
  /** IANA name of the site's time zone; weekly time windows are meant in it. */
  readonly timeZone: string;
}

/** What a cabinet obeys where its configuration says nothing, as in events that are older than the rule. */
export const CABINET_DEFAULTS = {
  pins: { least: 4, most: 16 },
  sessions: { answerWithin: 60_000, useWithin: 600_000 },
  antiPassback: { closeFirst: false, waitFor: 0 },
  timeZone: 'UTC',
} as const satisfies Partial<CabinetSetting>;
