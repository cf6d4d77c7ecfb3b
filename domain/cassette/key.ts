/** Dallas keys: who may do what with a cassette. */
import type { CassetteId, Milliseconds } from '../site.ts';

/**
 * K1: counting room or protected zone; K2: the machine (ATM); K: the only key of mode 2.
 */
export const KEY_ROLES = ['K1', 'K2', 'K'] as const;
export type KeyRole = (typeof KEY_ROLES)[number];

/** The ROM of a key: 16 hex digits in the order of transmission, upper case. */
export type Rom = string;

/** A key as registered. */
export interface CassetteKey {
  /** What people call it; never its ROM. */
  readonly id: string;
  readonly rom: Rom;
  readonly role: KeyRole;
  /** The cassettes that it is good for; empty: all of the site. */
  readonly cassettes: readonly CassetteId[];
  /** Works as its role does, and raises a silent alarm. */
  readonly duress: boolean;
  readonly revoked: boolean;
  /** From then on it is refused; left out: never. UTC. */
  readonly validUntil?: Milliseconds;
}
