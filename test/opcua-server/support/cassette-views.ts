/** Cassettes as the gateway shows them, for tests of the OPC UA server. */
import type { Readings } from '../../../domain/cassette/readings.ts';
import { SENSORS } from '../../../domain/cassette/readings.ts';
import type { CassetteView } from '../../../domain/cassette/view.ts';

/** A sample in which nothing is the matter. */
export const QUIET: Readings = {
  lidOpen: false,
  brokenIn: false,
  shocks: [],
  displaced: false,
  gas: 3,
  tilt: 1,
  temperature: 21.5,
  inMachine: true,
  notes: 'present',
  battery: 'ok',
  power: 'mains',
  ink: 'low',
  trigger: 'ok',
  selfTest: 'passed',
  stainer: 'ready',
};

/** A cassette at rest with its controller at work and no light sensor. */
export function cassetteView(change: Partial<CassetteView> = {}): CassetteView {
  return {
    id: 'C/1',
    name: 'Drawer 1',
    mode: 'internal-protected-zone',
    phase: 'rest',
    subState: 'none',
    linked: true,
    sensors: SENSORS.map((sensor) => ({
      sensor,
      live: sensor === 'lid' || sensor === 'break-in',
      active: false,
      confirmed: false,
      unsteady: false,
    })),
    readings: QUIET,
    gasLevel: 'none',
    signal: 'rest',
    antiGas: false,
    left: {},
    transportOverdue: false,
    outsideArea: false,
    proved: [],
    ...change,
  };
}
