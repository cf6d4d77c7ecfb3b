/** The objects between a cassette and its variables. */
import { SENSORS, type Sensor } from '../domain/cassette/readings.ts';

/** An object between a cassette and its variables. */
export interface CassetteGroup {
  readonly path: string;
  readonly name: string;
  readonly description: string;
  readonly type: 'FolderType' | 'BaseObjectType' | 'CassetteSensorType' | 'BanknoteNeutralizationType';
}

/** Browse name of each sensor. */
export const SENSOR_NAMES: Readonly<
  Record<Sensor, { readonly browse: string; readonly description: string }>
> = {
  lid: { browse: 'Lid', description: 'The lid is open.' },
  'break-in': { browse: 'BreakIn', description: 'The shell is being forced.' },
  shock: { browse: 'Shock', description: 'Blows, counted over a window of time.' },
  position: { browse: 'Position', description: 'The cassette has left its place in the machine.' },
  gas: { browse: 'Gas', description: 'Explosive gas.' },
  tilt: { browse: 'Tilt', description: 'The cassette stands aslant.' },
  light: { browse: 'Light', description: 'There is light inside.' },
  temperature: { browse: 'Temperature', description: 'Too hot or too cold inside.' },
};

/** The objects of a cassette, each before what stands in it. */
export const GROUPS: readonly CassetteGroup[] = [
  folder('Sensors', 'Sensors', 'The sensors that can detect an attack.'),
  ...SENSORS.map(
    (sensor): CassetteGroup => ({
      path: `Sensors/${SENSOR_NAMES[sensor].browse}`,
      name: SENSOR_NAMES[sensor].browse,
      description: SENSOR_NAMES[sensor].description,
      type: 'CassetteSensorType',
    }),
  ),
  folder('Supervision', 'Supervision', 'What the controller measures and says of its parts.'),
  object('LastKey', 'Last key', 'The key that was used or refused last.'),
  object('Signal', 'Signal', 'What LED and buzzer show, as long as the state lasts.'),
  {
    path: 'BanknoteNeutralization',
    name: 'Banknote neutralization',
    description: 'The cassette in the words of XFS4IoT BanknoteNeutralization.',
    type: 'BanknoteNeutralizationType',
  },
  object('BanknoteNeutralization/State', 'state', 'The state of the protection.'),
  object('BanknoteNeutralization/PowerSupply', 'powerSupply', 'What the protection lives on.'),
  object('BanknoteNeutralization/Warnings', 'warnings', 'What asks for attention.'),
  object('BanknoteNeutralization/Errors', 'errors', 'What has failed or is an attack.'),
  object('BanknoteNeutralization/StorageUnit', 'storageUnit', 'The cassette as a storage unit.'),
];

function folder(path: string, name: string, description: string): CassetteGroup {
  return { path, name, description, type: 'FolderType' };
}

function object(path: string, name: string, description: string): CassetteGroup {
  return { path, name, description, type: 'BaseObjectType' };
}
