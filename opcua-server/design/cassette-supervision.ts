/** What the controller of a cassette measures and says of its parts. */
import {
  type TypeDesign,
  type TypeName,
  type UnitDesign,
  type VariableDesign,
  type Words,
  words,
} from './design.ts';

/** Ranges are those of what the controller can measure. */
const CELSIUS: UnitDesign = {
  code: 'CEL',
  symbol: '°C',
  description: words('degree Celsius', 'stopień Celsjusza', 'grado Celsius'),
  low: -128,
  high: 127,
};
/** UNECE has no code for the lower explosive limit: the code is that of percent. */
const EXPLOSIVE_LIMIT: UnitDesign = {
  code: 'P1',
  symbol: '%LEL',
  description: words(
    'percent of the lower explosive limit',
    'procent dolnej granicy wybuchowości',
    'percentuale del limite inferiore di esplosività',
  ),
  low: 0,
  high: 100,
};
const DEGREES: UnitDesign = {
  code: 'DD',
  symbol: '°',
  description: words('degree [unit of angle]', 'stopień [jednostka kąta]', 'grado [unità di angolo]'),
  low: 0,
  high: 180,
};
const LUX: UnitDesign = {
  code: 'LUX',
  symbol: 'lx',
  description: words('lux', 'luks', 'lux'),
  low: 0,
  high: 65_535,
};

export const CASSETTE_SUPERVISION_TYPE: TypeDesign = {
  kind: 'type',
  browse: 'CassetteSupervisionType',
  superType: 'ua:FolderType',
  name: words('Supervision of a cassette', 'Nadzór kasety', 'Sorveglianza di un cassetto'),
  description: words(
    'What the controller of a cassette measures and says of its parts.',
    'Co sterownik kasety mierzy i co zgłasza o jej podzespołach.',
    'Che cosa la centralina di un cassetto misura e dice dei suoi componenti.',
  ),
  members: [
    part(
      'Battery',
      'PartStateEnumeration',
      words('State of the battery', 'Stan baterii', 'Stato della batteria'),
      words('State of the battery.', 'Stan baterii.', 'Stato della batteria.'),
    ),
    part(
      'Power',
      'PowerEnumeration',
      words('Power', 'Zasilanie', 'Alimentazione'),
      words(
        'What the cassette lives on.',
        'Z czego zasilana jest kaseta.',
        'Da che cosa è alimentato il cassetto.',
      ),
    ),
    part(
      'Ink',
      'PartStateEnumeration',
      words('Ink', 'Barwnik', 'Liquido maculante'),
      words(
        'State of the ink cartridge.',
        'Stan zasobnika barwnika.',
        'Stato della cartuccia del liquido maculante.',
      ),
    ),
    part(
      'Trigger',
      'PartStateEnumeration',
      words('Trigger', 'Obwód wyzwalacza', 'Circuito di innesco'),
      words(
        'Continuity of the firing circuit.',
        'Ciągłość obwodu wyzwalacza.',
        'Continuità del circuito di innesco.',
      ),
    ),
    part(
      'SelfTest',
      'SelfTestEnumeration',
      words('Self-test', 'Autotest', 'Autotest'),
      words(
        'The result of the last self-test.',
        'Wynik ostatniego autotestu.',
        'L’esito dell’ultimo autotest.',
      ),
    ),
    part(
      'Stainer',
      'StainerStateEnumeration',
      words('Stainer', 'Moduł barwiący', 'Macchiatore'),
      words(
        'What the stainer can do.',
        'Co może zrobić moduł barwiący.',
        'Che cosa può fare il macchiatore.',
      ),
    ),
    measure(
      'Temperature',
      CELSIUS,
      words('Temperature', 'Temperatura', 'Temperatura'),
      words('Temperature inside.', 'Temperatura wewnątrz.', 'Temperatura interna.'),
    ),
    measure(
      'Gas',
      EXPLOSIVE_LIMIT,
      words('Gas', 'Gaz', 'Gas'),
      words('Explosive gas.', 'Gaz wybuchowy.', 'Gas esplosivo.'),
    ),
    part(
      'GasLevel',
      'GasLevelEnumeration',
      words('Gas level', 'Poziom gazu', 'Livello di gas'),
      words(
        'How much explosive gas there is, by the limits of the site.',
        'Ile jest gazu wybuchowego, według progów obiektu.',
        'Quanto gas esplosivo c’è, secondo i limiti del sito.',
      ),
    ),
    measure(
      'Tilt',
      DEGREES,
      words('Tilt', 'Przechylenie', 'Inclinazione'),
      words('Angle from upright.', 'Kąt odchylenia od pionu.', 'Angolo rispetto alla verticale.'),
    ),
    measure(
      'Light',
      LUX,
      words('Light', 'Światło', 'Luce'),
      words('Illuminance inside.', 'Natężenie oświetlenia wewnątrz.', 'Illuminamento interno.'),
    ),
  ],
};

function part(browse: string, type: TypeName, name: Words, description: Words): VariableDesign {
  return { kind: 'variable', browse, type, measured: true, name, description };
}

function measure(browse: string, unit: UnitDesign, name: Words, what: Words): VariableDesign {
  const description = words(
    `${what.en} BadNotConnected where the controller has no such sensor.`,
    `${what.pl} BadNotConnected, gdy sterownik nie ma takiego czujnika.`,
    `${what.it} BadNotConnected se la centralina non ha questo sensore.`,
  );
  return { kind: 'variable', browse, type: 'ua:Double', unit, measured: true, name, description };
}
