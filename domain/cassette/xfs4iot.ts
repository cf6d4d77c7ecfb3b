/**
 * A cassette in the words of XFS4IoT, the standard that ATM software speaks (CEN Workshop Agreement 17852): its interface
 * BanknoteNeutralization, which tells of a whole protection system, and what it tells of one storage unit.
 *
 * Names and values are those of the schemas published with the reference implementation (KAL XFS4IoT SP-Dev,
 * `BanknoteNeutralizationSchemas` and `PowerManagementSchemas`). What a cassette has nothing to say of is left out: door and
 * bolt of the safe, custom inputs, a level of blows below that of an attack, and what became of single tries to arm.
 */
import type { Readings, Sensor } from './readings.ts';
import { RULES } from './rules.ts';
import type { Phase } from './setting.ts';
import type { CassetteView } from './view.ts';

/** `fault`: what it is in cannot be determined, or it could not do what it is armed for. */
type Protection = 'fault' | 'armed' | 'disarmed' | 'neutralizationTriggered';
/** The cassette is armed; what watches the safe around it does not count. */
type Submode = 'allSafeSensorsIgnored';

export interface BanknoteNeutralization {
  readonly state: { readonly mode: Protection; readonly submode?: Submode };
  readonly tilt: 'fault' | 'notTilted' | 'tilted' | 'disabled';
  readonly light: 'fault' | 'notConfigured' | 'detected' | 'notDetected';
  readonly gas: 'fault' | 'notConfigured' | 'notDetected' | 'warningLevel' | 'criticalLevel';
  readonly temperature: 'fault' | 'ok' | 'tooCold' | 'tooHot' | 'disabled';
  readonly seismic: 'fault' | 'notDetected' | 'criticalLevel' | 'disabled';
  /** Each left out where the controller does not tell. */
  readonly powerSupply: {
    readonly powerInStatus?: 'powering' | 'noPower';
    readonly batteryStatus?: 'operational' | 'low' | 'failure';
  };
  readonly warnings: {
    /** In the machine, and not supplied by it. A cassette that is carried is not: it lives on its battery. */
    readonly externalMainPowerOutage: boolean;
    readonly storageUnitLowPowerSupply: boolean;
    /** Armed, and about to fire: in the countdown of a sensor, or firing. */
    readonly armedAlarm: boolean;
    readonly gasWarningLevel: boolean;
  };
  readonly errors: {
    /** The battery is all that it has, and has failed. */
    readonly storageUnitPowerSupplyFailure: boolean;
    readonly backupBatteryFailure: boolean;
    readonly gasCriticalLevel: boolean;
    readonly light: boolean;
    readonly tilted: boolean;
    readonly seismicActivityCriticalLevel: boolean;
  };
  readonly storageUnit: {
    readonly protection: Protection;
    readonly warning?: 'alarm';
    readonly lid: 'fault' | 'opened' | 'closed';
    /** `disabled`: cut off, or spent. */
    readonly neutralizationTrigger: 'fault' | 'ready' | 'disabled';
  };
}

const MODES: Readonly<Record<Phase, BanknoteNeutralization['state']>> = {
  service: { mode: 'disarmed' },
  rest: { mode: 'disarmed' },
  transit: { mode: 'armed', submode: 'allSafeSensorsIgnored' },
  grace: { mode: 'armed', submode: 'allSafeSensorsIgnored' },
  full: { mode: 'armed' },
  stained: { mode: 'neutralizationTriggered' },
};

const BATTERIES = { ok: 'operational', low: 'low', fault: 'failure', unknown: undefined } as const;
const POWER = { mains: 'powering', battery: 'noPower', unknown: undefined } as const;
const GAS = { none: 'notDetected', warning: 'warningLevel', critical: 'criticalLevel' } as const;

/** A cassette as XFS4IoT tells it. While its controller does not answer, what is measured is `fault`. */
export function banknoteNeutralizationOf(view: CassetteView): BanknoteNeutralization {
  const readings = view.linked ? view.readings : undefined;
  const state = stateOf(view, readings);
  const alarm = state.mode === 'armed' && (view.subState === 'pre-alarm' || view.subState === 'firing');
  const batteryStatus = readings && BATTERIES[readings.battery];
  const powerInStatus = readings && POWER[readings.power];
  const failed = batteryStatus === 'failure';
  return {
    state,
    ...sensorsOf(view, readings),
    powerSupply: { ...(powerInStatus && { powerInStatus }), ...(batteryStatus && { batteryStatus }) },
    warnings: {
      externalMainPowerOutage: readings?.inMachine === true && powerInStatus === 'noPower',
      storageUnitLowPowerSupply: batteryStatus === 'low',
      armedAlarm: alarm,
      gasWarningLevel: readings !== undefined && view.gasLevel === 'warning',
    },
    errors: {
      storageUnitPowerSupplyFailure: failed && powerInStatus !== 'powering',
      backupBatteryFailure: failed,
      gasCriticalLevel: readings !== undefined && view.gasLevel === 'critical',
      light: isActive(view, 'light'),
      tilted: isActive(view, 'tilt'),
      seismicActivityCriticalLevel: isActive(view, 'shock'),
    },
    storageUnit: {
      protection: state.mode,
      ...(alarm && { warning: 'alarm' }),
      lid: readings ? (readings.lidOpen ? 'opened' : 'closed') : 'fault',
      neutralizationTrigger: triggerOf(view, readings),
    },
  };
}

/** Stained is for good; whatever else it was cannot be relied on without its controller or with a stainer that fails. */
function stateOf(view: CassetteView, readings: Readings | undefined): BanknoteNeutralization['state'] {
  const known = readings !== undefined && view.subState !== 'not-configured';
  if (view.phase !== 'stained' && (!known || hasFailed(readings))) return { mode: 'fault' };
  return MODES[view.phase];
}

function hasFailed({ stainer, trigger }: Readings): boolean {
  return stainer === 'fault' || trigger === 'fault';
}

function sensorsOf(
  view: CassetteView,
  readings: Readings | undefined,
): Pick<BanknoteNeutralization, 'tilt' | 'light' | 'gas' | 'temperature' | 'seismic'> {
  if (!readings)
    return { tilt: 'fault', light: 'fault', gas: 'fault', temperature: 'fault', seismic: 'fault' };
  return {
    tilt: readings.tilt === undefined ? 'disabled' : isActive(view, 'tilt') ? 'tilted' : 'notTilted',
    light:
      readings.light === undefined ? 'notConfigured' : isActive(view, 'light') ? 'detected' : 'notDetected',
    gas: readings.gas === undefined ? 'notConfigured' : GAS[view.gasLevel],
    temperature: temperatureOf(view, readings),
    seismic: seismicOf(view),
  };
}

function temperatureOf(
  { temperatureBeyond }: CassetteView,
  { temperature }: Readings,
): BanknoteNeutralization['temperature'] {
  if (temperature === undefined) return 'disabled';
  if (temperatureBeyond === undefined) return 'ok';
  return temperatureBeyond === 'above' ? 'tooHot' : 'tooCold';
}

function seismicOf(view: CassetteView): BanknoteNeutralization['seismic'] {
  if (RULES.liveness[view.phase].shock === 'off') return 'disabled';
  return isActive(view, 'shock') ? 'criticalLevel' : 'notDetected';
}

function triggerOf(
  { phase }: CassetteView,
  readings: Readings | undefined,
): BanknoteNeutralization['storageUnit']['neutralizationTrigger'] {
  if (!readings || hasFailed(readings)) return 'fault';
  const { stainer } = readings;
  return phase === 'service' || stainer === 'inhibited' || stainer === 'fired' ? 'disabled' : 'ready';
}

function isActive({ sensors }: CassetteView, name: Sensor): boolean {
  return sensors.some(({ sensor, active }) => sensor === name && active);
}
