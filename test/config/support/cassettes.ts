import type { SiteFile } from '../../../config/site.ts';
import { sound } from './sites.ts';

/** The sound file with a cassette of each mode, the last of them with everything in it that may be left out. */
export function withCassettes(): SiteFile {
  const { buses, ...site } = sound();
  return {
    ...site,
    buses: [
      ...buses,
      { id: 'vault', transport: { type: 'serial', path: '/dev/ttyUSB1' } },
      { id: 'yard', transport: { type: 'tcp', host: '127.0.0.1', port: 4820 } },
      { id: 'keys', transport: { type: 'serial', path: '/dev/ttyUSB2' } },
    ],
    cassettes: [
      { id: 'C1', name: 'Cassette 1', mode: 'outsourced', controller: { bus: 'vault' } },
      {
        id: 'C2',
        name: 'Cassette 2',
        mode: 'internal',
        controller: { bus: 'vault', address: 2, driver: 'cassette-controller' },
      },
      {
        id: 'C3',
        name: 'Cassette 3',
        mode: 'internal-protected-zone',
        controller: { bus: 'yard', settings: { pollMilliseconds: 200 } },
        keyReaders: [{ id: 'zone-keys', bus: 'keys', driver: 'line-reader', settings: { kind: 'ibutton' } }],
        sensors: {
          lid: { debounceMilliseconds: 250, preAlarmSeconds: { rest: 0, transit: 1.5 } },
          position: { preAlarmSeconds: { full: 10 } },
          tilt: { preAlarmSeconds: { full: 5 } },
        },
        shock: {
          windowSeconds: 3,
          low: { levelMilliG: 8_000, count: 5 },
          high: { levelMilliG: 1_500, count: 1 },
        },
        gas: { warningPercent: 8, criticalPercent: 15, hysteresisPercent: 1 },
        tilt: { aboveDegrees: 30, hysteresisDegrees: 3 },
        light: { aboveLux: 50, hysteresisLux: 10 },
        temperature: { belowCelsius: -10, aboveCelsius: 60, hysteresisCelsius: 2 },
        alsoLive: { transit: ['light'], full: ['light', 'tilt'] },
        unsteady: { changes: 20, windowSeconds: 30 },
        grace: {
          minutes: 2,
          warningsSeconds: [10, 60, 30],
          soonSeconds: 40,
          leastAfterReturnSeconds: 20,
        },
        service: { minutes: 45, twoPersons: true },
        resetByTwoPersons: false,
        transportMinutes: 90,
        automaticFull: true,
        secondFactor: { required: true, withinSeconds: 20 },
        loadedRequired: false,
        contact: { milliseconds: 400, againAfterSeconds: 3, goneAfterMilliseconds: 600 },
        firing: { retryMilliseconds: 300 },
        checkpointSeconds: 10,
      },
    ],
    cassetteSignals: { rest: { steps: [{ led: 'off', tone: 0, lasts: 1_000 }], repeat: true } },
  };
}
