import { expect } from 'chai';
import { type Readings, SENSORS, type Sensor } from '../../../domain/cassette/readings.ts';
import { PHASES, type Phase } from '../../../domain/cassette/setting.ts';
import { type CassetteView, SUB_STATES } from '../../../domain/cassette/view.ts';
import { type BanknoteNeutralization, banknoteNeutralizationOf } from '../../../domain/cassette/xfs4iot.ts';

const QUIET: Readings = {
  lidOpen: false,
  brokenIn: false,
  shocks: [],
  displaced: false,
  gas: 0,
  tilt: 2,
  light: 0,
  temperature: 21,
  inMachine: true,
  notes: 'present',
  battery: 'ok',
  power: 'mains',
  ink: 'ok',
  trigger: 'ok',
  selfTest: 'passed',
  stainer: 'ready',
};

function view(change: Partial<CassetteView> = {}, active: readonly Sensor[] = []): CassetteView {
  return {
    id: 'C1',
    name: 'Cassette 1',
    mode: 'outsourced',
    phase: 'full',
    subState: 'none',
    linked: true,
    sensors: SENSORS.map((sensor) => ({
      sensor,
      live: false,
      active: active.includes(sensor),
      confirmed: false,
      unsteady: false,
    })),
    readings: QUIET,
    gasLevel: 'none',
    signal: 'full',
    antiGas: false,
    left: {},
    transportOverdue: false,
    outsideArea: false,
    proved: [],
    ...change,
  };
}

const measured = (change: Partial<Readings>): Partial<CassetteView> => ({
  readings: { ...QUIET, ...change },
});

/** A reading without one of its optional values. */
function lacking(name: 'gas' | 'tilt' | 'light' | 'temperature'): Partial<CassetteView> {
  const { [name]: _absent, ...readings } = QUIET;
  return { readings };
}

/** All that is true in warnings and errors. */
function raised({ warnings, errors }: BanknoteNeutralization): string[] {
  return Object.entries({ ...warnings, ...errors })
    .filter(([, is]) => is)
    .map(([name]) => name);
}

describe('a cassette in the words of XFS4IoT', () => {
  const phases: readonly (readonly [Phase, string, string | undefined, string, string])[] = [
    // phase, mode, submode, neutralizationTrigger, seismic
    ['service', 'disarmed', undefined, 'disabled', 'disabled'],
    ['rest', 'disarmed', undefined, 'ready', 'disabled'],
    ['transit', 'armed', 'allSafeSensorsIgnored', 'ready', 'notDetected'],
    ['grace', 'armed', 'allSafeSensorsIgnored', 'ready', 'notDetected'],
    ['full', 'armed', undefined, 'ready', 'notDetected'],
    ['stained', 'neutralizationTriggered', undefined, 'ready', 'notDetected'],
  ];

  it('has a row for every phase', () => {
    expect(phases.map(([phase]) => phase)).to.have.members(PHASES);
  });

  for (const [phase, mode, submode, trigger, seismic] of phases) {
    it(`${phase} is ${mode}${submode ? `, ${submode}` : ''}, its trigger ${trigger}`, () => {
      const told = banknoteNeutralizationOf(view({ phase }));
      expect([told.state.mode, told.state.submode, told.storageUnit.protection]).to.deep.equal([
        mode,
        submode,
        mode,
      ]);
      expect([told.storageUnit.neutralizationTrigger, told.seismic]).to.deep.equal([trigger, seismic]);
    });

    const lost = phase === 'stained' ? 'neutralizationTriggered' : 'fault';
    it(`${phase} without its controller is ${lost}, and nothing measured is told`, () => {
      const { readings: _lost, ...rest } = view({ phase, linked: false, gasLevel: 'critical' });
      const told = banknoteNeutralizationOf(rest);
      const { state, tilt, light, gas, temperature, seismic, powerSupply, storageUnit } = told;
      expect([state.mode, storageUnit.protection]).to.deep.equal([lost, lost]);
      const measuredValues = [
        tilt,
        light,
        gas,
        temperature,
        seismic,
        storageUnit.lid,
        storageUnit.neutralizationTrigger,
      ];
      expect(new Set(measuredValues)).to.deep.equal(new Set(['fault']));
      expect(powerSupply).to.deep.equal({});
      expect(raised(told)).to.deep.equal([]);
    });
  }

  const parts: readonly (readonly [string, CassetteView, object])[] = [
    [
      'nothing of note',
      view(),
      {
        tilt: 'notTilted',
        light: 'notDetected',
        gas: 'notDetected',
        temperature: 'ok',
        seismic: 'notDetected',
      },
    ],
    ['tilted', view({}, ['tilt']), { tilt: 'tilted' }],
    ['no tilt sensor', view(lacking('tilt')), { tilt: 'disabled' }],
    ['light', view({}, ['light']), { light: 'detected' }],
    ['no light sensor', view(lacking('light')), { light: 'notConfigured' }],
    ['gas at the warning', view({ gasLevel: 'warning' }), { gas: 'warningLevel' }],
    ['gas at the critical level', view({ gasLevel: 'critical' }), { gas: 'criticalLevel' }],
    ['no gas sensor', view(lacking('gas')), { gas: 'notConfigured' }],
    ['too hot', view({ temperatureBeyond: 'above' }), { temperature: 'tooHot' }],
    ['too cold', view({ temperatureBeyond: 'below' }), { temperature: 'tooCold' }],
    ['no thermometer', view(lacking('temperature')), { temperature: 'disabled' }],
    ['blows', view({}, ['shock']), { seismic: 'criticalLevel' }],
    ['mains', view(), { powerSupply: { powerInStatus: 'powering', batteryStatus: 'operational' } }],
    [
      'on its battery',
      view(measured({ power: 'battery' })),
      { powerSupply: { powerInStatus: 'noPower', batteryStatus: 'operational' } },
    ],
    [
      'a low battery',
      view(measured({ battery: 'low' })),
      { powerSupply: { powerInStatus: 'powering', batteryStatus: 'low' } },
    ],
    [
      'a failed battery',
      view(measured({ battery: 'fault' })),
      { powerSupply: { powerInStatus: 'powering', batteryStatus: 'failure' } },
    ],
    [
      'power that nobody tells of',
      view(measured({ battery: 'unknown', power: 'unknown' })),
      { powerSupply: {} },
    ],
    [
      'an open lid',
      view(measured({ lidOpen: true })),
      { storageUnit: { protection: 'armed', lid: 'opened', neutralizationTrigger: 'ready' } },
    ],
    [
      'a stainer cut off',
      view(measured({ stainer: 'inhibited' })),
      { storageUnit: { protection: 'armed', lid: 'closed', neutralizationTrigger: 'disabled' } },
    ],
    [
      'a stainer spent',
      view({ ...measured({ stainer: 'fired' }), phase: 'stained' }),
      {
        storageUnit: {
          protection: 'neutralizationTriggered',
          lid: 'closed',
          neutralizationTrigger: 'disabled',
        },
      },
    ],
    [
      'a stainer that fails',
      view(measured({ stainer: 'fault' })),
      {
        state: { mode: 'fault' },
        storageUnit: { protection: 'fault', lid: 'closed', neutralizationTrigger: 'fault' },
      },
    ],
    [
      'a firing circuit that is broken',
      view(measured({ trigger: 'fault' })),
      {
        state: { mode: 'fault' },
        storageUnit: { protection: 'fault', lid: 'closed', neutralizationTrigger: 'fault' },
      },
    ],
    [
      'a cassette that was not configured',
      view({ subState: 'not-configured', phase: 'rest' }),
      { state: { mode: 'fault' } },
    ],
  ];
  for (const [what, of, told] of parts) {
    it(`tells of ${what}`, () => expect(banknoteNeutralizationOf(of)).to.deep.include(told));
  }

  const flags: readonly (readonly [string, CassetteView, readonly string[]])[] = [
    ['nothing', view(), []],
    ['a machine without power', view(measured({ power: 'battery' })), ['externalMainPowerOutage']],
    ['a battery on the way', view(measured({ power: 'battery', inMachine: false })), []],
    ['a low battery', view(measured({ battery: 'low' })), ['storageUnitLowPowerSupply']],
    ['a failed battery beside mains', view(measured({ battery: 'fault' })), ['backupBatteryFailure']],
    [
      'a failed battery alone',
      view(measured({ battery: 'fault', power: 'battery', inMachine: false })),
      ['storageUnitPowerSupplyFailure', 'backupBatteryFailure'],
    ],
    ['gas at the warning', view({ gasLevel: 'warning' }), ['gasWarningLevel']],
    ['gas at the critical level', view({ gasLevel: 'critical' }), ['gasCriticalLevel']],
    [
      'light, tilt and blows',
      view({}, ['light', 'tilt', 'shock']),
      ['light', 'tilted', 'seismicActivityCriticalLevel'],
    ],
  ];
  for (const [what, of, told] of flags) {
    it(`raises ${told.join(' and ') || 'nothing'} for ${what}`, () => {
      expect(raised(banknoteNeutralizationOf(of))).to.deep.equal(told);
    });
  }

  for (const subState of SUB_STATES) {
    const alarm = subState === 'pre-alarm' || subState === 'firing';
    it(`is ${alarm ? '' : 'not '}in alarm in ${subState} while it is armed, and never at rest`, () => {
      const armed = banknoteNeutralizationOf(view({ subState }));
      expect([armed.warnings.armedAlarm, armed.storageUnit.warning]).to.deep.equal([
        alarm,
        alarm ? 'alarm' : undefined,
      ]);
      const atRest = banknoteNeutralizationOf(view({ subState, phase: 'rest' }));
      expect(atRest.warnings.armedAlarm).to.equal(false);
    });
  }
});
