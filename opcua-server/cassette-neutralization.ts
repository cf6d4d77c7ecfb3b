/** What a cassette shows in the words of XFS4IoT: values are exactly those of the standard. */
import type { BanknoteNeutralization } from '../domain/cassette/xfs4iot.ts';
import type { CassetteVariable } from './cassette-variable.ts';

export const NEUTRALIZATION: readonly CassetteVariable[] = [
  word('State/Mode', false, ({ state }) => state.mode),
  word('State/Submode', false, ({ state }) => state.submode),
  word('Tilt', true, ({ tilt }) => tilt),
  word('Light', true, ({ light }) => light),
  word('Gas', true, ({ gas }) => gas),
  word('Temperature', true, ({ temperature }) => temperature),
  word('Seismic', true, ({ seismic }) => seismic),
  word('PowerSupply/PowerInStatus', true, ({ powerSupply }) => powerSupply.powerInStatus),
  word('PowerSupply/BatteryStatus', true, ({ powerSupply }) => powerSupply.batteryStatus),
  flag('Warnings/ExternalMainPowerOutage', ({ warnings }) => warnings.externalMainPowerOutage),
  flag('Warnings/StorageUnitLowPowerSupply', ({ warnings }) => warnings.storageUnitLowPowerSupply),
  flag('Warnings/ArmedAlarm', ({ warnings }) => warnings.armedAlarm),
  flag('Warnings/GasWarningLevel', ({ warnings }) => warnings.gasWarningLevel),
  flag('Errors/StorageUnitPowerSupplyFailure', ({ errors }) => errors.storageUnitPowerSupplyFailure),
  flag('Errors/BackupBatteryFailure', ({ errors }) => errors.backupBatteryFailure),
  flag('Errors/GasCriticalLevel', ({ errors }) => errors.gasCriticalLevel),
  flag('Errors/Light', ({ errors }) => errors.light),
  flag('Errors/Tilted', ({ errors }) => errors.tilted),
  flag('Errors/SeismicActivityCriticalLevel', ({ errors }) => errors.seismicActivityCriticalLevel),
  word('StorageUnit/Protection', false, ({ storageUnit }) => storageUnit.protection),
  word('StorageUnit/Warning', true, ({ storageUnit }) => storageUnit.warning),
  word('StorageUnit/Lid', true, ({ storageUnit }) => storageUnit.lid),
  word('StorageUnit/NeutralizationTrigger', true, ({ storageUnit }) => storageUnit.neutralizationTrigger),
];

function word(
  path: string,
  measured: boolean,
  of: (told: BanknoteNeutralization) => string | undefined,
): CassetteVariable {
  return {
    path: `BanknoteNeutralization/${path}`,
    ...(measured && { measured }),
    of: ({ neutralization }) => of(neutralization) ?? '',
  };
}

function flag(path: string, of: (told: BanknoteNeutralization) => boolean): CassetteVariable {
  return {
    path: `BanknoteNeutralization/${path}`,
    measured: true,
    of: ({ neutralization }) => of(neutralization),
  };
}
