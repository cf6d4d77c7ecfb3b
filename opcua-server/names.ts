/** Names of nodes: the namespace of types, and the node ids that clients may store. */
import type { BoardId, CabinetId, CassetteId, CompartmentNumber, ReaderId } from '../domain/site.ts';

/** The namespace of the types. Stable for ever; its index is not. */
export const NAMESPACE_URI = 'urn:sezam:lockers';
/** Version of the types, and when they were last changed. */
export const NAMESPACE_VERSION = '2.0.0';
export const NAMESPACE_PUBLISHED = new Date('2026-11-22T00:00:00Z');

/**
 * Node ids of the site without their namespace, which is the server's own (index 1): strings that stay the same over
 * restarts and changes of the configuration, e.g. `cabinet/A/compartment/7/State`.
 * Characters of an id that could be taken for a separator are percent-encoded.
 */
export const nodeIds = {
  site: 's=site',
  cabinets: 's=cabinets',
  cassettes: 's=cassettes',
  cabinet: (cabinet: CabinetId): string => `s=cabinet/${encodeURIComponent(cabinet)}`,
  compartment: (cabinet: CabinetId, number: CompartmentNumber): string =>
    `${nodeIds.cabinet(cabinet)}/compartment/${number}`,
  lockBoard: (cabinet: CabinetId, board: BoardId): string =>
    `${nodeIds.cabinet(cabinet)}/board/${encodeURIComponent(board)}`,
  reader: (cabinet: CabinetId, reader: ReaderId): string =>
    `${nodeIds.cabinet(cabinet)}/reader/${encodeURIComponent(reader)}`,
  cassette: (cassette: CassetteId): string => `s=cassette/${encodeURIComponent(cassette)}`,
};
