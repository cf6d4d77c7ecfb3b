/** What a cassette shows in the words of XFS4IoT: values are exactly those of the standard. */
import type { BanknoteNeutralization } from '../domain/cassette/xfs4iot.ts';
import type { CassetteVariable } from './cassette-variable.ts';

export const NEUTRALIZATION: readonly CassetteVariable[] = [
  word('State/Mode', ({ state }) => state.mode),
  word('State/Submode', ({ state }) => state.submode),
  word('Tilt', ({ tilt }) => tilt),
  word('Light', ({ light }) => light),
  word('Gas', ({ gas }) => gas),
  word('Temperature', ({ temperature }) => temperature),
  word('Seismic', ({ seismic }) => seismic),
  word('PowerSupply/PowerInStatus', ({ powerSupply }) => powerSupply.powerInStatus),
  word('PowerSupply/BatteryStatus', ({ powerSupply }) => powerSupply.batteryStatus),
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
  word('StorageUnit/Protection', ({ storageUnit }) => storageUnit.protection),
  word('StorageUnit/Warning', ({ storageUnit }) => storageUnit.warning),
  word('StorageUnit/Lid', ({ storageUnit }) => storageUnit.lid),
  word('StorageUnit/NeutralizationTrigger', ({ storageUnit }) => storageUnit.neutralizationTrigger),
];

function word(path: string, of: (told: BanknoteNeutralization) => string | undefined): CassetteVariable {
  return {
    path: `BanknoteNeutralization/${path}`,
    of: ({ neutralization }) => of(neutralization) ?? '',
  };
}

function flag(path: string, of: (told: BanknoteNeutralization) => boolean): CassetteVariable {
  return {
    path: `BanknoteNeutralization/${path}`,
    of: ({ neutralization }) => of(neutralization),
  };
}
