/** The variables of a cassette in the words of XFS4IoT: values are exactly those of the standard. */
import { DataType } from 'node-opcua';
import type { BanknoteNeutralization } from '../domain/cassette/xfs4iot.ts';
import type { CassetteVariable } from './cassette-variable.ts';

export const NEUTRALIZATION: readonly CassetteVariable[] = [
  word('State/Mode', 'fault, armed, disarmed or neutralizationTriggered.', false, ({ state }) => state.mode),
  word('State/Submode', 'allSafeSensorsIgnored, or empty.', false, ({ state }) => state.submode),
  word('Tilt', 'fault, notTilted, tilted or disabled.', true, ({ tilt }) => tilt),
  word('Light', 'fault, notConfigured, detected or notDetected.', true, ({ light }) => light),
  word('Gas', 'fault, notConfigured, notDetected, warningLevel or criticalLevel.', true, ({ gas }) => gas),
  word('Temperature', 'fault, ok, tooCold, tooHot or disabled.', true, ({ temperature }) => temperature),
  word('Seismic', 'fault, notDetected, criticalLevel or disabled.', true, ({ seismic }) => seismic),
  word(
    'PowerSupply/PowerInStatus',
    'powering, noPower, or empty.',
    true,
    ({ powerSupply }) => powerSupply.powerInStatus,
  ),
  word(
    'PowerSupply/BatteryStatus',
    'operational, low, failure, or empty.',
    true,
    ({ powerSupply }) => powerSupply.batteryStatus,
  ),
  flag(
    'Warnings/ExternalMainPowerOutage',
    'In the machine, and not supplied by it.',
    ({ warnings }) => warnings.externalMainPowerOutage,
  ),
  flag(
    'Warnings/StorageUnitLowPowerSupply',
    'The battery is low.',
    ({ warnings }) => warnings.storageUnitLowPowerSupply,
  ),
  flag('Warnings/ArmedAlarm', 'Armed, and in a countdown or firing.', ({ warnings }) => warnings.armedAlarm),
  flag(
    'Warnings/GasWarningLevel',
    'Gas at the level of the warning.',
    ({ warnings }) => warnings.gasWarningLevel,
  ),
  flag(
    'Errors/StorageUnitPowerSupplyFailure',
    'The battery has failed, and there is nothing else.',
    ({ errors }) => errors.storageUnitPowerSupplyFailure,
  ),
  flag('Errors/BackupBatteryFailure', 'The battery has failed.', ({ errors }) => errors.backupBatteryFailure),
  flag('Errors/GasCriticalLevel', 'Gas at the critical level.', ({ errors }) => errors.gasCriticalLevel),
  flag('Errors/Light', 'Light inside.', ({ errors }) => errors.light),
  flag('Errors/Tilted', 'The cassette stands aslant.', ({ errors }) => errors.tilted),
  flag(
    'Errors/SeismicActivityCriticalLevel',
    'Blows as hard and as many as an attack.',
    ({ errors }) => errors.seismicActivityCriticalLevel,
  ),
  word(
    'StorageUnit/Protection',
    'fault, armed, disarmed or neutralizationTriggered.',
    false,
    ({ storageUnit }) => storageUnit.protection,
  ),
  word('StorageUnit/Warning', 'alarm, or empty.', true, ({ storageUnit }) => storageUnit.warning),
  word('StorageUnit/Lid', 'fault, opened or closed.', true, ({ storageUnit }) => storageUnit.lid),
  word(
    'StorageUnit/NeutralizationTrigger',
    'fault, ready or disabled.',
    true,
    ({ storageUnit }) => storageUnit.neutralizationTrigger,
  ),
];

/** The name of a property in XFS4IoT begins with a small letter. */
function xfsName(path: string): string {
  const browse = path.slice(path.lastIndexOf('/') + 1);
  return browse.charAt(0).toLowerCase() + browse.slice(1);
}

function word(
  path: string,
  description: string,
  measured: boolean,
  of: (told: BanknoteNeutralization) => string | undefined,
): CassetteVariable {
  return {
    path: `BanknoteNeutralization/${path}`,
    name: xfsName(path),
    description,
    type: DataType.String,
    ...(measured && { measured }),
    of: ({ neutralization }) => of(neutralization) ?? '',
  };
}

function flag(
  path: string,
  description: string,
  of: (told: BanknoteNeutralization) => boolean,
): CassetteVariable {
  return {
    path: `BanknoteNeutralization/${path}`,
    name: xfsName(path),
    description,
    type: DataType.Boolean,
    measured: true,
    of: ({ neutralization }) => of(neutralization),
  };
}
