/** A cassette: its state and sensors, what its controller says, and what may be asked of it. */
import { ARMING_STATE_MACHINE_TYPE } from './cassette-arming.ts';
import { CASSETTE_METHODS } from './cassette-methods.ts';
import { BANKNOTE_NEUTRALIZATION_TYPE } from './cassette-neutralization.ts';
import { CASSETTE_SENSOR_TYPE, CASSETTE_SENSORS } from './cassette-sensors.ts';
import { CASSETTE_SUPERVISION_TYPE } from './cassette-supervision.ts';
import {
  type MemberDesign,
  type ObjectDesign,
  type TypeDesign,
  type TypeName,
  type VariableDesign,
  type Words,
  words,
} from './design.ts';

type More = Partial<Pick<VariableDesign, 'array' | 'historized' | 'measured'>>;

function variable(
  browse: string,
  type: TypeName,
  name: Words,
  description: Words,
  more: More = {},
): VariableDesign {
  return { kind: 'variable', browse, type, name, description, ...more };
}

function object(
  browse: string,
  type: TypeName,
  name: Words,
  description: Words,
  members: readonly MemberDesign[] = [],
): ObjectDesign {
  return { kind: 'object', browse, type, name, description, members };
}

const STATE: readonly MemberDesign[] = [
  variable(
    'Name',
    'ua:String',
    words('Name', 'Nazwa', 'Nome'),
    words(
      'What people call the cassette.',
      'Nazwa kasety używana na co dzień.',
      'Come si chiama il cassetto.',
    ),
  ),
  variable(
    'Mode',
    'CassetteModeEnumeration',
    words('Mode', 'Tryb', 'Modalità'),
    words(
      'The way in which the cassette is managed.',
      'Sposób obsługi kasety.',
      'Il modo in cui il cassetto è gestito.',
    ),
  ),
  variable(
    'State',
    'CassetteStateEnumeration',
    words('State', 'Stan', 'Stato'),
    words(
      'What the cassette is in; it stays known while the controller does not answer.',
      'Stan kasety; pozostaje znany, gdy sterownik nie odpowiada.',
      'Lo stato del cassetto; resta noto mentre la centralina non risponde.',
    ),
    { historized: true },
  ),
  variable(
    'SubState',
    'CassetteSubStateEnumeration',
    words('Sub-state', 'Podstan', 'Sottostato'),
    words(
      'What goes on within the state.',
      'Co się dzieje w obrębie stanu.',
      'Che cosa succede all’interno dello stato.',
    ),
  ),
  object(
    'Arming',
    'ArmingStateMachineType',
    words('Arming', 'Uzbrojenie', 'Attivazione'),
    words(
      'The state once more as a state machine, with the transition that led there.',
      'Ten sam stan jako automat stanów, z przejściem, które do niego doprowadziło.',
      'Lo stesso stato come macchina a stati, con la transizione che vi ha portato.',
    ),
  ),
  variable(
    'Linked',
    'ua:Boolean',
    words('Linked', 'Połączenie ze sterownikiem', 'Collegamento con la centralina'),
    words('Whether the controller answers.', 'Czy sterownik odpowiada.', 'Se la centralina risponde.'),
    { historized: true },
  ),
  variable(
    'InMachine',
    'ua:Boolean',
    words('In machine', 'W bankomacie', 'Nel bancomat'),
    words(
      'Whether the cassette sits in the machine (ATM).',
      'Czy kaseta znajduje się w bankomacie.',
      'Se il cassetto è nel bancomat.',
    ),
    { historized: true, measured: true },
  ),
  variable(
    'Notes',
    'NotesEnumeration',
    words('Notes', 'Banknoty', 'Banconote'),
    words(
      'Whether notes lie inside, as far as the controller can tell.',
      'Czy w kasecie są banknoty, o ile sterownik może to stwierdzić.',
      'Se dentro ci sono banconote, per quanto può dire la centralina.',
    ),
    { measured: true },
  ),
  variable(
    'AntiGas',
    'ua:Boolean',
    words('Anti-gas', 'Usuwanie gazu', 'Anti-gas'),
    words(
      'Whether the output that drives gas out is switched on.',
      'Czy włączone jest wyjście, które usuwa gaz.',
      'Se è inserita l’uscita che espelle il gas.',
    ),
  ),
  variable(
    'StainCause',
    'StainCauseEnumeration',
    words('Stain cause', 'Przyczyna barwienia', 'Causa della macchiatura'),
    words(
      'Why the notes were stained, or are being; kept until the reset.',
      'Dlaczego banknoty zostały lub są właśnie zabarwiane; zachowywane do resetu.',
      'Perché le banconote sono state macchiate, o lo sono in questo momento; resta fino al ripristino.',
    ),
  ),
  variable(
    'TransportOverdue',
    'ua:Boolean',
    words('Transport overdue', 'Przekroczony czas transportu', 'Trasporto oltre il tempo'),
    words(
      'Whether the cassette has been on its way for too long.',
      'Czy kaseta jest w drodze zbyt długo.',
      'Se il cassetto è in viaggio da troppo tempo.',
    ),
  ),
  variable(
    'OutsideArea',
    'ua:Boolean',
    words('Outside area', 'Poza obszarem', 'Fuori area'),
    words(
      'Whether the cassette has left its area, as whoever follows it says.',
      'Czy kaseta opuściła swój obszar, według tego, kto ją śledzi.',
      'Se il cassetto ha lasciato la sua area, secondo chi lo segue.',
    ),
  ),
  variable(
    'ProvedSensors',
    'ua:String',
    words('Proved sensors', 'Sprawdzone czujniki', 'Sensori provati'),
    words(
      'The sensors that were proved in the test that runs; empty where none runs.',
      'Czujniki sprawdzone w trwającym teście; puste, gdy żaden nie trwa.',
      'I sensori provati nella prova in corso; vuoto se non ce n’è una.',
    ),
    { array: true },
  ),
  timeLeft(
    'GraceTimeLeft',
    words('Grace time left', 'Pozostały czas na umieszczenie', 'Franchigia restante'),
    {
      en: 'What is left of the grace time',
      pl: 'Ile zostało czasu na umieszczenie w bankomacie',
      it: 'Quanto resta del tempo di franchigia',
    },
  ),
  timeLeft('ServiceTimeLeft', words('Service time left', 'Pozostały czas serwisu', 'Servizio restante'), {
    en: 'What is left of the time in service',
    pl: 'Ile zostało czasu serwisu',
    it: 'Quanto resta del tempo in servizio',
  }),
  timeLeft(
    'TransportTimeLeft',
    words('Transport time left', 'Pozostały czas transportu', 'Trasporto restante'),
    {
      en: 'What is left of the time of the journey',
      pl: 'Ile zostało czasu transportu',
      it: 'Quanto resta del tempo del viaggio',
    },
  ),
];

function timeLeft(browse: string, name: Words, what: Words): VariableDesign {
  return variable(
    browse,
    'ua:Duration',
    name,
    words(
      `${what.en}, in milliseconds rounded up to whole seconds; 0 while none runs.`,
      `${what.pl}, w milisekundach zaokrąglonych w górę do pełnych sekund; 0, gdy nie biegnie.`,
      `${what.it}, in millisecondi arrotondati per eccesso al secondo; 0 quando non corre.`,
    ),
  );
}

/** A key that was used under duress looks like any other: nothing here may tell it. */
const LAST_KEY: readonly VariableDesign[] = [
  variable(
    'Key',
    'ua:String',
    words('Key', 'Klucz', 'Chiave'),
    words(
      'Id of the key, never its number; empty for one that is not known.',
      'Identyfikator klucza, nigdy jego numer; puste, gdy nieznany.',
      'Identificativo della chiave, mai il suo numero; vuoto se non è nota.',
    ),
  ),
  variable(
    'Role',
    'ua:String',
    words('Role', 'Rola', 'Ruolo'),
    words(
      'K1, K2 or K; empty for a key that is not known.',
      'K1, K2 lub K; puste, gdy klucz jest nieznany.',
      'K1, K2 o K; vuoto se la chiave non è nota.',
    ),
  ),
  variable(
    'Accepted',
    'ua:Boolean',
    words('Accepted', 'Przyjęty', 'Accettata'),
    words('Whether the key was accepted.', 'Czy klucz został przyjęty.', 'Se la chiave è stata accettata.'),
  ),
  variable(
    'Time',
    'ua:DateTime',
    words('Time', 'Czas', 'Ora'),
    words(
      'When it was; the null time 1601-01-01 before the first.',
      'Kiedy to było; czas zerowy 1601-01-01 przed pierwszym użyciem.',
      'Quando è stato; il tempo nullo 1601-01-01 prima della prima.',
    ),
  ),
];

const SIGNAL: readonly VariableDesign[] = [
  variable(
    'Pattern',
    'ua:String',
    words('Pattern', 'Wzór', 'Schema'),
    words('The name of the pattern.', 'Nazwa wzoru.', 'Il nome dello schema.'),
  ),
  variable(
    'Leds',
    'ua:String',
    words('LEDs', 'Diody', 'LED'),
    words(
      'Step by step, the colour of the LED: off, green, amber or red.',
      'Krok po kroku kolor diody: off, green, amber lub red.',
      'Passo per passo, il colore del LED: off, green, amber o red.',
    ),
    { array: true },
  ),
  variable(
    'Tones',
    'ua:UInt16',
    words('Tones', 'Tony', 'Toni'),
    words(
      'Step by step, the tone of the buzzer in Hz; 0 for silence.',
      'Krok po kroku ton brzęczyka w Hz; 0 oznacza ciszę.',
      'Passo per passo, il tono del cicalino in Hz; 0 per il silenzio.',
    ),
    { array: true },
  ),
  variable(
    'Durations',
    'ua:Duration',
    words('Durations', 'Czasy trwania', 'Durate'),
    words(
      'Step by step, how long it lasts, in milliseconds.',
      'Krok po kroku czas trwania w milisekundach.',
      'Passo per passo, quanto dura, in millisecondi.',
    ),
    { array: true },
  ),
  variable(
    'Repeat',
    'ua:Boolean',
    words('Repeat', 'Powtarzanie', 'Ripetizione'),
    words(
      'Whether the steps are repeated over and over.',
      'Czy kroki są stale powtarzane.',
      'Se i passi si ripetono di continuo.',
    ),
  ),
];

const CASSETTE_TYPE: TypeDesign = {
  kind: 'type',
  browse: 'CassetteType',
  superType: 'ua:BaseObjectType',
  name: words('Cassette', 'Kaseta', 'Cassetto'),
  description: words(
    'A cash drawer of a machine (ATM) whose notes are stained when it is attacked.',
    'Kaseta bankomatu, której banknoty zostają zabarwione podczas ataku.',
    'Un cassetto di un bancomat le cui banconote vengono macchiate in caso di attacco.',
  ),
  raises: ['CassetteEventType', 'CassetteAlarmType'],
  members: [
    ...STATE,
    object(
      'Sensors',
      'ua:FolderType',
      words('Sensors', 'Czujniki', 'Sensori'),
      words(
        'The sensors that can detect an attack.',
        'Czujniki, które mogą wykryć atak.',
        'I sensori che possono rilevare un attacco.',
      ),
      CASSETTE_SENSORS,
    ),
    object(
      'Supervision',
      'CassetteSupervisionType',
      words('Supervision', 'Nadzór', 'Sorveglianza'),
      words(
        'What the controller measures and says of its parts.',
        'Co sterownik mierzy i co zgłasza o swoich podzespołach.',
        'Che cosa la centralina misura e dice dei suoi componenti.',
      ),
    ),
    object(
      'LastKey',
      'ua:BaseObjectType',
      words('Last key', 'Ostatni klucz', 'Ultima chiave'),
      words(
        'The key that was used or refused last.',
        'Klucz użyty lub odrzucony jako ostatni.',
        'L’ultima chiave usata o rifiutata.',
      ),
      LAST_KEY,
    ),
    object(
      'Signal',
      'ua:BaseObjectType',
      words('Signal', 'Sygnał', 'Segnale'),
      words(
        'What LED and buzzer show, as long as the state lasts.',
        'Co pokazują dioda i brzęczyk, dopóki trwa stan.',
        'Che cosa mostrano LED e cicalino finché dura lo stato.',
      ),
      SIGNAL,
    ),
    object(
      'BanknoteNeutralization',
      'BanknoteNeutralizationType',
      words('Banknote neutralization', 'Neutralizacja banknotów', 'Neutralizzazione delle banconote'),
      words(
        'The cassette in the words of XFS4IoT BanknoteNeutralization.',
        'Kaseta w słownictwie XFS4IoT BanknoteNeutralization.',
        'Il cassetto nei termini di XFS4IoT BanknoteNeutralization.',
      ),
    ),
    ...CASSETTE_METHODS,
  ],
};

/** The types of cassettes, each after those that it is made of. */
export const CASSETTE_TYPES: readonly TypeDesign[] = [
  ARMING_STATE_MACHINE_TYPE,
  CASSETTE_SENSOR_TYPE,
  CASSETTE_SUPERVISION_TYPE,
  BANKNOTE_NEUTRALIZATION_TYPE,
  CASSETTE_TYPE,
];
