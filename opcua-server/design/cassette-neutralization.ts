/** A cassette in the words of XFS4IoT. Names of the standard stay as they are in every language; so do its values. */
import {
  type ObjectDesign,
  same,
  type TypeDesign,
  type VariableDesign,
  type Words,
  words,
} from './design.ts';

const PROTECTION = oneOf(['fault', 'armed', 'disarmed', 'neutralizationTriggered']);

export const BANKNOTE_NEUTRALIZATION_TYPE: TypeDesign = {
  kind: 'type',
  browse: 'BanknoteNeutralizationType',
  superType: 'ua:BaseObjectType',
  name: words('Banknote neutralization', 'Neutralizacja banknotów', 'Neutralizzazione delle banconote'),
  description: words(
    'A cassette in the words of XFS4IoT BanknoteNeutralization.',
    'Kaseta w słownictwie XFS4IoT BanknoteNeutralization.',
    'Un cassetto nei termini di XFS4IoT BanknoteNeutralization.',
  ),
  members: [
    group('State', words('The state of the protection.', 'Stan ochrony.', 'Lo stato della protezione.'), [
      known('Mode', PROTECTION),
      known('Submode', oneOfOrEmpty(['allSafeSensorsIgnored'])),
    ]),
    word('Tilt', oneOf(['fault', 'notTilted', 'tilted', 'disabled'])),
    word('Light', oneOf(['fault', 'notConfigured', 'detected', 'notDetected'])),
    word('Gas', oneOf(['fault', 'notConfigured', 'notDetected', 'warningLevel', 'criticalLevel'])),
    word('Temperature', oneOf(['fault', 'ok', 'tooCold', 'tooHot', 'disabled'])),
    word('Seismic', oneOf(['fault', 'notDetected', 'criticalLevel', 'disabled'])),
    group(
      'PowerSupply',
      words('What the protection lives on.', 'Zasilanie ochrony.', 'L’alimentazione della protezione.'),
      [
        word('PowerInStatus', oneOfOrEmpty(['powering', 'noPower'])),
        word('BatteryStatus', oneOfOrEmpty(['operational', 'low', 'failure'])),
      ],
    ),
    group(
      'Warnings',
      words('What asks for attention.', 'Co wymaga uwagi.', 'Che cosa richiede attenzione.'),
      [
        flag(
          'ExternalMainPowerOutage',
          words(
            'In the machine, and not supplied by it.',
            'W bankomacie, lecz nie jest z niego zasilana.',
            'Nel bancomat, ma non alimentato da esso.',
          ),
        ),
        flag(
          'StorageUnitLowPowerSupply',
          words('The battery is low.', 'Bateria jest słaba.', 'La batteria è scarica.'),
        ),
        flag(
          'ArmedAlarm',
          words(
            'Armed, and in a countdown or firing.',
            'Uzbrojona, trwa odliczanie lub wyzwalanie barwienia.',
            'Attivato, con conto alla rovescia o macchiatura in corso.',
          ),
        ),
        flag(
          'GasWarningLevel',
          words(
            'Gas at the level of the warning.',
            'Gaz na poziomie ostrzegawczym.',
            'Gas al livello di avviso.',
          ),
        ),
      ],
    ),
    group(
      'Errors',
      words(
        'What has failed or is an attack.',
        'Co zawiodło lub jest atakiem.',
        'Che cosa è guasto o è un attacco.',
      ),
      [
        flag(
          'StorageUnitPowerSupplyFailure',
          words(
            'The battery has failed, and there is nothing else.',
            'Bateria zawiodła, a innego zasilania nie ma.',
            'La batteria è guasta e non c’è altro.',
          ),
        ),
        flag(
          'BackupBatteryFailure',
          words('The battery has failed.', 'Bateria zawiodła.', 'La batteria è guasta.'),
        ),
        flag(
          'GasCriticalLevel',
          words('Gas at the critical level.', 'Gaz na poziomie krytycznym.', 'Gas al livello critico.'),
        ),
        flag('Light', words('Light inside.', 'Światło wewnątrz.', 'Luce all’interno.')),
        flag(
          'Tilted',
          words('The cassette stands aslant.', 'Kaseta jest przechylona.', 'Il cassetto è inclinato.'),
        ),
        flag(
          'SeismicActivityCriticalLevel',
          words(
            'Blows as hard and as many as an attack.',
            'Uderzenia tak silne i liczne jak przy ataku.',
            'Urti forti e numerosi come in un attacco.',
          ),
        ),
      ],
    ),
    group(
      'StorageUnit',
      words(
        'The cassette as a storage unit.',
        'Kaseta jako jednostka przechowywania.',
        'Il cassetto come unità di custodia.',
      ),
      [
        known('Protection', PROTECTION),
        word('Warning', oneOfOrEmpty(['alarm'])),
        word('Lid', oneOf(['fault', 'opened', 'closed'])),
        word('NeutralizationTrigger', oneOf(['fault', 'ready', 'disabled'])),
      ],
    ),
  ],
};

/** The name of a property in XFS4IoT begins with a small letter. */
function xfsName(browse: string): Words {
  return same(browse.charAt(0).toLowerCase() + browse.slice(1));
}

function group(browse: string, description: Words, members: readonly VariableDesign[]): ObjectDesign {
  return {
    kind: 'object',
    browse,
    type: 'ua:BaseObjectType',
    name: xfsName(browse),
    description,
    members,
  };
}

/** What the gateway knows by itself. */
function known(browse: string, description: Words): VariableDesign {
  return { kind: 'variable', browse, type: 'ua:String', name: xfsName(browse), description };
}

/** What is made from the word of the controller. */
function word(browse: string, description: Words): VariableDesign {
  return { ...known(browse, description), measured: true };
}

function flag(browse: string, description: Words): VariableDesign {
  return { ...word(browse, description), type: 'ua:Boolean' };
}

/** All values but the last, separated by commas, and the last. */
function listed(values: readonly string[], or: string): string {
  return [values.slice(0, -1).join(', '), values.at(-1)].join(` ${or} `);
}

function oneOf(values: readonly string[]): Words {
  return words(`${listed(values, 'or')}.`, `${listed(values, 'lub')}.`, `${listed(values, 'o')}.`);
}

function oneOfOrEmpty(values: readonly string[]): Words {
  const all = values.join(', ');
  return words(`${all}, or empty.`, `${all} lub puste.`, `${all}, oppure vuoto.`);
}
