/** The sensors of a cassette. */
import { SENSORS, type Sensor } from '../../domain/cassette/readings.ts';
import { pascalCase, titled } from './cassette-enumerations.ts';
import { type ObjectDesign, type TypeDesign, type VariableDesign, type Words, words } from './design.ts';

export const CASSETTE_SENSOR_TYPE: TypeDesign = {
  kind: 'type',
  browse: 'CassetteSensorType',
  superType: 'ua:BaseObjectType',
  name: words('Sensor of a cassette', 'Czujnik kasety', 'Sensore di un cassetto'),
  description: words(
    'A sensor that can detect an attack on a cassette.',
    'Czujnik, który może wykryć atak na kasetę.',
    'Un sensore che può rilevare un attacco a un cassetto.',
  ),
  members: [
    fact(
      'Live',
      words('Live', 'Wywołuje barwienie', 'Causa la macchiatura'),
      words(
        'It stains in the state of the moment.',
        'W obecnym stanie wywołuje barwienie.',
        'Nello stato attuale causa la macchiatura.',
      ),
    ),
    seen(
      'Active',
      words('Active', 'Pobudzony', 'Attivo'),
      words('It is active at the moment.', 'Jest teraz pobudzony.', 'È attivo in questo momento.'),
    ),
    seen(
      'Confirmed',
      words('Confirmed', 'Potwierdzony', 'Confermato'),
      words(
        'It has been active for long enough to count.',
        'Jest pobudzony dość długo, by się liczyć.',
        'È attivo da abbastanza tempo per contare.',
      ),
    ),
    seen(
      'Unsteady',
      words('Unsteady', 'Niestabilny', 'Instabile'),
      words(
        'It changes so often that it cannot be relied on.',
        'Zmienia się tak często, że nie można na nim polegać.',
        'Cambia così spesso da non essere affidabile.',
      ),
    ),
  ],
};

const SENSOR_DESCRIPTIONS: Readonly<Record<Sensor, Words>> = {
  lid: words('The lid is open.', 'Pokrywa jest otwarta.', 'Il coperchio è aperto.'),
  'break-in': words('The shell is being forced.', 'Obudowa jest forsowana.', 'L’involucro viene forzato.'),
  shock: words(
    'Blows, counted over a window of time.',
    'Uderzenia, liczone w oknie czasu.',
    'Urti, contati in una finestra di tempo.',
  ),
  position: words(
    'The cassette has left its place in the machine.',
    'Kaseta opuściła swoje miejsce w bankomacie.',
    'Il cassetto ha lasciato il suo posto nel bancomat.',
  ),
  gas: words('Explosive gas.', 'Gaz wybuchowy.', 'Gas esplosivo.'),
  tilt: words('The cassette stands aslant.', 'Kaseta jest przechylona.', 'Il cassetto è inclinato.'),
  light: words('There is light inside.', 'Wewnątrz jest światło.', 'C’è luce all’interno.'),
  temperature: words(
    'Too hot or too cold inside.',
    'Wewnątrz jest za gorąco lub za zimno.',
    'Troppo caldo o troppo freddo all’interno.',
  ),
};

/** One object for each sensor. */
export const CASSETTE_SENSORS: readonly ObjectDesign[] = SENSORS.map((sensor) => ({
  kind: 'object',
  browse: pascalCase(sensor),
  type: CASSETTE_SENSOR_TYPE.browse,
  name: titled('sensor', sensor),
  description: SENSOR_DESCRIPTIONS[sensor],
}));

function fact(browse: string, name: Words, description: Words): VariableDesign {
  return { kind: 'variable', browse, type: 'ua:Boolean', name, description };
}

/** What is made from the word of the controller. */
function seen(browse: string, name: Words, description: Words): VariableDesign {
  return { ...fact(browse, name, description), measured: true };
}
