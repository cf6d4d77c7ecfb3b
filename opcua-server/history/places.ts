/** What a node stands for whose history is read. */
import type { NodeId } from 'node-opcua';
import type { CabinetId, CassetteId, CompartmentNumber } from '../../domain/site.ts';
import { CASSETTE_HISTORY, type CassetteHistory } from './cassette-timeline.ts';

export type Place =
  | { readonly kind: 'server' }
  | { readonly kind: 'cabinet' | 'cassette'; readonly id: string }
  | {
      readonly kind: 'compartment-variable';
      readonly cabinet: CabinetId;
      readonly compartment: CompartmentNumber;
      readonly variable: 'State' | 'Door';
    }
  | { readonly kind: 'cassette-variable'; readonly cassette: CassetteId; readonly variable: CassetteHistory };

/** The Server object (OPC 10000-5, 8.3.2). */
const SERVER = 2253;
const COMPARTMENT_VARIABLE = /^cabinet\/([^/]+)\/compartment\/(\d+)\/(State|Door)$/;
const SOURCE = /^(cabinet|cassette)\/([^/]+)$/;
const CASSETTE_VARIABLE = new RegExp(`^cassette/([^/]+)/(${CASSETTE_HISTORY.join('|')})$`);

/** The place of a node; undefined where it has no history. */
export function placeOf({ namespace, value }: NodeId, ownNamespace: number): Place | undefined {
  if (namespace === 0 && value === SERVER) return { kind: 'server' };
  if (namespace !== ownNamespace || typeof value !== 'string') return undefined;
  const [, cabinet, number, variable] = COMPARTMENT_VARIABLE.exec(value) ?? [];
  if (cabinet !== undefined) {
    return {
      kind: 'compartment-variable',
      cabinet: decodeURIComponent(cabinet),
      compartment: Number(number),
      variable: variable as 'State' | 'Door',
    };
  }
  const [, kind, id] = SOURCE.exec(value) ?? [];
  if (id !== undefined) return { kind: kind as 'cabinet' | 'cassette', id: decodeURIComponent(id) };
  const [, cassette, name] = CASSETTE_VARIABLE.exec(value) ?? [];
  if (cassette === undefined) return undefined;
  return {
    kind: 'cassette-variable',
    cassette: decodeURIComponent(cassette),
    variable: name as CassetteHistory,
  };
}
