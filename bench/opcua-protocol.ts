/** What the benchmark of OPC UA and the processes of its servers say to each other. */
import type { CabinetId } from '../domain/site.ts';

/** Variables of a compartment that both servers have, with the same node ids and the same types. */
export const VALUES = ['State', 'Door', 'OccupiedSince', 'Occupant'] as const;

/** The names of cabinets: `C0`, `C1`, … */
export function cabinetAt(cabinet: number): CabinetId {
  return `C${cabinet}`;
}

/** The string in the node id of a compartment's variable. */
export function valueId(cabinet: CabinetId, compartment: number, value: string): string {
  return `cabinet/${cabinet}/compartment/${compartment}/${value}`;
}

/** The object and the method that are called; the method opens a compartment with a reason. */
export const METHOD = { object: `cabinet/${cabinetAt(0)}`, method: `cabinet/${cabinetAt(0)}/Open` } as const;

/** Alarms of each compartment; both are over when the door is closed. */
export const ALARMS = ['door-forced', 'door-left-open'] as const;

/** How a server is set up, given to its process as JSON in the first argument. */
export interface ServerSetup {
  /** Where it keeps its certificates. */
  readonly folder: string;
  readonly cabinets: number;
  readonly compartments: number;
}

export type ToServer =
  /** Answered by `used`. */
  | { readonly kind: 'usage' }
  /**
   * Doors open and close, or alarms come up and are over, one after the other, evenly over the time or as fast as it goes;
   * answered by `changed` when all have.
   */
  | {
      readonly kind: 'change';
      readonly what: 'doors' | 'alarms';
      readonly changes: number;
      readonly perSecond: number;
    };

export type FromServer =
  | { readonly kind: 'ready'; readonly endpointUrl: string }
  | {
      readonly kind: 'used';
      /** Processor time of the thread that serves OPC UA, and of the whole process. Microseconds since its start. */
      readonly thread: number;
      readonly process: number;
      /** Resident memory of the whole process. Bytes. */
      readonly resident: number;
    }
  | { readonly kind: 'changed' };
