/** A locker cabinet: who made it, its compartments and devices, its compact view, and what may be asked of it. */
import { CABINET_COMMAND_NAMES, CABINET_COMMANDS, OPEN_ALL_PROGRESS } from '../cabinet-command-table.ts';
import { type MethodDesign, type TypeDesign, type VariableDesign, type Words, words } from './design.ts';
import { ALARMS_OBJECT, folder } from './site.ts';

export const CABINET_TYPE: TypeDesign = {
  kind: 'type',
  browse: 'CabinetType',
  superType: 'ua:BaseObjectType',
  name: words('Cabinet', 'Szafa', 'Armadio'),
  description: words(
    'A locker cabinet with its compartments.',
    'Szafa ze skrytkami.',
    'Un armadio con i suoi scomparti.',
  ),
  raises: ['CabinetEventType', 'LockerAlarmType'],
  members: [
    {
      kind: 'variable',
      browse: 'Name',
      type: 'ua:String',
      name: words('Name', 'Nazwa', 'Nome'),
      description: words('What people call it.', 'Nazwa używana na co dzień.', 'Come lo si chiama.'),
    },
    {
      kind: 'variable',
      browse: 'Schema',
      type: 'ua:String',
      name: words('Schema', 'Schemat', 'Schema'),
      description: words(
        'The schema that decides who gets which compartment, e.g. 2.2.',
        'Schemat, który decyduje, kto dostaje którą skrytkę, np. 2.2.',
        'Lo schema che decide chi ottiene quale scomparto, ad es. 2.2.',
      ),
    },
    {
      kind: 'object',
      browse: 'Identification',
      browseIn: 'di',
      type: 'machinery:MachineIdentificationType',
      reference: 'HasAddIn',
      rule: 'Optional',
      name: words('Identification', 'Identyfikacja', 'Identificazione'),
      description: words(
        'The nameplate of the cabinet, where the site tells it.',
        'Tabliczka znamionowa szafy, o ile podano ją w ustawieniach.',
        'La targa dell’armadio, se il sito la indica.',
      ),
      members: [
        nameplate('Manufacturer', 'di', 'ua:LocalizedText', words('Manufacturer', 'Producent', 'Produttore')),
        nameplate(
          'ProductInstanceUri',
          'di',
          'ua:String',
          words('Product instance URI', 'URI egzemplarza', 'URI dell’esemplare'),
        ),
        nameplate(
          'SerialNumber',
          'di',
          'ua:String',
          words('Serial number', 'Numer seryjny', 'Numero di serie'),
        ),
        {
          ...nameplate('Model', 'di', 'ua:LocalizedText', words('Model', 'Model', 'Modello')),
          rule: 'Optional',
        },
        {
          ...nameplate(
            'YearOfConstruction',
            'machinery',
            'ua:UInt16',
            words('Year of construction', 'Rok budowy', 'Anno di costruzione'),
          ),
          rule: 'Optional',
        },
        {
          ...nameplate('Location', 'machinery', 'ua:String', words('Location', 'Miejsce', 'Ubicazione')),
          rule: 'Optional',
        },
        {
          ...nameplate(
            'AssetId',
            'di',
            'ua:String',
            words('Asset id', 'Numer inwentarzowy', 'Codice cespite'),
          ),
          rule: 'Optional',
        },
      ],
    },
    {
      kind: 'object',
      browse: 'Summary',
      type: 'CabinetSummaryType',
      name: words('Summary', 'Zestawienie', 'Riepilogo'),
      description: words(
        'The whole cabinet in a few values, for building systems.',
        'Cała szafa w kilku wartościach, dla systemów budynku.',
        'Tutto l’armadio in pochi valori, per i sistemi dell’edificio.',
      ),
    },
    ALARMS_OBJECT,
    folder(
      'Compartments',
      'CompartmentType',
      words('Compartments', 'Skrytki', 'Scomparti'),
      words(
        'One object for each compartment, named by its number.',
        'Po jednym obiekcie na skrytkę, nazwanym jej numerem.',
        'Un oggetto per ogni scomparto, con il suo numero per nome.',
      ),
      'HasComponent',
    ),
    folder(
      'LockBoards',
      'LockBoardType',
      words('Lock boards', 'Sterowniki zamków', 'Schede serrature'),
      words(
        'One object for each lock board, named by its id.',
        'Po jednym obiekcie na sterownik zamków, nazwanym jego identyfikatorem.',
        'Un oggetto per ogni scheda, con il suo identificativo per nome.',
      ),
      'HasComponent',
    ),
    folder(
      'Readers',
      'ReaderType',
      words('Readers', 'Czytniki', 'Lettori'),
      words(
        'One object for each reader, named by its id.',
        'Po jednym obiekcie na czytnik, nazwanym jego identyfikatorem.',
        'Un oggetto per ogni lettore, con il suo identificativo per nome.',
      ),
      'HasComponent',
    ),
    ...CABINET_COMMAND_NAMES.map(methodOf),
    OPEN_ALL_PROGRESS,
  ],
};

function nameplate(browse: string, browseIn: 'di' | 'machinery', type: string, name: Words): VariableDesign {
  return { kind: 'variable', property: true, browse, browseIn, type, name, description: name };
}

function methodOf(browse: (typeof CABINET_COMMAND_NAMES)[number]): MethodDesign {
  const { name, description, inputs, outputs } = CABINET_COMMANDS[browse];
  return { kind: 'method', browse, name, description, inputs, outputs };
}
